using Crpbot.Simulation.Numerics;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation.Numerics;

public sealed class PortableMathTests
{
    [Fact]
    public void ElementaryFunctionsAgreeWithThePlatformsToAFewUlps()
    {
        var random = new Xoshiro256(1, 1);
        for (int i = 0; i < 100_000; i++)
        {
            double u = random.NextDouble();
            double x = 40 * (u - 0.5);
            Close(Math.Log(u), PortableMath.Ln(u), 1e-15);
            Close(Math.Log(1e6 * u), PortableMath.Ln(1e6 * u), 1e-15);
            Close(Math.Exp(x), PortableMath.Exp(x), 1e-15);
            Close(Math.Atan(x), PortableMath.Atan(x), 1e-15);
        }

        Assert.Equal(0, PortableMath.Ln(1));
        Assert.Equal(1, PortableMath.Exp(0));
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-1, 0.15865525393145705)]
    [InlineData(1.959963984540054, 0.975)]
    [InlineData(3, 0.9986501019683699)]
    [InlineData(-4, 3.167124183311992e-05)]
    public void NormalDistributionMatchesItsTable(double x, double expected) =>
        Assert.Equal(expected, PortableMath.NormalCdf(x), 14);

    [Fact]
    public void QuantileInvertsTheDistribution()
    {
        for (int i = 1; i < 20_000; i++)
            Assert.Equal(i / 20_000.0, PortableMath.NormalCdf(PortableMath.NormalQuantile(i / 20_000.0)), 13);
        Assert.InRange(PortableMath.NormalQuantile(1e-12), -7.0345, -7.0344);
    }

    private static void Close(double expected, double actual, double relative) =>
        Assert.True(Math.Abs(expected - actual) <= relative * Math.Max(1e-3, Math.Abs(expected)), $"{expected:R} {actual:R}");
}
