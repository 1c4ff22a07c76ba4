using System.Globalization;
using Crpbot.Analysis.Statistics;
using Crpbot.Reports;

namespace Crpbot.Analysis;

/// <summary>A report as one HTML document with pictures.</summary>
public static class AnalysisPage
{
    private static readonly string[] Groups = ["candle features", "microstructure features"];

    /// <param name="report">What was found.</param>
    public static string Render(FeatureAnalysisReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new HtmlPage("What the features say about the next bars", Text(
            $"{report.Source} · {string.Join(", ", report.Symbols)} · {report.From} to {report.To} · {report.UsedRows:N0} of {report.Rows:N0} rows used"));
        Verdict(page, report);
        Targets(page, report);
        Correlations(page, report);
        Information(page, report);
        BaselinesOf(page, report);
        ImportanceOf(page, report);
        Stability(page, report);
        Redundancy(page, report);
        EveryFeature(page, report);
        return page.Heading("How it was done").Notes(AnalysisNotes.Of(report)).ToString();
    }

    private static void Verdict(HtmlPage page, FeatureAnalysisReport report)
    {
        TestCounts tests = report.Correlations;
        BaselineReport? best = report.Baselines.MaxBy(baseline => baseline.Auc.Low);
        page.Figures(
            ("correlations that survive", Text($"{tests.Discoveries} of {tests.Tests}"), tests.Discoveries > 0 ? Tone.Good : Tone.Warning),
            (Text($"p < 0.05 ({tests.ExpectedByChance:0} by chance)"), Text($"{tests.BelowFivePercent}"), Tone.Plain),
            (best is null ? "best AUC" : Text($"best AUC out of sample, {best.Bars} bars"), best is null ? "none" : Text($"{best.Auc.Value:0.000}"), best?.Auc.Low > 0.5 ? Tone.Good : Tone.Warning),
            ("groups of features", Text($"{report.Clusters.Count} of {report.Features.Count}"), Tone.Plain),
            ("leaks", Text($"{report.Leaks.Count}"), report.Leaks.Count > 0 ? Tone.Bad : Tone.Good));
        foreach (string finding in report.Findings)
            page.Paragraph(finding, finding.StartsWith("LEAK", StringComparison.Ordinal) ? Tone.Bad : Tone.Plain);
    }

    private static void Targets(HtmlPage page, FeatureAnalysisReport report)
    {
        page.Heading("What is predicted").Paragraph(report.Label == "mid"
            ? "The return of the mid from the end of a bar to the end of the bar h minutes later; for the direction, its sign."
            : "The return of the last trade from the end of a bar to the end of the bar h minutes later; for the direction, its sign. The last trade bounces between bid and ask, which makes one-bar returns look as if they turned back.");
        page.BeginTable("bars ahead", "samples", "not overlapping", "share up", "mean |move|, bps", "block, minutes", "blocks", "break-even at 1 bp", "at 6.5 bps");
        foreach (HorizonReport h in report.Horizons)
        {
            page.Row(Text($"{h.Bars}"), Text($"{h.Samples:N0}"), Text($"{h.EffectiveSamples:N0}"), Text($"{h.ShareUp:0.000}"), Text($"{h.MeanMoveBps:0.00}"), Text($"{h.BlockMinutes}"),
                Text($"{h.Blocks:N0}"), Findings.BreakEven(h.BreakEvenAt1Bp), Findings.BreakEven(h.BreakEvenAt6Bps));
        }

        page.EndTable();
    }

    private static void Correlations(HtmlPage page, FeatureAnalysisReport report)
    {
        page.Heading(Text($"Rank correlation with the return {Findings.Ahead(report.MainHorizon)}"));
        var rows = report.Features.Select(feature => (feature, Main: MainOf(report, feature))).OrderByDescending(row => Size(row.Main.Spearman.Value))
            .Select(row => (row.feature.Name, row.Main.Spearman.Value, row.Main.Spearman.Low, row.Main.Spearman.High, GroupOf(row.feature))).ToArray();
        page.Picture(new BarChart("Spearman correlation", rows) { Groups = GroupsOf(report) }.ToSvg(), "Whiskers are 95 % intervals of each feature by itself. With so many features some leave out 0 by chance: the q-values in the last table count that.");
        double largest = report.Features.SelectMany(feature => feature.Horizons).Select(a => Size(a.Spearman.Value)).Max();
        if (largest > 0)
        {
            page.Picture(new Heatmap([.. report.Horizons.Select(h => Text($"{h.Bars} bars"))], [.. report.Features.Select(feature =>
                (feature.Name, (IReadOnlyList<double>)[.. feature.Horizons.Select(a => a.Spearman.Value / largest)]))]).ToSvg(),
                Text($"Spearman by horizon; the full colour is {largest:0.000}, blue is positive."));
        }
    }

    private static void Information(HtmlPage page, FeatureAnalysisReport report)
    {
        page.Heading(Text($"Mutual information with the direction {Findings.Ahead(report.MainHorizon)}"));
        var rows = report.Features.Select(feature => (feature, MainOf(report, feature).Information)).OrderByDescending(row => double.IsNaN(row.Information.Excess) ? double.MinValue : row.Information.Excess)
            .Select(row => (row.feature.Name, 1e3 * row.Information.Excess, double.NaN, double.NaN, GroupOf(row.feature))).ToArray();
        page.Picture(new BarChart("thousandths of a bit above chance", rows) { Groups = GroupsOf(report) }.ToSvg(),
            Text($"{MutualInformation.Bins} bins of equal mass; chance is the mean over {report.Shifts} circular shifts of the labels. A direction has one bit."));
    }

    private static void BaselinesOf(HtmlPage page, FeatureAnalysisReport report)
    {
        page.Heading("Baselines out of sample");
        if (report.Baselines.Count == 0)
        {
            page.Paragraph("Too few samples for a walk-forward test.");
            return;
        }

        var rows = report.Baselines.Select(b => (Text($"{b.Bars} bars, {b.Features}, {Findings.Name(b.Model)}"), b.Auc.Value - 0.5, b.Auc.Low - 0.5, b.Auc.High - 0.5, (int)b.Model)).ToArray();
        page.Picture(new BarChart("AUC above 0.5", [.. rows.Select(row => (Short(row.Item1), row.Item2, row.Item3, row.Item4, row.Item5))]) { Groups = ["logistic regression", "boosted trees"] }.ToSvg(),
            "An interval that holds 0 is a coin.");
        page.BeginTable("bars ahead", "features", "model", "samples", "accuracy", "always up", "accuracy over always up", "AUC", "log loss");
        foreach (BaselineReport b in report.Baselines)
        {
            page.Row(b.Auc.Low > 0.5 ? Tone.Good : Tone.Plain, Text($"{b.Bars}"), b.Features, Findings.Name(b.Model), Text($"{b.Samples:N0}"), Cell(b.Accuracy), Text($"{b.AlwaysUp.Value:0.000}"),
                Cell(b.OverAlwaysUp), Cell(b.Auc), Text($"{b.LogLoss.Value:0.0000} [{b.LogLoss.Low:0.0000}, {b.LogLoss.High:0.0000}]"));
        }

        page.EndTable();
        if (report.Gains.Count == 0)
            return;
        page.Paragraph("What the 20 microstructure features add to the 33 candle features (a log loss below 0 is a gain):");
        page.BeginTable("bars ahead", "model", "accuracy", "AUC", "log loss");
        foreach (GainReport gain in report.Gains)
            page.Row(gain.LogLoss.High < 0 ? Tone.Good : Tone.Plain, Text($"{gain.Bars}"), Findings.Name(gain.Model), Cell(gain.Accuracy), Cell(gain.Auc), Text($"{gain.LogLoss.Value:+0.00000;-0.00000} [{gain.LogLoss.Low:+0.00000;-0.00000}, {gain.LogLoss.High:+0.00000;-0.00000}]"));
        page.EndTable();
    }

    private static void ImportanceOf(HtmlPage page, FeatureAnalysisReport report)
    {
        foreach (ImportanceReport importance in report.Importance)
        {
            page.Heading(Text($"What {Findings.Name(importance.Model)} uses, {Findings.Ahead(importance.Bars)}"));
            int Group(string name) => GroupOf(report.Features.Single(feature => feature.Name == name));
            page.Picture(new BarChart("rise of the log loss, thousandths of a nat", [.. importance.Features.OrderByDescending(f => f.LossIncrease.Value)
                .Select(f => (f.Name, 1e3 * f.LossIncrease.Value, 1e3 * f.LossIncrease.Low, 1e3 * f.LossIncrease.High, Group(f.Name)))]) { Groups = GroupsOf(report) }.ToSvg(),
                Text($"Each feature shuffled among {importance.Samples:N0} test rows. Features of one group stand in for one another, so each looks less important than the group is; where a linear model lets similar features cancel, shuffling one does harm though the group may be worth little. Below 0: the model would be better off without it."));
        }
    }

    private static void Stability(HtmlPage page, FeatureAnalysisReport report)
    {
        page.Heading("Stability over time");
        double[] times = [.. report.PeriodStarts.Select(start => (double)new DateTimeOffset(DateTime.Parse(start, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)).ToUnixTimeSeconds())];
        var top = report.Features.OrderByDescending(feature => Size(MainOf(report, feature).Spearman.Value)).Take(6);
        page.Picture(new LineChart("start of the period", Text($"Spearman, {Findings.Ahead(report.MainHorizon)}"), [.. top.Select(feature => new Series(feature.Name, times, feature.PeriodCorrelations))]) { XIsTime = true, Reference = 0 }.ToSvg(),
            "The six features with the largest correlation over the whole span. They were chosen for it, so the lines flatter them.");
        page.Picture(new BarChart("stability index, first third against last", [.. report.Features.OrderByDescending(feature => Size(feature.StabilityIndex)).Take(20)
            .Select(feature => (feature.Name, feature.StabilityIndex, double.NaN, double.NaN, GroupOf(feature)))]) { Groups = GroupsOf(report) }.ToSvg(), "Above 0.25 a distribution has moved; under 0.1 it is stable.");
    }

    private static void Redundancy(HtmlPage page, FeatureAnalysisReport report)
    {
        page.Heading("Which features say the same");
        int[] order = [.. report.Clusters.OrderByDescending(group => group.Count).SelectMany(group => group).Select(name => report.Features.ToList().FindIndex(feature => feature.Name == name))];
        page.Picture(new Heatmap([.. order.Select(f => report.Features[f].Name)], [.. order.Select(i =>
            (report.Features[i].Name, (IReadOnlyList<double>)[.. order.Select(j => report.FeatureCorrelations[i][j])]))]).ToSvg(), "Spearman between features, groups first; blue is positive.");
        string[] groups = [.. report.Clusters.Where(group => group.Count > 1).Select(group => string.Join(" · ", group))];
        page.Paragraph(groups.Length == 0 ? "No two features reach the threshold." : Text($"Groups at a mean |Spearman| of {report.ClusterThreshold:0.00}: one of each would do.")).Notes(groups);
    }

    private static void EveryFeature(HtmlPage page, FeatureAnalysisReport report)
    {
        page.Heading(Text($"Every feature, {Findings.Ahead(report.MainHorizon)}"));
        page.BeginTable("feature", "samples", "missing", "Pearson", "q", "Spearman", "q", "AUC", "bits / 1000", "q", "same sign", "stability index");
        foreach (FeatureReport feature in report.Features)
        {
            AssociationReport a = MainOf(report, feature);
            page.Row(a.SpearmanQ < 0.05 ? Tone.Good : Tone.Plain, feature.Name, Text($"{a.Samples:N0}"), Text($"{feature.MissingShare:0.0 %}"), Correlation(a.Pearson), Number(a.PearsonQ, "0.000"), Correlation(a.Spearman),
                Number(a.SpearmanQ, "0.000"), Number(a.Auc, "0.000"), Number(1e3 * a.Information.Excess, "0.00"), Number(a.InformationQ, "0.000"), Number(feature.SignConsistency, "0 %"), Number(feature.StabilityIndex, "0.00"));
        }

        page.EndTable();
        if (report.Absent.Count > 0)
            page.Paragraph($"In no row of this dataset: {string.Join(", ", report.Absent)}.");
    }

    private static AssociationReport MainOf(FeatureAnalysisReport report, FeatureReport feature) => feature.Horizons.Single(a => a.Bars == report.MainHorizon);

    private static int GroupOf(FeatureReport feature) => feature.Group == "candle" ? 0 : 1;

    private static string[] GroupsOf(FeatureAnalysisReport report) => report.Features.Any(feature => GroupOf(feature) == 1) ? Groups : [];

    private static double Size(double value) => double.IsNaN(value) ? -1 : Math.Abs(value);

    private static string Short(string name) => name.Replace("logistic regression", "logistic", StringComparison.Ordinal).Replace("boosted trees", "trees", StringComparison.Ordinal);

    private static string Cell(Estimate e) => Text($"{e.Value:0.000} [{e.Low:0.000}, {e.High:0.000}]");

    private static string Correlation(Estimate e) => double.IsNaN(e.Value) ? "constant" : Text($"{e.Value:+0.000;-0.000} [{e.Low:+0.000;-0.000}, {e.High:+0.000;-0.000}]");

    private static string Number(double value, string format) => double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
