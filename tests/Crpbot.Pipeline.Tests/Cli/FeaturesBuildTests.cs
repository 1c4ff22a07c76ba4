using System.Text.Json;
using Crpbot.Cli;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Datasets;
using Crpbot.Engine;
using Crpbot.Engine.Sources;
using Crpbot.Engine.Stages;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Testing;
using Xunit;
using SharedData = Crpbot.Testing.MarketData;

namespace Crpbot.Pipeline.Tests.Cli;

/// <summary>A dataset built from recorded data holds what a replay of the same data computes.</summary>
public sealed class FeaturesBuildTests : IDisposable
{
    private const string Futures = "hftbacktest/usdm/btcusdt_20240808.gz";
    private const string Spot = "hftbacktest/spot/ethusdt_20240808.gz";
    private const string Deltas = "tardis-csv-layout/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz";
    private const string Trades = "tardis-csv-layout/binance_trades_2024-08-08_BTCUSDT.csv.gz";
    private const string Candles = "coinbase-1m/ETH-USD_1m_2023-11-25_2023-12-22.csv.gz";

    private readonly TemporaryFolder _folder = new();

    [MarketDataTheory(Futures, Spot, Deltas, Trades)]
    [InlineData(Futures, "--venue", "binance-futures", 4)]
    [InlineData(Spot, "--venue", "binance", 4)]
    [InlineData(Trades, "--csv-type", "trades", 4)]
    [InlineData(Deltas, "--csv-type", "incremental_book_L2", 0)]
    public async Task RealDataGiveTheRowsOfTheirReplay(string file, string flag, string kind, int rows)
    {
        string path = SharedData.Path(file);
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--input", path, flag, kind, "--out", _folder["built.parquet"]]));
        bool isCsv = flag == "--csv-type";
        Replayed(path, new InputSelection(isCsv ? null : kind, isCsv ? kind : null, null, ReadRange.All, Strict: false), _folder["replayed.parquet"]);
        Assert.Equal(rows, AssertSameRows(_folder["replayed.parquet"], _folder["built.parquet"]));
    }

    [MarketDataFact(Futures)]
    public async Task ACaptureGivesTheRowsOfItsSource()
    {
        string path = SharedData.Path(Futures);
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["data", "convert", path, _folder["x.capture"], "--venue", "binance-futures"]));
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--input", path, "--venue", "binance-futures", "--out", _folder["source.parquet"]]));
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--capture", _folder["x.capture"], "--out", _folder["capture.parquet"]]));
        Assert.Equal(4, AssertSameRows(_folder["source.parquet"], _folder["capture.parquet"]));
    }

    [Fact]
    public async Task ACaptureOfSeveralInstrumentsGivesTheRowsOfItsReplayTwiceToTheByte()
    {
        Simulate(_folder["sim.capture"], hours: 2);
        Replayed(_folder["sim.capture"], new InputSelection(null, null, null, ReadRange.All, Strict: false), _folder["replayed.parquet"]);
        foreach (string name in (string[])["one.parquet", "two.parquet"])
            Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--capture", _folder["sim.capture"], "--out", _folder[name]]));
        int rows = AssertSameRows(_folder["replayed.parquet"], _folder["one.parquet"]);
        Assert.InRange(rows, 300, 360);
        Assert.Equal(await File.ReadAllBytesAsync(_folder["one.parquet"]), await File.ReadAllBytesAsync(_folder["two.parquet"]));
    }

    [Fact]
    public async Task ARangeOfMarketDataIsAsWarmAsTheWhole()
    {
        Simulate(_folder["sim.capture"], hours: 2);
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--capture", _folder["sim.capture"], "--out", _folder["whole.parquet"]]));
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--capture", _folder["sim.capture"], "--out", _folder["part.parquet"],
            "--from", "2025-01-01T01:00:00Z", "--to", "2025-01-01T01:30:00Z", "--symbol", "ETH-USD"]));
        FeatureDataset whole = FeatureDatasetReader.Read(_folder["whole.parquet"]), part = FeatureDatasetReader.Read(_folder["part.parquet"]);
        int[] rows = [.. Enumerable.Range(0, whole.Count).Where(i => whole.Symbols[i] == "coinbase:ETH-USD" && whole.Times[i] >= part.Times[0] && whole.Times[i] <= part.Times[^1])];
        Assert.Equal((30, "2025-01-01T01:00:00.000000000Z"), (part.Count, part.Times[0].ToString()));
        for (int i = 0; i < FeatureSchema.Count; i++)
            Assert.Equal(rows.Select(row => whole.Values[i][row]), part.Values[i]);
    }

    [MarketDataFact(Candles)]
    public async Task CandlesGiveEqualBytesTwiceAndASummary()
    {
        string path = SharedData.Path(Candles);
        CommandRunner.Outcome outcome = await CommandRunner.Run("features", "build", "--candles", path, "--symbol", "coinbase:ETH-USD", "--out", _folder["a.parquet"], "--json");
        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--candles", path, "--symbol", "coinbase:ETH-USD", "--out", _folder["b.parquet"]]));
        Assert.Equal(await File.ReadAllBytesAsync(_folder["a.parquet"]), await File.ReadAllBytesAsync(_folder["b.parquet"]));
        JsonElement symbol = JsonDocument.Parse(outcome.Output).RootElement.GetProperty("symbols").GetProperty("coinbase:ETH-USD");
        Assert.Equal((39_816, 0, 359), (symbol.GetProperty("rows").GetInt64(), symbol.GetProperty("missingMinutes").GetInt64(), symbol.GetProperty("warmupRows").GetInt64()));
        Assert.Equal(1, symbol.GetProperty("missing").GetProperty("vpin").GetProperty("share").GetDouble());
        Assert.Contains("missing 100.00 % NoBook: obi_l1", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal("One-minute candles: ETH-USD_1m_2023-11-25_2023-12-22.csv.gz", FeatureDatasetReader.Read(_folder["a.parquet"]).Source);
    }

    [MarketDataFact(Trades, Deltas)]
    public async Task ALakeGivesEachSymbolsRowsWhateverElseIsBuilt()
    {
        foreach (string symbol in (string[])["BTCUSDT", "ETHUSDT"])
        {
            foreach (string type in (string[])["trades", "incremental_book_L2"])
            {
                string copy = _folder[RawLake.DatasetPath("binance", type, symbol, new DateOnly(2024, 8, 8))];
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(SharedData.Path($"tardis-csv-layout/binance_{type}_2024-08-08_{symbol}.csv.gz"), copy);
            }
        }

        string lake = _folder[""];
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--lake", lake, "--out", _folder["all.parquet"], "--to", "2024-08-08T23:58:00Z"]));
        foreach (string shard in (string[])["0/2", "1/2"])
            Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--lake", lake, "--out", _folder["cut/"], "--shard", shard, "--to", "2024-08-08T23:58:00Z"]));
        FeatureDataset whole = FeatureDatasetReader.Read(_folder["all.parquet"]), cut = FeatureDatasetReader.Read(_folder["cut"]);
        Assert.Equal((6, "binance:BTCUSDT", "binance:ETHUSDT"), (whole.Count, whole.Symbols[0], whole.Symbols[1]));
        int[] order = [.. Enumerable.Range(0, whole.Count).OrderBy(i => whole.Symbols[i], StringComparer.Ordinal)];
        for (int i = 0; i < FeatureSchema.Count; i++)
            Assert.Equal(order.Select(row => whole.Values[i][row]), cut.Values[i]);
        Assert.DoesNotContain(whole.Missing[FeatureIndex.EffSpreadBps], reason => reason != 0);
        Assert.Equal(ExitCode.BadInput, await CommandLine.RunAsync(["features", "build", "--lake", lake, "--symbols", "SOLUSDT,DOGE", "--out", _folder["x.parquet"]]));
        Assert.Equal(ExitCode.WrongUsage, await CommandLine.RunAsync(["features", "build", "--lake", lake, "--types", "tea", "--out", _folder["x.parquet"]]));
    }

    [Fact]
    public async Task ShardsTogetherHoldTheRowsOfTheWhole()
    {
        string[] files = [.. new[] { "A", "B", "C" }.Select((name, i) => WriteCandles(name, 400 + i))];
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--candles", .. files, "--out", _folder["whole/"]]));
        foreach (string shard in (string[])["0/2", "1/2", "0/2"])
            Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--candles", .. files, "--out", _folder["cut/"], "--shard", shard]));
        Assert.Equal(1_203, AssertSameRows(_folder["whole"], _folder["cut"]));
        Assert.Equal(3, Directory.EnumerateFiles(_folder["cut"], "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task WrongUseAndBadInputHaveTheirExitCodes()
    {
        string candles = WriteCandles("A", 10), hourly = _folder["hourly.csv"], output = _folder["x.parquet"];
        await File.WriteAllTextAsync(hourly, "time,open,high,low,close,volume\n1748736000,1,1,1,1,1\n1748739600,1,1,1,1,1\n");
        await File.WriteAllTextAsync(_folder["no.capture"], "hello, this is no capture at all");
        (int, string[])[] calls =
        [
            (ExitCode.WrongUsage, []),
            (ExitCode.WrongUsage, ["--candles", candles, "--capture", "x"]),
            (ExitCode.WrongUsage, ["--candles", candles, "--symbol", "x:A", "x:B"]),
            (ExitCode.WrongUsage, ["--candles", candles, "--shard", "1/2"]),
            (ExitCode.WrongUsage, ["--candles", candles, "--shard", "2/2"]),
            (ExitCode.WrongUsage, ["--candles", candles, "--from", "soon"]),
            (ExitCode.WrongUsage, ["--input", candles]),
            (ExitCode.WrongUsage, ["--candles", candles, "--warmup-days", "-1"]),
            (ExitCode.BadInput, ["--candles", _folder["missing.csv"]]),
            (ExitCode.BadInput, ["--capture", _folder["missing.capture"]]),
            (ExitCode.BadInput, ["--capture", _folder["no.capture"]]),
            (ExitCode.BadInput, ["--candles", hourly]),
            (ExitCode.BadInput, ["--input", candles, "--csv-type", "trades"]),
            (ExitCode.BadInput, ["--input", hourly, "--venue", "binance"]),
        ];
        foreach ((int code, string[] arguments) in calls)
            Assert.Equal((code, string.Join(' ', arguments)), (await CommandLine.RunAsync(["features", "build", .. arguments, "--out", output]), string.Join(' ', arguments)));
        Assert.Equal(ExitCode.WrongUsage, await CommandLine.RunAsync(["features", "build", "--candles", candles, "--out", _folder["no/such/x.parquet"]]));
        Assert.False(File.Exists(output));
    }

    public void Dispose() => _folder.Dispose();

    private string WriteCandles(string name, int count)
    {
        string path = _folder[$"{name}.csv"];
        File.WriteAllLines(path, Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"{1748736000 + 60 * i},{100 + Math.Sin(i):R},102,98,{100 + Math.Sin(i + 1):R},{1 + i % 5}"))
            .Prepend("time,open,high,low,close,volume"));
        return path;
    }

    private static void Simulate(string path, int hours)
    {
        var options = new SimulationOptions { Seed = 5 };
        SimulatedDays.Write(path, new MarketSimulator(options, new InstrumentTable()), options.Start + hours * UnixNanos.PerHour);
    }

    /// <summary>Writes the rows that the engine's own stages make of a file.</summary>
    private static void Replayed(string path, InputSelection selection, string dataset)
    {
        var instruments = new InstrumentTable();
        using ReplaySource source = new Inputs(selection, instruments).Open(path, ReadRange.All);
        using var writer = new FeatureDatasetWriter(dataset, "replay");
        using var halt = new CancellationTokenSource();
        var rows = new Lane<FeatureRow>(1024, singleThread: true, () => new FeatureRow(), halt.Token);
        using var pipeline = new TradingPipeline(
            [new FeatureStage(instruments, (instrument, _) => new FeatureEngine(instrument), rows), new WritingStage(rows, writer, instruments)], ThreadLayout.Inline, 4096, halt);
        var receiver = new FeedReceiver(pipeline, new BarClock());
        while (source.Next(receiver))
        {
        }

        pipeline.WaitIdle();
        writer.Close();
    }

    private static int AssertSameRows(string expectedPath, string actualPath)
    {
        FeatureDataset expected = FeatureDatasetReader.Read(expectedPath), actual = FeatureDatasetReader.Read(actualPath);
        Assert.Equal(expected.Times, actual.Times);
        Assert.Equal(expected.Symbols, actual.Symbols);
        Assert.Equal(expected.Flags, actual.Flags);
        Assert.Equal(Bits(expected.EndBid), Bits(actual.EndBid));
        Assert.Equal(Bits(expected.EndAsk), Bits(actual.EndAsk));
        for (int i = 0; i < FeatureSchema.Count; i++)
        {
            Assert.Equal(Bits(expected.Values[i]), Bits(actual.Values[i]));
            Assert.Equal(expected.Missing[i], actual.Missing[i]);
        }

        return actual.Count;
        static long[] Bits(double[] values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];
    }

    private sealed class WritingStage(Lane<FeatureRow> rows, FeatureDatasetWriter writer, InstrumentTable instruments) : IStage
    {
        private long _read;

        public string Name => "writing";

        public void OnEvent(ref TradingEvent e)
        {
            for (int i = 0; i < e.Rows; i++)
            {
                FeatureRow row = rows[_read++];
                writer.Write(instruments[row.Bar.Instrument], row);
            }

            rows.Release(_read);
        }

        public void Reset()
        {
        }
    }
}
