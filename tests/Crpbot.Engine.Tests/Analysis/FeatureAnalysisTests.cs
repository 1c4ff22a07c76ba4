using Crpbot.Analysis;
using Crpbot.Analysis.Models;
using Crpbot.Features;
using Xunit;

namespace Crpbot.Engine.Tests.Analysis;

public class FeatureAnalysisTests
{
    private static readonly AnalysisOptions Quick = new() { Horizons = [1, 5], Replicates = 200, Shifts = 99 };

    [Fact]
    public void APlantedSignalComesOutOnTopEverywhere()
    {
        var market = new PlantedMarket(seed: 1, strength: 0.3);
        market.PlantSignal(FeatureIndex.Rsi, noise: 0.1).PlantSignal(FeatureIndex.Macd, noise: 0.1).PlantDrift(FeatureIndex.Atr, from: 4_000, by: 3);
        FeatureAnalysisReport report = FeatureAnalysis.Run(market.Symbols, "planted", Quick);

        string[] planted = ["macd", "rsi"];
        AssociationReport Next(FeatureReport feature) => feature.Horizons[0];
        Assert.Equal(planted, report.Features.OrderByDescending(f => Math.Abs(Next(f).Spearman.Value)).Take(2).Select(f => f.Name).Order());
        Assert.Equal(planted, report.Features.OrderByDescending(f => Next(f).Information.Excess).Take(2).Select(f => f.Name).Order());
        FeatureReport rsi = report.Features.Single(f => f.Name == "rsi");
        // 0.3 / sqrt(1 + 0.3²), less what the noise takes.
        Assert.InRange(Next(rsi).Pearson.Value, 0.25, 0.32);
        Assert.True(Next(rsi).SpearmanQ < 0.001 && Next(rsi).InformationQ < 0.5 && Next(rsi).Information.P < 0.02);
        // Five Bars hold the same signal and five times the noise.
        Assert.InRange(rsi.Horizons[1].Pearson.Value, 0.08, 0.18);
        Assert.Equal(1, rsi.SignConsistency);
        Assert.Contains(report.Clusters, group => group.Order().SequenceEqual(planted));
        Assert.Equal(32, report.Clusters.Count);
        Assert.Equal("atr", report.Features.MaxBy(f => f.StabilityIndex)!.Name);
        Assert.Empty(report.Leaks);
        Assert.All(report.Baselines.Where(b => b.Bars == 1), b => Assert.True(b.Auc.Low > 0.5 && b.OverAlwaysUp.Low > 0));
        Assert.Equal(2, report.Importance.Count);
        Assert.All(report.Importance, importance =>
        {
            FeatureImportance[] ranked = [.. importance.Features.OrderByDescending(f => f.LossIncrease.Value)];
            Assert.Equal(planted, ranked.Take(2).Select(f => f.Name).Order());
        });
        Assert.Contains(report.Findings, finding => finding.Contains("distributions moved", StringComparison.Ordinal) && finding.Contains("atr", StringComparison.Ordinal));
        Assert.Contains(report.Findings, finding => finding.StartsWith("In short: ", StringComparison.Ordinal) && finding.Contains("better than a coin out of sample", StringComparison.Ordinal));
    }

    [Fact]
    public void NoiseIsCalledNoise()
    {
        FeatureAnalysisReport report = FeatureAnalysis.Run(new PlantedMarket(seed: 2, strength: 0).Symbols, "noise", Quick);
        Assert.Equal((66, 3.3), (report.Correlations.Tests, Math.Round(report.Correlations.ExpectedByChance, 6)));
        Assert.Equal((0, 0), (report.Correlations.Discoveries, report.Information.Discoveries));
        Assert.InRange(report.Correlations.BelowFivePercent, 0, 9);
        Assert.InRange(report.Information.BelowFivePercent, 0, 9);
        int outside = report.Features.SelectMany(f => f.Horizons).Count(a => !a.Spearman.Contains(0));
        Assert.InRange(outside, 0, 9);
        Assert.All(report.Baselines, b => Assert.True(b.Auc.Contains(0.5), $"{b}"));
        Assert.Equal("In short: noise. Out of sample no baseline ranks the directions better than a coin, over any horizon.", report.Findings[0]);
        Assert.Contains("None can be told from noise", report.Findings[1], StringComparison.Ordinal);
        Assert.All(report.Importance, importance => Assert.InRange(importance.Features.Count(f => f.LossIncrease.Low > 0), 0, 5));
        Assert.All(report.Clusters, group => Assert.Single(group));
    }

    [Fact]
    public void AFeatureThatHoldsTheLabelIsNamed()
    {
        FeatureAnalysisReport report = FeatureAnalysis.Run(new PlantedMarket(seed: 3, strength: 0).PlantLeak(FeatureIndex.BbWidth, 5).Symbols, "leak", Quick);
        LeakReport leak = Assert.Single(report.Leaks);
        Assert.Equal(("bb_width", 5), (leak.Name, leak.Bars));
        Assert.Equal(1, leak.Auc);
        Assert.StartsWith("LEAK: bb_width is nearly the label itself 5 bars ahead", report.Findings[0], StringComparison.Ordinal);
        Assert.Contains("LEAK: bb_width", AnalysisPage.Render(report), StringComparison.Ordinal);
    }

    [Fact]
    public void NewFeaturesAreWeighedAgainstTheOldOutOfSample()
    {
        AnalysisOptions options = Quick with { Horizons = [1] };
        var market = new PlantedMarket(seed: 4, strength: 0.3, features: FeatureSchema.Count);
        FeatureAnalysisReport with = FeatureAnalysis.Run(market.PlantSignal(FeatureIndex.OfiL1, noise: 0.1).Symbols, "new", options);
        Assert.All(with.Gains, gain => Assert.True(gain.LogLoss.High < 0 && gain.Auc.Low > 0, $"{gain}"));
        Assert.Equal([BaselineKind.Logistic, BaselineKind.Trees], with.Gains.Select(gain => gain.Model));
        Assert.Contains(with.Findings, finding => finding.EndsWith("they add something.", StringComparison.Ordinal));

        market = new PlantedMarket(seed: 5, strength: 0.3, features: FeatureSchema.Count);
        FeatureAnalysisReport without = FeatureAnalysis.Run(market.PlantSignal(FeatureIndex.Rsi, noise: 0.1).Symbols, "old", options);
        Assert.All(without.Gains, gain => Assert.True(gain.LogLoss.High > 0, $"{gain}"));
        Assert.DoesNotContain(without.Findings, finding => finding.EndsWith("they add something.", StringComparison.Ordinal));
    }

    [Fact]
    public void EqualSeedsGiveEqualReports()
    {
        AnalysisOptions options = Quick with { Horizons = [5] };
        FeatureAnalysisReport Run() => FeatureAnalysis.Run(new PlantedMarket(seed: 6, strength: 0.2).PlantSignal(FeatureIndex.Rsi, 1).Symbols, "twice", options);
        FeatureAnalysisReport one = Run(), two = Run();
        Assert.Equal(AnalysisJson.Write(one), AnalysisJson.Write(two));
        Assert.Equal(AnalysisPage.Render(one), AnalysisPage.Render(two));
        Assert.NotEqual(AnalysisJson.Write(one), AnalysisJson.Write(FeatureAnalysis.Run(new PlantedMarket(seed: 6, strength: 0.2).PlantSignal(FeatureIndex.Rsi, 1).Symbols, "twice", options with { Seed = 9 })));
    }

    [Fact]
    public void WindowsOverHolesAndMovesOfZeroHaveNoLabel()
    {
        PlantedMarket market = new(seed: 7, strength: 0, symbols: 1);
        Crpbot.Datasets.InputRows rows = market.Symbols[0];
        for (int i = 100; i < rows.Count; i++)
            rows.Times[i] += Crpbot.Messages.UnixNanos.PerMinute;
        rows.Close[205] = rows.Close[200];
        rows.Flags[300] = FeatureRowFlags.Warmup;
        double Label(int row, int bars) => AnalysisTable.ReturnOf(rows, usesMid: false, row, bars);
        Assert.All(Enumerable.Range(95, 5), row => Assert.True(double.IsNaN(Label(row, 5))));
        Assert.False(double.IsNaN(Label(94, 5)) || double.IsNaN(Label(100, 5)));
        Assert.True(double.IsNaN(Label(200, 5)) && double.IsNaN(Label(PlantedMarket.Rows - 5, 5)));
        Assert.Equal(1e4 * Math.Log(rows.Close[15] / rows.Close[10]), Label(10, 5), 9);
        AnalysisTable table = AnalysisTable.From(market.Symbols, Quick);
        Assert.Equal(PlantedMarket.Rows - 1, table.Rows);
        Assert.DoesNotContain((int)(rows.Times[300].Value / Crpbot.Messages.UnixNanos.PerMinute), table.Minutes);
    }

    [Fact]
    public void TheMidIsTheTargetWhereMostRowsHaveOne()
    {
        PlantedMarket market = new(seed: 8, strength: 0, symbols: 1);
        Crpbot.Datasets.InputRows rows = market.Symbols[0];
        Assert.False(AnalysisTable.From(market.Symbols, Quick).UsesMid);
        for (int i = 0; i < rows.Count; i++)
            rows.Mid[i] = 50 + i;
        AnalysisTable table = AnalysisTable.From(market.Symbols, Quick);
        Assert.True(table.UsesMid);
        Assert.Equal((float)(1e4 * Math.Log(51.0 / 50)), table.Returns[0][0]);
    }
}
