using System.Net.WebSockets;
using System.Text;
using Crpbot.MarketData.Feeds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Crpbot.Engine.Tests.MarketData.Feeds;

public class VenueConnectionTests
{
    [Fact]
    public async Task AfterALossTheFeedComesBackAndSubscribesAgain()
    {
        await using WebApplication server = await Serve(async (socket, visit) =>
        {
            await Receive(socket);
            await Send(socket, $"visit {visit}");
            if (visit == 0)
                await socket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, "", default);
            else
                await Receive(socket);
        });
        FeedLog log = await Run(server, new FeedOptions { Address = AddressOf(server), Subscriptions = ["subscribe"] }, log => log.Lines.Contains("visit 1"));
        Assert.Equal(["connected", "visit 0", "lost", "connected", "visit 1"], log.Lines);
    }

    [Fact]
    public async Task ASilentFeedIsGivenUp()
    {
        await using WebApplication server = await Serve((socket, _) => Receive(socket));
        FeedLog log = await Run(server, new FeedOptions { Address = AddressOf(server), StaleAfter = TimeSpan.FromMilliseconds(200) }, log => log.Lines.Count(line => line == "lost") == 2);
        Assert.Equal(["connected", "lost", "connected", "lost"], log.Lines);
        Assert.Contains("no message", log.Reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheServersReasonIsToldAndTheFeedComesBack()
    {
        await using WebApplication server = await Serve((socket, visit) => visit == 0
            ? socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "Too much backpressure", default)
            : Receive(socket));
        FeedLog log = await Run(server, new FeedOptions { Address = AddressOf(server) }, log => log.Lines.Count(line => line == "connected") == 2);
        Assert.Equal("closed with 1008: Too much backpressure", log.Reasons[0]);
    }

    [Fact]
    public async Task AttemptsInARowAreCounted()
    {
        WebApplication server = await Serve((socket, _) => Receive(socket));
        Uri address = AddressOf(server);
        await server.DisposeAsync();
        var log = new FeedLog(_ => false);
        var connection = new VenueConnection(new FeedOptions { Address = address, MaxAttempts = 3, FirstDelay = TimeSpan.FromMilliseconds(10) }, log);
        Assert.Throws<HttpRequestException>(connection.Run);
        Assert.Equal(["lost", "lost", "lost"], log.Lines);
        Assert.Equal(3, connection.Losses);
    }

    [Theory]
    [InlineData("")]
    [InlineData("error")]
    public async Task AServerThatClosesBeforeItSendsMarketDataHasFailed(string first)
    {
        await using WebApplication server = await Serve(async (socket, _) =>
        {
            if (first.Length > 0)
                await Send(socket, first);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "finished", default);
        });
        var options = new FeedOptions { Address = AddressOf(server), MaxAttempts = 3 };
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => Run(server, options, _ => false));
        Assert.EndsWith("no market data after 3 attempts; the last: closed with 1000: finished", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReplayIsReadOnceAndEndsWithANormalClose()
    {
        await using WebApplication server = await Serve(async (socket, _) =>
        {
            await Send(socket, "all of it");
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "finished", default);
        });
        FeedLog log = await Run(server, new FeedOptions { Address = AddressOf(server), IsReplay = true }, _ => false);
        Assert.Equal(["connected", "all of it"], log.Lines);
    }

    [Theory]
    [InlineData(true, 1011, "the replay broke off: closed with 1011: why")]
    [InlineData(true, 1008, "the replay broke off: closed with 1008: why")]
    [InlineData(false, 1000, "the replay brought no market data: closed with 1000: why")]
    public async Task AReplayThatEndsOtherwiseIsNotReadAgain(bool sends, int code, string message)
    {
        await using WebApplication server = await Serve(async (socket, _) =>
        {
            if (sends)
                await Send(socket, "some of it");
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, "why", default);
        });
        var log = new FeedLog(_ => false);
        var connection = new VenueConnection(new FeedOptions { Address = AddressOf(server), IsReplay = true }, log);
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => Task.Run(connection.Run).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.EndsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1, false), (connection.Connections, connection.Losses, connection.IsComplete));
    }

    [Fact]
    public void DelaysGrowToTheirLimitAndStaySpread()
    {
        var connection = new VenueConnection(new FeedOptions { Address = new Uri("ws://127.0.0.1"), JitterSeed = 1 }, new FeedLog(_ => true));
        for (int failures = 0; failures < 100; failures++)
        {
            double full = Math.Min(30, 0.5 * Math.Pow(2, failures));
            Assert.InRange(connection.DelayBefore(failures).TotalSeconds, full / 2, full);
        }
    }

    private static async Task<FeedLog> Run(WebApplication server, FeedOptions options, Func<FeedLog, bool> enough)
    {
        var log = new FeedLog(enough);
        var connection = new VenueConnection(options with { FirstDelay = TimeSpan.FromMilliseconds(20) }, log);
        await Task.Run(connection.Run).WaitAsync(TimeSpan.FromSeconds(30));
        return log;
    }

    private static Task Send(WebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    /// <summary>Until a message or the end of the connection.</summary>
    private static async Task Receive(WebSocket socket)
    {
        try
        {
            await socket.ReceiveAsync(new byte[1000], default);
        }
        catch (WebSocketException)
        {
            // The other side went away, as some of these tests want.
        }
    }

    private static Uri AddressOf(WebApplication server) => new(server.Urls.Single().Replace("http://", "ws://", StringComparison.Ordinal));

    private static async Task<WebApplication> Serve(Func<WebSocket, int, Task> talk)
    {
        int visits = 0;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication server = builder.Build();
        server.UseWebSockets();
        server.Map("/", async (HttpContext context) =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            await talk(socket, Interlocked.Increment(ref visits) - 1);
        });
        await server.StartAsync();
        return server;
    }

    private sealed class FeedLog(Func<FeedLog, bool> enough) : IFeedReceiver
    {
        public List<string> Lines { get; } = [];

        public List<string> Reasons { get; } = [];

        public bool OnMessage(ReadOnlySpan<byte> payload, long wireStamp)
        {
            Lines.Add(Encoding.UTF8.GetString(payload));
            return Lines[^1] != "error";
        }

        public void OnConnected() => Lines.Add("connected");

        public void OnDisconnected(string reason)
        {
            Lines.Add("lost");
            Reasons.Add(reason);
        }

        public bool OnIdle() => !enough(this);
    }
}
