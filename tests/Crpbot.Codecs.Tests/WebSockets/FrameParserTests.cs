using System.Buffers;
using System.Text;
using Crpbot.Codecs.WebSockets;
using Xunit;

namespace Crpbot.Codecs.Tests.WebSockets;

public class FrameParserTests
{
    private static readonly byte[] Conversation =
    [
        .. Frames.Text("{\"type\":\"match\"}"),
        .. Frames.Of(Opcode.Ping, [1, 2, 3]),
        .. Frames.Text("grüße, ", isFinal: false),
        .. Frames.Of(Opcode.Pong, []),
        .. Frames.Of(Opcode.Continuation, Encoding.UTF8.GetBytes("世界 ")[..4], null, isFinal: false),
        .. Frames.Of(Opcode.Ping, new byte[125]),
        .. Frames.Of(Opcode.Continuation, Encoding.UTF8.GetBytes("世界 ")[4..]),
        .. Frames.Of(Opcode.Binary, new byte[126]),
        .. Frames.Of(Opcode.Binary, Enumerable.Range(0, 70_000).Select(i => (byte)i).ToArray()),
        .. Frames.Text(""),
        .. Frames.Close(1000, "bye"),
    ];

    [Fact]
    public void AWholeConversationIsReadInOneGo()
    {
        List<string> lines = Frames.Read(Conversation);
        Assert.Equal(9, lines.Count);
        Assert.Equal($"Text {Convert.ToHexString("grüße, 世界 "u8)}", lines[4]);
        Assert.Equal("Ping 010203", lines[1]);
        Assert.Equal("Pong ", lines[2]);
        Assert.Equal($"Close 03E8{Convert.ToHexString("bye"u8)}", lines[^1]);
    }

    [Fact]
    public void OneByteAtATimeGivesTheSameMessages() =>
        Assert.Equal(Frames.Read(Conversation), Frames.Read(new FrameParser(), Conversation.Select(b => new[] { b })));

    [Fact]
    public void AnySplitInTwoGivesTheSameMessages()
    {
        List<string> whole = Frames.Read(Conversation);
        // The long frame's inside is uniform: its borders and every byte around the others are what can go wrong.
        foreach (int cut in Enumerable.Range(0, 600).Concat(Enumerable.Range(Conversation.Length - 40, 40)))
            Assert.Equal(whole, Frames.Read(new FrameParser(), [Conversation[..cut], Conversation[cut..]]));
    }

    [Fact]
    public void RandomSplitsGiveTheSameMessages()
    {
        List<string> whole = Frames.Read(Conversation);
        var random = new Random(7);
        for (int run = 0; run < 200; run++)
        {
            var parts = new List<byte[]>();
            for (int at = 0; at < Conversation.Length;)
            {
                int length = Math.Min(Conversation.Length - at, random.Next(3) == 0 ? random.Next(20_000) : random.Next(1, 40));
                parts.Add(Conversation[at..(at + length)]);
                at += length;
            }

            Assert.Equal(whole, Frames.Read(new FrameParser(), parts));
        }
    }

    [Theory]
    [InlineData("C100", WebSocketError.ReservedBits)]
    [InlineData("A100", WebSocketError.ReservedBits)]
    [InlineData("9100", WebSocketError.ReservedBits)]
    [InlineData("8300", WebSocketError.ReservedOpcode)]
    [InlineData("8700", WebSocketError.ReservedOpcode)]
    [InlineData("8B00", WebSocketError.ReservedOpcode)]
    [InlineData("8F00", WebSocketError.ReservedOpcode)]
    [InlineData("81810000000041", WebSocketError.MaskedByServer)]
    [InlineData("817E007D", WebSocketError.LengthNotMinimal)]
    [InlineData("817F000000000000FFFF", WebSocketError.LengthNotMinimal)]
    [InlineData("817F8000000000000000", WebSocketError.LengthOutOfRange)]
    [InlineData("817F7FFFFFFFFFFFFFFF", WebSocketError.MessageTooLong)]
    [InlineData("897E007E", WebSocketError.ControlTooLong)]
    [InlineData("0900", WebSocketError.ControlFragmented)]
    [InlineData("0800", WebSocketError.ControlFragmented)]
    [InlineData("8000", WebSocketError.UnexpectedContinuation)]
    [InlineData("0100" + "8100", WebSocketError.ExpectedContinuation)]
    [InlineData("0100" + "8200", WebSocketError.ExpectedContinuation)]
    [InlineData("8101FF", WebSocketError.InvalidUtf8)]
    [InlineData("8103EDA080", WebSocketError.InvalidUtf8)]
    [InlineData("0101E4" + "8001B8", WebSocketError.InvalidUtf8)]
    [InlineData("880100", WebSocketError.CloseTruncated)]
    [InlineData("880203E7", WebSocketError.CloseCodeInvalid)]
    [InlineData("880203EC", WebSocketError.CloseCodeInvalid)]
    [InlineData("880203ED", WebSocketError.CloseCodeInvalid)]
    [InlineData("880203EE", WebSocketError.CloseCodeInvalid)]
    [InlineData("880203F7", WebSocketError.CloseCodeInvalid)]
    [InlineData("88020BB7", WebSocketError.CloseCodeInvalid)]
    [InlineData("88021388", WebSocketError.CloseCodeInvalid)]
    [InlineData("880303E8FF", WebSocketError.CloseReasonInvalidUtf8)]
    [InlineData("8800" + "8100", WebSocketError.FrameAfterClose)]
    public void EveryInvalidFormHasItsName(string hex, WebSocketError error)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Equal($"error {error}", Frames.Read(bytes)[^1]);
        Assert.Equal($"error {error}", Frames.Read(new FrameParser(), bytes.Select(b => new[] { b }))[^1]);
    }

    [Fact]
    public void EveryErrorIsMetBySomeForm()
    {
        IEnumerable<WebSocketError> met = typeof(FrameParserTests).GetMethod(nameof(EveryInvalidFormHasItsName))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Select(data => (WebSocketError)((InlineDataAttribute)data).GetData(null!).Single()[1]);
        Assert.Empty(Enum.GetValues<WebSocketError>().Except(met).Except([WebSocketError.None, WebSocketError.UnmaskedByClient]));
    }

    [Fact]
    public void AnUnmaskedClientIsRefusedByTheServersSide() =>
        Assert.Equal(["error UnmaskedByClient"], Frames.Read(new FrameParser(peerIsClient: true), [Frames.Text("x")]));

    [Fact]
    public void AnInvalidStreamStaysInvalid()
    {
        var parser = new FrameParser();
        Frames.Read(parser, [Convert.FromHexString("8300")]);
        Assert.Equal(["error ReservedOpcode"], Frames.Read(parser, [Frames.Text("fine")]));
    }

    [Fact]
    public void AMessageMayBeAsLongAsTheLimitAndNoLonger()
    {
        Assert.Equal(["Binary " + new string('0', 400)], Frames.Read(new FrameParser(200), [Frames.Of(Opcode.Binary, new byte[200])]));
        Assert.Equal(["error MessageTooLong"], Frames.Read(new FrameParser(200), [Frames.Of(Opcode.Binary, new byte[201])]));
        byte[] inTwo = [.. Frames.Of(Opcode.Binary, new byte[150], null, isFinal: false), .. Frames.Of(Opcode.Continuation, new byte[51])];
        Assert.Equal(["error MessageTooLong"], Frames.Read(new FrameParser(200), [inTwo]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void WhatAClientWritesItsServerReads(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        byte[] frame = Frames.Of(Opcode.Binary, payload, 0xDEADBEEF);
        List<string> expected = [$"Binary {Convert.ToHexString(payload)}"];
        Assert.Equal(expected, Frames.Read(new FrameParser(peerIsClient: true), [frame]));
        Assert.Equal(expected, Frames.Read(new FrameParser(peerIsClient: true), [frame[..(frame.Length / 2)], frame[(frame.Length / 2)..]]));
    }

    [Fact]
    public void AFlippedBitNeverGivesAnExceptionOrALongerMessage()
    {
        byte[] stream = [.. Frames.Text("{\"type\":\"heartbeat\"}"), .. Frames.Of(Opcode.Ping, [9]), .. Frames.Close(1001)];
        for (int bit = 0; bit < stream.Length * 8; bit++)
        {
            byte[] damaged = (byte[])stream.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            foreach (string line in Frames.Read(damaged))
                Assert.True(line.Length < 100, line);
        }
    }

    [Fact]
    public void RandomBytesNeverThrow()
    {
        var random = new Random(11);
        byte[] bytes = new byte[64];
        for (int run = 0; run < 20_000; run++)
        {
            random.NextBytes(bytes);
            Frames.Read(new FrameParser(1000, peerIsClient: run % 2 == 0), [bytes]);
        }
    }

    [Fact]
    public void ReadingAllocatesNothingOnceTheLongestMessageWasSeen()
    {
        byte[] text = Frames.Text(new string('x', 900));
        byte[] inTwo = [.. Frames.Of(Opcode.Text, new byte[3000], null, isFinal: false), .. Frames.Of(Opcode.Continuation, new byte[3000])];
        var parser = new FrameParser();
        long before = 0;
        for (int run = 0; run < 2000; run++)
        {
            if (run == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            parser.Read(new ReadOnlySequence<byte>(text), out _, out _);
            var two = new ReadOnlySequence<byte>(inTwo);
            parser.Read(two, out _, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void AControlFrameThatMustNotBeSentIsRefusedAtTheDoor()
    {
        Assert.Throws<ArgumentException>(() => Frames.Of(Opcode.Ping, new byte[126]));
        Assert.Throws<ArgumentException>(() => Frames.Of(Opcode.Ping, [], null, isFinal: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Frames.Close(1005));
    }
}
