using System.Buffers;
using System.Text;
using Crpbot.Codecs.WebSockets;
using Xunit;

namespace Crpbot.Codecs.Tests.WebSockets;

public class HandshakeTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Good = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    [Fact]
    public void TheSpecificationsKeyGivesItsAnswer() => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", Handshake.AcceptOf(Key));

    [Fact]
    public void AGoodAnswerIsAcceptedAndWhatFollowsIsLeft()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Good + "\u0001\u0002");
        Assert.Equal(ParseStatus.Done, Handshake.ReadResponse(bytes, Key, out int consumed, out _, out _));
        Assert.Equal(bytes.Length - 2, consumed);
    }

    [Fact]
    public void EveryPrefixNeedsMoreData()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Good);
        for (int length = 0; length < bytes.Length; length++)
            Assert.Equal(ParseStatus.NeedMoreData, Handshake.ReadResponse(bytes.AsSpan(0, length), Key, out _, out _, out _));
    }

    [Theory]
    [InlineData("101 Switching Protocols", "401 Unauthorized", HandshakeError.StatusNotSwitchingProtocols)]
    [InlineData("HTTP/1.1", "SSH-2.0", HandshakeError.Malformed)]
    [InlineData("Upgrade: websocket", "Upgrade : websocket", HandshakeError.Malformed)]
    [InlineData("Upgrade: websocket", "Upgrade: h2c", HandshakeError.UpgradeMissing)]
    [InlineData("keep-alive, Upgrade", "keep-alive", HandshakeError.ConnectionMissing)]
    [InlineData("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "c3pPLMBiTxaQ9kYGzzhZRbK+xOo=", HandshakeError.AcceptWrong)]
    [InlineData("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate", HandshakeError.ExtensionNotOffered)]
    [InlineData("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: chat", HandshakeError.ProtocolNotOffered)]
    public void AWrongAnswerIsNamed(string from, string to, HandshakeError expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Good.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(ParseStatus.Invalid, Handshake.ReadResponse(bytes, Key, out _, out HandshakeError error, out _));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void AnEndlessHeaderIsRefused()
    {
        Assert.Equal(ParseStatus.Invalid, Handshake.ReadResponse(new byte[Handshake.MaxLength], Key, out _, out HandshakeError error, out _));
        Assert.Equal(HandshakeError.TooLong, error);
    }

    [Fact]
    public void TheRequestNamesHostAndPath()
    {
        var output = new ArrayBufferWriter<byte>();
        Handshake.WriteRequest(output, new Uri("ws://localhost:8001/ws-stream-normalized?options=%5B%5D"), Key);
        string request = Encoding.ASCII.GetString(output.WrittenSpan);
        Assert.StartsWith("GET /ws-stream-normalized?options=%5B%5D HTTP/1.1\r\nHost: localhost:8001\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", request, StringComparison.Ordinal);
    }
}
