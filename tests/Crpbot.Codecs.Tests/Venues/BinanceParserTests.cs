using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tests.Venues.Reference;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Venues;

public class BinanceParserTests
{
    private static readonly UnixNanos Now = new(1_723_161_255_000_000_000);

    private static readonly string[] Messages =
    [
        Spot(1, 2), Futures(11, 12, 10), Snapshot(5),
        """{"lastUpdateId":7,"E":1723161256501,"T":1723161256493,"symbol":"BTCUSDT","bids":[["61800.2","2.9"]],"asks":[["61800.3","1"],["61800.4","0"]]}""",
        """{"stream":"btcusdt@bookTicker","data":{"u":50,"s":"BTCUSDT","b":"61837.6","B":"3.7","a":"61837.7","A":"1.5"}}""",
        """{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":51,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}}""",
        """{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":7,"p":"61800.30","q":"0.006","X":"MARKET","m":false}}""",
        """{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":8,"p":"0","q":"0","X":"NA","m":false}}""",
        """{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":9,"p":"61837.60000000","q":"0.02000000","b":1,"a":2,"T":1723161255342000,"m":true,"M":true}""",
        """{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1617647603484,"s":"BTCUSDT","a":18938405,"p":"0.2","q":"2062.9","f":23806928,"l":23806928,"T":1617647603483,"m":false,"M":true}}""",
        """{"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1680652701000,"s":"BTCUSDT","p":"28147.27373413","P":"28142.15563565","i":"28159.75642857","r":"0.00002754","T":1680652800000}}""",
        """{"stream":"btcusdt@ticker","data":{"e":"24hrTicker","E":1680652701000,"s":"BTCUSDT","c":"28147.2","o":"1"}}""",
        """{"stream":"btcusdt@openInterest","generated":true,"data":{"symbol":"BTCUSDT","openInterest":"10659.509","time":1589437530011}}""",
        """{"stream":"btcusdt@forceOrder","data":{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014","p":"9910","ap":"9910","X":"FILLED","l":"0.014","z":"0.014","T":1568014460893}}}""",
        """{"result":null,"id":1}""",
        """{"error":{"code":2,"msg":"x"},"id":1}""",
        """{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker"}]}""",
        """{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1,"s":"BTCUSDT","k":{}}}""",
    ];

    public static TheoryData<string> AllTypes => new(Messages);

    private readonly BinanceReference _judge;
    private readonly ParserJury _jury;

    public BinanceParserTests()
    {
        var instruments = new InstrumentTable();
        _judge = new BinanceReference(instruments, "binance-futures");
        _jury = new ParserJury(instruments, table => new BinanceParser(table, "binance-futures"), _judge);
    }

    [Fact]
    public void UpdatesWaitForTheirSnapshotAndFollowIt()
    {
        Assert.Empty(Parse(Spot(1, 3)));
        Assert.Empty(Parse(Spot(4, 6)));
        Assert.Empty(Parse(Spot(7, 9)));
        Assert.Equal(6, _jury.Parser.Dropped);
        MarketEvent[] events = Parse(Snapshot(5));
        Assert.Equal(
            [MarketEventKind.BookClear, MarketEventKind.BookDelta, MarketEventKind.BookDelta, MarketEventKind.BookDelta, MarketEventKind.BookDelta,
                MarketEventKind.BookDelta, MarketEventKind.BookDelta], events.Select(e => e.Kind));
        Assert.Equal([5L, 5, 5, 6, 6, 9, 9], events.Select(e => e.Sequence));
        Assert.Equal([false, false, true, false, true, false, true], events.Select(e => e.IsLastInMessage));
        Assert.Equal(2, _jury.Parser.Dropped);
        Assert.Equal(2, Parse(Spot(10, 10)).Length);
        _jury.CompareCounters();
    }

    [Fact]
    public void ASnapshotOlderThanWhatWaitsIsDropped()
    {
        Parse(Spot(7, 9));
        Assert.Empty(Parse(Snapshot(5)));
        Assert.Equal(4, _jury.Parser.Dropped);
        Assert.Equal(5, Parse(Snapshot(6)).Length);
        _jury.CompareCounters();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AHoleIsAGapOfTheBookUntilTheNextSnapshot(bool futures)
    {
        Parse(futures ? Futures(1, 5, 0) : Spot(1, 5));
        Parse(Snapshot(5));
        Parse(futures ? Futures(8, 9, 5) : Spot(6, 9));
        MarketEvent[] events = Parse(futures ? Futures(15, 20, 12) : Spot(12, 20));
        Assert.Equal((MarketEventKind.Gap, Channel.Book, futures ? 9L : 10L, 12L), (events[0].Kind, events[0].Channel, events[0].Sequence, events[0].Aux));
        Assert.Single(events);
        Assert.Empty(Parse(futures ? Futures(21, 22, 20) : Spot(21, 22)));
        Assert.Equal(3 + 4, Parse(Snapshot(16)).Length);
        Assert.Equal(2, Parse(futures ? Futures(30, 31, 22) : Spot(23, 31)).Length);
        Assert.Equal(1, _jury.Parser.Gaps);
        _jury.CompareCounters();
    }

    [Fact]
    public void OldUpdatesAndLaterSnapshotsAreDropped()
    {
        Parse(Spot(1, 5));
        Parse(Snapshot(5));
        Parse(Spot(6, 9));
        Assert.Empty(Parse(Spot(6, 9)));
        Assert.Empty(Parse(Snapshot(9)));
        Assert.Equal(2, Parse(Spot(10, 11)).Length);
        _jury.CompareCounters();
    }

    [Fact]
    public void ABareSnapshotBelongsToTheOnlySymbolOrToTheNamedOne()
    {
        byte[] bare = """{"lastUpdateId":5,"bids":[["1","1"]],"asks":[]}"""u8.ToArray();
        Assert.Equal(ParseError.MissingField, _jury.Parse(bare, Now, out _).Error);
        Parse(Spot(6, 7));
        _jury.Parse(bare, Now, out ReadOnlySpan<MarketEvent> events);
        Assert.Equal([5L, 5, 7, 7], events.ToArray().Select(e => e.Sequence));

        var parser = (BinanceParser)_jury.Parser;
        var output = new MarketEventBuffer();
        Assert.Equal(ParseResult.Done, parser.ParseSnapshot(bare, "ethusdt"u8, Now, output));
        Assert.Equal("ETHUSDT", _jury.Instruments[output.Events[0].Instrument].Symbol);
    }

    [Fact]
    public void TradesThatAreNotTheMarketsAreSkippedAndTheirIdsCount()
    {
        string trade = MessageWith("\"t\":7");
        Assert.Single(Parse(trade));
        Assert.Empty(Parse(trade.Replace("\"t\":7", "\"t\":8", StringComparison.Ordinal).Replace("MARKET", "INSURANCE_FUND", StringComparison.Ordinal)));
        Assert.Single(Parse(trade.Replace("\"t\":7", "\"t\":9", StringComparison.Ordinal)));
        Assert.Equal([MarketEventKind.Gap, MarketEventKind.Trade], Parse(trade.Replace("\"t\":7", "\"t\":12", StringComparison.Ordinal)).Select(e => e.Kind));
        Assert.Equal((1L, 1L), (_jury.Parser.SkippedTrades, _jury.Parser.Gaps));
    }

    [Fact]
    public void AMarkPriceIsFourExactValues()
    {
        MarketEvent[] events = Parse(MessageWith("markPriceUpdate"));
        Assert.Equal(
            [
                ((int)DerivativeField.FundingRate, 2754L, 8), ((int)DerivativeField.FundingTimestamp, 1680652800000000000L, 0),
                ((int)DerivativeField.IndexPrice, 2815975642857L, 8), ((int)DerivativeField.MarkPrice, 2814727373413L, 8),
            ],
            events.Select(e => (e.Detail, e.Price.Ticks, (int)e.Scale)));
        Assert.Equal([false, false, false, true], events.Select(e => e.IsLastInMessage));
    }

    [Fact]
    public void AggregateTradesAreReadInsteadOfTradesWhenAsked()
    {
        string aggregate = MessageWith("\"aggTrade\"");
        string trade = MessageWith("\"t\":7");
        var instruments = new InstrumentTable();
        var jury = new ParserJury(instruments, table => new BinanceParser(table, "binance", true), new BinanceReference(instruments, "binance", true));
        Assert.Equal(ParseStatus.Done, jury.Parse(Encoding.UTF8.GetBytes(aggregate), Now, out ReadOnlySpan<MarketEvent> events).Status);
        Assert.Equal((MarketEventKind.Trade, Side.Buy, 18938405L), (events[0].Kind, events[0].Side, events[0].Sequence));
        Assert.Equal(ParseStatus.Unknown, jury.Parse(Encoding.UTF8.GetBytes(trade), Now, out _).Status);
        Assert.Equal(ParseStatus.Unknown, _jury.Parse(Encoding.UTF8.GetBytes(aggregate), Now, out _).Status);
    }

    [Theory]
    [InlineData("\"61837.60000000\"", "\"61837.601\"", ParseError.NotAWholeTick)]
    [InlineData("0.02000000", "0.0002", ParseError.NotAWholeLot)]
    [InlineData("0.02000000", "-1", ParseError.NotPositive)]
    [InlineData("0.02000000", "NaN", ParseError.InvalidNumber)]
    [InlineData("1723161255342000", "0", ParseError.InvalidTime)]
    [InlineData("1723161255342000", "1.5", ParseError.InvalidNumber)]
    [InlineData("\"m\":true", "\"m\":1", ParseError.WrongType)]
    [InlineData("\"t\":9,", "", ParseError.MissingField)]
    public void ATradeThatSaysNothingSensibleIsRefusedWithTheReason(string part, string replacement, ParseError error)
    {
        string trade = MessageWith("\"t\":9");
        ParseResult result = _jury.Parse(Encoding.UTF8.GetBytes(trade.Replace(part, replacement, StringComparison.Ordinal)), Now, out _);
        Assert.Equal((ParseStatus.Invalid, error), (result.Status, result.Error));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void EveryTruncationIsRefusedAndLeavesNoTrace(string message)
    {
        Parse(Spot(1, 2));
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
        for (int i = 0; i < 2_000; i++)
        {
            byte[] text = random.Next(4) == 0 ? Mutations.Shuffled(whole, random) : whole;
            text = random.Next(4) == 0 ? Mutations.Spaced(text, random) : text;
            text = random.Next(8) != 0 ? Mutations.Damaged(text, random) : text;
            _jury.Parse(text, Now, out _);
            if (i % 100 == 99)
                _jury.Disconnect(Now);
            if (i % 100 == 50)
                _jury.Parse(Encoding.UTF8.GetBytes(Snapshot(4)), Now, out _);
        }

        _jury.CompareCounters();
    }

    [Fact]
    public void RandomOrdersOfUpdatesAndSnapshotsAreJudgedAlike()
    {
        var random = new Random(9);
        for (int round = 0; round < 300; round++)
        {
            long id = 1;
            bool futures = random.Next(2) == 0;
            for (int i = 0; i < 60; i++)
            {
                long first = id + (random.Next(12) == 0 ? random.Next(-4, 5) : 0);
                long last = first + random.Next(0, 4);
                string message = random.Next(8) == 0 ? Snapshot(Math.Max(1, id + random.Next(-6, 3))) : futures ? Futures(first, last, first - 1) : Spot(first, last);
                if (!message.Contains("lastUpdateId", StringComparison.Ordinal))
                    id = last + 1;
                _jury.Parse(Encoding.UTF8.GetBytes(message), Now, out _);
            }

            _jury.CompareCounters();
            _jury.Disconnect(Now);
        }

        Assert.True(_jury.Parser.Gaps > 300);
    }

    [Fact]
    public void WhatWaitsIsBounded()
    {
        for (int i = 0; i < 5_000; i++)
            Parse(Spot(i * 2 + 1, i * 2 + 2));
        Assert.Equal(10_000, _jury.Parser.Dropped);
        Assert.True(((BinanceParser)_jury.Parser).Waiting <= 2 * 2_048);
        Parse(Snapshot(9_990));
        _jury.CompareCounters();
        Assert.Equal(9_990, _jury.Parser.Dropped);
    }

    private static string MessageWith(string part) => Messages.First(m => m.Contains(part, StringComparison.Ordinal));

    private static string Spot(long first, long last) =>
        $$$"""{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":{{{first}}},"u":{{{last}}},"b":[["61737.60000000","0.00000000"]],"a":[["61837.70","1.5"]]}}""";

    private static string Futures(long first, long last, long previous) =>
        $$$"""{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":{{{first}}},"u":{{{last}}},"pu":{{{previous}}},"b":[["58710.20","0.014"]],"a":[["61837.70","0"]]}}""";

    private static string Snapshot(long id) =>
        $$$"""{"stream":"btcusdt@depthSnapshot","generated":true,"data":{"lastUpdateId":{{{id}}},"bids":[["61837.6","3.788"]],"asks":[["61837.7","1.5"],["61838","0"]]}}""";

    private MarketEvent[] Parse(string message)
    {
        Assert.Equal(ParseStatus.Done, _jury.Parse(Encoding.UTF8.GetBytes(message), Now, out ReadOnlySpan<MarketEvent> events).Status);
        return events.ToArray();
    }
}
