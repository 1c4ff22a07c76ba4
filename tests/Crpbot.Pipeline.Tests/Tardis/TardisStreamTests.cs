using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Engine;
using Crpbot.Engine.Live;
using Crpbot.Codecs.Readers;
using Crpbot.MarketData.Feeds;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Pipeline.Tests.Tardis;

/// <summary>Tardis' own client library on a live exchange, which is a recording: what is recorded from it is what the file path gives.</summary>
public sealed class TardisStreamTests(TardisPeer peer) : IClassFixture<TardisPeer>
{
    private const string From = "2021-04-17T16:43:00Z";
    private const int Cut = 1000;

    [TardisPeerFact]
    public async Task ALiveStreamIsRecordedAsTheFilePathGivesIt()
    {
        (Uri address, _) = await peer.StartLive(From, "--speed", "0");
        CommandRunner.Outcome outcome = await CommandRunner.Run(
            ["capture", "record", peer["live.capture"], "--venue", "tardis", "--url", $"{address}", "--seconds", "4", "--symbols", .. TardisPeer.CoinbaseSymbols]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Single(outcome.Errors.TrimEnd().Split('\n'));

        // A slow machine may not come to the end of it.
        List<string> live = CaptureEvents.Read(peer["live.capture"]).Untimed();
        Assert.NotEmpty(live);
        Assert.Equal((await FilePath(int.MaxValue)).Untimed().Take(live.Count), live);
    }

    [TardisPeerFact]
    public async Task ALostExchangeVoidsTheBooksUntilTheirNextSnapshots()
    {
        (CaptureEvents until, CaptureEvents whole) = (await FilePath(Cut), await FilePath(int.MaxValue));
        (Uri address, _) = await peer.StartLive(From, "--speed", "0", "--drop-after", $"{Cut}");
        int lost = InstrumentsOf(until.All).Count;
        (CaptureEvents live, List<string> losses) = await Record(TardisLive(address), until.All.Length + lost + whole.All.Length);
        Assert.Empty(losses);
        AssertTwoLives(live, until.Untimed(), whole.Untimed());
        Assert.Equal(FinalBooks(whole), FinalBooks(live));
    }

    [TardisPeerFact]
    public async Task AFeedThatGoesQuietIsLeftAndTheNextOneBeginsWithSnapshots()
    {
        CaptureEvents until = await FilePath(Cut);
        (Uri address, _) = await peer.StartLive(From, "--speed", "0", "--silent-after", $"{Cut}");
        FeedOptions patient = TardisLive(address) with { StaleAfter = TimeSpan.FromSeconds(2), FirstDelay = TimeSpan.FromMilliseconds(50) };
        (CaptureEvents live, List<string> losses) = await Record(patient, 2 * until.All.Length + InstrumentsOf(until.All).Count);
        Assert.Equal(["no message for 2 s"], losses);
        AssertTwoLives(live, until.Untimed(), until.Untimed());
    }

    [TardisPeerFact]
    public async Task AnExchangeThatGoesQuietIsLeftByTheMachineWhichSaysSo()
    {
        CaptureEvents until = await FilePath(Cut);
        (Uri address, _) = await peer.StartLive(From, "--speed", "0", "--silent-after", $"{Cut}");
        FeedOptions options = TardisLive(address);
        options = options with { Address = new Uri(options.Address.AbsoluteUri.Replace("timeoutIntervalMS%22%3A30000", "timeoutIntervalMS%22%3A1000", StringComparison.Ordinal)) };
        (CaptureEvents live, List<string> losses) = await Record(options, 2 * until.All.Length + InstrumentsOf(until.All).Count);
        Assert.Empty(losses);
        AssertTwoLives(live, until.Untimed(), until.Untimed());
    }

    [TardisPeerFact]
    public async Task AServerThatDiesIsAbnormalAndInTheEndUnavailable()
    {
        CaptureEvents until = await FilePath(Cut);
        (Uri address, NodeProcess bridge) = await peer.StartLive(From, "--speed", "0", "--silent-after", $"{Cut}");
        FeedOptions impatient = TardisLive(address) with { MaxAttempts = 2, FirstDelay = TimeSpan.FromMilliseconds(50) };
        var losses = new List<string>();
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => Record(impatient, until.All.Length, losses, bridge.Kill));
        Assert.StartsWith("closed with 1006: ", Assert.Single(losses), StringComparison.Ordinal);
        Assert.Contains("no market data after 2 attempts; the last: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(until.Untimed(), CaptureEvents.Read(peer["engine.capture.partial"]).Untimed().Take(until.All.Length));
        File.Delete(peer["engine.capture.partial"]);
    }

    [TardisPeerFact]
    public async Task ARefusalIsToldWithItsCodeAndReason()
    {
        var unknown = new FeedOptions { Address = new Uri(peer.WebSocket, "/elsewhere"), MaxAttempts = 2, FirstDelay = TimeSpan.FromMilliseconds(50) };
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => Record(unknown, 1));
        Assert.EndsWith("no market data after 2 attempts; the last: closed with 1008", error.Message, StringComparison.Ordinal);

        CommandRunner.Outcome outcome = await CommandRunner.Run(
            "capture", "record", peer["none.capture"], "--venue", "tardis", "--url", $"{peer.WebSocket}", "--exchange", "nowhere", "--seconds", "3");
        Assert.Equal(4, outcome.ExitCode);
        Assert.Contains("nothing to record: the venue answered {\"type\":\"error\",\"exchange\":\"nowhere\"", Assert.Single(outcome.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(peer["none.capture"]) || File.Exists(peer["none.capture.partial"]));
    }

    private static FeedOptions TardisLive(Uri address) => FeedAddresses.TardisMachine(address, "coinbase", TardisPeer.CoinbaseSymbols);

    /// <summary>One life, a Disconnect of every Instrument seen in it, another life; no level between a Disconnect and the snapshot after it.</summary>
    private static void AssertTwoLives(CaptureEvents live, List<string> first, List<string> second)
    {
        int loss = Array.FindIndex(live.All, e => e.Kind == MarketEventKind.Disconnect);
        Assert.True(loss >= 0);
        int lost = live.All.Skip(loss).TakeWhile(e => e.Kind == MarketEventKind.Disconnect).Count();
        Assert.Equal(InstrumentsOf(live.All[..loss]), InstrumentsOf(live.All[loss..(loss + lost)]));
        List<string> all = live.Untimed();
        Assert.Equal(first, all[..loss]);
        Assert.Equal(second, all[(loss + lost)..]);
        foreach (InstrumentId instrument in InstrumentsOf(live.All))
            Assert.Equal(MarketEventKind.BookClear, live.All.Skip(loss + lost).First(e => e.Instrument == instrument && e.Channel == Channel.Book).Kind);
    }

    private static HashSet<InstrumentId> InstrumentsOf(MarketEvent[] events) => [.. events.Select(e => e.Instrument)];

    private static Dictionary<string, string> FinalBooks(CaptureEvents events) =>
        events.Books().Select(line => line.Split(' ', 3)).GroupBy(parts => parts[1]).ToDictionary(book => book.Key, book => book.Last()[2]);

    /// <summary>The recording's first messages of the channels asked for, through our own normaliser.</summary>
    private async Task<CaptureEvents> FilePath(int messages)
    {
        string raw = peer.MinuteFile("coinbase", TardisPeer.CoinbaseMinute);
        string[] wanted = ["snapshot", "l2update", "match", "last_match"];
        File.WriteAllLines(raw, File.ReadLines(raw).Where(line => wanted.Any(type => line.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal))).Take(messages).ToList());
        Assert.Equal(0, (await CommandRunner.Run("data", "normalize", "--venue", "coinbase", "--in", raw, "--out", peer["file.ndjson"])).ExitCode);
        Assert.Equal(0, (await CommandRunner.Run("data", "convert", peer["file.ndjson"], peer["file.capture"], "--venue", "tardis")).ExitCode);
        return CaptureEvents.Read(peer["file.capture"]);
    }

    private async Task<(CaptureEvents Events, List<string> Losses)> Record(FeedOptions options, int events)
    {
        var losses = new List<string>();
        await Record(options, events, losses, null);
        return (CaptureEvents.Read(peer["engine.capture"]), losses);
    }

    /// <summary>As <c>capture record</c>, until a number of events has come.</summary>
    /// <param name="then">Done once they have; null stops.</param>
    private Task Record(FeedOptions options, int events, List<string> losses, Action? then) => Task.Run(() =>
    {
        var instruments = new InstrumentTable();
        var texts = new TextIdTable();
        var clock = new SystemMarketClock();
        using var writer = new CaptureWriter(peer["engine.capture"], instruments, new CaptureHeader("test", "live", UnixNanos.None), texts: texts);
        using (var engine = new TradingEngine(new EngineOptions { Instruments = instruments, Depth = PipelineDepth.Book, Record = writer }))
        {
            bool GoOn()
            {
                if (engine.Receiver.Events < events)
                    return true;
                if (then is null)
                    return false;
                if (losses.Count == 0)
                    then();
                return true;
            }

            new VenueConnection(options, new LiveFeed(engine, new TardisMessageParser(instruments, texts), clock.At, GoOn, new DamageLog(strict: true)) { Lost = losses.Add }).Run();
            engine.Complete();
        }

        writer.Complete();
    }).WaitAsync(TimeSpan.FromSeconds(60));
}
