using System.Globalization;
using Crpbot.Analysis.Models;

namespace Crpbot.Analysis;

/// <summary>A report in sentences. They say noise where the numbers cannot tell it from a signal.</summary>
internal static class Findings
{
    private const double Moved = 0.25;
    private const double Steady = 0.9;

    public static IReadOnlyList<string> Of(FeatureAnalysisReport report)
    {
        var findings = new List<string>();
        foreach (var leak in report.Leaks.GroupBy(leak => leak.Name))
        {
            LeakReport worst = leak.MaxBy(l => Math.Max(Math.Abs(l.Spearman), Math.Abs(2 * l.Auc - 1)))!;
            findings.Add(Text($"LEAK: {worst.Name} is nearly the label itself {Ahead(worst.Bars)} (Spearman {worst.Spearman:0.000}, AUC {worst.Auc:0.000}). No market gives that: find out how the future came into it before believing anything below."));
        }

        findings.Add(InShort(report));
        findings.Add(Association("Rank correlation", report.Correlations, StrongestOf(report)));
        findings.Add(InformationOf(report));
        findings.AddRange(report.Horizons.Select(horizon => BaselineOf(report, horizon)).OfType<string>());
        findings.AddRange(report.Gains.GroupBy(gain => gain.Bars).Select(GainOf));
        if (report.Gains.Count == 0)
            findings.Add(report.Features.All(feature => feature.Group == "candle")
                ? "Old against new features: these rows hold no microstructure feature, so nothing can be said about the new 20."
                : "Old against new features: the two sets were not both there to compare.");
        findings.AddRange(report.Importance.Select(importance => ImportanceOf(report, importance)));
        findings.Add(StabilityOf(report));
        int[] sizes = [.. report.Clusters.Select(group => group.Count)];
        findings.Add(Text($"Redundancy: at a mean |Spearman| of {report.ClusterThreshold:0.00} the {report.Features.Count} features form {sizes.Length} groups; {sizes.Where(size => size > 1).Sum()} of them share a group with another."));
        return findings;
    }

    private static string InShort(FeatureAnalysisReport report)
    {
        BaselineReport[] better = [.. report.Baselines.Where(baseline => baseline.Auc.Low > 0.5)];
        if (report.Leaks.Count > 0)
            return "In short: nothing here can be believed while a leak is in the data.";
        if (better.Length == 0)
            return "In short: noise. Out of sample no baseline ranks the directions better than a coin, over any horizon.";
        BaselineReport best = better.MaxBy(baseline => baseline.Auc.Value)!;
        bool Pays(BaselineReport baseline, Func<HorizonReport, double> needed) => baseline.Accuracy.Low > needed(report.Horizons.Single(horizon => horizon.Bars == baseline.Bars));
        string money = report.Baselines.Any(baseline => Pays(baseline, horizon => horizon.BreakEvenAt6Bps)) ? "and one of them is accurate enough for costs of 6.5 bps"
            : report.Baselines.Any(baseline => Pays(baseline, horizon => horizon.BreakEvenAt1Bp)) ? "and one of them is accurate enough for costs of 1 bp, none for 6.5 bps"
            : "and none is shown to be accurate enough even for costs of 1 bp: nothing to trade on";
        return Text($"In short: {better.Length} of {report.Baselines.Count} baselines rank the directions better than a coin out of sample, the best with an AUC of {best.Auc.Value:0.000} {Ahead(best.Bars)}, {money}.");
    }

    /// <summary>The feature and horizon with the smallest q, then the largest correlation.</summary>
    private static (string Name, AssociationReport Association)? StrongestOf(FeatureAnalysisReport report)
    {
        var known = report.Features.SelectMany(feature => feature.Horizons.Select(a => (feature.Name, Association: a))).Where(a => !double.IsNaN(a.Association.SpearmanP)).ToArray();
        return known.Length == 0 ? null : known.MinBy(a => (a.Association.SpearmanQ, -Math.Abs(a.Association.Spearman.Value)));
    }

    private static string Association(string what, TestCounts counts, (string Name, AssociationReport Association)? strongest)
    {
        string head = Text($"{what}: {counts.BelowFivePercent} of {counts.Tests} tests have p < 0.05, where {counts.ExpectedByChance:0.0} would by chance alone; {counts.Discoveries} survive at a false discovery rate of 5 %.");
        if (strongest is not { } s)
            return head + " No feature varies.";
        AssociationReport a = s.Association;
        string best = Text($" The strongest is {s.Name}, {Ahead(a.Bars)}: {a.Spearman.Value:+0.0000;-0.0000} [{a.Spearman.Low:+0.0000;-0.0000}, {a.Spearman.High:+0.0000;-0.0000}], q {a.SpearmanQ:0.000}.");
        return head + best + (counts.Discoveries == 0 ? " None can be told from noise." : Text($" Squared, that is {100 * a.Spearman.Value * a.Spearman.Value:0.00} % of the variance of the ranks."));
    }

    private static string InformationOf(FeatureAnalysisReport report)
    {
        TestCounts counts = report.Information;
        var best = report.Features.SelectMany(feature => feature.Horizons.Select(a => (feature.Name, a))).Where(x => !double.IsNaN(x.a.Information.P)).OrderByDescending(x => x.a.Information.Excess).FirstOrDefault();
        string head = Text($"Mutual information: {counts.BelowFivePercent} of {counts.Tests} tests have p < 0.05 ({counts.ExpectedByChance:0.0} by chance), {counts.Discoveries} at a false discovery rate of 5 %.");
        return best.a is null ? head : head + Text($" The most above chance is {best.Name}, {Ahead(best.a.Bars)}: {1e3 * best.a.Information.Excess:0.00} thousandths of a bit of the one bit a direction has.");
    }

    private static string? BaselineOf(FeatureAnalysisReport report, HorizonReport horizon)
    {
        BaselineReport[] here = [.. report.Baselines.Where(baseline => baseline.Bars == horizon.Bars)];
        if (here.Length == 0)
            return Text($"{Ahead(horizon.Bars)}: too few samples for a walk-forward baseline.");
        BaselineReport best = here.MaxBy(baseline => baseline.Auc.Value)!;
        string verdict = best.Auc.Low > 0.5
            ? best.OverAlwaysUp.Low > 0 ? "better than chance and than always saying up" : "its ranking is better than chance, its accuracy is not shown to beat always saying up"
            : best.Auc.High < 0.5 ? "worse than chance out of sample: what was learned did not hold" : "no better than a coin";
        string pays = best.Accuracy.High < horizon.BreakEvenAt1Bp ? "below what 1 bp of costs needs"
            : best.Accuracy.Low > horizon.BreakEvenAt6Bps ? "above what 6.5 bps of costs need" : "not clear of what costs need";
        return Text($"{Ahead(horizon.Bars)}: the best of {here.Length} baselines out of sample ({Name(best.Model)}, {best.Features} features) has AUC {best.Auc.Value:0.000} [{best.Auc.Low:0.000}, {best.Auc.High:0.000}] and accuracy {best.Accuracy.Value:0.000} [{best.Accuracy.Low:0.000}, {best.Accuracy.High:0.000}] against {best.AlwaysUp.Value:0.000} for always up: {verdict}. Break-even accuracy is {horizon.BreakEvenAt1Bp:0.000} at 1 bp and {BreakEven(horizon.BreakEvenAt6Bps)} at 6.5 bps a round trip; this is {pays}.");
    }

    private static string GainOf(IGrouping<int, GainReport> gains)
    {
        string each = string.Join("; ", gains.Select(gain => Text(
            $"{Name(gain.Model)} AUC {gain.Auc.Value:+0.0000;-0.0000} [{gain.Auc.Low:+0.0000;-0.0000}, {gain.Auc.High:+0.0000;-0.0000}], log loss {gain.LogLoss.Value:+0.00000;-0.00000} [{gain.LogLoss.Low:+0.00000;-0.00000}, {gain.LogLoss.High:+0.00000;-0.00000}]")));
        string verdict = gains.Any(gain => gain.LogLoss.High < 0) ? "they add something" : gains.All(gain => gain.LogLoss.Low > 0) ? "they make it worse" : "no gain is shown";
        return Text($"Old 33 against all 53, {Ahead(gains.Key)}, out of sample: {each}: {verdict}.");
    }

    /// <summary>A model without skill leans on features all the same: shuffling one of two that cancel each other adds noise.</summary>
    private static string ImportanceOf(FeatureAnalysisReport report, ImportanceReport importance)
    {
        BaselineReport model = report.Baselines.Last(baseline => baseline.Bars == importance.Bars && baseline.Model == importance.Model);
        if (!(model.Auc.Low > 0.5))
            return Text($"Shuffling a feature, {Name(importance.Model)}, {Ahead(importance.Bars)}: the model is no better than a coin out of sample, so what it leans on says nothing about the market.");
        FeatureImportance[] shown = [.. importance.Features.Where(feature => feature.LossIncrease.Low > 0).OrderByDescending(feature => feature.LossIncrease.Value)];
        return Text($"Shuffling a feature, {Name(importance.Model)}, {Ahead(importance.Bars)}: {shown.Length} of {importance.Features.Count} features make the log loss rise, that is, the model leans on them") +
            (shown.Length == 0 ? "." : ": " + string.Join(", ", shown.Take(5).Select(feature => feature.Name)) + (shown.Length > 5 ? " and others." : "."));
    }

    private static string StabilityOf(FeatureAnalysisReport report)
    {
        int steady = report.Features.Count(feature => feature.SignConsistency >= Steady);
        string[] moved = [.. report.Features.Where(feature => feature.StabilityIndex > Moved).OrderByDescending(feature => feature.StabilityIndex).Select(feature => feature.Name)];
        int periods = report.PeriodStarts.Count, same = (int)Math.Ceiling(Steady * periods);
        double chance = Enumerable.Range(same, periods - same + 1).Sum(k => Binomial(periods, k)) / Math.Pow(2, periods);
        return Text($"Stability, {Ahead(report.MainHorizon)}: {steady} of {report.Features.Count} features keep the sign of their correlation in at least {same} of {periods} parts of the time; of independent coins {chance * report.Features.Count:0.0} would, and somewhat more as the sign of the whole is one of the parts' making. ")
            + (moved.Length == 0 ? "No distribution moved much between the first and the last third."
                : Text($"{moved.Length} distributions moved between the first and the last third (index over {Moved}): {string.Join(", ", moved.Take(8))}{(moved.Length > 8 ? " and others" : "")}."));
    }

    internal static string Ahead(int bars) => Text($"{bars} bar{(bars == 1 ? "" : "s")} ahead");

    internal static string Name(BaselineKind kind) => kind == BaselineKind.Logistic ? "logistic regression" : "boosted trees";

    internal static string BreakEven(double accuracy) => accuracy > 1 ? "above 1 (no accuracy pays)" : accuracy.ToString("0.000", CultureInfo.InvariantCulture);

    private static double Binomial(int n, int k)
    {
        double value = 1;
        for (int i = 1; i <= k; i++)
            value = value * (n - k + i) / i;
        return value;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
