namespace Crpbot.Analysis.Statistics;

/// <summary>Blocks of time drawn with replacement, the same draws for whatever is measured over one horizon.</summary>
/// <remarks>Labels overlap and coins move together, so the block, not the sample, is what repeats. All symbols of a minute share its block.</remarks>
internal sealed class BlockBootstrap
{
    private readonly ushort[][] _draws;

    /// <param name="minutes">Of the samples, ascending.</param>
    /// <param name="blockMinutes">Length of a block.</param>
    /// <param name="replicates">How many draws.</param>
    /// <param name="seed">Equal seeds draw alike.</param>
    public BlockBootstrap(ReadOnlySpan<int> minutes, int blockMinutes, int replicates, int seed)
    {
        BlockMinutes = blockMinutes;
        BlockOf = new int[minutes.Length];
        int blocks = -1, last = int.MinValue;
        for (int i = 0; i < minutes.Length; i++)
        {
            if (minutes[i] / blockMinutes != last)
                (blocks, last) = (blocks + 1, minutes[i] / blockMinutes);
            BlockOf[i] = blocks;
        }

        Blocks = blocks + 1;
        var random = new Random(seed);
        _draws = new ushort[replicates][];
        for (int r = 0; r < replicates; r++)
        {
            _draws[r] = new ushort[Blocks];
            for (int i = 0; i < Blocks; i++)
                _draws[r][random.Next(Blocks)]++;
        }
    }

    public int BlockMinutes { get; }

    public int Blocks { get; }

    public int Replicates => _draws.Length;

    /// <summary>Block of each sample.</summary>
    public int[] BlockOf { get; }

    /// <summary>How often a replicate takes each block.</summary>
    public ReadOnlySpan<ushort> Draw(int replicate) => _draws[replicate];

    /// <summary>Replicates of a ratio of sums over blocks: a mean where the denominator counts.</summary>
    public double[] Ratios(ReadOnlySpan<double> numerators, ReadOnlySpan<double> denominators)
    {
        var ratios = new double[Replicates];
        for (int r = 0; r < Replicates; r++)
        {
            ReadOnlySpan<ushort> draw = Draw(r);
            double top = 0, bottom = 0;
            for (int b = 0; b < draw.Length; b++)
            {
                top += draw[b] * numerators[b];
                bottom += draw[b] * denominators[b];
            }

            ratios[r] = top / bottom;
        }

        return ratios;
    }

    /// <summary>The percentile interval of 95 %.</summary>
    public static Estimate Interval(double value, ReadOnlySpan<double> replicates)
    {
        double[] sorted = [.. replicates.ToArray().Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? new Estimate(value, double.NaN, double.NaN)
            : new Estimate(value, sorted[(int)(0.025 * (sorted.Length - 1))], sorted[(int)Math.Ceiling(0.975 * (sorted.Length - 1))]);
    }

    public static double Deviation(ReadOnlySpan<double> replicates)
    {
        double[] finite = [.. replicates.ToArray().Where(double.IsFinite)];
        double mean = finite.Length == 0 ? double.NaN : finite.Average();
        return finite.Length < 2 ? double.NaN : Math.Sqrt(finite.Sum(v => (v - mean) * (v - mean)) / (finite.Length - 1));
    }
}
