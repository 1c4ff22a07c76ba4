using CsCheck;
using Crpbot.Messages;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class WalkForwardTests
{
    private static readonly Gen<(int Folds, bool IsRolling, int Horizon, int Embargo, Sample[] Samples)> Cases = Gen.Select(
        Gen.Int[1, 6], Gen.Bool, Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 3].Array[6_000],
        (folds, isRolling, horizon, embargo, steps) => (folds, isRolling, horizon, embargo, Samples(steps)));

    [Fact]
    public void NoFoldReadsOrAnswersWhatItIsTestedOn() => Cases.Sample(c =>
    {
        foreach (PurgedSplit fold in Split(c))
        {
            Sample[][] slices = [fold.Train, fold.Validation, fold.Calibration, fold.Test];
            for (int i = 0; i + 1 < slices.Length; i++)
            {
                // A label is known when the Bar h later has closed.
                long labelEnd = slices[i].Max(s => s.Time.Value) + (c.Horizon + 1) * UnixNanos.PerMinute;
                long next = slices[i + 1].Min(s => s.Time.Value);
                Assert.True(labelEnd <= fold.Borders[i + 1].Value, "a label reaches over the border");
                Assert.True(next >= fold.Borders[i + 1].Value + c.Embargo * UnixNanos.PerMinute, "the embargo is broken");
            }

            Assert.Equal(fold.Borders.OrderBy(b => b.Value), fold.Borders);
            Assert.Equal(slices.Sum(s => s.Length), slices.SelectMany(s => s).Distinct().Count());
        }
    }, iter: 60);

    [Fact]
    public void TestSlicesFollowOneAnotherToTheEndAndTheLockedOneIsNobodysElse() => Cases.Sample(c =>
    {
        IReadOnlyList<PurgedSplit> folds = Split(c);
        Assert.Equal(c.Folds, folds.Count);
        for (int k = 0; k + 1 < folds.Count; k++)
        {
            Assert.Equal(folds[k].Borders[4], folds[k + 1].Borders[3]);
            IEnumerable<Sample> read = folds[k].Train.Concat(folds[k].Validation).Concat(folds[k].Calibration).Concat(folds[k].Test);
            Assert.True(read.Max(s => s.Time.Value) + (c.Horizon + 1) * UnixNanos.PerMinute <= folds[^1].Borders[3].Value, "a fold reads the locked slice");
        }

        Assert.Equal(c.Samples[^1].Time + UnixNanos.PerMinute, folds[^1].Borders[4]);
        Assert.Equal(c.Samples[^1], folds[^1].Test[^1]);
        long[] tested = [.. folds.Select(f => f.Borders[4] - f.Borders[3])];
        Assert.InRange(tested.Max() - tested.Min(), 0, 2 * UnixNanos.PerMinute);
    }, iter: 60);

    [Fact]
    public void TrainingWalksAlongOrGrows() => Cases.Sample(c =>
    {
        IReadOnlyList<PurgedSplit> folds = Split(c);
        long first = folds[0].Borders[1] - folds[0].Borders[0];
        for (int k = 1; k < folds.Count; k++)
        {
            Assert.True(folds[k].Borders[1] > folds[k - 1].Borders[1]);
            long length = folds[k].Borders[1] - folds[k].Borders[0];
            if (c.IsRolling)
                Assert.InRange(length - first, -UnixNanos.PerMinute, UnixNanos.PerMinute);
            else
                Assert.True(folds[k].Borders[0] == folds[0].Borders[0] && length > first);
            Assert.Equal(c.IsRolling ? folds[k].Borders[0] : default, folds[k].ScalingFrom);
        }
    }, iter: 60);

    [Fact]
    public void OneFoldIsTheSingleSplit()
    {
        Sample[] samples = Samples([.. Enumerable.Range(0, 3_000).Select(i => i % 7 == 0 ? 2 : 1)]);
        PurgedSplit one = WalkForward.Split(samples, 15, 60, new SplitShares(), new WalkForwardOptions())[0], single = new(samples, 15, 60, new SplitShares());
        Assert.Equal(single.Borders, one.Borders);
        Assert.Equal(single.Train, one.Train);
        Assert.Equal(single.Locked, one.Test);
    }

    [Fact]
    public void TooManyFoldsForTheDataAreRefused()
    {
        Sample[] samples = Samples([.. Enumerable.Repeat(1, 2_000)]);
        Assert.Throws<InvalidDataException>(() => WalkForward.Split(samples, 60, 60, new SplitShares(), new WalkForwardOptions(20)));
        Assert.Throws<ArgumentOutOfRangeException>(() => WalkForward.Split(samples, 1, 1, new SplitShares(), new WalkForwardOptions(0)));
    }

    private static IReadOnlyList<PurgedSplit> Split((int Folds, bool IsRolling, int Horizon, int Embargo, Sample[] Samples) c) =>
        WalkForward.Split(c.Samples, c.Horizon, c.Embargo, new SplitShares(), new WalkForwardOptions(c.Folds, c.IsRolling));

    // Steps of 0 put two Instruments on one minute, steps above 1 are holes.
    private static Sample[] Samples(int[] steps)
    {
        long minute = 28_000_000;
        int symbol = 0;
        return [.. steps.Select((step, row) =>
        {
            minute += step;
            symbol = step == 0 ? symbol + 1 : 0;
            return new Sample(symbol, row, new UnixNanos(minute * UnixNanos.PerMinute), row % 2 == 0);
        })];
    }
}
