using System.Net.WebSockets;
using System.Text;
using Crpbot.Codecs.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;
using WebSocketError = Crpbot.Codecs.WebSockets.WebSocketError;

namespace Crpbot.Codecs.Tests.WebSockets;

/// <summary>Our client against Kestrel's WebSockets on loopback: an implementation we did not write.</summary>
public class KestrelPeerTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task MessagesOfEveryLengthComeBackAsTheyWereSent()
    {
        await using WebApplication server = await Serve(Echo);
        int[] lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000];
        CollectingReceiver receiver = null!;
        WebSocketEnd end = await Run(server, client =>
        {
            foreach (int length in lengths)
                client.SendText(Encoding.ASCII.GetBytes(new string('x', length)));
            return receiver = new CollectingReceiver(r => r.Messages.Count < lengths.Length);
        });
        Assert.Equal(CloseCode.Normal, end.CloseCode);
        Assert.Equal(lengths.Select(length => Describe(new string('x', length))), receiver.Messages);
    }

    [Fact]
    public async Task FragmentsAreJoined()
    {
        await using WebApplication server = await Serve(async socket =>
        {
            byte[] text = Encoding.UTF8.GetBytes("grüße aus der 世界");
            for (int i = 0; i < text.Length; i++)
                await socket.SendAsync(text.AsMemory(i, 1), WebSocketMessageType.Text, i == text.Length - 1, default);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        });
        var receiver = new CollectingReceiver();
        WebSocketEnd end = await Run(server, _ => receiver);
        Assert.Equal(["grüße aus der 世界"], receiver.Messages);
        Assert.Equal(new WebSocketEnd(CloseCode.Normal, "done", WebSocketError.None), end);
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1008)]
    [InlineData(1011)]
    [InlineData(4000)]
    public async Task ThePeersCloseCodeAndReasonAreTold(int code)
    {
        await using WebApplication server = await Serve(socket => socket.CloseOutputAsync((WebSocketCloseStatus)code, "Too much backpressure", default));
        WebSocketEnd end = await Run(server, _ => new CollectingReceiver());
        Assert.Equal(new WebSocketEnd(code, "Too much backpressure", WebSocketError.None), end);
    }

    [Fact]
    public async Task AConnectionThatBreaksIsAbnormal()
    {
        await using WebApplication server = await Serve(async socket =>
        {
            await socket.ReceiveAsync(new byte[10], default);
            socket.Abort();
        });
        WebSocketEnd end = await Run(server, client =>
        {
            client.SendText("cut me"u8);
            return new CollectingReceiver();
        });
        Assert.Equal(CloseCode.Abnormal, end.CloseCode);
    }

    [Fact]
    public async Task PingsAreAnsweredWhileNobodySpeaks()
    {
        var pongs = new TaskCompletionSource();
        await using WebApplication server = await Serve(async socket =>
        {
            // Kestrel aborts a connection whose pongs do not come within the keep-alive timeout.
            await Task.Delay(700);
            await socket.SendAsync("alive"u8.ToArray(), WebSocketMessageType.Text, true, default);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", default);
            pongs.SetResult();
        }, keepAlive: TimeSpan.FromMilliseconds(100));
        var receiver = new CollectingReceiver();
        WebSocketEnd end = await Run(server, _ => receiver);
        Assert.Equal(["alive"], receiver.Messages);
        Assert.Equal(CloseCode.Normal, end.CloseCode);
        Assert.True(receiver.IdleCalls > 5, $"{receiver.IdleCalls} idle calls in 700 ms");
        await pongs.Task.WaitAsync(Timeout);
    }

    [Fact]
    public async Task AServerThatIsNoWebSocketServerIsToldSo()
    {
        await using WebApplication server = await Serve(Echo);
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => Task.Run(() =>
            WebSocketClient.Connect(new Uri(AddressOf(server), "/elsewhere"), Idle, Timeout)));
        Assert.Contains("StatusNotSwitchingProtocols", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyListeningIsASocketError()
    {
        WebApplication server = await Serve(Echo);
        Uri address = AddressOf(server);
        await server.DisposeAsync();
        Assert.Throws<System.Net.Sockets.SocketException>(() => WebSocketClient.Connect(address, Idle, Timeout));
    }

    [Fact]
    public async Task ATooLongMessageEndsTheConnection()
    {
        await using WebApplication server = await Serve(socket => socket.SendAsync(new byte[1000], WebSocketMessageType.Binary, true, default));
        WebSocketEnd end = await Run(server, _ => new CollectingReceiver(), maxMessageLength: 500);
        Assert.Equal((CloseCode.MessageTooBig, WebSocketError.MessageTooLong), (end.CloseCode, end.Error));
    }

    private static string Describe(string text) =>
        text.Length < 200 ? text : $"Text of {text.Length}, sum {CollectingReceiver.Sum(Encoding.ASCII.GetBytes(text))}";

    private static async Task Echo(WebSocket socket)
    {
        byte[] buffer = new byte[2 << 20];
        while (socket.State == WebSocketState.Open)
        {
            int length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(buffer.AsMemory(length), default);
                length += result.Count;
            }
            while (!result.EndOfMessage);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", default);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, length), result.MessageType, true, default);
        }
    }

    private static Task<WebSocketEnd> Run(WebApplication server, Func<WebSocketClient, IWebSocketReceiver> begin, int maxMessageLength = 64 << 20) => Task.Run(() =>
    {
        using WebSocketClient client = WebSocketClient.Connect(AddressOf(server), Idle, Timeout, maxMessageLength);
        return client.Run(begin(client));
    }).WaitAsync(TimeSpan.FromSeconds(30));

    private static Uri AddressOf(WebApplication server) => new(server.Urls.Single().Replace("http://", "ws://", StringComparison.Ordinal));

    private static async Task<WebApplication> Serve(Func<WebSocket, Task> talk, TimeSpan? keepAlive = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication server = builder.Build();
        server.UseWebSockets(new WebSocketOptions { KeepAliveInterval = keepAlive ?? System.Threading.Timeout.InfiniteTimeSpan, KeepAliveTimeout = keepAlive is null ? System.Threading.Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(5) });
        server.Map("/", async (HttpContext context) =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            await talk(socket);
        });
        await server.StartAsync();
        return server;
    }
}
