using Crpbot.Inference;
using Xunit;

namespace Crpbot.Engine.Tests.Inference;

public class ScalingConstantsTests
{
    private static ScalingConstants One(ScalingKind kind, double median = 0, double scale = 0) =>
        new([new FeatureScaling { Name = "x", Kind = kind, Median = median, Scale = scale }]);

    [Theory]
    [InlineData(ScalingKind.InterquartileRange, 5, 1.5)]
    [InlineData(ScalingKind.InterquartileRange, 1e9, 8)]
    [InlineData(ScalingKind.StandardDeviation, -1e9, -8)]
    [InlineData(ScalingKind.Unscaled, 100, 100)]
    [InlineData(ScalingKind.Constant, 100, 0)]
    [InlineData(ScalingKind.InterquartileRange, double.NaN, 0)]
    [InlineData(ScalingKind.Unscaled, double.NaN, 0)]
    public void InputsAreScaledClippedAndMissingOnesBecomeTheMedian(ScalingKind kind, double input, float expected)
    {
        var output = new float[1];
        One(kind, 2, 2).Transform([input], output);
        Assert.Equal(expected, output[0]);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, -1)]
    [InlineData(2, double.NaN)]
    [InlineData(double.NaN, 1)]
    public void ConstantsThatScaleNothingAreRefused(double median, double scale) =>
        Assert.Throws<ArgumentException>(() => One(ScalingKind.InterquartileRange, median, scale));
}
