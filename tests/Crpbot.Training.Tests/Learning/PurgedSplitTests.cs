using Crpbot.Messages;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class PurgedSplitTests
{
    private const int Horizon = 15;
    private const int Length = 60;

    [Fact]
    public void NoSliceReadsOrAnswersWhatAnotherDoes()
    {
        Sample[] samples = SampleBuilder.Build(PlantedTable.Create(3_000), new SampleOptions { SequenceLength = Length, HorizonBars = Horizon });
        var split = new PurgedSplit(samples, Horizon, Length, new SplitShares());
        Sample[][] slices = [split.Train, split.Validation, split.Calibration, split.Locked];
        for (int i = 0; i + 1 < slices.Length; i++)
        {
            UnixNanos lastLabelEnd = slices[i].Max(s => s.Time.Value) is var last ? new UnixNanos(last) + (Horizon + 1) * UnixNanos.PerMinute : default;
            UnixNanos firstRowRead = new UnixNanos(slices[i + 1].Min(s => s.Time.Value)) - (Length - 1) * UnixNanos.PerMinute;
            Assert.True(lastLabelEnd <= split.Borders[i + 1], "a label reaches over the border");
            Assert.True(firstRowRead >= split.Borders[i + 1], "a sequence reaches back over the border");
        }

        Assert.InRange(slices.Sum(s => s.Length), samples.Length - 2 * 3 * (Horizon + Length + 1), samples.Length - 3);
        Assert.Contains(split.Locked, s => s.Symbol == 0);
        Assert.Contains(split.Locked, s => s.Symbol == 1);
    }

    [Fact]
    public void TooLittleDataIsRefusedWithTheSlicesName()
    {
        Sample[] samples = SampleBuilder.Build(PlantedTable.Create(300), new SampleOptions { SequenceLength = Length, HorizonBars = Horizon });
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => new PurgedSplit(samples, Horizon, Length, new SplitShares()));
        Assert.Contains("validation slice", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => new PurgedSplit([], Horizon, Length, new SplitShares()));
    }

    [Fact]
    public void SharesMustAddUpToOne() =>
        Assert.Throws<ArgumentException>(() => new PurgedSplit([default], Horizon, Length, new SplitShares(0.6, 0.1, 0.1, 0.3)));
}
