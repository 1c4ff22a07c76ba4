namespace Crpbot.Analysis.Statistics;

/// <summary>How far a distribution has moved.</summary>
internal static class Drift
{
    private const int Bins = 10;
    private const double LeastShare = 1e-4;

    /// <summary>Population stability index over ten bins of equal mass in the earlier values: Σ (b − a)·ln(b / a).</summary>
    /// <returns>Under 0.1 is called stable, over 0.25 moved; NaN without values on a side.</returns>
    public static double StabilityIndex(ReadOnlySpan<float> earlier, ReadOnlySpan<float> later)
    {
        if (earlier.IsEmpty || later.IsEmpty)
            return double.NaN;
        float[] sorted = earlier.ToArray();
        Array.Sort(sorted);
        // Borders that are equal make one bin: a flag has two.
        float[] borders = [.. Enumerable.Range(1, Bins - 1).Select(i => sorted[(int)((long)i * sorted.Length / Bins)]).Distinct()];
        double[] a = Shares(earlier, borders), b = Shares(later, borders);
        double index = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double before = Math.Max(a[i], LeastShare), after = Math.Max(b[i], LeastShare);
            index += (after - before) * Math.Log(after / before);
        }

        return index;
    }

    private static double[] Shares(ReadOnlySpan<float> values, float[] borders)
    {
        var shares = new double[borders.Length + 1];
        foreach (float value in values)
        {
            int at = Array.BinarySearch(borders, value);
            shares[at >= 0 ? at + 1 : ~at]++;
        }

        for (int i = 0; i < shares.Length; i++)
            shares[i] /= values.Length;
        return shares;
    }
}
