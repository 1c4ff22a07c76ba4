using System.Globalization;
using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tests.Venues.Reference;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Venues;

/// <summary>Whole recordings: nothing refused, the judge agrees, the book is never crossed and ends at the last best prices sent.</summary>
public class BinanceRecordingTests
{
    private const string Futures = "hftbacktest/usdm/btcusdt_20240808.gz";

    [MarketDataTheory(Futures)]
    [InlineData(Futures, "binance-futures", true)]
    [InlineData("hftbacktest/spot/btcusdt_20240808.gz", "binance", true)]
    [InlineData("hftbacktest/spot/ethusdt_20240808.gz", "binance", true)]
    [InlineData("hftbacktest/usdm/btcusdt_20230404.dat.gz", "binance-futures", true)]
    [InlineData("hftbacktest/cm/btcusd_perp_20240808.gz", "binance-delivery", true)]
    [InlineData("hftbacktest/cm/ethusd_perp_20240808.gz", "binance-delivery", true)]
    [InlineData("collect-binancefutures/btcusdt_20220811.dat.gz", "binance-futures", true)]
    [InlineData("hftbacktest/usdm/btcusdt_20230405.dat.gz", "binance-futures", false)]
    [InlineData("hftbacktest/cm/ethusd_perp_20240809.gz", "binance-delivery", false)]
    public void ARecordingIsReadWholeAndItsBookHolds(string file, string venue, bool hasSnapshot)
    {
        var jury = new ParserJury(new InstrumentTable(), table => new BinanceParser(table, venue), null);
        var book = new PlainBook();
        long checks = 0, crossed = 0, deltas = 0, trades = 0;
        (long Bid, long Ask) last = default;
        foreach ((UnixNanos time, byte[] message) in RecordedLines.Plain(file))
        {
            ParseResult result = jury.Parse(message, time, out ReadOnlySpan<MarketEvent> events);
            if (result.Status != ParseStatus.Done)
                Assert.Fail($"{result} {Encoding.UTF8.GetString(message)}");
            foreach (MarketEvent e in events)
            {
                if (e.Kind == MarketEventKind.Quote)
                    last = e.Side == Side.Buy ? (e.Price.Ticks, last.Ask) : (last.Bid, e.Price.Ticks);
                trades += e.Kind == MarketEventKind.Trade ? 1 : 0;
                if (e.Channel != Channel.Book)
                    continue;
                book.Apply(e);
                deltas += e.Kind == MarketEventKind.BookDelta ? 1 : 0;
                if (e.IsLastInMessage && book.IsValid)
                {
                    checks++;
                    crossed += book.IsCrossed ? 1 : 0;
                }
            }
        }

        jury.CompareCounters();
        Assert.Equal((0L, 0L, 0L), (jury.Parser.Gaps, jury.Parser.RepeatedTrades, crossed));
        Assert.Equal(hasSnapshot, checks > 100 && book.IsValid);
        Assert.Equal(hasSnapshot, deltas > 0);
        Assert.True(trades > 1_000 && (hasSnapshot || jury.Parser.Dropped > 10_000), $"{trades} trades, {jury.Parser.Dropped} dropped");
        if (file == Futures)
            Assert.Equal(last, (book.BestBid.Ticks, book.BestAsk.Ticks));
    }

    /// <summary>A part of each file: the judge takes tens of microseconds a message.</summary>
    [MarketDataTheory(Futures)]
    [InlineData(Futures, "binance-futures", 93_954)]
    [InlineData("hftbacktest/spot/btcusdt_20240808.gz", "binance", 41_249)]
    [InlineData("hftbacktest/spot/ethusdt_20240808.gz", "binance", 8_000)]
    [InlineData("hftbacktest/usdm/btcusdt_20230404.dat.gz", "binance-futures", 13_384)]
    [InlineData("hftbacktest/usdm/btcusdt_20230405.dat.gz", "binance-futures", 8_000)]
    [InlineData("hftbacktest/cm/btcusd_perp_20240808.gz", "binance-delivery", 8_000)]
    [InlineData("collect-binancefutures/btcusdt_20220811.dat.gz", "binance-futures", 1_533)]
    public void TheJudgeReadsARecordingAlike(string file, string venue, int messages)
    {
        ParserJury jury = CreateJury(venue, out _);
        foreach ((UnixNanos time, byte[] message) in RecordedLines.Plain(file).Take(messages))
            jury.Parse(message, time, out _);
        jury.CompareCounters();
        Assert.Equal((messages, 0L, 0L), ((int)jury.Done, jury.Unknown, jury.Invalid));
    }

    [MarketDataFact("cryptofeed/BINANCE.jsonl.gz")]
    public void CryptofeedsRecordingIsReadAsTheJudgeReadsIt()
    {
        ParserJury jury = CreateJury("binance", out BinanceReference judge);
        long snapshots = 0;
        foreach ((UnixNanos time, byte[] message, string? symbol) in RecordedLines.Cryptofeed("cryptofeed/BINANCE.jsonl.gz"))
        {
            judge.SnapshotSymbol = symbol;
            jury.SetSnapshotSymbol(symbol);
            ParseResult result = jury.Parse(message, time, out ReadOnlySpan<MarketEvent> events);
            Assert.NotEqual(ParseStatus.Invalid, result.Status);
            snapshots += events.Length > 0 && events[0].Kind == MarketEventKind.BookClear ? 1 : 0;
        }

        jury.CompareCounters();
        Assert.Equal((4L, 0L), (snapshots, jury.Parser.Gaps));
    }

    [MarketDataFact("cryptofeed/BINANCE-b38f7c.0.gz")]
    public void CryptofeedsOlderRecordingIsReadAsTheJudgeReadsIt()
    {
        ParserJury jury = CreateJury("binance", out _);
        foreach ((UnixNanos time, byte[] message) in RecordedLines.Plain("cryptofeed/BINANCE-b38f7c.0.gz"))
            Assert.NotEqual(ParseStatus.Invalid, jury.Parse(message, time, out _).Status);
        jury.CompareCounters();
        Assert.Equal(11_357, jury.Done + jury.Unknown);
    }

    [MarketDataFact(Futures)]
    public void DamagedRecordedMessagesAreJudgedAlike()
    {
        var random = new Random(8);
        ParserJury jury = CreateJury("binance-futures", out _);
        foreach ((UnixNanos time, byte[] message) in RecordedLines.Plain(Futures).Take(6_000))
        {
            jury.Parse(Mutations.Damaged(message, random), time, out _);
            if (random.Next(8) == 0)
                jury.Parse(Mutations.Shuffled(message, random), time, out _);
            jury.Parse(message, time, out _);
        }

        jury.CompareCounters();
        Assert.True(jury.Invalid > 2_000);
    }

    [MarketDataTheory(Futures)]
    [InlineData(Futures, "binance-futures")]
    [InlineData("hftbacktest/usdm/btcusdt_20230405.dat.gz", "binance-futures")]
    public void AfterTheFirstPassNothingIsAllocated(string file, string venue)
    {
        (UnixNanos Time, byte[] Message)[] messages = [.. RecordedLines.Plain(file).Take(30_000)];
        var parser = new BinanceParser(new InstrumentTable(), venue);
        var output = new MarketEventBuffer();
        for (int pass = 0; pass < 3; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach ((UnixNanos time, byte[] message) in messages)
            {
                output.Clear();
                parser.Parse(message, time, output);
            }

            output.Clear();
            parser.Disconnected(messages[^1].Time, output);
            if (pass == 2)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [MarketDataTheory(Futures)]
    [InlineData(Futures, "binance-futures")]
    [InlineData("hftbacktest/usdm/btcusdt_20230405.dat.gz", "binance-futures")]
    public void AResetParserReadsAsANewOneDoesAndAllocatesNothing(string file, string venue)
    {
        (UnixNanos Time, byte[] Message)[] messages = [.. RecordedLines.Plain(file).Take(20_000)];
        var parser = new BinanceParser(new InstrumentTable(), venue);
        (long Events, long Dropped, ulong Hash) first = default;
        var output = new MarketEventBuffer();
        for (int pass = 0; pass < 3; pass++)
        {
            parser.Reset();
            long before = GC.GetAllocatedBytesForCurrentThread();
            (long Events, long Dropped, ulong Hash) now = default;
            foreach ((UnixNanos time, byte[] message) in messages)
            {
                output.Clear();
                parser.Parse(message, time, output);
                now.Events += output.Count;
                now.Hash = System.IO.Hashing.XxHash3.HashToUInt64(System.Runtime.InteropServices.MemoryMarshal.AsBytes(output.Events), (long)now.Hash);
            }

            now.Dropped = parser.Dropped;
            if (pass == 2)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            first = pass == 0 ? now : first;
            Assert.Equal(first, now);
        }
    }

    private static ParserJury CreateJury(string venue, out BinanceReference judge)
    {
        var instruments = new InstrumentTable();
        BinanceReference created = judge = new BinanceReference(instruments, venue);
        return new ParserJury(instruments, table => new BinanceParser(table, venue), created);
    }
}
