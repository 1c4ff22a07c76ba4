using System.Text.Json;
using System.Xml.Linq;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;
using Crpbot.Training.SelfChecks;
using Crpbot.Training.Tests.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Evaluation;

/// <summary>The parts of a report, each against what was planted.</summary>
public sealed class ModelReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ScoredSample[] Draw(int count, ulong seed, Func<double, double> said, int step = 1)
    {
        var random = new Xoshiro256(seed, 0);
        var samples = new ScoredSample[count];
        for (int i = 0; i < count; i++)
        {
            double truth = 0.1 + 0.8 * random.NextDouble();
            samples[i] = new ScoredSample(new UnixNanos((28_000_000L + i * step) * UnixNanos.PerMinute), 0, said(truth), random.NextDouble() < truth, truth) { Row = i };
        }

        return samples;
    }

    [Fact]
    public void TheReliabilityTableIsTheEcesAndShowsPlantedMiscalibration()
    {
        ScoredSample[] honest = Draw(30_000, 1, p => p), shifted = Draw(30_000, 1, p => p + 0.1);
        foreach (ScoredSample[] samples in new[] { honest, shifted, Draw(1_003, 2, p => 1 - p) })
        {
            ReliabilityBin[] bins = ReliabilityTable.Of(samples, 1);
            Assert.Equal(15, bins.Length);
            Assert.Equal(samples.Length, bins.Sum(bin => bin.N));
            double ece = bins.Sum(bin => bin.N * Math.Abs(bin.Said - bin.Happened.Value)) / samples.Length;
            Assert.Equal(Evaluator.Evaluate(samples, 1).CalibrationError.Value, ece, 1e-9);
            Assert.Equal(ece, ReliabilityTable.Error(samples), 1e-9);
        }

        Assert.InRange(ReliabilityTable.Error(honest), 0, 0.015);
        Assert.Equal(0.1, ReliabilityTable.Error(shifted), 0.01);
        // Fifteen intervals of 95 % around a calibrated model: nearly all hold what was said.
        Assert.InRange(ReliabilityTable.Of(honest, 1).Count(bin => bin.Happened.Low <= bin.Said && bin.Said <= bin.Happened.High), 12, 15);
    }

    [Fact]
    public void MeansAreOfWhatCountsAndTheirIntervalsCover()
    {
        var random = new Xoshiro256(5, 0);
        int covered = 0;
        for (int run = 0; run < 60; run++)
        {
            double[] values = new double[600];
            for (int i = 0; i < values.Length; i++)
                values[i] = i % 3 == 0 ? double.NaN : 2 + random.NextNormal();
            var draws = new BlockDraws([.. Enumerable.Range(0, values.Length).Select(i => new UnixNanos(i * 20 * UnixNanos.PerMinute))], 5);
            Assert.Equal(200, draws.Blocks);
            Figure mean = draws.Mean(values);
            Assert.Equal(values.Where(v => !double.IsNaN(v)).Average(), mean.Value, 1e-12);
            covered += mean.Low <= 2 && 2 <= mean.High ? 1 : 0;
        }

        Assert.InRange(covered, 51, 60);
        Assert.True(double.IsNaN(new BlockDraws([default], 1).Mean([double.NaN]).Value));
    }

    [Fact]
    public void EveryCutHoldsEverySampleOnceAndItsOwnConfusion()
    {
        TrainingTable table = PlantedTable.Create(4_000);
        SymbolRows rows = table.Symbols[0];
        // The second half moves ten times as much, so the high third lies in it.
        for (int row = 2_000; row < rows.Count; row++)
            rows.Close[row] = rows.Close[1_999] * Math.Exp(0.01 * (row % 2 * 2 - 1));
        ScoredSample[] samples = [.. Draw(3_900, 3, p => p).Select((s, i) => s with { Time = rows.OpenTime[i + 100], Row = i + 100 })];
        Breakdown by = Breakdown.Of(samples, table, 15);
        foreach (GroupFigures[] groups in new[] { by.Tier, by.Session, by.Volatility, by.Month, by.Symbol })
        {
            Assert.Equal(samples.Length, groups.Sum(g => g.N));
            Assert.Equal(samples.Length, groups.Sum(g => g.Confusion.UpSaidUp + g.Confusion.UpSaidDown + g.Confusion.DownSaidUp + g.Confusion.DownSaidDown));
            Assert.All(groups, g => Assert.Equal((g.Confusion.UpSaidUp + g.Confusion.DownSaidDown) / (double)g.N, g.Accuracy.Value, 1e-12));
        }

        Assert.Equal(["none", "low", "medium", "high"], by.Tier.Select(g => g.Name));
        Assert.Equal(samples.Count(s => s.Confidence >= 0.75), by.Tier[3].N);
        Assert.Equal(["Tokyo", "London", "NewYork"], by.Session.Select(g => g.Name));
        Assert.Equal(samples.Count(s => s.Time.ToDateTime().Hour is >= 8 and < 16), by.Session[1].N);
        Assert.Equal(["2023-03"], by.Month.Select(g => g.Name));
        int[] regimes = Breakdown.RegimesOf(samples, table);
        Assert.All(Enumerable.Range(0, samples.Length).Where(i => regimes[i] == 2), i => Assert.True(samples[i].Row >= 2_000));
        Assert.Equal(1_300, regimes.Count(r => r == 0));
    }

    [Fact]
    public void AMovedFeatureAndAMovedCalibrationAreSeen()
    {
        TrainingTable table = PlantedTable.Create(4_000);
        UnixNanos end = table.Symbols[0].OpenTime[2_000];
        FeatureScaling[] scaling = ScalingFit.Fit(table, end);
        foreach (SymbolRows rows in table.Symbols)
        {
            for (int row = 3_000; row < rows.Count; row++)
                rows.WritableInputsOf(row)[1] = row % 4 == 0 ? double.NaN : rows.InputsOf(row)[1] + 3 * scaling[1].Scale;
        }

        ScoredSample[] samples = [.. Draw(1_000, 4, p => p).Select((s, i) => s with { Time = table.Symbols[0].OpenTime[i + 3_000] })];
        FeatureDrift[] drift = FeatureDrift.Of(table, scaling, samples, end);
        Assert.Equal(PlantedTable.Names, drift.Select(d => d.Name));
        Assert.Equal(3, drift[1].Shift, 0.4);
        Assert.Equal(0.25, drift[1].Missing, 1e-9);
        Assert.True(drift[1].StabilityIndex > 1);
        // The first feature's median is about 20, the third's 0; neither moved.
        Assert.InRange(drift[0].Shift, -0.5, 0.5);
        Assert.InRange(drift[2].Shift, -0.2, 0.2);
        Assert.InRange(drift[2].Spread, 0.9, 1.1);
        Assert.InRange(drift[2].StabilityIndex, 0, 0.05);
        Assert.True(double.IsNaN(drift[3].Shift));
        Assert.True(double.IsNaN(FeatureDrift.Of(table, scaling, samples, null)[2].StabilityIndex));
        Assert.Equal(0.4 * Math.Log(0.9 / 0.5) - 0.4 * Math.Log(0.1 / 0.5), FeatureDrift.Index([0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), 1e-9);

        // From the middle on, what happens is 0.15 less likely than said.
        ScoredSample[] late = [.. Draw(8_000, 6, p => p).Select((s, i) => i < 4_000 ? s : s with { ProbabilityUp = s.ProbabilityUp + 0.15 })];
        CalibrationStretch[] stretches = CalibrationStretch.Of(late, 1);
        Assert.Equal(8, stretches.Length);
        Assert.All(stretches[4..], s => Assert.True(s.Gap.High < -0.08 && s.Ece > 0.1));
        Assert.All(stretches[..4], s => Assert.InRange(s.Gap.Value, -0.05, 0.05));
    }

    [Fact]
    public void PairedModelsAreToldApartAndEqualOnesAreNot()
    {
        ScoredSample[] truth = Draw(3_000, 7, p => p, step: 10), wrong = [.. truth.Select(s => s with { ProbabilityUp = 1 - s.ProbabilityUp })];
        PairedComparison better = PairedComparison.Of("x", truth, wrong, 5);
        Assert.Equal("better", better.Finding);
        Assert.Equal(better.Accuracy - better.OtherAccuracy, better.AccuracyDifference.Value, 1e-12);
        Assert.Equal(Evaluator.Evaluate(truth, 5).LogLoss.Value - Evaluator.Evaluate(wrong, 5).LogLoss.Value, better.LogLossDifference.Value, 1e-9);
        Assert.Equal("worse", PairedComparison.Of("x", wrong, truth, 5).Finding);
        PairedComparison same = PairedComparison.Of("x", truth, truth[1_000..], 5);
        Assert.Equal(("no difference shown", 2_000L), (same.Finding, same.N));
        Assert.Throws<InvalidDataException>(() => PairedComparison.Of("x", truth[..10], truth[20..], 5));
    }

    [Fact]
    public void AWholeReportNamesTheSignalAndIsAWellFormedPage()
    {
        TrainingTable table = PlantedTable.Create(4_000, drift: 0.8) with { FeatureNames = ["rsi", "macd", "volume", "is_weekend"] };
        string directory = Path.Combine(_folder, "planted", "1");
        var options = new FitOptions { Name = "planted", Version = "1", Architecture = ModelArchitecture.Logistic, Samples = new SampleOptions { SequenceLength = 4, HorizonBars = 1 } };
        ModelManifest manifest = PackageWriter.Write(directory, table, ModelFit.Run(table, options, _ => { }));
        ModelReport report = ModelJudge.Judge(directory, manifest, _ => table, new JudgeOptions { ImportanceSamples = 400 });
        // What shows the signal stands out, its noisier echo and the two without it do not.
        Assert.True(report.Importance[0].LogLossIncrease.Low > 0.05);
        Assert.All(report.Importance[1..], f => Assert.InRange(f.LogLossIncrease.Value, -0.02, 0.03));
        Assert.Equal("no difference shown", report.Baseline!.Finding);
        Assert.Equal("PASS", report.Verdict);
        Assert.Empty(report.Leaks);
        string html = ModelReportPage.Render(report);
        XDocument page = XDocument.Parse(html.Replace("<!doctype html>", "", StringComparison.Ordinal).Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal));
        Assert.True(page.Descendants("svg").Count() >= 3);
        Assert.Contains(page.Descendants("h2"), h => h.Value.StartsWith("Permutation importance", StringComparison.Ordinal));
        JsonElement json = JsonDocument.Parse(ModelReportJson.Write(report)).RootElement;
        Assert.Equal(report.Accuracy, json.GetProperty("accuracy").GetDouble());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("featureDrift")[3].GetProperty("shift").ValueKind);
        Assert.Equal(html, ModelReportPage.Render(ModelJudge.Judge(directory, manifest, _ => table, new JudgeOptions { ImportanceSamples = 400 })));
    }

    [Fact]
    public void AFeatureThatContainsTheLabelIsNamedInTheReport()
    {
        TrainingTable honest = PlantedTable.Create(3_000) with { FeatureNames = ["rsi", "macd", "volume", "is_weekend"] };
        var options = new FitOptions { Name = "leaky", Version = "1", Architecture = ModelArchitecture.Logistic, Samples = new SampleOptions { SequenceLength = 4, HorizonBars = 1 } };
        TrainingTable table = PlantedMarket.Rewrite(honest, honest.FeatureNames, (symbol, row, inputs) =>
        {
            SymbolRows rows = honest.Symbols[symbol];
            rows.InputsOf(row).CopyTo(inputs);
            inputs[2] = row + 1 < rows.Count ? Math.Log(rows.Close[row + 1] / rows.Close[row]) : 0;
        });
        string directory = Path.Combine(_folder, "leaky", "1");
        ModelManifest manifest = PackageWriter.Write(directory, table, ModelFit.Run(table, options, _ => { }));
        ModelReport report = ModelJudge.Judge(directory, manifest, _ => table, new JudgeOptions { ImportanceSamples = 0 });
        Assert.Equal([new FeatureLeak("volume", 1)], report.Leaks);
        Assert.StartsWith("LEAK: volume", report.Notes[0], StringComparison.Ordinal);
        Assert.Empty(report.Importance);

        // Another label is another question.
        ModelManifest other = manifest with { Label = manifest.Label with { HorizonBars = 2 } };
        Assert.Contains("cannot be compared", Assert.Throws<InvalidDataException>(() => ModelJudge.Judge(
            directory, other, _ => table, new JudgeOptions { ImportanceSamples = 0, Previous = directory })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APriceThatDoesNotMoveIsNoSampleButPaysItsCosts()
    {
        TrainingTable table = PlantedTable.Create(2_000) with { FeatureNames = ["rsi", "macd", "volume", "is_weekend"] };
        var options = new FitOptions { Name = "flat", Version = "1", Architecture = ModelArchitecture.Logistic, Samples = new SampleOptions { SequenceLength = 4, HorizonBars = 1 } };
        string directory = Path.Combine(_folder, "flat", "1");
        ModelManifest manifest = PackageWriter.Write(directory, table, ModelFit.Run(table, options, _ => { }));
        foreach (SymbolRows rows in table.Symbols)
        {
            for (int row = 1_901; row < 1_950; row++)
                rows.Close[row] = rows.Close[1_900];
        }

        ModelReport report = ModelJudge.Judge(directory, manifest, _ => table, new JudgeOptions { ImportanceSamples = 0 });
        Assert.Equal(2 * 49, report.NFlat);
        Assert.Equal(report.N + report.NFlat, report.Net.Trades[0].Trades);
    }

    [Fact]
    public void TheLearningCurveIsTheCards()
    {
        Assert.Empty(LearningEpoch.Read(_folder));
        File.WriteAllText(Path.Combine(_folder, "card.md"), "# x\n\n| epoch | training loss | validation loss | validation accuracy | learning rate |\n|---|---|---|---|---|\n"
            + "| 1 | 0.6900 | 0.6800 | 0.5500 | 0.0005 |\n| 2 (best so far) | 0.6500 | 0.6400 | 0.6100 | 0.0005 |\n\nmore\n");
        Assert.Equal([new LearningEpoch(1, 0.69, 0.68, 0.55), new LearningEpoch(2, 0.65, 0.64, 0.61)], LearningEpoch.Read(_folder));
        File.WriteAllText(Path.Combine(_folder, "card.md"), "| epoch | a | b | c |\n|---|\n| one | 1 | 2 | 3 |\n");
        Assert.Contains("card.md, line 3", Assert.Throws<InvalidDataException>(() => LearningEpoch.Read(_folder)).Message, StringComparison.Ordinal);
    }
}
