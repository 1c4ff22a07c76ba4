using Crpbot.Messages;

namespace Crpbot.Training.Evaluation;

/// <summary>Blocks of time drawn with replacement: one set of draws for all that is measured on the same samples, hence paired.</summary>
/// <remarks>Labels overlap and coins move together, so the block, not the sample, is what repeats. All Instruments of a minute share its block.</remarks>
internal sealed class BlockDraws
{
    public const int Replicates = 1000;
    private const int Seed = 20260101;
    private readonly ushort[][] _draws = new ushort[Replicates][];

    /// <param name="times">Of the samples, in any order.</param>
    /// <param name="horizonBars">Bars a label covers.</param>
    public BlockDraws(IReadOnlyList<UnixNanos> times, int horizonBars)
    {
        // Four labels long, an hour at least: dependence inside a block is kept, blocks are nearly independent.
        long length = Math.Max(60, 4 * horizonBars) * UnixNanos.PerMinute;
        long[] keys = [.. times.Select(time => time.Value / length).Distinct().Order()];
        var numbers = new Dictionary<long, int>(keys.Length);
        foreach (long key in keys)
            numbers.Add(key, numbers.Count);
        BlockOf = [.. times.Select(time => numbers[time.Value / length])];
        Blocks = keys.Length;
        var random = new Random(Seed);
        for (int r = 0; r < Replicates; r++)
        {
            _draws[r] = new ushort[Blocks];
            for (int i = 0; i < Blocks; i++)
                _draws[r][random.Next(Blocks)]++;
        }
    }

    public int Blocks { get; }

    /// <summary>Block of each sample.</summary>
    public int[] BlockOf { get; }

    /// <summary>How often a replicate takes each block.</summary>
    public ReadOnlySpan<ushort> Draw(int replicate) => _draws[replicate];

    /// <summary>Mean of those samples that are not NaN, with its interval; NaN where there is none.</summary>
    /// <param name="values">One a sample.</param>
    public Figure Mean(ReadOnlySpan<double> values)
    {
        double[] sums = new double[Blocks], counts = new double[Blocks];
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i]))
                continue;
            sums[BlockOf[i]] += values[i];
            counts[BlockOf[i]]++;
        }

        var means = new double[Replicates];
        for (int r = 0; r < Replicates; r++)
        {
            double sum = 0, count = 0;
            for (int b = 0; b < Blocks; b++)
            {
                sum += _draws[r][b] * sums[b];
                count += _draws[r][b] * counts[b];
            }

            means[r] = sum / count;
        }

        return Interval(sums.Sum() / counts.Sum(), means);
    }

    /// <summary>The percentile interval of 95 %; replicates in which the figure is undefined are left out.</summary>
    public static Figure Interval(double value, IEnumerable<double> replicates)
    {
        double[] sorted = [.. replicates.Where(v => !double.IsNaN(v)).Order()];
        return sorted.Length == 0 ? new Figure(value, double.NaN, double.NaN)
            : new Figure(value, sorted[(int)(0.025 * (sorted.Length - 1))], sorted[(int)Math.Ceiling(0.975 * (sorted.Length - 1))]);
    }
}
