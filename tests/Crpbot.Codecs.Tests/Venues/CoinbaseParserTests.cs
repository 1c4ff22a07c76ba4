using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tests.Venues.Reference;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Venues;

public class CoinbaseParserTests
{
    private const string Recording = "cryptofeed/COINBASE.ws.28.0.part1.gz";
    private const string Snapshot = """{"type":"snapshot","product_id":"BTC-USD","asks":[["100.20","1.5"],["100.30","0"]],"bids":[["100.10","2.00000001"],["100.00","0.-10000"]]}""";
    private const string SnapshotWithTime = """{"type":"snapshot","product_id":"BTC-USD","bids":[["100.10","2.00000001"],["99","0.00"]],"asks":[["100.20","1.5"]],"time":"2021-05-01T00:00:01.5Z"}""";
    private const string Change = """{"type":"l2update","product_id":"BTC-USD","changes":[["buy","100.10","0.00000000"],["sell","100.15","3"]],"time":"2021-05-01T00:00:02.900000Z"}""";
    private const string Match = """{"type":"match","trade_id":7,"maker_order_id":"a","taker_order_id":"b","side":"sell","size":"0.00000001","price":"100.10","product_id":"BTC-USD","sequence":6,"time":"2021-05-01T00:00:02.400001Z"}""";
    private const string Ticker = """{"type":"ticker","sequence":9,"product_id":"BTC-USD","price":"100.1","open_24h":"1","volume_24h":"1","low_24h":"1","high_24h":"1","volume_30d":"1","best_bid":"100.10","best_bid_size":"0.5","best_ask":"100.20","best_ask_size":"7","side":"buy","time":"2021-05-01T00:00:03.1Z","trade_id":7,"last_size":"1"}""";
    private const string Heartbeat = """{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2021-05-01T00:00:04Z"}""";
    private static readonly UnixNanos Now = new(1_619_827_205_000_000_000);

    public static readonly TheoryData<string> AllTypes =
    [
        Snapshot, SnapshotWithTime, Change, Match, Match.Replace("match", "last_match", StringComparison.Ordinal), Ticker, Heartbeat,
        """{"type":"subscriptions","channels":[{"name":"level2","product_ids":["BTC-USD"]}]}""",
        """{"type":"error","message":"Failed to subscribe","reason":"x"}""",
        """{"type":"received","product_id":"BTC-USD","order_id":"d50ec984"}""",
    ];

    private readonly ParserJury _jury = CreateJury();

    [Fact]
    public void ATradeCarriesTheAggressorsSide()
    {
        MarketEvent trade = Parse(Match)[^1];
        Assert.Equal((MarketEventKind.Trade, Side.Buy, 10010L, 1L, 7L), (trade.Kind, trade.Side, trade.Price.Ticks, trade.Quantity.Lots, trade.Sequence));
        Assert.Equal(1_619_827_202_400_001_000, trade.ExchangeTime.Value);
        Assert.Equal(Now, trade.ReceiveTime);
        Assert.True(trade.IsLastInMessage);
        Assert.Equal(Side.Sell, Parse(Match.Replace("sell", "buy", StringComparison.Ordinal).Replace(":7,", ":8,", StringComparison.Ordinal))[^1].Side);
    }

    [Fact]
    public void ASnapshotClearsTheBookAndLeavesUnusableLevelsOut()
    {
        MarketEvent[] events = Parse(Snapshot);
        Assert.Equal([MarketEventKind.BookClear, MarketEventKind.BookDelta, MarketEventKind.BookDelta], events.Select(e => e.Kind));
        Assert.Equal([(Side.Sell, 10020L), (Side.Buy, 10010L)], events[1..].Select(e => (e.Side, e.Price.Ticks)));
        Assert.All(events, e => Assert.True(e.IsSnapshot && e.Flags.HasFlag(MarketEventFlags.NoExchangeTime)));
        Assert.Equal([false, false, true], events.Select(e => e.IsLastInMessage));
        Assert.Equal(1, _jury.Parser.DroppedLevels);
    }

    [Fact]
    public void AChangeBeforeItsSnapshotIsDropped()
    {
        Assert.Empty(Parse(Change));
        Assert.Equal(2, _jury.Parser.Dropped);
        Parse(Snapshot);
        MarketEvent[] events = Parse(Change);
        Assert.Equal([(Side.Buy, 10010L, 0L), (Side.Sell, 10015L, 300_000_000L)], events.Select(e => (e.Side, e.Price.Ticks, e.Quantity.Lots)));
        Assert.Equal([false, true], events.Select(e => e.IsLastInMessage));
        Assert.Equal(2, _jury.Parser.Dropped);
    }

    [Fact]
    public void AJumpOfTradeIdsIsAGapBeforeTheTrade()
    {
        Parse(Match);
        MarketEvent[] events = Parse(Match.Replace(":7,", ":10,", StringComparison.Ordinal));
        Assert.Equal([MarketEventKind.Gap, MarketEventKind.Trade], events.Select(e => e.Kind));
        Assert.Equal((8L, 10L, Channel.Trades, true), (events[0].Sequence, events[0].Aux, events[0].Channel, events[0].IsLastInMessage));
        Assert.Empty(Parse(Match.Replace(":7,", ":9,", StringComparison.Ordinal)));
        Assert.Equal((1L, 1L), (_jury.Parser.Gaps, _jury.Parser.RepeatedTrades));
    }

    [Fact]
    public void ALastMatchIsNoTradeButTellsWhichIdComesNext()
    {
        Assert.Empty(Parse(Match.Replace("match", "last_match", StringComparison.Ordinal)));
        Assert.Equal([MarketEventKind.Gap, MarketEventKind.Trade], Parse(Match.Replace(":7,", ":9,", StringComparison.Ordinal)).Select(e => e.Kind));
    }

    [Fact]
    public void GosZeroTimeBecomesThePreviousOneOrDropsTheChange()
    {
        string timeless = Change.Replace("2021-05-01T00:00:02.900000Z", "0001-01-01T00:00:00.000000Z", StringComparison.Ordinal);
        Parse(Snapshot);
        Assert.Empty(Parse(timeless));
        Assert.Equal(2, _jury.Parser.Dropped);
        long time = Parse(Change)[0].ExchangeTime.Value;
        Assert.Equal([time, time], Parse(timeless).Select(e => e.ExchangeTime.Value));
    }

    [Fact]
    public void ATickerIsTwoQuotes()
    {
        MarketEvent[] events = Parse(Ticker);
        Assert.Equal([(Side.Buy, 10010L, 50_000_000L, 9L), (Side.Sell, 10020L, 700_000_000L, 9L)], events.Select(e => (e.Side, e.Price.Ticks, e.Quantity.Lots, e.Sequence)));
        string old = Ticker.Replace("\"best_bid_size\":\"0.5\",", "", StringComparison.Ordinal).Replace("\"best_ask_size\":\"7\",", "", StringComparison.Ordinal);
        Assert.Equal([0L, 0L], Parse(old).Select(e => e.Quantity.Lots));
        Assert.Equal([Side.Buy], Parse(Ticker.Replace("100.20", "0", StringComparison.Ordinal)).Select(e => e.Side));
    }

    [Fact]
    public void ALostConnectionForgetsBooksAndIds()
    {
        Parse(Snapshot);
        Parse(Match);
        _jury.Disconnect(Now);
        Assert.Empty(Parse(Change));
        Assert.Equal([MarketEventKind.Trade], Parse(Match.Replace(":7,", ":90,", StringComparison.Ordinal)).Select(e => e.Kind));
        _jury.Disconnect(Now);
        _jury.CompareCounters();
    }

    [Theory]
    [InlineData("\"100.10\"", "\"100.101\"", ParseError.NotAWholeTick)]
    [InlineData("\"100.10\"", "\"0\"", ParseError.NotPositive)]
    [InlineData("\"100.10\"", "\"abc\"", ParseError.InvalidNumber)]
    [InlineData("\"100.10\"", "true", ParseError.WrongType)]
    [InlineData("\"100.10\"", "\"99999999999999999999\"", ParseError.NumberOutOfRange)]
    [InlineData("0.00000001", "0.000000001", ParseError.NotAWholeLot)]
    [InlineData("0.00000001", "-1", ParseError.NotPositive)]
    [InlineData("\"sell\"", "\"short\"", ParseError.InvalidSide)]
    [InlineData("BTC-USD", "BTC USD", ParseError.InvalidSymbol)]
    [InlineData("BTC-USD", "", ParseError.InvalidSymbol)]
    [InlineData("2021-05-01T", "2021-05-32T", ParseError.InvalidTime)]
    [InlineData("\"trade_id\":7,", "", ParseError.MissingField)]
    [InlineData("\"trade_id\":7,", "\"trade_id\":7,\"trade_id\":7,", ParseError.DuplicateField)]
    [InlineData("\"trade_id\":7,", "\"trade_id\":7.5,", ParseError.InvalidNumber)]
    [InlineData("\"trade_id\":7,", "\"trade_id\":9223372036854775808,", ParseError.NumberOutOfRange)]
    public void AMatchThatSaysNothingSensibleIsRefusedWithTheReason(string part, string replacement, ParseError error)
    {
        ParseResult result = _jury.Parse(Encoding.UTF8.GetBytes(Match.Replace(part, replacement, StringComparison.Ordinal)), Now, out var events);
        Assert.Equal((ParseStatus.Invalid, error), (result.Status, result.Error));
        Assert.True(events.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void EveryTruncationIsRefusedAndLeavesNoTrace(string message)
    {
        Parse(Snapshot);
        byte[] whole = Encoding.UTF8.GetBytes(message);
        for (int length = 0; length < whole.Length; length++)
            Assert.Equal(ParseStatus.Invalid, _jury.Parse(whole.AsSpan(0, length), Now, out _).Status);
        Assert.NotEqual(ParseStatus.Invalid, _jury.Parse(whole, Now, out _).Status);
        _jury.CompareCounters();
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void ShuffledSpacedAndDamagedMessagesAreJudgedAlike(string message)
    {
        var random = new Random(message.Length);
        byte[] whole = Encoding.UTF8.GetBytes(message);
        Parse(Snapshot);
        for (int i = 0; i < 4_000; i++)
        {
            byte[] text = random.Next(4) == 0 ? Mutations.Shuffled(whole, random) : whole;
            text = random.Next(4) == 0 ? Mutations.Spaced(text, random) : text;
            text = random.Next(8) != 0 ? Mutations.Damaged(text, random) : text;
            _jury.Parse(text, Now, out _);
            if (i % 500 == 499)
                _jury.Disconnect(Now);
        }

        _jury.CompareCounters();
        Assert.True(_jury.Invalid > 500 && _jury.Done + _jury.Unknown > 400, $"{_jury.Invalid} refused, {_jury.Done} done, {_jury.Unknown} unknown");
    }

    [MarketDataFact(Recording)]
    public void EveryRecordedMessageIsReadAsTheJudgeReadsIt()
    {
        long trades = 0, levels = 0, quotes = 0;
        foreach ((UnixNanos time, byte[] message) in RecordedLines.Plain(Recording))
        {
            if (message.AsSpan().StartsWith("{\"type\":\"subscribe\""u8))
                continue;
            Assert.Equal(ParseStatus.Done, _jury.Parse(message, time, out ReadOnlySpan<MarketEvent> events).Status);
            foreach (MarketEvent e in events)
            {
                trades += e.Kind == MarketEventKind.Trade ? 1 : 0;
                levels += e.Kind == MarketEventKind.BookDelta ? 1 : 0;
                quotes += e.Kind == MarketEventKind.Quote ? 1 : 0;
            }
        }

        _jury.CompareCounters();
        Assert.Equal((3996L, 0L), (_jury.Done, _jury.Invalid));
        Assert.Equal((27L, 74L, 0L, 0L), (trades, quotes, _jury.Parser.Gaps, _jury.Parser.Dropped));
        Assert.True(levels > 3909);
    }

    [MarketDataFact(Recording)]
    public void DamagedRecordedMessagesAreJudgedAlike()
    {
        var random = new Random(28);
        foreach ((UnixNanos time, byte[] message) in RecordedLines.Plain(Recording))
        {
            if (message.Length > 2_000 && random.Next(4) != 0)
                continue;
            _jury.Parse(Mutations.Damaged(message, random), time, out _);
            _jury.Parse(Mutations.Shuffled(message, random), time, out _);
            _jury.Parse(message, time, out _);
        }

        _jury.CompareCounters();
        Assert.True(_jury.Invalid > 1_000);
    }

    [MarketDataFact(Recording)]
    public void AfterTheFirstPassNothingIsAllocated()
    {
        (UnixNanos Time, byte[] Message)[] messages = [.. RecordedLines.Plain(Recording)];
        var parser = new CoinbaseParser(new InstrumentTable());
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

    private static ParserJury CreateJury()
    {
        var instruments = new InstrumentTable();
        return new ParserJury(instruments, table => new CoinbaseParser(table), new CoinbaseReference(instruments));
    }

    private MarketEvent[] Parse(string message)
    {
        Assert.Equal(ParseStatus.Done, _jury.Parse(Encoding.UTF8.GetBytes(message), Now, out ReadOnlySpan<MarketEvent> events).Status);
        return events.ToArray();
    }
}
