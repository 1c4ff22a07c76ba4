using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class LogisticTrainerTests
{
    [Fact]
    public void TheFittedGradientIsZero()
    {
        TrainingTable table = PlantedTable.Create(2_000);
        Sample[] samples = SampleBuilder.Build(table, new SampleOptions { SequenceLength = 2, HorizonBars = 1 });
        var source = new SequenceSource(table, ScalingFit.Fit(table, samples[^1].Time), 2);
        LogisticWeights fit = LogisticTrainer.Train(source, samples, ridge: 10);
        var gradient = new double[4];
        foreach (Sample sample in samples)
        {
            ReadOnlySpan<float> row = source.LastRow(sample);
            double score = fit.Bias;
            for (int i = 0; i < 4; i++)
                score += fit.Weights[i] * row[i];
            for (int i = 0; i < 4; i++)
                gradient[i] += row[i] * ((sample.Up ? 1 : 0) - 1 / (1 + Math.Exp(-score)));
        }

        for (int i = 0; i < 4; i++)
            Assert.Equal(10 * fit.Weights[i], gradient[i], 0.05);
        Assert.True(fit.Weights[0] > 0.5 && Math.Abs(fit.Weights[2]) < 0.1);
    }

    [Fact]
    public void APositiveSystemIsSolved()
    {
        double[] x = LogisticTrainer.SolvePositive([4, 0, 0, 2, 3, 0, 0.5, 1, 2], [1, 2, 3]);
        // Rows of the symmetric matrix: 4 2 0.5 / 2 3 1 / 0.5 1 2.
        Assert.Equal(1, 4 * x[0] + 2 * x[1] + 0.5 * x[2], 1e-12);
        Assert.Equal(2, 2 * x[0] + 3 * x[1] + x[2], 1e-12);
        Assert.Equal(3, 0.5 * x[0] + x[1] + 2 * x[2], 1e-12);
        Assert.Throws<InvalidDataException>(() => LogisticTrainer.SolvePositive([1, 0, 1, 1], [1, 1]));
    }
}
