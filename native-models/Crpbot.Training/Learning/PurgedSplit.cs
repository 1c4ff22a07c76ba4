using Crpbot.Messages;

namespace Crpbot.Training.Learning;

/// <summary>Shares of the time axis, in order; they add up to 1.</summary>
internal sealed record SplitShares(double Train = 0.6, double Validation = 0.1, double Calibration = 0.1, double Locked = 0.2);

/// <summary>Four slices in time: the network learns on the first, stops by the second, is calibrated on the third, measured on the last.</summary>
/// <remarks>
/// <code>
///  train │purge h│ │embargo│ validation │purge h│ │embargo│ calibration │purge h│ │embargo│ locked
/// </code>
/// Purge: a sample whose label ends in or after the next slice is dropped. Embargo: a slice begins that many Bars after its border,
/// so that with an embargo of the sequence length no two slices read the same row.
/// </remarks>
internal sealed class PurgedSplit
{
    /// <exception cref="InvalidDataException">A slice would be empty.</exception>
    public PurgedSplit(Sample[] samples, int horizonBars, int embargoBars, SplitShares shares)
    {
        double[] parts = [shares.Train, shares.Validation, shares.Calibration, shares.Locked];
        if (parts.Any(part => !(part > 0)) || Math.Abs(parts.Sum() - 1) > 1e-9)
            throw new ArgumentException($"split shares {string.Join(", ", parts)} are not four positive fractions that add up to 1");
        if (samples.Length == 0)
            throw new InvalidDataException("the dataset has no sample: every row warms up, lies in a hole, or has no label");
        UnixNanos first = samples[0].Time;
        UnixNanos end = samples[^1].Time + UnixNanos.PerMinute;
        var borders = new UnixNanos[5];
        double share = 0;
        for (int i = 0; i < 4; i++)
        {
            borders[i] = (first + (long)((end - first) * share)).Floor(UnixNanos.PerMinute);
            share += parts[i];
        }

        borders[4] = end;
        Borders = borders;
        Sample[][] slices = [.. Enumerable.Range(0, 4).Select(slice => Take(samples, slice, horizonBars, embargoBars))];
        for (int i = 0; i < 4; i++)
        {
            if (slices[i].Length == 0)
                throw new InvalidDataException($"the dataset is too short: no sample is left in the {Names[i]} slice after purge and embargo");
        }

        (Train, Validation, Calibration, Locked) = (slices[0], slices[1], slices[2], slices[3]);
    }

    private static readonly string[] Names = ["training", "validation", "calibration", "locked"];

    /// <summary>Starts of the four slices, and the end of the last.</summary>
    public IReadOnlyList<UnixNanos> Borders { get; }

    public Sample[] Train { get; }

    public Sample[] Validation { get; }

    public Sample[] Calibration { get; }

    public Sample[] Locked { get; }

    private Sample[] Take(Sample[] samples, int slice, int horizonBars, int embargoBars)
    {
        UnixNanos from = Borders[slice] + (slice == 0 ? 0 : embargoBars * UnixNanos.PerMinute);
        UnixNanos to = Borders[slice + 1];
        long reach = slice == 3 ? 0 : horizonBars * UnixNanos.PerMinute;
        return [.. samples.Where(s => s.Time >= from && s.Time + reach < to)];
    }
}
