using Crpbot.Features;

namespace Crpbot.Analysis.Models;

/// <summary>Scaled inputs of some rows, row by row, with the answers.</summary>
/// <param name="Width">Features.</param>
/// <param name="Values">[row, feature]; missing is 0, the training median.</param>
/// <param name="Up">The answers.</param>
internal sealed record ModelRows(int Width, float[] Values, bool[] Up)
{
    public int Count => Up.Length;

    public ReadOnlySpan<float> Of(int row) => Values.AsSpan(row * Width, Width);
}

/// <summary>Median and spread of each feature in the training rows; see features-33, section 8.</summary>
internal sealed class TrainingScale
{
    private const float Limit = 8;
    private readonly float[] _median;
    private readonly float[] _scale;

    private TrainingScale(float[] median, float[] scale) => (_median, _scale) = (median, scale);

    /// <param name="table">Inputs.</param>
    /// <param name="columns">Features of the model.</param>
    /// <param name="rows">Training rows of the table; nothing else is looked at.</param>
    public static TrainingScale Fit(AnalysisTable table, int[] columns, ReadOnlySpan<int> rows)
    {
        var median = new float[columns.Length];
        var scale = new float[columns.Length];
        var values = new float[rows.Length];
        for (int f = 0; f < columns.Length; f++)
        {
            int count = 0;
            float[] inputs = table.Inputs[columns[f]];
            foreach (int row in rows)
            {
                if (!float.IsNaN(inputs[row]))
                    values[count++] = inputs[row];
            }

            (median[f], scale[f]) = FeatureSchema.IsUnscaled(FeatureSchema.IndexOf(table.Names[columns[f]])) ? (0, 1) : Fit(values.AsSpan(0, count));
        }

        return new TrainingScale(median, scale);
    }

    /// <summary>Scales some rows.</summary>
    public ModelRows Apply(AnalysisTable table, int[] columns, ReadOnlySpan<int> rows, ReadOnlySpan<bool> up)
    {
        var values = new float[rows.Length * columns.Length];
        for (int f = 0; f < columns.Length; f++)
        {
            float[] inputs = table.Inputs[columns[f]];
            for (int i = 0; i < rows.Length; i++)
            {
                float value = inputs[rows[i]];
                values[i * columns.Length + f] = float.IsNaN(value) || _scale[f] == 0 ? 0 : Math.Clamp((value - _median[f]) / _scale[f], -Limit, Limit);
            }
        }

        return new ModelRows(columns.Length, values, up.ToArray());
    }

    private static (float Median, float Scale) Fit(Span<float> values)
    {
        if (values.IsEmpty)
            return (0, 0);
        values.Sort();
        double range = Quantile(values, 0.75) - Quantile(values, 0.25);
        double median = Quantile(values, 0.5);
        if (range > 0)
            return ((float)median, (float)(range / 1.349));
        double mean = 0, squares = 0;
        foreach (float value in values)
            mean += value / values.Length;
        foreach (float value in values)
            squares += (value - mean) * (value - mean);
        return ((float)median, (float)Math.Sqrt(squares / values.Length));
    }

    private static double Quantile(ReadOnlySpan<float> sorted, double q)
    {
        double rank = q * (sorted.Length - 1);
        int below = (int)rank;
        return below + 1 < sorted.Length ? sorted[below] + (rank - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
