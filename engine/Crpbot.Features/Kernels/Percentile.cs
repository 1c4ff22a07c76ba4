namespace Crpbot.Features.Kernels;

/// <summary>Percentiles by linear interpolation at rank q·(N − 1).</summary>
internal static class Percentile
{
    /// <summary>Returns the q-th percentile, q in [0, 1], of values in ascending order; at least one.</summary>
    public static double OfSorted(ReadOnlySpan<double> sorted, double q)
    {
        double rank = q * (sorted.Length - 1);
        int below = (int)rank;
        return below + 1 < sorted.Length ? sorted[below] + (rank - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }

    /// <summary>Returns the median, sorting the values in place; at least one.</summary>
    public static double Median(Span<double> values)
    {
        values.Sort();
        int middle = values.Length / 2;
        return values.Length % 2 != 0 ? values[middle] : values[middle - 1] + (values[middle] - values[middle - 1]) / 2;
    }
}
