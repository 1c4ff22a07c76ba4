using Crpbot.Messages;

namespace Crpbot.Training.Learning;

/// <summary>Shares of the time axis, in order; they add up to 1.</summary>
internal sealed record SplitShares(double Train = 0.6, double Validation = 0.1, double Calibration = 0.1, double Locked = 0.2);

/// <summary>Four slices in time: the network learns on the first, stops by the second, is calibrated on the third, measured on the last.</summary>
/// <remarks>
/// <code>
///  train │purge h│ │embargo│ validation │purge h│ │embargo│ calibration │purge h│ │embargo│ test
/// </code>
/// Purge: a sample whose label ends in or after the next slice is dropped. Embargo: a slice begins that many Bars after its border,
/// so that with an embargo of the sequence length no two slices read the same row. Of several splits (<see cref="WalkForward"/>) the last
/// one's test slice is the locked one, and the others' are purged at their end too: their labels do not reach into what follows.
/// </remarks>
internal sealed class PurgedSplit
{
    private static readonly string[] Names = ["training", "validation", "calibration", "test"];

    /// <summary>One split over all of the time that the samples span.</summary>
    /// <exception cref="InvalidDataException">A slice would be empty.</exception>
    public PurgedSplit(Sample[] samples, int horizonBars, int embargoBars, SplitShares shares)
        : this(WalkForward.Split(samples, horizonBars, embargoBars, shares, new WalkForwardOptions())[0])
    {
    }

    /// <param name="samples">By time; those before the first border and after the last are left out.</param>
    /// <param name="horizonBars">Purged before a border.</param>
    /// <param name="embargoBars">Left out after a border.</param>
    /// <param name="borders">Starts of the four slices, and the end of the last.</param>
    /// <param name="scalingFrom">First row that the scaling constants may read.</param>
    /// <param name="isLast">Nothing follows the test slice.</param>
    /// <exception cref="InvalidDataException">A slice would be empty.</exception>
    internal PurgedSplit(Sample[] samples, int horizonBars, int embargoBars, UnixNanos[] borders, UnixNanos scalingFrom, bool isLast)
    {
        (Borders, ScalingFrom) = (borders, scalingFrom);
        Sample[] Take(int slice)
        {
            UnixNanos from = borders[slice] + (slice == 0 ? 0 : embargoBars * UnixNanos.PerMinute), to = borders[slice + 1];
            long reach = slice == 3 && isLast ? 0 : horizonBars * UnixNanos.PerMinute;
            Sample[] taken = [.. samples.Where(s => s.Time >= from && s.Time + reach < to)];
            return taken.Length > 0 ? taken
                : throw new InvalidDataException($"the dataset is too short: no sample is left in the {Names[slice]} slice after purge and embargo");
        }

        (Train, Validation, Calibration, Test) = (Take(0), Take(1), Take(2), Take(3));
    }

    private PurgedSplit(PurgedSplit from) =>
        (Borders, ScalingFrom, Train, Validation, Calibration, Test) = (from.Borders, from.ScalingFrom, from.Train, from.Validation, from.Calibration, from.Test);

    /// <summary>Starts of the four slices, and the end of the last.</summary>
    public IReadOnlyList<UnixNanos> Borders { get; }

    /// <summary>First row that the scaling constants may read; their end is the end of the training slice.</summary>
    public UnixNanos ScalingFrom { get; }

    public Sample[] Train { get; }

    public Sample[] Validation { get; }

    public Sample[] Calibration { get; }

    /// <summary>What the fold is measured on.</summary>
    public Sample[] Test { get; }

    /// <summary>The test slice of a split that is the last or only one.</summary>
    public Sample[] Locked => Test;
}
