using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Tests.Venues;
using Crpbot.Codecs.Tests.Venues.Reference;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Tardis;

public class TardisMessageParserTests
{
    private const string Stamps = "\"timestamp\":\"2021-05-01T00:00:02.900Z\",\"localTimestamp\":\"2021-05-01T00:00:03.000001Z\"";
    private const string Trade = $$"""{"type":"trade","symbol":"BTC-USD","exchange":"coinbase","id":"7","price":100.1,"amount":1e-8,"side":"buy",{{Stamps}}}""";
    private const string Snapshot = $$"""{"type":"book_change","symbol":"BTC-USD","exchange":"coinbase","isSnapshot":true,"bids":[{"price":100,"amount":2.00000001},{"price":99,"amount":0}],"asks":[{"price":100.1,"amount":1.5},{"price":101,"amount":null}],{{Stamps}}}""";
    private const string Change = $$"""{"type":"book_change","symbol":"BTC-USD","exchange":"coinbase","isSnapshot":false,"bids":[{"price":100,"amount":0}],"asks":[],{{Stamps}}}""";
    private const string Depth = $$"""{"type":"book_snapshot","symbol":"ETH-USD","exchange":"coinbase","name":"book_snapshot_2_100ms","depth":2,"interval":100,"bids":[{"price":5,"amount":1},{}],"asks":[{"price":6,"amount":1},{"price":7,"amount":2}],{{Stamps}}}""";
    private const string Quote = $$"""{"type":"book_snapshot","symbol":"BTC-USD","exchange":"coinbase","name":"quote","depth":1,"interval":0,"bids":[{"price":5,"amount":1}],"asks":[{"price":6,"amount":1}],{{Stamps}}}""";
    private static readonly UnixNanos Now = new(1_619_827_205_000_000_000);

    private static readonly string[] Messages =
    [
        Trade, Trade.Replace("1e-8", "0.25", StringComparison.Ordinal), Snapshot, Snapshot.Replace(",{\"price\":101,\"amount\":null}", "", StringComparison.Ordinal), Change, Depth, Quote,
        $$"""{"type":"trade","symbol":"XBTUSD","exchange":"bitmex","id":"ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf","price":8531.5,"amount":2152,"side":"unknown",{{Stamps}}}""",
        $$"""{"type":"book_ticker","symbol":"BTC-USD","exchange":"coinbase","askAmount":1,"askPrice":6,"bidPrice":5,"bidAmount":2,{{Stamps}}}""",
        $$"""{"type":"derivative_ticker","symbol":"BTCUSDT","exchange":"binance-futures","lastPrice":5.5,"openInterest":9007199254740992,"fundingRate":1e-8,"fundingTimestamp":"2021-05-01T08:00:00.000Z","predictedFundingRate":-0.0001,"indexPrice":5.25,"markPrice":5.125,{{Stamps}}}""",
        $$"""{"type":"liquidation","symbol":"BTCUSDT","exchange":"binance-futures","price":5,"amount":1,"side":"sell",{{Stamps}}}""",
        """{"type":"disconnect","exchange":"coinbase","localTimestamp":"2021-05-01T00:00:03.000000Z"}""",
        """{"type":"disconnect","exchange":"coinbase","localTimestamp":"2021-05-01T00:00:03.000000Z","symbols":["BTC-USD","X"]}""",
        """{"type":"error","exchange":"coinbase","localTimestamp":"2021-05-01T00:00:03.000000Z","details":"x","subSequentErrorsCount":1}""",
        $$"""{"type":"trade_bar","symbol":"BTC-USD","exchange":"coinbase","name":"trade_bar_1m","open":1,{{Stamps}}}""",
    ];

    private readonly ParserJury _jury = CreateJury();

    public static TheoryData<string> AllTypes => new(Messages);

    [Fact]
    public void ATradeIsExactAndItsIdsAreWatched()
    {
        MarketEvent trade = Assert.Single(Parse(Trade));
        Assert.Equal((Side.Buy, 10010L, 1L, 7L), (trade.Side, trade.Price.Ticks, trade.Quantity.Lots, trade.Sequence));
        Assert.Empty(Parse(Trade));
        Assert.Equal([MarketEventKind.Gap, MarketEventKind.Trade], Parse(Trade.Replace("\"7\"", "\"9\"", StringComparison.Ordinal)).Select(e => e.Kind));
    }

    /// <summary>2^53 and 2^53 + 1 are one double, so the server sends the same id for two trades in a row.</summary>
    [Fact]
    public void TradesAreNotRepeatedWhereDoublesCannotTellTheirIdsApart()
    {
        string last = Trade.Replace("\"7\"", "\"9007199254740991\"", StringComparison.Ordinal);
        string inexact = Trade.Replace("\"7\"", "\"9007199254740992\"", StringComparison.Ordinal);
        Assert.Single(Parse(last));
        Assert.Empty(Parse(last));
        Assert.Equal([9_007_199_254_740_992, 9_007_199_254_740_992], new[] { inexact, inexact }.SelectMany(Parse).Select(e => e.Sequence));
        _jury.CompareCounters();
    }

    [Fact]
    public void ATextIdStandsInTheTable()
    {
        var table = new TextIdTable();
        var output = new MarketEventBuffer();
        var parser = new TardisMessageParser(new InstrumentTable(), table);
        Assert.Equal(ParseResult.Done, parser.Parse(Encoding.UTF8.GetBytes(Messages[7]), Now, output));
        Assert.True(output.Events[0].Flags.HasFlag(MarketEventFlags.TextId));
        Assert.Equal("ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf", Encoding.UTF8.GetString(table.Get(output.Events[0].Sequence)));
    }

    [Fact]
    public void WithoutAReceiveTimeTheMessagesOwnIsUsed()
    {
        _jury.Parse(Encoding.UTF8.GetBytes(Trade), UnixNanos.None, out ReadOnlySpan<MarketEvent> events);
        Assert.Equal((1_619_827_203_000_001_000, 1_619_827_202_900_000_000), (events[0].ReceiveTime.Value, events[0].ExchangeTime.Value));
    }

    [Fact]
    public void ASnapshotLeavesOutLevelsWithoutAmount()
    {
        Assert.Empty(Parse(Change));
        Assert.Equal([MarketEventKind.BookClear, MarketEventKind.BookDelta, MarketEventKind.BookDelta], Parse(Snapshot).Select(e => e.Kind));
        Assert.Single(Parse(Change));
        Assert.Equal((1L, 1L), (_jury.Parser.Dropped, _jury.Parser.DroppedLevels));
    }

    [Fact]
    public void ADepthSnapshotIsABookUnlessTheBookComesByChanges()
    {
        Assert.Equal(4, Parse(Depth).Length);
        Assert.Equal([Channel.Quotes, Channel.Quotes], Parse(Quote).Select(e => e.Channel));
        Parse(Snapshot.Replace("BTC", "ETH", StringComparison.Ordinal));
        Assert.Empty(Parse(Depth));
        Assert.Equal(3, _jury.Parser.Dropped);
    }

    [Fact]
    public void ADisconnectOfTheServerForgetsThatExchange()
    {
        Parse(Snapshot);
        Parse(Trade);
        Parse(Messages[7]);
        MarketEvent lost = Assert.Single(Parse(Messages[11]));
        Assert.Equal(MarketEventKind.Disconnect, lost.Kind);
        Assert.Empty(Parse(Change));
        Assert.Empty(Parse(Messages[11].Replace("coinbase", "kraken", StringComparison.Ordinal)));
        _jury.Disconnect(Now);
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
        for (int i = 0; i < 2_000; i++)
        {
            byte[] text = random.Next(4) == 0 ? Mutations.Shuffled(whole, random) : whole;
            text = random.Next(4) == 0 ? Mutations.Spaced(text, random) : text;
            text = random.Next(8) != 0 ? Mutations.Damaged(text, random) : text;
            _jury.Parse(text, random.Next(4) == 0 ? UnixNanos.None : Now, out _);
            if (i % 100 == 99)
                _jury.Disconnect(Now);
            if (i % 100 == 50)
                _jury.Parse(Encoding.UTF8.GetBytes(Snapshot), Now, out _);
        }

        _jury.CompareCounters();
    }

    /// <summary>The expected side of the mapped captures is what tardis-machine would send.</summary>
    [MarketDataTheory("tardis-mapped-captures/coinbase.part1.jsonl.gz", "tardis-mapped-captures/binance.jsonl.gz")]
    [InlineData("tardis-mapped-captures/coinbase.part1.jsonl.gz")]
    [InlineData("tardis-mapped-captures/binance.jsonl.gz")]
    public void EveryMappedMessageIsReadAsTheJudgeReadsIt(string file)
    {
        using var reader = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(MarketData.Path(file)), System.IO.Compression.CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            foreach (JsonElement expected in document.RootElement.GetProperty("expected").EnumerateArray())
            {
                byte[] message = Encoding.UTF8.GetBytes(expected.GetRawText());
                Assert.Equal(ParseStatus.Done, _jury.Parse(message, UnixNanos.None, out _).Status);
            }
        }

        _jury.CompareCounters();
        Assert.True(_jury.Done > 200);
        Assert.Equal((0L, 0L), (_jury.Parser.Gaps, _jury.Parser.RepeatedTrades));
    }

    [Fact]
    public void AfterTheFirstPassNothingIsAllocated()
    {
        byte[][] messages = [.. Messages.Select(Encoding.UTF8.GetBytes)];
        var parser = new TardisMessageParser(new InstrumentTable(), new TextIdTable());
        var output = new MarketEventBuffer();
        for (int pass = 0; pass < 3; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
            {
                output.Clear();
                parser.Parse(messages[i % messages.Length], Now, output);
            }

            parser.Disconnected(Now, output);
            if (pass == 2)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static ParserJury CreateJury()
    {
        var instruments = new InstrumentTable();
        return new ParserJury(instruments, table => new TardisMessageParser(table, new TextIdTable()), new TardisReference(instruments));
    }

    private MarketEvent[] Parse(string message)
    {
        Assert.Equal(ParseStatus.Done, _jury.Parse(Encoding.UTF8.GetBytes(message), Now, out ReadOnlySpan<MarketEvent> events).Status);
        return events.ToArray();
    }
}
