using Crpbot.Messages;

namespace Crpbot.Training.Learning;

/// <summary>How many splits walk through time, and whether the training slice walks along or grows.</summary>
internal sealed record WalkForwardOptions(int Folds = 1, bool IsRolling = false);

/// <summary>Splits in time order whose test slices follow one another without a gap; the last one's is the locked slice.</summary>
/// <remarks>
/// All folds have the shares of one split, and each begins a test slice later than the one before:
/// <code>
///  rolling    ├──train──┤val┤cal┤test┤                     expanding  ├──train──┤val┤cal┤test┤
///                  ├──train──┤val┤cal┤test┤                           ├────train─────┤val┤cal┤test┤
///                       ├──train──┤val┤cal┤locked┤                    ├───────train───────┤val┤cal┤locked┤
/// </code>
/// With one fold this is one split over everything. An earlier fold's test slice is a later one's training data; the locked slice is nobody's.
/// </remarks>
internal static class WalkForward
{
    /// <param name="samples">By time.</param>
    /// <param name="horizonBars">Purged before every border.</param>
    /// <param name="embargoBars">Left out after every border.</param>
    /// <param name="shares">Of the first fold.</param>
    /// <param name="options">How many folds.</param>
    /// <exception cref="InvalidDataException">A slice of a fold would be empty.</exception>
    public static IReadOnlyList<PurgedSplit> Split(Sample[] samples, int horizonBars, int embargoBars, SplitShares shares, WalkForwardOptions options)
    {
        double[] parts = [shares.Train, shares.Validation, shares.Calibration, shares.Locked];
        if (parts.Any(part => !(part > 0)) || Math.Abs(parts.Sum() - 1) > 1e-9)
            throw new ArgumentException($"split shares {string.Join(", ", parts)} are not four positive fractions that add up to 1");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Folds, 1);
        if (samples.Length == 0)
            throw new InvalidDataException("the dataset has no sample: every row warms up, lies in a hole, or has no label");
        UnixNanos first = samples[0].Time, end = samples[^1].Time + UnixNanos.PerMinute;
        double length = (end - first) / (1 + shares.Locked * (options.Folds - 1));
        UnixNanos At(int fold, double share) => (first + (long)(length * (fold * shares.Locked + share))).Floor(UnixNanos.PerMinute);
        // One number for a test slice's end and the next one's start.
        UnixNanos TestFrom(int fold) => fold == options.Folds ? end : At(fold, parts[0] + parts[1] + parts[2]);

        var folds = new PurgedSplit[options.Folds];
        for (int fold = 0; fold < folds.Length; fold++)
        {
            bool isRolled = options.IsRolling && fold > 0;
            UnixNanos[] borders =
            [
                isRolled ? At(fold, 0) : first.Floor(UnixNanos.PerMinute), At(fold, parts[0]), At(fold, parts[0] + parts[1]), TestFrom(fold), TestFrom(fold + 1),
            ];
            folds[fold] = new PurgedSplit(samples, horizonBars, embargoBars, borders, isRolled ? borders[0] : default, isLast: fold == folds.Length - 1);
        }

        return folds;
    }
}
