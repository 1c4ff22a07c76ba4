using System.Text.Json;
using Crpbot.Backtest;
using Crpbot.Backtest.Report;
using Crpbot.Backtest.Scoring;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Engine.Tests.Inference;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Backtest;

public sealed class BacktestReportTests
{
    [Fact]
    public void AHistoryScoredInBatchesIsWhatThePredictorSaysBarByBar()
    {
        string folder = TinyModel.Write();
        using ModelPackage package = TinyModel.Load(folder);
        FeatureDataset dataset = Dataset(700);
        IReadOnlyList<(string Symbol, int[] Rows)> symbols = TapeReader.RowsOf(dataset);
        ScoredHistory[] scored = HistoryScorer.Score(package, dataset, [.. symbols.Select(s => s.Rows)], new UnixNanos(long.MinValue), new UnixNanos(long.MaxValue));
        IReadOnlyList<InputRows> inputs = FeatureInputs.FromValues(dataset);
        for (int s = 0; s < symbols.Count; s++)
        {
            var predictor = new Predictor(package, new InstrumentId(s + 1));
            var statuses = new long[scored[s].Statuses.Count];
            var reasons = new MissingReason[FeatureSchema.Count];
            for (int r = 0; r < inputs[s].Count; r++)
            {
                for (int f = 0; f < reasons.Length; f++)
                    reasons[f] = (MissingReason)dataset.Missing[f][symbols[s].Rows[r]];
                predictor.Push(inputs[s].Times[r], inputs[s].Inputs.AsSpan(r * FeatureSchema.Count, FeatureSchema.Count), reasons, (inputs[s].Flags[r] & FeatureRowFlags.Warmup) != 0);
                Prediction expected = predictor.Predict(inputs[s].Times[r], inputs[s].Times[r]);
                statuses[(int)expected.Status]++;
                Assert.Equal(expected.Status == PredictionStatus.Ok, !double.IsNaN(scored[s].ProbabilityUp[r]));
                if (expected.Status == PredictionStatus.Ok)
                    Assert.Equal(expected.ProbabilityUp.Value, scored[s].ProbabilityUp[r], 1e-6);
            }

            Assert.Equal(statuses, scored[s].Statuses);
            Assert.True(statuses[(int)PredictionStatus.Ok] > 100 && statuses[(int)PredictionStatus.Warmup] > 300 && statuses[(int)PredictionStatus.IncompleteWindow] > 0);
        }
    }

    [Fact]
    public void AMissingInputIsWarmUpOrAHoleAsItsStoredReasonSays()
    {
        string[] names = ["obi_l1", "open"];
        string hash = FeatureSchema.HashOf(names);
        string folder = TinyModel.Write(m => m with { FeatureHash = hash, Features = [m.Features[0] with { Name = "obi_l1" }, m.Features[1]] }, TinyModel.Graph(hash));
        using ModelPackage package = TinyModel.Load(folder);
        FeatureDataset dataset = Dataset(700, gap: false);
        int[][] rows = [.. TapeReader.RowsOf(dataset).Select(s => s.Rows)];
        int obi = FeatureSchema.IndexOf("obi_l1");
        IReadOnlyList<long> Statuses(MissingReason reason)
        {
            foreach (int row in rows[0][500..600])
                (dataset.Values[obi][row], dataset.Missing[obi][row]) = (double.NaN, (byte)reason);
            return HistoryScorer.Score(package, dataset, rows, new UnixNanos(long.MinValue), new UnixNanos(long.MaxValue))[0].Statuses;
        }

        IReadOnlyList<long> warming = Statuses(MissingReason.Warmup), without = Statuses(MissingReason.NoBook);
        // Windows of three with two or three missing; one may be.
        Assert.Equal(100, without[(int)PredictionStatus.IncompleteWindow]);
        Assert.Equal(100, warming[(int)PredictionStatus.Warmup] - without[(int)PredictionStatus.Warmup]);
        Assert.Equal(0, warming[(int)PredictionStatus.IncompleteWindow]);
    }

    [Fact]
    public void ScoringPartOfAHistorySaysTheSameAboutThatPart()
    {
        string folder = TinyModel.Write();
        using ModelPackage package = TinyModel.Load(folder);
        FeatureDataset dataset = Dataset(700);
        int[][] rows = [.. TapeReader.RowsOf(dataset).Select(s => s.Rows)];
        UnixNanos from = dataset.Times[rows[0][500]], to = dataset.Times[rows[0][600]];
        double[] whole = HistoryScorer.Score(package, dataset, rows, new UnixNanos(long.MinValue), new UnixNanos(long.MaxValue))[0].ProbabilityUp;
        ScoredHistory part = HistoryScorer.Score(package, dataset, rows, from, to)[0];
        Assert.Equal(100, part.Statuses.Sum());
        Assert.All(Enumerable.Range(0, whole.Length), r => Assert.Equal(r is >= 500 and < 600 ? whole[r] : double.NaN, part.ProbabilityUp[r]));
    }

    [Fact]
    public void AStudyReportsItsLedgerWarningsAndFloorsInOneDocument()
    {
        string folder = TinyModel.Write(m => m with { Calibration = m.Calibration with { A = 1.5 } });
        using ModelPackage package = TinyModel.Load(folder);
        var options = new BacktestOptions { HorizonBars = 5 };
        BacktestReport report = BacktestStudy.Run(package, Dataset(3_000), RiskPresets.Ftmo2Step, options, new InstrumentTable(), new StudyScope());
        Assert.NotEmpty(report.Result.Trades);
        using JsonDocument document = JsonDocument.Parse(BacktestJson.Write(report));
        JsonElement root = document.RootElement;
        Assert.Equal(report.Result.Trades.Count, root.GetProperty("trades").GetInt32());
        Assert.Equal(report.Result.Trades.Count, root.GetProperty("tradeList").GetArrayLength());
        Assert.Equal(root.GetProperty("grossPnl").GetDecimal() - root.GetProperty("fees").GetDecimal() - root.GetProperty("slippage").GetDecimal(), root.GetProperty("netPnl").GetDecimal());
        Assert.Equal(95_000m, root.GetProperty("days")[0].GetProperty("dailyFloor").GetDecimal());
        Assert.Equal(90_000m, root.GetProperty("days")[0].GetProperty("totalFloor").GetDecimal());
        Assert.False(root.GetProperty("breached").GetBoolean());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("sharpeInterval").ValueKind);
        string[] warnings = [.. root.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!)];
        Assert.Contains(warnings, w => w.Contains("not promoted", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("coinbase:ETH-USD: the dataset has no quotes", StringComparison.Ordinal));
        Assert.DoesNotContain(warnings, w => w.Contains("coinbase:BTC-USD: the dataset has no quotes", StringComparison.Ordinal));
        string page = BacktestPage.Render(report);
        Assert.Contains("daily floor", page, StringComparison.Ordinal);
        Assert.Equal(page, BacktestPage.Render(report));
    }

    [Fact]
    public void BarsThatTheModelLearnedFromAreCounted()
    {
        string folder = TinyModel.Write(m => m with
        {
            Training = m.Training with { Symbols = ["coinbase:BTC-USD"], From = TapeScript.Start.ToString(), LockedFrom = (TapeScript.Start + 100 * UnixNanos.PerMinute).ToString() },
        });
        using ModelPackage package = TinyModel.Load(folder);
        BacktestReport report = BacktestStudy.Run(package, Dataset(700, gap: false), RiskPresets.Ftmo2Step, new BacktestOptions { HorizonBars = 5 }, new InstrumentTable(), new StudyScope());
        Assert.Contains(report.Warnings, w => w.StartsWith("100 of 1,400 bars lie in the span the model learned from", StringComparison.Ordinal));
    }

    [Fact]
    public void APriceBetweenTwoTicksIsRefusedByName()
    {
        FeatureDataset dataset = Dataset(10);
        dataset.Values[FeatureIndex.High][4] += 0.003;
        InvalidDataException error = Assert.Throws<InvalidDataException>(() =>
            TapeReader.Read(dataset, "coinbase:BTC-USD", TapeReader.RowsOf(dataset)[0].Rows, new double[10], new UnixNanos(long.MinValue), new UnixNanos(long.MaxValue), new InstrumentTable(), out _));
        Assert.Contains("high", error.Message, StringComparison.Ordinal);
        Assert.Contains("no whole number of ticks of 0.01", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RatiosAreThoseOfTheTextbook()
    {
        // Daily profits of 100,000 that is put back each evening: returns 1 %, −1 %, 2 %, 0 %, twice.
        decimal[] profits = [1_000m, -1_000m, 2_000m, 0m, 1_000m, -1_000m, 2_000m, 0m, 1_000m, -1_000m, 2_000m, 0m];
        BacktestResult result = Result(profits);
        PerformanceSummary summary = PerformanceSummary.Of(result);
        double mean = 0.005, deviation = Math.Sqrt((0.005 * 0.005 * 2 + 0.015 * 0.015 * 2) / 4 * 12 / 11);
        Assert.Equal(mean / deviation * Math.Sqrt(365), summary.Sharpe!.Value, 1e-9);
        Assert.Equal(mean / Math.Sqrt(0.0001 * 3 / 12) * Math.Sqrt(365), summary.Sortino!.Value, 1e-9);
        Assert.True(summary.SharpeInterval!.Value.Low < summary.Sharpe && summary.SharpeInterval.Value.High > summary.Sharpe);
        // One trial: the probability that the ratio is above zero. No skew; kurtosis 1.64.
        double ratio = mean / deviation, spread = 1 + (1.64 - 1) / 4 * ratio * ratio;
        Assert.Equal(Normal.Cumulative(ratio * Math.Sqrt(11) / Math.Sqrt(spread)), summary.DeflatedSharpe!.Value, 1e-9);
        Assert.True(PerformanceSummary.Of(result, trials: 100).DeflatedSharpe < summary.DeflatedSharpe - 0.3);
        Assert.Null(PerformanceSummary.Of(Result([0m, 0m, 0m])).Sharpe);
        Assert.Null(summary.WinRate);
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1.959963984540054, 0.975)]
    [InlineData(-3.090232306167813, 0.001)]
    [InlineData(4.753424308822899, 0.999999)]
    public void TheNormalDistributionIsThatOfTheTables(double x, double p)
    {
        Assert.Equal(p, Normal.Cumulative(x), 1e-12);
        Assert.Equal(x, Normal.Quantile(p), 1e-7);
    }

    private static BacktestResult Result(decimal[] profits) => new()
    {
        End = RunEnd.EndOfTape,
        Initial = Notional.FromWhole(100_000),
        FinalEquity = Notional.FromWhole(100_000),
        Trades = [],
        Days = [.. profits.Select((profit, i) => new BacktestDay
        {
            Day = 20_000 + i, StartBalance = Notional.FromWhole(100_000), StartEquity = Notional.FromWhole(100_000), EndEquity = Notional.FromDecimal(100_000m + profit),
            LowestEquity = Notional.FromWhole(99_000), DailyFloor = default, TotalFloor = default, Opened = 0, Costs = default,
        })],
        Curve = [],
        MaxDrawdown = 0.01,
        BreachTime = null,
        Minutes = 1,
        MinutesHeld = 0,
        Signals = new long[4],
        Suppressed = new long[4],
        Refusals = default,
        TradingDays = 0,
    };

    /// <summary>BTC with quotes and ETH without, row by row in turn; a hole after 600 bars.</summary>
    private static FeatureDataset Dataset(int bars, bool gap = true)
    {
        BarTape[] tapes = [.. Enumerable.Range(0, 2).Select(i => TapeScript.Random(3, bars, i, quoted: i == 0, gaps: 0))];
        int count = 2 * bars;
        double[][] values = [.. Enumerable.Range(0, FeatureSchema.Count).Select(_ => new double[count])];
        byte[][] missing = [.. Enumerable.Range(0, FeatureSchema.Count).Select(_ => new byte[count])];
        var dataset = new FeatureDataset
        {
            Times = new UnixNanos[count], Symbols = new string[count], EndBid = new double[count], EndAsk = new double[count], Flags = new FeatureRowFlags[count],
            Values = values, Missing = missing, Source = "tapes",
        };
        for (int row = 0; row < count; row++)
        {
            BarTape tape = tapes[row % 2];
            int i = row / 2;
            dataset.Times[row] = tape.OpenTimes[i] + (gap && i > 600 ? 3 * UnixNanos.PerMinute : 0);
            dataset.Symbols[row] = tape.Instrument.Name;
            (dataset.EndBid[row], dataset.EndAsk[row]) = tape.IsQuoted(i) ? (tape.EndBid[i] / 100.0, tape.EndAsk[i] / 100.0) : (double.NaN, double.NaN);
            values[FeatureIndex.Open][row] = tape.Open[i] / 100.0;
            values[FeatureIndex.High][row] = tape.High[i] / 100.0;
            values[FeatureIndex.Low][row] = tape.Low[i] / 100.0;
            values[FeatureIndex.Close][row] = tape.Close[i] / 100.0;
            values[FeatureIndex.Volume][row] = 1;
            values[FeatureIndex.Atr][row] = tape.Atr[i];
        }

        return dataset;
    }
}
