namespace Crpbot.Analysis.Statistics;

/// <summary>Bits that a feature tells about the direction, and what chance would tell.</summary>
/// <param name="Bits">As counted.</param>
/// <param name="ByChance">Mean over shifted labels: the estimator's bias.</param>
/// <param name="P">Share of shifts with as much, the sample itself included.</param>
public readonly record struct InformationEstimate(double Bits, double ByChance, double P)
{
    /// <summary>Above chance; about 0, and as often negative, where there is nothing.</summary>
    public double Excess => Bits - ByChance;
}

/// <summary>Mutual information between a binned value and a sign.</summary>
internal static class MutualInformation
{
    /// <summary>Equal-mass bins; a smooth dependence shows in few, and each more adds bias.</summary>
    public const int Bins = 16;

    /// <summary>Bins by rank: equal values share a bin.</summary>
    /// <param name="ranks">From 0, length N.</param>
    public static byte[] BinsOf(ReadOnlySpan<double> ranks)
    {
        var bins = new byte[ranks.Length];
        for (int i = 0; i < bins.Length; i++)
            bins[i] = (byte)Math.Min(Bins - 1, (int)(Bins * (ranks[i] + 0.5) / ranks.Length));
        return bins;
    }

    /// <summary>Measures, and measures again with the labels of each symbol shifted in a circle, which keeps what either side remembers.</summary>
    /// <param name="bins">Symbol after symbol, each in order of time; length N.</param>
    /// <param name="up">0 or 1, parallel.</param>
    /// <param name="segments">Lengths of the symbols' parts; their sum is N.</param>
    /// <param name="shifts">How far, as shares of a part's length.</param>
    public static InformationEstimate Measure(ReadOnlySpan<byte> bins, ReadOnlySpan<byte> up, ReadOnlySpan<int> segments, ReadOnlySpan<double> shifts)
    {
        var counts = new int[2 * Bins];
        double bits = Shifted(bins, up, segments, 0, counts);
        double sum = 0;
        int atLeast = 1;
        foreach (double shift in shifts)
        {
            double chance = Shifted(bins, up, segments, shift, counts);
            sum += chance;
            atLeast += chance >= bits ? 1 : 0;
        }

        return new InformationEstimate(bits, sum / shifts.Length, atLeast / (shifts.Length + 1.0));
    }

    private static double Shifted(ReadOnlySpan<byte> bins, ReadOnlySpan<byte> up, ReadOnlySpan<int> segments, double shift, int[] counts)
    {
        Array.Clear(counts);
        int start = 0;
        foreach (int length in segments)
        {
            int offset = (int)(shift * length);
            Count(bins.Slice(start, length - offset), up.Slice(start + offset, length - offset), counts);
            Count(bins.Slice(start + length - offset, offset), up.Slice(start, offset), counts);
            start += length;
        }

        return BitsOf(counts);
    }

    private static void Count(ReadOnlySpan<byte> bins, ReadOnlySpan<byte> up, int[] counts)
    {
        for (int i = 0; i < bins.Length; i++)
            counts[2 * bins[i] + up[i]]++;
    }

    /// <summary>Σ p(x, y)·log2(p(x, y) / (p(x)·p(y))).</summary>
    internal static double BitsOf(ReadOnlySpan<int> counts)
    {
        double ups = 0, downs = 0;
        for (int i = 0; i < counts.Length; i += 2)
            (downs, ups) = (downs + counts[i], ups + counts[i + 1]);
        double total = ups + downs, bits = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double row = (double)counts[i & ~1] + counts[i | 1];
            double column = (i & 1) == 1 ? ups : downs;
            if (counts[i] > 0)
                bits += counts[i] / total * Math.Log2(counts[i] * total / (row * column));
        }

        return bits;
    }
}
