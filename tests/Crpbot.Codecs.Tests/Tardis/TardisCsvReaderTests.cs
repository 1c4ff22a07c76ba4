using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Tests.Recordings;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Tardis;

public class TardisCsvReaderTests
{
    private const string TradesHeader = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n";
    private const string BookHeader = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";

    [Fact]
    public void ATradeKeepsEveryField()
    {
        MarketEvent trade = Assert.Single(CsvEvents.Read(TradesHeader + "binance,btcusdt,1723161255342000,1723161254087896,3735683259,sell,61837.63,2e-2\n").Events);
        Assert.Equal((MarketEventKind.Trade, Channel.Trades, Side.Sell), (trade.Kind, trade.Channel, trade.Side));
        Assert.Equal((6_183_763, 2_000_000, 3735683259), (trade.Price.Ticks, trade.Quantity.Lots, trade.Sequence));
        Assert.Equal((1723161255342000_000, 1723161254087896_000), (trade.ExchangeTime.Value, trade.ReceiveTime.Value));
        Assert.Equal(MarketEventFlags.LastInMessage, trade.Flags);
    }

    [Theory]
    [InlineData("", 0, MarketEventFlags.NoSequence)]
    [InlineData("0", 0, MarketEventFlags.None)]
    [InlineData("9223372036854775807", long.MaxValue, MarketEventFlags.None)]
    [InlineData("9223372036854775808", 0, MarketEventFlags.TextId)]
    [InlineData("007", 0, MarketEventFlags.TextId)]
    [InlineData("ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf", 0, MarketEventFlags.TextId)]
    public void ATradeIdIsANumberOnlyIfItIsWrittenAsOne(string id, long sequence, MarketEventFlags flags)
    {
        var textIds = new TextIdTable();
        byte[] file = Encoding.UTF8.GetBytes(TradesHeader + $"bitmex,XBTUSD,1583020803145000,1583020803307160,{id},unknown,8531.5,2152\n");
        MarketEvent trade = Assert.Single(CsvEvents.Read(file, new InstrumentTable(), textIds).Events);
        Assert.Equal((sequence, flags | MarketEventFlags.LastInMessage), (trade.Sequence, trade.Flags));
        if (flags == MarketEventFlags.TextId)
            Assert.Equal(id, Encoding.UTF8.GetString(textIds.Get(trade.Sequence)));
    }

    [Fact]
    public void RowsOfOneLocalTimeAreOneMessage()
    {
        CsvEvents book = CsvEvents.Read(BookHeader + Level(1, "true", "bid", 5, 1) + Level(2, "false", "bid", 5, 2) + Level(2, "false", "ask", 6, 3) + Level(3, "false", "ask", 6, 0));
        Assert.Equal([2, 2, 1], book.Messages.Select(message => message.Length));
        foreach (MarketEvent[] message in book.Messages)
            Assert.Equal([.. Enumerable.Repeat(false, message.Length - 1), true], message.Select(e => e.IsLastInMessage));
    }

    [Fact]
    public void ASnapshotBeginsWithABookClear()
    {
        CsvEvents book = CsvEvents.Read(BookHeader
            + Level(1, "false", "bid", 4, 1) + Level(1, "false", "bid", 5, 1)
            + Level(2, "true", "bid", 5, 1) + Level(2, "true", "ask", 6, 1) + Level(2, "false", "ask", 6, 2)
            + Level(3, "true", "bid", 7, 1) + Level(4, "true", "bid", 8, 1) + Level(4, "true", "ask", 9, 0));
        Assert.Equal(2, book.Dropped);
        Assert.Equal(["C56", "6", "C7", "C89"], book.Messages.Select(Draw));
        Assert.All(book.Messages[0], e => Assert.True(e.IsSnapshot));
        Assert.False(book.Messages[1][0].IsSnapshot);
        Assert.Equal(0, book.Messages[3][2].Quantity.Lots);
    }

    [Fact]
    public void EachSymbolHasItsOwnSnapshots()
    {
        CsvEvents book = CsvEvents.Read(BookHeader + Level(1, "true", "bid", 5, 1) + Level(1, "true", "bid", 6, 1, "OTHER") + Level(1, "true", "ask", 7, 1, "OTHER")
            + Level(1, "true", "bid", 4, 1) + Level(2, "false", "ask", 8, 1, "THIRD"));
        Assert.Equal(["C5", "C67", "4"], book.Messages.Select(Draw));
        Assert.Equal(1, book.Dropped);
    }

    [Fact]
    public void BestPricesBecomeOneEventASide()
    {
        const string Header = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n";
        CsvEvents quotes = CsvEvents.Read(Header + "x,S,1600000000000001,1600000000000002,1.5,11,10,2\nx,S,1600000000000001,1600000000000002,,11,,\nx,S,1600000000000001,1600000000000002,,,,\n",
            options: new TardisCsvOptions { Type = TardisCsvType.Quotes });
        Assert.Equal(2, quotes.Messages.Count);
        Assert.Equal([Side.Buy, Side.Sell], quotes.Messages[0].Select(e => e.Side));
        Assert.All(quotes.Events, e => Assert.True((e.Flags & MarketEventFlags.Derived) != 0));
        Assert.Equal((Side.Sell, 0L), (quotes.Messages[1][0].Side, quotes.Messages[1][0].Quantity.Lots));
        Assert.Equal(1, quotes.Dropped);
    }

    [Fact]
    public void ADerivativeTickerBecomesOneEventAField()
    {
        const string Header = "exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price\n";
        MarketEvent[] fields = Assert.Single(CsvEvents.Read(Header + "x,S,1600000000000001,1600000000000002,1600000000000000,-0.000125,,75123.4560,,,61805.1\n").Messages);
        Assert.Equal(
            [(DerivativeField.FundingTimestamp, 1600000000000000_000, 0), (DerivativeField.FundingRate, -125, 6), (DerivativeField.OpenInterest, 75123456, 3), (DerivativeField.MarkPrice, 618051, 1)],
            fields.Select(e => ((DerivativeField)e.Detail, e.Price.Ticks, (int)e.Scale)));
    }

    [Fact]
    public void ColumnsAreFoundByNameWhateverTheirOrder()
    {
        MarketEvent trade = Assert.Single(CsvEvents.Read("price,new_column,amount,local_timestamp,symbol,exchange,side\n8.5,?,1,1600000000000002,S,x,buy\n").Events);
        Assert.Equal((8_5000_0000, 1600000000000002_000), (trade.Price.Ticks, trade.ExchangeTime.Value));
        Assert.Equal(MarketEventFlags.NoExchangeTime | MarketEventFlags.NoSequence | MarketEventFlags.LastInMessage, trade.Flags);
    }

    [Fact]
    public void ABrokenRowIsRefusedWithLineAndFieldAndReadingGoesOn()
    {
        CsvEvents trades = CsvEvents.Read(TradesHeader
            + "binance,BTCUSDT,1723161255342000,1723161254087896,1,sell,61837.63,0.02\n"
            + "binance,BTCUSDT,1723161255342000,1723161254087897,2,sell,61837.631,0.02\n"
            + "binance,BTCUSDT,1723161255342000,1723161254087898,3,sell,61837.63,0.000000001\n"
            + "binance,BTCUSDT,1723161255342000,soon,4,sell,61837.63,0.02\n"
            + "binance,BTCUSDT,1723161255342000,1723161254087899,5,both,61837.63,0.02\n"
            + "binance,BTCUSDT,1723161255342000\n"
            + "binance,BTCUSDT,1723161255342000,1723161254087899,5,buy,61837.63,0.02,more\n"
            + "binance,BTCUSDT,1723161255342000,1723161254087899,5,buy,,0.02\n"
            + "\n"
            + "binance,BTCUSDT,1723161255342000,1723161254087899,6,buy,-1,0.02\n"
            + "binance,BTCUSDT,1723161255342000,1723161254087899,7,buy,61837.63,0.02\r\n");
        Assert.Equal([1L, 7L], trades.Events.Select(e => e.Sequence));
        Assert.Equal((10L, 8L), (trades.Rows, trades.Refused));
        Assert.Equal(
            [(3, "price"), (4, "amount"), (5, "local_timestamp"), (6, "side"), (7, ""), (8, ""), (9, "price"), (11, "price")],
            trades.Damage.Select(d => ((int)d.Line, d.Field)));
        Assert.Equal("line 3: price: NotAWholeTick", trades.Damage[0].ToString());
    }

    [Fact]
    public void OnlyTheFirstTwentyRefusalsAreKept()
    {
        CsvEvents trades = CsvEvents.Read(TradesHeader + string.Concat(Enumerable.Repeat("nonsense\n", 50)));
        Assert.Equal((50, 20), (trades.Refused, trades.Damage.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("exchange,symbol,timestamp,local_timestamp,id,side,price,amount")]
    [InlineData("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\r\n")]
    public void ADayWithoutDataIsNoError(string text)
    {
        foreach (byte[] file in new[] { Encoding.UTF8.GetBytes(text), RecordedFrame.Gzip(text) })
        {
            CsvEvents trades = CsvEvents.Read(file, new InstrumentTable(), new TextIdTable(), name: "binance_trades_2024-08-08_BTCUSDT.csv.gz");
            Assert.Equal((0, 0, TardisCsvType.Trades), (trades.Messages.Count, trades.Refused, trades.Type));
        }
    }

    [Theory]
    [InlineData("a,b,c\n1,2,3\n", null)]
    [InlineData("{\"type\":\"match\"}\n", null)]
    [InlineData("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n", TardisCsvType.IncrementalBookL2)]
    [InlineData("exchange,symbol,id,side,price,amount\n", TardisCsvType.Trades)]
    [InlineData("symbol,timestamp,local_timestamp,id,side,price,amount\n", TardisCsvType.Trades)]
    [InlineData("exchange,symbol,timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price\n", null)]
    public void AFileOfAnotherFormatIsAnErrorThatNamesIt(string text, TardisCsvType? type)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CsvEvents.Read(text, options: new TardisCsvOptions { Type = type }, name: "file.csv"));
        Assert.StartsWith("file.csv: line 1: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exchange,symbol,timestamp,local_timestamp,id,side,price,amount", "x.csv", TardisCsvType.Trades)]
    [InlineData("exchange,symbol,timestamp,local_timestamp,id,side,price,amount", "bitmex_liquidations_2020-01-01_XBTUSD.csv.gz", TardisCsvType.Liquidations)]
    [InlineData("exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount", "x.csv", TardisCsvType.BookTicker)]
    [InlineData("exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount", "quotes.csv", TardisCsvType.Quotes)]
    [InlineData("exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount", "trades.csv", TardisCsvType.IncrementalBookL2)]
    public void TheTypeIsToldByColumnsAndThenByName(string header, string name, TardisCsvType type) =>
        Assert.Equal(type, CsvEvents.Read(header + "\n", name: name).Type);

    [Fact]
    public void ExchangeAndSymbolSelectRowsOrStandInForMissingColumns()
    {
        var options = new TardisCsvOptions { Exchange = "binance", Symbol = "BTCUSDT" };
        CsvEvents selected = CsvEvents.Read(TradesHeader + "binance,BTCUSDT,1600000000000001,1600000000000002,1,buy,5,1\nbinance,ETHUSDT,1600000000000001,1600000000000002,2,buy,5,1\n"
            + "okex,BTCUSDT,1600000000000001,1600000000000002,3,buy,5,1\n", options: options);
        Assert.Equal([1L], selected.Events.Select(e => e.Sequence));
        var instruments = new InstrumentTable();
        MarketEvent named = Assert.Single(CsvEvents.Read("timestamp,side,price,amount\n1600000000000001,buy,5,1\n", instruments, options).Events);
        Assert.Equal("binance:BTCUSDT", instruments[named.Instrument].Name);
    }

    [Fact]
    public void ACutGzipGivesItsCompleteRowsAndSaysSo()
    {
        byte[] whole = RecordedFrame.Gzip(TradesHeader + string.Concat(Enumerable.Range(0, 200).Select(i => $"binance,BTCUSDT,1723161255342000,17231612540{i:D5},{i},sell,{60000 + i * 7919 % 1000},0.02\n")));
        int before = 0;
        int headless = 0;
        for (int length = 2; length < whole.Length; length++)
        {
            CsvEvents trades;
            try
            {
                trades = CsvEvents.Read(whole[..length], new InstrumentTable(), new TextIdTable(entries: 16, bytes: 1024));
            }
            catch (InvalidDataException error)
            {
                Assert.Contains("header line", error.Message, StringComparison.Ordinal);
                headless++;
                continue;
            }

            Assert.Equal(1, trades.Refused);
            Assert.Contains("ends early", trades.Damage[0].Reason, StringComparison.Ordinal);
            Assert.Equal([.. Enumerable.Range(0, trades.Messages.Count).Select(i => (long)i)], trades.Events.Select(e => e.Sequence));
            Assert.True(trades.Messages.Count >= before);
            before = trades.Messages.Count;
        }

        Assert.Equal(200, before);
        Assert.True(headless < whole.Length / 4);
    }

    [Fact]
    public void ReadingAllocatesNothingAfterTheFirstMessages()
    {
        byte[] file = Encoding.UTF8.GetBytes(BookHeader + Level(1, "true", "bid", 5, 1)
            + string.Concat(Enumerable.Range(2, 5000).Select(i => Level(i, "false", "bid", 5, i) + Level(i, "false", "ask", 6, i))));
        using var reader = new TardisCsvReader(new MemoryStream(file), new InstrumentTable(), new TextIdTable());
        var buffer = new MarketEventBuffer();
        for (int i = 0; i < 10; i++)
            reader.ReadMessage(buffer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int messages = 10;
        for (buffer.Clear(); reader.ReadMessage(buffer); buffer.Clear())
            messages++;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(5001, messages);
    }

    private static string Level(int time, string isSnapshot, string side, int price, int amount, string symbol = "S") =>
        $"x,{symbol},{1600000000000000 + time},{1600000001000000 + time},{isSnapshot},{side},{price},{amount}\n";

    private static string Draw(MarketEvent[] message) =>
        string.Concat(message.Select(e => e.Kind == MarketEventKind.BookClear ? "C" : $"{e.Price.Ticks / 100_000_000}"));
}
