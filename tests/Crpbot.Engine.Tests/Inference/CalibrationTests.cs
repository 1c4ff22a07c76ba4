using Crpbot.Inference;
using Xunit;

namespace Crpbot.Engine.Tests.Inference;

public class CalibrationTests
{
    private static readonly Calibration Table = new()
    {
        Kind = CalibrationKind.Isotonic, Scores = [-1, 0, 2], Probabilities = [0.2, 0.5, 0.9],
    };

    [Theory]
    [InlineData(-5, 0.2)]
    [InlineData(-1, 0.2)]
    [InlineData(-0.5, 0.35)]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.7)]
    [InlineData(2, 0.9)]
    [InlineData(9, 0.9)]
    public void AnIsotonicTableIsLinearBetweenItsPointsAndFlatOutside(double score, double expected) =>
        Assert.Equal(expected, Table.Apply(score), 12);

    [Fact]
    public void NotANumberStaysOne()
    {
        Assert.True(double.IsNaN(Table.Apply(double.NaN)));
        Assert.True(double.IsNaN(Calibration.Identity.Apply(double.NaN)));
    }

    [Fact]
    public void FaultsAreNamed()
    {
        Assert.Null(Table.FindFault());
        Assert.Null(Calibration.Identity.FindFault());
        Assert.Contains("rising", (Table with { Scores = [-1, -1, 2] }).FindFault(), StringComparison.Ordinal);
        Assert.Contains("rising", (Table with { Probabilities = [0.2, 0.1, 0.9] }).FindFault(), StringComparison.Ordinal);
        Assert.Contains("point 2", (Table with { Probabilities = [0.2, 0.5, 1.1] }).FindFault(), StringComparison.Ordinal);
        Assert.Contains("3 scores and 2", (Table with { Probabilities = [0.2, 0.5] }).FindFault(), StringComparison.Ordinal);
        Assert.NotNull((Calibration.Identity with { A = 0 }).FindFault());
        Assert.NotNull((Calibration.Identity with { B = double.NaN }).FindFault());
    }
}
