using Crpbot.Inference;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class PlattFitTests
{
    [Theory]
    [InlineData(0.4, -0.3)]
    [InlineData(2.5, 0.7)]
    public void TheMapThatMadeTheLabelsIsFoundAgain(double a, double b)
    {
        var random = new Random(2);
        double[] scores = [.. Enumerable.Range(0, 60_000).Select(_ => random.NextDouble() * 4 - 2)];
        bool[] up = [.. scores.Select(s => random.NextDouble() < 1 / (1 + Math.Exp(-(a * s + b))))];
        Calibration fit = PlattFit.Fit(scores, up);
        Assert.Equal(a, fit.A, 0.05);
        Assert.Equal(b, fit.B, 0.05);
    }

    [Fact]
    public void AnOpinionThatIsWrongIsFlattenedNotTurnedAround()
    {
        double[] scores = [.. Enumerable.Range(0, 1_000).Select(i => i / 500.0 - 1)];
        Calibration fit = PlattFit.Fit(scores, [.. scores.Select(s => s < 0)]);
        Assert.Equal(PlattFit.SlopeMin, fit.A);
        Assert.Equal(0.5, fit.Apply(3), 0.01);
    }

    [Fact]
    public void SeparableScoresStayFinite()
    {
        double[] scores = [-2, -1, 1, 2];
        Assert.Null(PlattFit.Fit(scores, [false, false, true, true]).FindFault());
    }
}
