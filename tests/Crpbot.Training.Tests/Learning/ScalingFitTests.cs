using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class ScalingFitTests
{
    [Fact]
    public void OnlyRawTrainingRowsDecideTheConstants()
    {
        TrainingTable table = PlantedTable.Create(2_000);
        UnixNanos end = table.Symbols[0].OpenTime[1_200];
        FeatureScaling[] before = ScalingFit.Fit(table, end);
        foreach (SymbolRows rows in table.Symbols)
            rows.Inputs.AsSpan(1_200 * table.Features).Fill(1e6);
        Assert.Equal(before, ScalingFit.Fit(table, end));
        table.Symbols[0].WritableInputsOf(5)[0] = double.NaN;
        table.Symbols[0].Warmup[6] = true;
        Assert.NotEqual(before[0], ScalingFit.Fit(table, end)[0]);
    }

    [Fact]
    public void ValidationRowsAreScaledByTheSameConstantsToOrderOne()
    {
        TrainingTable table = PlantedTable.Create(4_000);
        FeatureScaling[] constants = ScalingFit.Fit(table, table.Symbols[0].OpenTime[2_000]);
        var source = new SequenceSource(table, constants, 10);
        double sum = 0, squares = 0;
        for (int row = 2_000; row < 4_000; row++)
        {
            float z = source.LastRow(new Sample(0, row, default, true))[0];
            Assert.Equal((float)Math.Clamp((table.Symbols[0].InputsOf(row)[0] - constants[0].Median) / constants[0].Scale, -8, 8), z, 1e-6);
            sum += z;
            squares += z * z;
        }

        Assert.InRange(sum / 2_000, -1, 1);
        Assert.InRange(Math.Sqrt(squares / 2_000), 0.5, 2);
        Assert.Equal(ScalingKind.Unscaled, constants[3].Kind);
    }

    [Fact]
    public void AFeatureWithoutSpreadFallsBackToItsDeviationThenToZero()
    {
        List<double> spiky = [.. Enumerable.Repeat(2.0, 99), 12];
        FeatureScaling deviation = ScalingFit.Fit("x", spiky);
        Assert.Equal((ScalingKind.StandardDeviation, 2.0), (deviation.Kind, deviation.Median));
        Assert.Equal(Math.Sqrt(0.99), deviation.Scale, 1e-9);
        Assert.Equal(ScalingKind.Constant, ScalingFit.Fit("x", [3, 3, 3]).Kind);
        Assert.Throws<InvalidDataException>(() => ScalingFit.Fit("x", []));
    }

    [Fact]
    public void QuantilesInterpolateLinearly()
    {
        Assert.Equal(2.5, ScalingFit.Quantile([1, 2, 3, 4], 0.5));
        Assert.Equal(1.75, ScalingFit.Quantile([1, 2, 3, 4], 0.25));
        Assert.Equal(4, ScalingFit.Quantile([1, 2, 3, 4], 1));
    }
}
