using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Engine.Tests.Features;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using CandleSeries = Crpbot.Datasets.CandleSeries;
using MarketDataFiles = Crpbot.Testing.MarketData;

namespace Crpbot.Engine.Tests.Datasets;

public sealed class FeatureBuildTests : IDisposable
{
    private const string Solana = "coinbase-1m/SOL-USD_1m_2023-11-25_2023-12-22.csv.gz";
    private static readonly UnixNanos Start = UnixNanos.FromDateTime(new DateTime(2026, 2, 3, 0, 0, 0, DateTimeKind.Utc));
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-").FullName;

    [MarketDataFact(Solana)]
    public void RealCandlesGiveTheValuesOfThePlainVersionAndTheInputsOfTheBatch()
    {
        CandleSeries candles = CandleFileReader.Read(MarketDataFiles.Path(Solana));
        FeatureDataset dataset = Build([new CandleRowSource(candles, BarRange.All)], out FeatureBuildReport report);
        Assert.Equal((candles.Count, 2), (dataset.Count, report.Symbols["SOL-USD"].MissingMinutes));
        InputRows expected = CandleFeatureRows.FromCandles(candles), actual = FeatureInputs.FromValues(dataset).Single();
        Assert.Equal(expected.Times, actual.Times);
        Assert.Equal(expected.Flags, dataset.Flags);
        for (int row = 0; row < candles.Count; row++)
        {
            for (int i = 0; i < FeatureSchema.CandleCount; i++)
                Assert.Equal(BitConverter.DoubleToInt64Bits(expected.Inputs[row * FeatureSchema.Count + i]), BitConverter.DoubleToInt64Bits(actual.Inputs[row * FeatureSchema.Count + i]));
        }

        // Both holes lie in the first four days.
        List<Candle> history = [];
        double[] values = new double[FeatureSchema.Count], inputs = new double[FeatureSchema.Count];
        for (int row = 0; row < 4_600; row++)
        {
            history.Add(new Candle(candles.Times[row].ToDateTime(), candles.Open[row], candles.High[row], candles.Low[row], candles.Close[row], candles.Volume[row]));
            if (row % 50 != 0 && (dataset.Flags[row] & FeatureRowFlags.AfterGap) == 0)
                continue;
            NaiveCandleFeatures.Compute(history, values, inputs, out _);
            for (int i = 0; i < FeatureSchema.CandleCount; i++)
                CandleFeaturesTests.AssertSame(values[i], dataset.Values[i][row], 1e-9, $"{candles.Times[row]} {FeatureSchema.Names[i]}");
        }

        Assert.Equal(2, dataset.Flags.Count(flags => (flags & FeatureRowFlags.AfterGap) != 0));
    }

    [Fact]
    public void CandlesMissTheBookAsAnEngineWithoutAFeedDoes()
    {
        Instrument instrument = new InstrumentTable().GetOrAdd("coinbase", "BTC-USD");
        var engine = new FeatureEngine(instrument);
        FeatureRow expected = new(), actual = new();
        for (int minute = 0; minute < 100; minute++)
        {
            // One trade a minute keeps the Bars; its side is known and its mid is not, as in candles.
            UnixNanos time = Start + minute * UnixNanos.PerMinute;
            engine.Apply(new MarketEvent
            {
                Kind = MarketEventKind.Trade, Instrument = instrument.Id, Channel = Channel.Trades, Side = Side.Buy, Flags = MarketEventFlags.LastInMessage,
                Price = new(100 + minute % 3), Quantity = new(5), ReceiveTime = time + UnixNanos.PerSecond, ExchangeTime = time + UnixNanos.PerSecond,
            });
            var timer = new MarketEvent
            {
                Kind = MarketEventKind.Timer, ExchangeTime = time + UnixNanos.PerMinute, ReceiveTime = time + UnixNanos.PerMinute + 250 * UnixNanos.PerMillisecond,
                Flags = MarketEventFlags.LastInMessage,
            };
            bool isPresent = engine.CloseBar(timer, expected);
            Assert.True(isPresent || minute == 0);
        }

        actual.MissMicrostructure();
        foreach (string name in FeatureSchema.MicrostructureNames)
        {
            int i = FeatureSchema.IndexOf(name);
            // From Trades alone an engine knows these two; candles do not hold what they need.
            if (i is FeatureIndex.VwapDev30mBps or FeatureIndex.AmihudIlliq)
                Assert.Equal(MissingReason.Warmup, actual.Reasons[i]);
            else
                Assert.Equal((name, expected.Reasons[i]), (name, actual.Reasons[i]));
            Assert.True(double.IsNaN(actual.Values[i]));
        }
    }

    [Fact]
    public void RowsOfSeveralSymbolsComeInOrderOfTimeThenName()
    {
        FeatureDataset dataset = Build([Source("B", 0, 1, 2, 4), Source("A", 1, 2, 3), Source("C", 0, 3)], out FeatureBuildReport report);
        Assert.Equal("B0 C0 A1 B1 A2 B2 A3 C3 B4", Describe(dataset));
        Assert.Equal((9, 1, 2), (report.Rows, report.Symbols["B"].MissingMinutes, report.Symbols["C"].MissingMinutes));
    }

    [Fact]
    public void ARangeKeepsItsRowsAsWarmAsTheyWere()
    {
        int[] minutes = [.. Enumerable.Range(0, 500)];
        FeatureDataset whole = Build([Source("A", minutes)], out _);
        var range = new BarRange(Start + 400 * UnixNanos.PerMinute, Start + 450 * UnixNanos.PerMinute);
        FeatureDataset part = Build([new CandleRowSource(Series("A", minutes), range)], out FeatureBuildReport report);
        Assert.Equal((50, 0), (part.Count, report.Symbols["A"].WarmupRows));
        for (int i = 0; i < FeatureSchema.Count; i++)
            Assert.Equal(whole.Values[i].AsSpan(400, 50).ToArray(), part.Values[i]);
    }

    [Fact]
    public void FilesOfOneSymbolAreJoinedInOrderOfTime()
    {
        CandleSeries late = Series("A", 2, 3, 5), early = Series("A", 0, 1, 2), other = Series("B", 9, 10);
        IReadOnlyList<CandleSeries> joined = CandleFiles.Join([("late.csv", late), ("b.csv", other), ("early.csv", early)]);
        Assert.Equal(["A", "B"], joined.Select(series => series.Symbol));
        Assert.Equal([0L, 1, 2, 3, 5], joined[0].Times.Select(time => (time - Start) / UnixNanos.PerMinute));
        Assert.Equal(Series("A", 0, 1, 2, 3, 5).Close, joined[0].Close);
    }

    [Fact]
    public void TwoDifferentCandlesOfOneMinuteAreRefused()
    {
        CandleSeries changed = Series("A", 2, 3);
        changed.Volume[0]++;
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => CandleFiles.Join([("x/first.csv", Series("A", 0, 1, 2)), ("x/second.csv", changed)]));
        Assert.StartsWith($"x/second.csv: its candle of {Start + 2 * UnixNanos.PerMinute} differs from the one in first.csv", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, "candles are 5m long")]
    [InlineData(60, "candles are 1h long")]
    public void CandlesOfAnotherIntervalAreRefused(int minutes, string expected)
    {
        string path = Path.Combine(_folder, "x.csv");
        File.WriteAllLines(path, Enumerable.Range(0, 20).Select(i => $"{1748736000 + 60 * minutes * i},1,1,1,1,1").Prepend("time,open,high,low,close,volume"));
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => CandleFiles.Read(path, null, CandleFileOptions.Default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderHoldsOneFileASymbolAndReadsAsOneDataset()
    {
        FeatureDataset whole = Build([Source("x:B", 0, 1, 2, 4), Source("x:A", 1, 2, 3)], out _);
        string folder = Path.Combine(_folder, "parts");
        var range = new BarRange(Start + UnixNanos.PerMinute, Start + 3 * UnixNanos.PerMinute);
        BarRange before = new(BarRange.All.From, range.From), after = new(range.To, BarRange.All.To);
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (BarRange part in (BarRange[])[after, before, range])
            {
                using FeatureDatasetOutput output = FeatureDatasetOutput.ToFolder(folder, "test", part);
                FeatureDatasetBuild.Run([new CandleRowSource(Series("x:B", 0, 1, 2, 4), part), new CandleRowSource(Series("x:A", 1, 2, 3), part)], output, new FeatureBuildReport());
                output.Commit();
            }
        }

        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
        Assert.Equal("symbol=x%3AA/part-20260203T0001-20260203T0003.parquet", files[0]);
        Assert.Equal(5, files.Length);
        FeatureDataset read = FeatureDatasetReader.Read(folder);
        Assert.Equal("x:A1 x:A2 x:A3 x:B0 x:B1 x:B2 x:B4", Describe(read));
        int[] order = [.. Enumerable.Range(0, whole.Count).OrderBy(i => whole.Symbols[i], StringComparer.Ordinal).ThenBy(i => whole.Times[i].Value)];
        for (int i = 0; i < FeatureSchema.Count; i++)
            Assert.Equal(order.Select(row => whole.Values[i][row]), read.Values[i]);
        Assert.Equal(2, FeatureInputs.FromValues(read).Count);
    }

    [Fact]
    public void AnInterruptedBuildLeavesNothing()
    {
        string path = Path.Combine(_folder, "x.parquet");
        using (FeatureDatasetOutput output = FeatureDatasetOutput.ToFile(path, "test"))
            FeatureDatasetBuild.Run([Source("A", 0, 1)], output, new FeatureBuildReport());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void AnEmptyFolderIsNoDataset()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "none"));
        Assert.Contains("no Parquet file", Assert.Throws<InvalidDataException>(() => FeatureDatasetReader.Read(Path.Combine(_folder, "none"))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private FeatureDataset Build(IReadOnlyList<FeatureRowSource> sources, out FeatureBuildReport report)
    {
        string path = Path.Combine(_folder, "built.parquet");
        report = new FeatureBuildReport();
        using FeatureDatasetOutput output = FeatureDatasetOutput.ToFile(path, "test");
        FeatureDatasetBuild.Run(sources, output, report);
        Assert.Equal([path], output.Commit());
        return FeatureDatasetReader.Read(path);
    }

    private static string Describe(FeatureDataset dataset) =>
        string.Join(' ', dataset.Symbols.Zip(dataset.Times, (symbol, time) => $"{symbol}{(time - Start) / UnixNanos.PerMinute}"));

    private static CandleRowSource Source(string symbol, params int[] minutes) => new(Series(symbol, minutes), BarRange.All);

    private static CandleSeries Series(string symbol, params int[] minutes)
    {
        double Close(int minute) => 100 + Math.Sin(minute);
        return new CandleSeries(symbol, [.. minutes.Select(m => Start + m * UnixNanos.PerMinute)], [.. minutes.Select(Close)], [.. minutes.Select(m => Close(m) + 1)],
            [.. minutes.Select(m => Close(m) - 1)], [.. minutes.Select(Close)], [.. minutes.Select(m => 1.0 + m % 7)]);
    }
}
