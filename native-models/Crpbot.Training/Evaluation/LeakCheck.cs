using Crpbot.Training.Learning;

namespace Crpbot.Training.Evaluation;

/// <summary>A feature that alone tells the label better than a market lets one: it contains the answer.</summary>
/// <param name="Auc">Of the feature's newest value against the label.</param>
internal sealed record FeatureLeak(string Name, double Auc);

/// <summary>Names the features that know too much.</summary>
internal static class LeakCheck
{
    /// <summary>|2·AUC − 1| from here on is no market's; order-book imbalance, at its best, stays below 0.7.</summary>
    public const double Threshold = 0.8;

    /// <param name="table">Raw inputs.</param>
    /// <param name="samples">Labels.</param>
    public static FeatureLeak[] Find(TrainingTable table, Sample[] samples) => [.. Enumerable.Range(0, table.Features)
        .Select(i => new FeatureLeak(table.FeatureNames[i], AucOf(table, samples, i))).Where(leak => Math.Abs(2 * leak.Auc - 1) >= Threshold)];

    /// <summary>Share of pairs, one up and one down, in which the up one is larger; ties count half; missing values are left out.</summary>
    internal static double AucOf(TrainingTable table, Sample[] samples, int feature)
    {
        (double Value, bool Up)[] sorted = [.. samples
            .Select(s => (Value: table.Symbols[s.Symbol].InputsOf(s.Row)[feature], s.Up)).Where(s => !double.IsNaN(s.Value)).OrderBy(s => s.Value)];
        double pairs = 0, ups = 0, downs = 0;
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            double tieUps = 0, tieDowns = 0;
            for (end = start; end < sorted.Length && sorted[end].Value == sorted[start].Value; end++)
                (tieUps, tieDowns) = sorted[end].Up ? (tieUps + 1, tieDowns) : (tieUps, tieDowns + 1);
            pairs += tieUps * (downs + 0.5 * tieDowns);
            (ups, downs) = (ups + tieUps, downs + tieDowns);
        }

        return pairs / (ups * downs);
    }
}
