using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;

namespace Crpbot.Training.Learning;

/// <summary>Fits the scaling constants on the raw rows of the training slice, once, before any row is transformed.</summary>
internal static class ScalingFit
{
    /// <inheritdoc cref="Fit(TrainingTable, UnixNanos, UnixNanos)"/>
    public static FeatureScaling[] Fit(TrainingTable table, UnixNanos end) => Fit(table, default, end);

    /// <param name="table">All rows; only those between the two times are read.</param>
    /// <param name="from">First row.</param>
    /// <param name="end">Exclusive end of the training slice.</param>
    public static FeatureScaling[] Fit(TrainingTable table, UnixNanos from, UnixNanos end)
    {
        var constants = new FeatureScaling[table.Features];
        var values = new List<double>();
        for (int i = 0; i < constants.Length; i++)
        {
            values.Clear();
            foreach (SymbolRows rows in table.Symbols)
            {
                for (int row = 0; row < rows.Count && rows.OpenTime[row] < end; row++)
                {
                    double input = rows.InputsOf(row)[i];
                    if (rows.OpenTime[row] >= from && !rows.Warmup[row] && !double.IsNaN(input))
                        values.Add(input);
                }
            }

            constants[i] = Fit(table.FeatureNames[i], values);
        }

        return constants;
    }

    internal static FeatureScaling Fit(string name, List<double> values)
    {
        if (FeatureSchema.TryIndexOf(name, out int index) && FeatureSchema.IsUnscaled(index))
            return new FeatureScaling { Name = name, Kind = ScalingKind.Unscaled };
        if (values.Count == 0)
            throw new InvalidDataException($"feature '{name}' has no value in the training slice: leave it out, or train on more history");
        values.Sort();
        double median = Quantile(values, 0.5);
        double range = Quantile(values, 0.75) - Quantile(values, 0.25);
        if (range > 0)
            return new FeatureScaling { Name = name, Kind = ScalingKind.InterquartileRange, Median = median, Scale = range / 1.349 };
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / values.Count);
        return deviation > 0
            ? new FeatureScaling { Name = name, Kind = ScalingKind.StandardDeviation, Median = median, Scale = deviation }
            : new FeatureScaling { Name = name, Kind = ScalingKind.Constant };
    }

    /// <summary>Linear interpolation at rank q·(N − 1) of sorted values.</summary>
    internal static double Quantile(List<double> sorted, double q)
    {
        double rank = q * (sorted.Count - 1);
        int below = (int)rank;
        return below + 1 < sorted.Count ? sorted[below] + (rank - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
