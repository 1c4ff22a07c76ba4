using System.Globalization;
using Crpbot.Analysis.Statistics;

namespace Crpbot.Analysis;

/// <summary>What a reader must know to check a report.</summary>
internal static class AnalysisNotes
{
    public static IReadOnlyList<string> Of(FeatureAnalysisReport report) =>
    [
        Text($"Schema version {report.SchemaVersion}, hash {report.SchemaHash}. Features are the inputs a model sees, not the stored values. Seed {report.Seed}: the same dataset and seed give the same page."),
        "Rows that warm up are not used. A window with a missing bar and a return of zero have no label. Rows of several symbols are pooled.",
        Text($"Intervals: {report.Replicates} draws of whole blocks of time with replacement, at least four labels and an hour long, all symbols of a minute in one block; percentiles 2.5 and 97.5. Ranks are taken once, over all samples. p-values: the correlation over its bootstrap deviation, as a normal."),
        "q: Benjamini and Hochberg over all features and horizons together. Neighbouring horizons and features of one group are no independent tests, so a whole group tends to be found or missed together.",
        Text($"Mutual information: {MutualInformation.Bins} bins of equal mass against the sign; the labels of each symbol are shifted in a circle by a tenth to nine tenths of the span {report.Shifts} times, which keeps what feature and label remember. The smallest p is 1/{report.Shifts + 1}."),
        "Baselines: expanding walk-forward. Training labels end before the test begins, an embargo of 60 bars earlier; median and spread are fitted on the training rows only; a missing input is the training median. The answers of all folds are judged together. Nothing was tuned on these folds.",
        "Break-even accuracy of an even bet is 0.5 + costs / (2 · mean |move|). It assumes that moves are as large when the model is right as when it is wrong.",
        Text($"Groups: average linkage on |Spearman|, joined while the mean is at least {report.ClusterThreshold:0.00}. Stability index: ten bins of equal mass in the first third, Σ (b − a)·ln(b / a)."),
    ];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
