using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Instruments;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

/// <summary>Real sockets on loopback, with the base class library's client.</summary>
public sealed class SimulatedExchangeTests
{
    private const string Subscribe = """{"type":"subscribe","product_ids":["BTC-USD","SOL-USD"],"channels":["level2","matches","heartbeat","ticker"]}""";
    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    [Fact]
    public async Task ATardisClientGetsSnapshotsFirstAndAWholeBook()
    {
        await using SimulatedExchange exchange = await Start(speed: 600);
        using ClientWebSocket client = await Connect(exchange.TardisEndpoint("BTC-USD", "ETH-USD"));
        var books = new Dictionary<string, WireBook>();
        var seen = new Dictionary<string, int>();
        string last = "";
        for (int i = 0; i < 3_000; i++)
        {
            JsonElement message = await Receive(client);
            string type = message.GetProperty("type").GetString()!;
            string symbol = message.GetProperty("symbol").GetString()!;
            seen[type] = seen.GetValueOrDefault(type) + 1;
            string timestamp = message.GetProperty("timestamp").GetString()!;
            Assert.True(string.CompareOrdinal(timestamp, last) >= 0);
            last = timestamp;
            if (type == "trade")
                continue;
            bool snapshot = message.GetProperty("isSnapshot").GetBoolean();
            Assert.True(books.ContainsKey(symbol) || snapshot, "an update came before the snapshot");
            if (snapshot)
                books[symbol] = new WireBook();
            books[symbol].Apply(
                message.GetProperty("bids").EnumerateArray().Select(l => (l.GetProperty("price").GetDecimal(), l.GetProperty("amount").GetDecimal())),
                message.GetProperty("asks").EnumerateArray().Select(l => (l.GetProperty("price").GetDecimal(), l.GetProperty("amount").GetDecimal())));
            Assert.True(books[symbol].Bid < books[symbol].Ask);
        }

        Assert.Equal(["BTC-USD", "ETH-USD"], books.Keys.Order());
        Assert.True(seen["trade"] > 200 && seen["book_change"] > 1_000);
        Assert.Equal(1, exchange.Connections);
    }

    [Fact]
    public async Task ACoinbaseClientSubscribesAndTickersEqualTheRebuiltBook()
    {
        await using SimulatedExchange exchange = await Start(speed: 600);
        using ClientWebSocket client = await Connect(exchange.CoinbaseEndpoint);
        Assert.False(exchange.Clock.HasBegun);
        await Send(client, Subscribe);
        JsonElement answer = await Receive(client);
        Assert.Equal("subscriptions", answer.GetProperty("type").GetString());
        Assert.Equal(4, answer.GetProperty("channels").GetArrayLength());
        var books = new Dictionary<string, WireBook>();
        var lastTrade = new Dictionary<string, long>();
        var seen = new Dictionary<string, int>();
        for (int i = 0; i < 4_000; i++)
        {
            JsonElement message = await Receive(client);
            string type = message.GetProperty("type").GetString()!;
            string symbol = message.GetProperty("product_id").GetString()!;
            seen[type] = seen.GetValueOrDefault(type) + 1;
            switch (type)
            {
                case "snapshot":
                    books[symbol] = new WireBook();
                    books[symbol].Apply(Pairs(message.GetProperty("bids"), 0), Pairs(message.GetProperty("asks"), 0));
                    break;
                case "l2update":
                    JsonElement[] changes = [.. message.GetProperty("changes").EnumerateArray()];
                    books[symbol].Apply(
                        Pairs(changes.Where(c => c[0].GetString() == "buy"), 1), Pairs(changes.Where(c => c[0].GetString() == "sell"), 1));
                    break;
                case "match":
                    long id = message.GetProperty("trade_id").GetInt64();
                    Assert.True(!lastTrade.TryGetValue(symbol, out long before) || id == before + 1);
                    lastTrade[symbol] = id;
                    break;
                case "ticker":
                    Assert.Equal(books[symbol].Bid, Decimal(message, "best_bid"));
                    Assert.Equal(books[symbol].Ask, Decimal(message, "best_ask"));
                    Assert.Equal(lastTrade[symbol], message.GetProperty("trade_id").GetInt64());
                    break;
            }
        }

        Assert.Equal(["heartbeat", "l2update", "match", "snapshot", "ticker"], seen.Keys.Order());
        // One each for the subscriber, one each as this market begins, and one each at midnight.
        Assert.Equal(6, seen["snapshot"]);
    }

    [Fact]
    public async Task TheMarketGoesOnWhereTheHistoryEnded()
    {
        var options = new SimulationOptions();
        var simulator = new MarketSimulator(options, new InstrumentTable());
        simulator.AdvanceTo(options.Start + Messages.UnixNanos.PerHour);
        await using var exchange = new SimulatedExchange(simulator, speed: 60);
        await exchange.StartAsync(_limit);
        Assert.Equal(options.Start + Messages.UnixNanos.PerHour, exchange.Clock.Now);
        using ClientWebSocket client = await Connect(exchange.TardisEndpoint());
        JsonElement first = await Receive(client);
        Assert.True(first.GetProperty("isSnapshot").GetBoolean());
        Assert.StartsWith("2025-01-01T00:59:0", first.GetProperty("timestamp").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACutComesInsideAMessageAndTheNextConnectionStartsAfresh()
    {
        await using SimulatedExchange exchange = await Start(speed: 600);
        exchange.Inject(new ExchangeFault(CutAfterMessages: 50));
        using (ClientWebSocket cut = await Connect(exchange.TardisEndpoint("BTC-USD")))
        {
            for (int i = 0; i < 50; i++)
                await Receive(cut);
            await Assert.ThrowsAsync<WebSocketException>(() => Receive(cut));
        }

        using ClientWebSocket next = await Connect(exchange.TardisEndpoint("BTC-USD"));
        Assert.True((await Receive(next)).GetProperty("isSnapshot").GetBoolean());
        for (int i = 0; i < 100; i++)
            await Receive(next);
        Assert.Equal(2, exchange.Connections);
    }

    [Fact]
    public async Task SilenceKeepsTheConnectionOpen()
    {
        await using SimulatedExchange exchange = await Start(speed: 600);
        exchange.Inject(new ExchangeFault(SilentAfterMessages: 20));
        using ClientWebSocket client = await Connect(exchange.TardisEndpoint());
        for (int i = 0; i < 20; i++)
            await Receive(client);
        Task<JsonElement> more = Receive(client);
        long sent = exchange.Messages;
        while (exchange.Messages < sent + 200)
            await Task.Delay(5, _limit);
        Assert.False(more.IsCompleted);
        Assert.Equal(WebSocketState.Open, client.State);
        exchange.CutAll();
        await Assert.ThrowsAsync<WebSocketException>(() => more);
    }

    [Fact]
    public async Task ADisconnectBehindTardisIsReportedAndFollowedBySnapshots()
    {
        await using SimulatedExchange exchange = await Start(speed: 600);
        exchange.Inject(new ExchangeFault(DisconnectAfterMessages: 30));
        using ClientWebSocket client = await Connect(exchange.TardisEndpoint("BTC-USD", "SOL-USD"));
        JsonElement message = await Receive(client);
        int before = 1;
        while (message.GetProperty("type").GetString() != "disconnect")
        {
            message = await Receive(client);
            before++;
        }

        Assert.InRange(before, 31, 32);
        Assert.Equal(["BTC-USD", "SOL-USD"], message.GetProperty("symbols").EnumerateArray().Select(s => s.GetString()));
        Assert.True((await Receive(client)).GetProperty("isSnapshot").GetBoolean());
        Assert.True((await Receive(client)).GetProperty("isSnapshot").GetBoolean());
        Assert.Equal(1, exchange.Connections);
    }

    [Fact]
    public async Task AClientThatDoesNotReadIsCut()
    {
        await using SimulatedExchange exchange = await Start(speed: 100_000);
        // Subscribing after the handshake: the Tardis address streams at once, and a busy machine could see the cut before the handshake's answer.
        using ClientWebSocket client = await Connect(exchange.CoinbaseEndpoint);
        await Send(client, """{"type":"subscribe","product_ids":["BTC-USD","ETH-USD","SOL-USD"],"channels":["level2","matches"]}""");
        while (exchange.SlowClientsCut == 0)
            await Task.Delay(10, _limit);
        Assert.Equal(1, exchange.SlowClientsCut);
    }

    [Theory]
    [InlineData("/ws-stream-normalized?options=%7B", 1011)]
    [InlineData("/ws-stream-normalized?options=%7B%22exchange%22%3A%22binance%22%2C%22dataTypes%22%3A%5B%22trade%22%5D%7D", 1011)]
    [InlineData("/ws-stream-normalized?options=%7B%22exchange%22%3A%22coinbase%22%2C%22dataTypes%22%3A%5B%22trades%22%5D%7D", 1011)]
    [InlineData("/nowhere", 1008)]
    public async Task AWrongRequestIsClosedWithItsReason(string path, int code)
    {
        await using SimulatedExchange exchange = await Start(speed: 1);
        using ClientWebSocket client = await Connect(new Uri($"ws://127.0.0.1:{exchange.Port}{path}"));
        WebSocketReceiveResult closed = await client.ReceiveAsync(new byte[256], _limit);
        Assert.Equal(code, (int)closed.CloseStatus!);
        Assert.NotEmpty(closed.CloseStatusDescription!);
        Assert.False(exchange.Clock.HasBegun);
    }

    [Fact]
    public async Task AWrongCoinbaseSubscriptionIsAnswered()
    {
        await using SimulatedExchange exchange = await Start(speed: 1);
        using ClientWebSocket client = await Connect(exchange.CoinbaseEndpoint);
        foreach (string wrong in new[] { "{", """{"type":"subscribe","product_ids":["XX-YY"],"channels":["level2"]}""", """{"type":"subscribe","product_ids":[],"channels":["le\"vel"]}""" })
        {
            await Send(client, wrong);
            Assert.Equal("error", (await Receive(client)).GetProperty("type").GetString());
        }
    }

    private async Task<SimulatedExchange> Start(double speed)
    {
        var exchange = new SimulatedExchange(new MarketSimulator(new SimulationOptions(), new InstrumentTable()), speed);
        await exchange.StartAsync(_limit);
        return exchange;
    }

    private async Task<ClientWebSocket> Connect(Uri endpoint)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(endpoint, _limit);
        return client;
    }

    private Task Send(ClientWebSocket client, string text) =>
        client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, _limit);

    private async Task<JsonElement> Receive(ClientWebSocket client)
    {
        byte[] buffer = new byte[64 * 1024];
        int length = 0;
        WebSocketReceiveResult part;
        do
        {
            part = await client.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), _limit);
            Assert.Equal(WebSocketMessageType.Text, part.MessageType);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement;
    }

    private static IEnumerable<(decimal Price, decimal Amount)> Pairs(JsonElement levels, int first) => Pairs(levels.EnumerateArray(), first);

    private static IEnumerable<(decimal Price, decimal Amount)> Pairs(IEnumerable<JsonElement> levels, int first) =>
        levels.Select(l => (decimal.Parse(l[first].GetString()!, System.Globalization.CultureInfo.InvariantCulture),
            decimal.Parse(l[first + 1].GetString()!, System.Globalization.CultureInfo.InvariantCulture)));

    private static decimal Decimal(JsonElement message, string field) =>
        decimal.Parse(message.GetProperty(field).GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    private sealed class WireBook
    {
        private readonly SortedDictionary<decimal, decimal> _bids = [];
        private readonly SortedDictionary<decimal, decimal> _asks = [];

        public decimal Bid => _bids.Keys.Last();

        public decimal Ask => _asks.Keys.First();

        public void Apply(IEnumerable<(decimal Price, decimal Amount)> bids, IEnumerable<(decimal Price, decimal Amount)> asks)
        {
            Apply(_bids, bids);
            Apply(_asks, asks);
        }

        private static void Apply(SortedDictionary<decimal, decimal> side, IEnumerable<(decimal Price, decimal Amount)> levels)
        {
            foreach ((decimal price, decimal amount) in levels)
            {
                if (amount == 0)
                    side.Remove(price);
                else
                    side[price] = amount;
            }
        }
    }
}
