using Crpbot.Simulation;
using Crpbot.Simulation.Numerics;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

public sealed class PressureModelTests
{
    [Theory]
    [InlineData(0.5, 5)]
    [InlineData(0.55, 5)]
    [InlineData(0.65, 1)]
    [InlineData(0.65, 15)]
    [InlineData(0.75, 5)]
    [InlineData(0.75, 60)]
    public void TheDifficultyAskedForIsTheAccuracyOfTheClosedForm(double difficulty, int horizon) =>
        Assert.Equal(difficulty, new PressureModel(difficulty, horizon).BayesAccuracy, 12);

    [Fact]
    public void OneBarAheadIsTheRegressionOfOneNormalOnAnother()
    {
        // r = βx + √(1−β²)ε: sign agreement of x and r is 1/2 + asin(β)/π.
        var model = new PressureModel(0.7, 1);
        Assert.Equal(0.7, 0.5 + Math.Asin(model.Drift) / Math.PI, 12);
        Assert.Equal(model.Drift / Math.Sqrt(1 - model.Drift * model.Drift), model.Slope, 12);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(2, 2)]
    public void ProbabilityIsTheShareOfSimulatedFuturesThatRise(int remaining, int regime)
    {
        const int N = 60_000;
        const double Pressure = 0.8;
        var model = new PressureModel(0.75, 5);
        var random = new Xoshiro256(11, (ulong)remaining);
        double fresh = Math.Sqrt(1 - model.Persistence * model.Persistence);
        int rises = 0;
        for (int i = 0; i < N; i++)
        {
            double next = PressureModel.MultiplierOf(PressureModel.RegimeOf(random.NextDouble()));
            double now = PressureModel.MultiplierOf(regime);
            (double x, double sum) = (Pressure, 0);
            for (int j = 1; j <= model.HorizonBars; j++)
            {
                double v = remaining == 0 || j > remaining ? next : now;
                sum += v * (model.Drift * x + model.Noise * random.NextNormal());
                x = model.Persistence * x + fresh * random.NextNormal();
            }

            rises += sum > 0 ? 1 : 0;
        }

        double expected = model.ProbabilityUp(Pressure, regime, remaining);
        double deviation = Math.Sqrt(expected * (1 - expected) / N);
        Assert.InRange((double)rises / N, expected - 4 * deviation, expected + 4 * deviation);
    }

    [Fact]
    public void MirroredPressureMirrorsTheProbability()
    {
        var model = new PressureModel(0.65, 5);
        Assert.Equal(1, model.ProbabilityUp(0.7, 1, 3) + model.ProbabilityUp(-0.7, 1, 3), 14);
        Assert.Equal(0.5, model.ProbabilityUp(0, 2, 2), 14);
    }

    [Theory]
    [InlineData(0.49, 5)]
    [InlineData(1.0, 5)]
    [InlineData(double.NaN, 5)]
    [InlineData(0.99, 60)]
    [InlineData(0.65, 0)]
    [InlineData(0.65, 241)]
    public void WhatCannotBeReachedIsRefused(double difficulty, int horizon) =>
        Assert.Throws<ArgumentException>(() => new PressureModel(difficulty, horizon));
}
