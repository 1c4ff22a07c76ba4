namespace Crpbot.Features.Kernels.Reference;

/// <summary><see cref="Kernels.WindowSum"/>, written plainly.</summary>
internal static class WindowSum
{
    public static double Of(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return sum;
    }
}

/// <summary><see cref="Kernels.DotProduct"/>, written plainly.</summary>
internal static class DotProduct
{
    public static double Of(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}

/// <summary><see cref="Kernels.Slope"/>, written plainly: covariance over variance.</summary>
internal static class Slope
{
    public static double Of(ReadOnlySpan<double> values)
    {
        double meanX = (values.Length - 1) / 2.0;
        double meanY = WindowSum.Of(values) / values.Length;
        double above = 0, below = 0;
        for (int i = 0; i < values.Length; i++)
        {
            above += (i - meanX) * (values[i] - meanY);
            below += (i - meanX) * (i - meanX);
        }

        return above / below;
    }
}

/// <summary><see cref="Kernels.Deviation"/>, written plainly.</summary>
internal static class Deviation
{
    public static double ShiftedMean(ReadOnlySpan<double> values, out double deviation)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value - values[0];
        double mean = sum / values.Length;
        double squares = 0;
        foreach (double value in values)
            squares += (value - values[0] - mean) * (value - values[0] - mean);
        deviation = Math.Sqrt(squares / values.Length);
        return mean;
    }
}

/// <summary><see cref="Kernels.NaturalLog"/>, written plainly.</summary>
internal static class NaturalLog
{
    public static void InPlace(Span<double> values)
    {
        foreach (ref double value in values)
            value = Math.Log(value);
    }
}

/// <summary><see cref="Kernels.Percentile"/>, written plainly.</summary>
internal static class Percentile
{
    public static double Of(IEnumerable<double> values, double q)
    {
        List<double> sorted = [.. values.Order()];
        double rank = q * (sorted.Count - 1);
        double below = sorted[(int)Math.Floor(rank)];
        double above = sorted[(int)Math.Ceiling(rank)];
        return below + (rank - Math.Floor(rank)) * (above - below);
    }
}
