using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Evaluation;

/// <summary>How far a feature has moved since training.</summary>
/// <param name="Shift">Median now less the training median, in the training scale; NaN for flags and constants.</param>
/// <param name="Spread">Interquartile deviation now over the one in training; NaN where training had none.</param>
/// <param name="Missing">Share of rows without a value now.</param>
/// <param name="StabilityIndex">Population stability index against the training rows: under 0.1 is stable, over 0.25 moved; NaN where they are not at hand.</param>
internal sealed record FeatureDrift(string Name, double Shift, double Spread, double Missing, double StabilityIndex)
{
    private const int Bins = 10;
    private const double LeastShare = 1e-4;

    /// <param name="table">Rows of the model's features.</param>
    /// <param name="scaling">The model's constants, in the table's order.</param>
    /// <param name="samples">What is measured: the rows from the first to the last of them.</param>
    /// <param name="trainingEnd">Rows before it were learned from; null where the data is another.</param>
    public static FeatureDrift[] Of(TrainingTable table, IReadOnlyList<FeatureScaling> scaling, ScoredSample[] samples, UnixNanos? trainingEnd)
    {
        long from = samples.Min(s => s.Time.Value), to = samples.Max(s => s.Time.Value);
        return [.. Enumerable.Range(0, table.Features).Select(i =>
        {
            (List<double> now, long rows) = Values(table, i, time => time.Value >= from && time.Value <= to);
            List<double> before = trainingEnd is { } end ? Values(table, i, time => time < end).Values : [];
            now.Sort();
            FeatureScaling of = scaling[i];
            bool isScaled = of.Kind is ScalingKind.InterquartileRange or ScalingKind.StandardDeviation && now.Count > 0;
            double shift = isScaled ? (ScalingFit.Quantile(now, 0.5) - of.Median) / of.Scale : double.NaN;
            double spread = isScaled && of.Kind == ScalingKind.InterquartileRange
                ? (ScalingFit.Quantile(now, 0.75) - ScalingFit.Quantile(now, 0.25)) / 1.349 / of.Scale
                : double.NaN;
            return new FeatureDrift(table.FeatureNames[i], shift, spread, rows == 0 ? double.NaN : 1 - (double)now.Count / rows, Index(before, now));
        })];
    }

    /// <summary>Population stability index, Σ (b − a)·ln(b / a), over ten bins of equal mass in the earlier values; NaN without values on a side.</summary>
    internal static double Index(List<double> earlier, List<double> later)
    {
        if (earlier.Count == 0 || later.Count == 0)
            return double.NaN;
        double[] sorted = [.. earlier.Order()];
        // Borders that are equal make one bin: a flag has two.
        double[] borders = [.. Enumerable.Range(1, Bins - 1).Select(i => sorted[(int)((long)i * sorted.Length / Bins)]).Distinct()];
        double[] a = Shares(earlier, borders), b = Shares(later, borders);
        return a.Zip(b, (x, y) => (Before: Math.Max(x, LeastShare), After: Math.Max(y, LeastShare)))
            .Sum(bin => (bin.After - bin.Before) * Math.Log(bin.After / bin.Before));
    }

    private static double[] Shares(List<double> values, double[] borders)
    {
        var shares = new double[borders.Length + 1];
        foreach (double value in values)
        {
            int at = Array.BinarySearch(borders, value);
            shares[at >= 0 ? at + 1 : ~at] += 1.0 / values.Count;
        }

        return shares;
    }

    private static (List<double> Values, long Rows) Values(TrainingTable table, int feature, Func<UnixNanos, bool> isIn)
    {
        var values = new List<double>();
        long count = 0;
        foreach (SymbolRows rows in table.Symbols)
        {
            for (int row = 0; row < rows.Count; row++)
            {
                if (rows.Warmup[row] || !isIn(rows.OpenTime[row]))
                    continue;
                count++;
                if (rows.InputsOf(row)[feature] is var value && !double.IsNaN(value))
                    values.Add(value);
            }
        }

        return (values, count);
    }
}

/// <summary>One stretch of time: what was said on average, what happened, and the difference.</summary>
/// <param name="Gap">Share that went up less mean of P(up).</param>
internal sealed record CalibrationStretch(string From, string To, long N, double Said, double Happened, Figure Gap, double Ece)
{
    private const int StretchesMax = 8, SamplesMin = 200;

    /// <summary>Up to eight stretches of equally many samples, in time.</summary>
    public static CalibrationStretch[] Of(ScoredSample[] samples, int horizonBars)
    {
        ScoredSample[] sorted = [.. samples.OrderBy(s => s.Time.Value).ThenBy(s => s.Symbol)];
        var draws = new BlockDraws([.. sorted.Select(s => s.Time)], horizonBars);
        int count = Math.Clamp(sorted.Length / SamplesMin, 1, StretchesMax);
        return [.. Enumerable.Range(0, count).Select(k =>
        {
            int from = (int)((long)sorted.Length * k / count), to = (int)((long)sorted.Length * (k + 1) / count);
            ScoredSample[] part = sorted[from..to];
            double[] gaps = [.. sorted.Select((s, i) => i < from || i >= to ? double.NaN : (s.Up ? 1 : 0) - s.ProbabilityUp)];
            return new CalibrationStretch(
                Iso(part[0].Time), Iso(part[^1].Time), part.Length,
                part.Average(s => s.ProbabilityUp), part.Average(s => s.Up ? 1.0 : 0), draws.Mean(gaps), ReliabilityTable.Error(part));
        })];
    }

    private static string Iso(UnixNanos time) => time.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
