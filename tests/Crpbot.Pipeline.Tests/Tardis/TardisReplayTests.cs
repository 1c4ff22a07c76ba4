using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Pipeline.Tests.Tardis;

/// <summary>Recorded minutes out of Tardis' own client library: by the socket, by HTTP and by our file path the same.</summary>
public sealed class TardisReplayTests(TardisPeer peer) : IClassFixture<TardisPeer>
{
    [TardisPeerTheory]
    [InlineData("coinbase", "2021-04-17T16:43", "2021-04-17T16:44", 12_308)]
    [InlineData("binance", "2021-04-05T18:33", "2021-04-05T18:36", 29_010)]
    public async Task AReplayThroughTheSocketIsWhatTheFilePathGives(string exchange, string from, string to, int events)
    {
        bool isCoinbase = exchange == "coinbase";
        string raw = peer.MinuteFile(exchange, isCoinbase ? [TardisPeer.CoinbaseMinute] : TardisPeer.BinanceMinutes);
        string normalized = await Normalize(raw, exchange);
        int messages = Lines(File.ReadAllText(normalized)).Count;
        CaptureEvents socket = await Record(exchange, isCoinbase ? TardisPeer.CoinbaseSymbols : TardisPeer.BinanceSymbols, from, to, $"{messages:N0} messages");
        Assert.Equal((await Convert(normalized, "tardis")).Whole(), socket.Whole());
        Assert.Equal(events, socket.All.Length);

        CaptureEvents venue = await Convert(raw, exchange);
        Assert.Equal(venue.Trades(), socket.Trades());
        Assert.Equal(venue.Books(), socket.Books());
        Assert.DoesNotContain(socket.All, e => e.Kind is MarketEventKind.Gap or MarketEventKind.Disconnect);
    }

    [TardisPeerTheory]
    [InlineData("coinbase", "2021-04-17T16:43", "2021-04-17T16:44")]
    [InlineData("binance", "2021-04-05T18:33", "2021-04-05T18:36")]
    public async Task OurNormalisedTextIsTheirs(string exchange, string from, string to)
    {
        bool isCoinbase = exchange == "coinbase";
        (int status, string body) = await peer.Replay(exchange, isCoinbase ? TardisPeer.CoinbaseSymbols : TardisPeer.BinanceSymbols, from, to);
        Assert.Equal(200, status);
        string raw = peer.MinuteFile(exchange, isCoinbase ? [TardisPeer.CoinbaseMinute] : TardisPeer.BinanceMinutes);
        Assert.Equal(Lines(body), Lines(File.ReadAllText(await Normalize(raw, exchange))));
    }

    [TardisPeerFact]
    public async Task WhatDoublesAndALossDoToAReplayIsSeen()
    {
        CaptureEvents socket = await Record("coinbase", ["BTC-USD", "ETH-USD"], "2021-05-01T00:00", "2021-05-01T00:01", "13 messages", refusals: 2);
        string raw = peer.MinuteFile("coinbase", TardisPeer.HostileMinute);
        CaptureEvents venue = await Convert(raw, "coinbase");
        Assert.Equal(venue.Books(), socket.Books());
        Assert.Equal(venue.Untimed().Where(IsNoBook), socket.Untimed().Where(IsNoBook));

        // 1e-8 is one lot; an amount of null leaves its level out; 98.12345678901235 and 100.12345678901235 are whole ticks of nothing.
        Assert.Contains(socket.All, e => e.Kind == MarketEventKind.Trade && e.Quantity.Lots == 1);
        Assert.DoesNotContain(socket.All, e => e.Kind == MarketEventKind.BookDelta && e.Price.Ticks == 10_040);

        // Two trades whose ids differ beyond 2^53 are two trades, whatever their ids became.
        Assert.Equal([9_007_199_254_740_992, 9_007_199_254_740_992], Ids(socket, "coinbase:BTC-USD").Take(2));
        Assert.Equal([9_007_199_254_740_992, 9_007_199_254_740_993], Ids(venue, "coinbase:BTC-USD").Take(2));

        // Without sequence numbers the trade ids show that something is missing: 44 was refused, 42 and 43 never came.
        MarketEvent gap = Assert.Single(socket.All, e => e.Kind == MarketEventKind.Gap);
        Assert.Equal(("coinbase:ETH-USD", Channel.Trades, 42L, 45L), (socket.NameOf(gap), gap.Channel, gap.Sequence, gap.Aux));

        // The loss is dated at the last message before it, and the change after it meets no book.
        MarketEvent[] losses = [.. socket.All.Where(e => e.Kind == MarketEventKind.Disconnect)];
        Assert.Equal(["coinbase:BTC-USD", "coinbase:ETH-USD"], losses.Select(e => socket.NameOf(e)));
        Assert.All(losses, loss => Assert.Equal("2021-05-01T00:00:04.300000000Z", loss.ReceiveTime.ToString()));
        Assert.DoesNotContain(socket.All, e => e.Kind == MarketEventKind.BookDelta && e.Price.Ticks == 9_000);
        Assert.Equal(MarketEventKind.BookClear, socket.All.First(e => e.ReceiveTime > losses[0].ReceiveTime).Kind);
    }

    [TardisPeerFact]
    public async Task TradesThatAreMissingOnBinanceAreAGap()
    {
        CaptureEvents socket = await Record("binance", ["BTCUSDT"], "2021-05-01T00:00", "2021-05-01T00:01", "3 messages");
        Assert.Equal((await Convert(peer.MinuteFile("binance", TardisPeer.HostileMinute), "binance")).Untimed(), socket.Untimed());
        MarketEvent gap = Assert.Single(socket.All, e => e.Kind == MarketEventKind.Gap);
        Assert.Equal((Channel.Trades, 12L, 14L), (gap.Channel, gap.Sequence, gap.Aux));
        Assert.Equal([Side.Sell, Side.Buy, Side.Sell], socket.All.Where(e => e.Kind == MarketEventKind.Trade).Select(e => e.Side));
    }

    [TardisPeerFact]
    public async Task AReplayRecordedTwiceIsTheSameFile()
    {
        await Record("coinbase", ["BTC-USD"], "2021-05-01T00:00", "2021-05-01T00:01", "10 messages", refusals: 1, output: "first.capture");
        await Record("coinbase", ["BTC-USD"], "2021-05-01T00:00", "2021-05-01T00:01", "10 messages", refusals: 1, output: "second.capture");
        Assert.Equal(File.ReadAllBytes(peer["first.capture"]), File.ReadAllBytes(peer["second.capture"]));
    }

    [TardisPeerFact]
    public async Task AReplayThatBreaksOffIsNoReplay()
    {
        await peer.SetFaults("""[{"match":"offset=1&","times":99,"status":401,"delayMs":300}]""");
        try
        {
            CommandRunner.Outcome outcome = await RunRecord("binance", ["ETHBRL"], "2021-04-05T18:33", "2021-04-05T18:36", peer["broken.capture"]);
            Assert.Equal(4, outcome.ExitCode);
            string[] lines = outcome.Errors.TrimEnd().Split('\n');
            Assert.Equal(2, lines.Length);
            Assert.StartsWith(peer["broken.capture.partial"], lines[0], StringComparison.Ordinal);
            Assert.Contains("the replay broke off: closed with 1011: Error: HttpError: status code: 401", lines[1], StringComparison.Ordinal);
            Assert.False(File.Exists(peer["broken.capture"]));
            Assert.Equal(MarketEventKind.Disconnect, CaptureEvents.Read(peer["broken.capture.partial"]).All[^1].Kind);

            (int status, string body) = await peer.Replay("binance", ["DENTUSDT"], "2021-04-05T18:33", "2021-04-05T18:36");
            Assert.Equal(200, status);
            Assert.False(body.EndsWith('\n'));
            File.WriteAllText(peer["body.ndjson"], body);
        }
        finally
        {
            await peer.SetFaults("[]");
        }

        int last = File.ReadAllLines(peer["body.ndjson"]).Length;
        CommandRunner.Outcome replay = await CommandRunner.Run("capture", "replay", peer["body.ndjson"], "--venue", "tardis", "--stages", "book", "--json");
        Assert.Equal(0, replay.ExitCode);
        Assert.Contains($"line {last}", Assert.Single(replay.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(1, JsonDocument.Parse(replay.Output).RootElement.GetProperty("refused").GetInt64());
        Assert.Equal(3, (await CommandRunner.Run("capture", "replay", peer["body.ndjson"], "--venue", "tardis", "--stages", "book", "--strict")).ExitCode);
    }

    [TardisPeerTheory]
    [InlineData("coinbase", "2020-01-01", "brought no market data: closed with 1000")]
    [InlineData("nowhere", "2021-05-01", "brought no market data: closed with 1011: Error: normalizeTrades: nowhere not supported")]
    public async Task AReplayOfNothingSaysSoInOneLine(string exchange, string day, string reason)
    {
        CommandRunner.Outcome outcome = await RunRecord(exchange, ["BTC-USD"], $"{day}T00:00", $"{day}T00:01", peer["nothing.capture"]);
        Assert.Equal(4, outcome.ExitCode);
        Assert.Contains(reason, Assert.Single(outcome.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(peer["nothing.capture"]) || File.Exists(peer["nothing.capture.partial"]));
    }

    private static bool IsNoBook(string line) => !line.Contains(" Book", StringComparison.Ordinal);

    private static List<long> Ids(CaptureEvents events, string name) =>
        [.. events.All.Where(e => e.Kind == MarketEventKind.Trade && events.NameOf(e) == name).Select(e => e.Sequence)];

    private async Task<CaptureEvents> Record(string exchange, string[] symbols, string from, string to, string messages, int refusals = 0, string output = "socket.capture")
    {
        CommandRunner.Outcome outcome = await RunRecord(exchange, symbols, from, to, peer[output]);
        string[] lines = outcome.Errors.TrimEnd().Split('\n');
        Assert.Equal((0, refusals + 1), (outcome.ExitCode, lines.Length));
        Assert.Contains(messages, lines[^1], StringComparison.Ordinal);
        return CaptureEvents.Read(peer[output]);
    }

    private Task<CommandRunner.Outcome> RunRecord(string exchange, string[] symbols, string from, string to, string output) => CommandRunner.Run(
        ["capture", "record", output, "--venue", "tardis", "--url", peer.WebSocket.ToString(), "--exchange", exchange, "--from", from, "--to", to, "--symbols", .. symbols]);

    private async Task<string> Normalize(string raw, string exchange)
    {
        Assert.Equal(0, (await CommandRunner.Run("data", "normalize", "--venue", exchange, "--with-disconnects", "--in", raw, "--out", raw + ".normalized")).ExitCode);
        return raw + ".normalized";
    }

    private async Task<CaptureEvents> Convert(string file, string venue)
    {
        Assert.Equal(0, (await CommandRunner.Run("data", "convert", file, peer["file.capture"], "--venue", venue)).ExitCode);
        return CaptureEvents.Read(peer["file.capture"]);
    }

    /// <summary>Names and values in their order, numbers as doubles; tickers left out, which were not asked for.</summary>
    private static List<string> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("book_ticker", StringComparison.Ordinal)).Select(line =>
        {
            using JsonDocument document = JsonDocument.Parse(line);
            var canonical = new StringBuilder();
            Write(document.RootElement, canonical);
            return canonical.ToString();
        })];

    private static void Write(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty field in value.EnumerateObject())
                {
                    text.Append(field.Name).Append(':');
                    Write(field.Value, text);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                    Write(item, text.Append(';'));
                break;
            case JsonValueKind.Number:
                text.Append(value.GetDouble().ToString("R", CultureInfo.InvariantCulture)).Append(',');
                break;
            default:
                text.Append(value.GetRawText()).Append(',');
                break;
        }
    }
}
