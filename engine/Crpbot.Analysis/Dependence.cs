using Crpbot.Analysis.Statistics;

namespace Crpbot.Analysis;

/// <summary>How features hang together, and how steady they are.</summary>
internal static class Dependence
{
    /// <summary>Spearman between all features, [n, n]; a missing value counts as the middle rank, NaN where a feature is constant.</summary>
    public static double[] Between(AnalysisTable table, int samples)
    {
        int n = table.Names.Length, stride = Math.Max(1, (table.Rows + samples - 1) / samples);
        var ranks = new double[n][];
        Parallel.For(0, n, f => ranks[f] = NormalizedRanks(table.Inputs[f], stride));
        var correlations = new double[n * n];
        Parallel.For(0, n, i =>
        {
            for (int j = i; j < n; j++)
            {
                double sum = 0;
                for (int k = 0; k < ranks[i].Length; k++)
                    sum += ranks[i][k] * ranks[j][k];
                correlations[i * n + j] = correlations[j * n + i] = Math.Clamp(sum, -1, 1);
            }
        });
        return correlations;
    }

    /// <summary>Spearman of each feature with the target inside equal parts of the time axis.</summary>
    /// <returns>[feature][period], and the minute of each period's first sample.</returns>
    public static (double[][] Correlations, int[] Starts) ByPeriod(AnalysisTable table, Target target, int periods)
    {
        double first = target.Minutes[0], length = (target.Minutes[^1] + 1 - first) / periods;
        int[] borders = [.. Enumerable.Range(0, periods + 1).Select(p => p == periods ? target.Count : target.Minutes.AsSpan().IndexOfAnyInRange((int)Math.Ceiling(first + p * length), int.MaxValue))];
        var correlations = new double[table.Names.Length][];
        Parallel.For(0, correlations.Length, f => correlations[f] = [.. Enumerable.Range(0, periods).Select(p => InPeriod(table.Inputs[f], target, borders[p], borders[p + 1]))]);
        return (correlations, [.. Enumerable.Range(0, periods).Select(p => target.Minutes[borders[p]])]);
    }

    /// <summary>Between the first and the last third of the time.</summary>
    public static double StabilityIndex(AnalysisTable table, int feature)
    {
        double first = table.Minutes[0], third = (table.Minutes[^1] + 1 - first) / 3;
        float[] inputs = table.Inputs[feature];
        float[] Part(Func<int, bool> isIn) => [.. Enumerable.Range(0, inputs.Length).Where(row => !float.IsNaN(inputs[row]) && isIn(table.Minutes[row])).Select(row => inputs[row])];
        return Drift.StabilityIndex(Part(minute => minute < first + third), Part(minute => minute >= first + 2 * third));
    }

    private static double InPeriod(float[] inputs, Target target, int from, int to)
    {
        int[] present = [.. Enumerable.Range(from, Math.Max(0, to - from)).Where(i => !float.IsNaN(inputs[target.Rows[i]]))];
        return present.Length < 2 ? double.NaN
            : Correlation.Of(Ranks.Of([.. present.Select(i => inputs[target.Rows[i]])]), Ranks.Of([.. present.Select(i => target.Moves[i])]));
    }

    /// <summary>Ranks with mean 0 and length 1, so that a product of two is their correlation.</summary>
    private static double[] NormalizedRanks(float[] inputs, int stride)
    {
        int[] rows = [.. Enumerable.Range(0, inputs.Length).Where(row => row % stride == 0)];
        int[] present = [.. Enumerable.Range(0, rows.Length).Where(i => !float.IsNaN(inputs[rows[i]]))];
        double[] ranks = Ranks.Of([.. present.Select(i => inputs[rows[i]])]);
        var all = new double[rows.Length];
        double middle = (present.Length - 1) / 2.0, squares = ranks.Sum(rank => (rank - middle) * (rank - middle));
        for (int i = 0; i < present.Length; i++)
            all[present[i]] = (ranks[i] - middle) / Math.Sqrt(squares);
        return all;
    }
}
