using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Tests.Captures;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Parquet;

public class ParquetRoundTripTests
{
    private const string Layout = "tardis-csv-layout";
    private const string Nautilus = "nautilus-tardis-csv";

    public static TheoryData<TardisCsvType> Types => [.. Enum.GetValues<TardisCsvType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void AnyEventsOfATypeComeBackByteForByte(TardisCsvType type)
    {
        using var folder = new TemporaryFolder();
        for (int seed = 0; seed < 6; seed++)
        {
            var table = new InstrumentTable();
            Instrument instrument = table.Define("kraken", "XBT/USD:A", new DecimalStep(1, seed % 4), new DecimalStep(1, 8), assumed: seed % 2 == 0);
            var texts = new TextIdTable();
            MarketEvent[] events = ParquetEvents.Random(seed, type, 5_000, texts);
            string path = folder.File($"{type}-{seed}.parquet");
            (long rows, long skipped, long refused) = ParquetEvents.Write(path, type, instrument, texts, events, groupRows: seed == 0 ? 100 : 300 << seed);
            Assert.Equal((0, 0), (skipped, refused));
            Assert.InRange(rows, 1, events.Length);

            var readTable = new InstrumentTable();
            var readTexts = new TextIdTable();
            using var reader = new ParquetMarketReader(path, readTable, readTexts, ReadRange.All, new DamageLog(strict: true));
            ParquetEvents.AssertSame(events, texts, ParquetEvents.ReadAll(reader), readTexts);
            Assert.Equal(instrument with { Id = reader.Instrument.Id }, reader.Instrument);
            reader.Rewind();
            ParquetEvents.AssertSame(events, texts, ParquetEvents.ReadAll(reader), readTexts);
        }
    }

    [Fact]
    public void AStepThatIsNoPowerOfTenKeepsTheExactDecimal()
    {
        using var folder = new TemporaryFolder();
        var table = new InstrumentTable();
        Instrument instrument = table.Define("deribit", "BTC-PERPETUAL", DecimalStep.Parse("0.5"), DecimalStep.Parse("10"), assumed: false);
        MarketEvent trade = Trade(instrument, 123_457, 25);
        ParquetEvents.Write(folder.File("a.parquet"), TardisCsvType.Trades, instrument, new TextIdTable(), [trade]);
        using var reader = new ParquetMarketReader(folder.File("a.parquet"), new InstrumentTable(), new TextIdTable(), ReadRange.All, new DamageLog(strict: true));
        MarketEvent read = Assert.Single(ParquetEvents.ReadAll(reader));
        Assert.Equal(("61728.5", "250"), (reader.Instrument.Format(read.Price), reader.Instrument.Format(read.Quantity)));
    }

    [Theory]
    [InlineData(1_000_000_000_000_000_000)]
    [InlineData(-1_000_000_000_000_000_000)]
    [InlineData(long.MinValue)]
    public void AValueBeyondEighteenDigitsIsRefusedAndTheRestIsKept(long ticks)
    {
        using var folder = new TemporaryFolder();
        var table = new InstrumentTable();
        Instrument instrument = table.GetOrAdd("coinbase", "BTC-USD");
        MarketEvent[] events = [Trade(instrument, 1, 2), Trade(instrument, ticks, 2), Trade(instrument, 3, ticks), Trade(instrument, 999_999_999_999_999_999, 4)];
        Assert.Equal((2, 0, 2), ParquetEvents.Write(folder.File("a.parquet"), TardisCsvType.Trades, instrument, new TextIdTable(), events));
        Assert.Equal([1, 999_999_999_999_999_999], Read(folder.File("a.parquet")).Select(e => e.Price.Ticks));
    }

    [Fact]
    public void ATypeTakesItsOwnEventsAndTheNoticesOfItsChannel()
    {
        using var folder = new TemporaryFolder();
        var table = new InstrumentTable();
        Instrument instrument = table.GetOrAdd("coinbase", "BTC-USD");
        Instrument other = table.GetOrAdd("coinbase", "ETH-USD");
        MarketEvent Notice(MarketEventKind kind, Channel channel) => Trade(instrument, 0, 0) with { Kind = kind, Channel = channel, Side = Side.Unknown, Sequence = 7, Aux = 9 };
        MarketEvent[] kept =
        [
            Trade(instrument, 5, 6),
            Notice(MarketEventKind.Gap, Channel.Trades),
            Notice(MarketEventKind.Disconnect, Channel.All),
            Notice(MarketEventKind.Gap, Channel.All) with { Instrument = InstrumentId.All },
        ];
        MarketEvent[] left =
        [
            Trade(other, 5, 6), Notice(MarketEventKind.Gap, Channel.Book), Notice(MarketEventKind.Timer, Channel.All), Notice(MarketEventKind.Heartbeat, Channel.All),
            Trade(instrument, 5, 6) with { Kind = MarketEventKind.Liquidation, Channel = Channel.Liquidations },
        ];
        Assert.Equal((4, 5, 0), ParquetEvents.Write(folder.File("a.parquet"), TardisCsvType.Trades, instrument, new TextIdTable(), [.. left, .. kept]));
        ParquetEvents.AssertSame(kept, new TextIdTable(), Read(folder.File("a.parquet")), new TextIdTable());
    }

    [MarketDataTheory($"{Layout}/binance_trades_2024-08-08_BTCUSDT.csv.gz", $"{Nautilus}/bitmex_trades_XBTUSD.csv")]
    [InlineData($"{Layout}/binance_trades_2024-08-08_BTCUSDT.csv.gz", TardisCsvType.Trades)]
    [InlineData($"{Layout}/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz", TardisCsvType.IncrementalBookL2)]
    [InlineData($"{Layout}/binance_incremental_book_L2_2024-08-08_ETHUSDT.csv.gz", TardisCsvType.IncrementalBookL2)]
    [InlineData($"{Layout}/binance_book_snapshot_25_2024-08-08_BTCUSDT.csv.gz", TardisCsvType.BookSnapshot25)]
    [InlineData($"{Layout}/binance_book_ticker_2024-08-08_ETHUSDT.csv.gz", TardisCsvType.BookTicker)]
    [InlineData($"{Nautilus}/bitmex_trades_XBTUSD.csv", TardisCsvType.Trades)]
    [InlineData($"{Nautilus}/deribit_incremental_book_L2_BTC-PERPETUAL.csv", TardisCsvType.IncrementalBookL2)]
    [InlineData($"{Nautilus}/binance-futures_book_snapshot_25_BTCUSDT.csv", TardisCsvType.BookSnapshot25)]
    public void ARealCsvComesBackByteForByte(string file, TardisCsvType type)
    {
        using var folder = new TemporaryFolder();
        var table = new InstrumentTable();
        var texts = new TextIdTable();
        using var csv = new CsvMarketReader(MarketData.Path(file), new TardisCsvOptions { Type = type }, table, texts, ReadRange.All, new DamageLog(strict: false));
        List<MarketEvent> events = ParquetEvents.ReadAll(csv);
        string path = folder.File("a.parquet");
        Assert.Equal((0, 0), ParquetEvents.Write(path, type, table.All[0], texts, events) is var (_, skipped, refused) ? (skipped, refused) : default);
        var readTexts = new TextIdTable();
        using var reader = new ParquetMarketReader(path, new InstrumentTable(), readTexts, ReadRange.All, new DamageLog(strict: true));
        ParquetEvents.AssertSame(events, texts, ParquetEvents.ReadAll(reader), readTexts);
        Assert.Equal(csv.Frames, reader.Frames);
    }

    [Theory]
    [InlineData(TardisCsvType.Trades, MarketEventKind.Trade)]
    [InlineData(TardisCsvType.IncrementalBookL2, MarketEventKind.BookDelta)]
    [InlineData(TardisCsvType.BookTicker, MarketEventKind.Quote)]
    public void ACapturesEventsOfATypeComeBackByteForByte(TardisCsvType type, MarketEventKind kind)
    {
        using var folder = new TemporaryFolder();
        InstrumentTable table = EventMaker.Table();
        MarketEvent[] market = EventMaker.Market(7, 20_000);
        using (var writer = new CaptureWriter(folder.File("a.capture"), table, new CaptureHeader("test", "", UnixNanos.None)))
        {
            writer.Write(market);
            writer.Complete();
        }

        var texts = new TextIdTable();
        var captured = new InstrumentTable();
        using var capture = new CaptureMarketReader(folder.File("a.capture"), captured, texts, ReadRange.All, new DamageLog(strict: true));
        List<MarketEvent> events = ParquetEvents.ReadAll(capture);
        foreach (Instrument instrument in captured.All.Take(2))
        {
            (long _, long skipped, long refused) = ParquetEvents.Write(folder.File("a.parquet"), type, instrument, texts, events);
            MarketEvent[] expected = [.. events.Where(e => e.Kind == kind && e.Instrument == instrument.Id)];
            Assert.Equal((events.Count - expected.Length, 0), (skipped, refused));
            ParquetEvents.AssertSame([.. expected.Select(e => e with { Instrument = new(1) })], texts, Read(folder.File("a.parquet")), texts);
        }
    }

    [Fact]
    public void AFileWithoutRowsIsADayWithoutData()
    {
        using var folder = new TemporaryFolder();
        Instrument instrument = new InstrumentTable().GetOrAdd("coinbase", "SOL-USD");
        ParquetEvents.Write(folder.File("a.parquet"), TardisCsvType.IncrementalBookL2, instrument, new TextIdTable(), []);
        Assert.Empty(Read(folder.File("a.parquet")));
        Assert.Equal(0, ParquetFile.ReadSummary(folder.File("a.parquet")).Rows);
    }

    [Fact]
    public void EqualEventsGiveEqualBytes()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a", "b" })
        {
            var texts = new TextIdTable();
            Instrument instrument = new InstrumentTable().GetOrAdd("coinbase", "SOL-USD");
            ParquetEvents.Write(folder.File(name), TardisCsvType.Trades, instrument, texts, ParquetEvents.Random(3, TardisCsvType.Trades, 20_000, texts), 5_000);
        }

        Assert.Equal(File.ReadAllBytes(folder.File("a")), File.ReadAllBytes(folder.File("b")));
    }

    internal static MarketEvent Trade(Instrument instrument, long ticks, long lots) => new()
    {
        Kind = MarketEventKind.Trade, Channel = Channel.Trades, Side = Side.Buy, Instrument = instrument.Id, Price = new(ticks), Quantity = new(lots),
        ReceiveTime = new(1_709_164_800_123_456_000), ExchangeTime = new(1_709_164_800_100_000_000), Sequence = 1, Flags = MarketEventFlags.LastInMessage,
    };

    private static List<MarketEvent> Read(string path)
    {
        using var reader = new ParquetMarketReader(path, new InstrumentTable(), new TextIdTable(), ReadRange.All, new DamageLog(strict: true));
        return ParquetEvents.ReadAll(reader);
    }
}
