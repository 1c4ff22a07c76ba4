using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class LstmTrainerTests
{
    private static readonly SampleOptions Samples = new() { SequenceLength = 8, HorizonBars = 1 };
    private static readonly LstmTrainingOptions Small = new() { Hidden = 12, Layers = 2, Dropout = 0.1, LearningRate = 5e-3, Epochs = 4 };

    [Fact]
    public void APlantedSignalIsFoundToNinetySevenPercentOfTheBest()
    {
        (double accuracy, double bayes) = TrainAndScore(PlantedTable.Create(6_000), shuffleSeed: null);
        Assert.True(accuracy >= 0.97 * bayes, $"{accuracy} of {bayes}");
    }

    [Fact]
    public void ShuffledLabelsGiveACoin()
    {
        (double accuracy, _) = TrainAndScore(PlantedTable.Create(6_000), shuffleSeed: 7);
        Assert.InRange(accuracy, 0.46, 0.54);
    }

    [Fact]
    public void ARandomWalkGivesACoin()
    {
        (double accuracy, _) = TrainAndScore(PlantedTable.Create(6_000, drift: 0), shuffleSeed: null);
        Assert.InRange(accuracy, 0.46, 0.54);
    }

    [Fact]
    public void OneBatchIsLearnedByHeart()
    {
        TrainingTable table = PlantedTable.Create(400);
        Sample[] batch = SampleBuilder.Build(table, Samples)[..64];
        SequenceSource source = Source(table, batch[^1].Time);
        LstmTrainingResult result = LstmTrainer.Train(source, batch, batch, Small with { Dropout = 0, LearningRate = 0.02, Epochs = 300, PatienceEpochs = 300, PlateauEpochs = 300 });
        Assert.True(result.Epochs.Min(e => e.ValidationLoss) < 0.02);
    }

    [Fact]
    public void TheSameSeedGivesTheSameWeightsAndAnotherDoesNot()
    {
        TrainingTable table = PlantedTable.Create(600);
        Sample[] samples = SampleBuilder.Build(table, Samples);
        SequenceSource source = Source(table, samples[^1].Time);
        LstmTrainingOptions brief = Small with { Epochs = 1 };
        float[] Head(int seed) => LstmTrainer.Train(source, samples[..400], samples[500..], brief with { Seed = seed }).Weights.HeadWeights;
        Assert.Equal(Head(1), Head(1));
        Assert.NotEqual(Head(1), Head(2));
    }

    [Fact]
    public void TrainingStopsEarlyAndKeepsTheBestEpoch()
    {
        TrainingTable table = PlantedTable.Create(300);
        Sample[] samples = SampleBuilder.Build(table, Samples);
        SequenceSource source = Source(table, samples[^1].Time);
        LstmTrainingOptions greedy = Small with { Dropout = 0, LearningRate = 0.05, Epochs = 60, PatienceEpochs = 2 };
        LstmTrainingResult result = LstmTrainer.Train(source, samples[..100], samples[300..], greedy);
        EpochReport best = result.Epochs.MinBy(e => e.ValidationLoss);
        Assert.True(result.Epochs.Count < 60);
        Assert.Equal(2, result.Epochs.Count - best.Epoch);
        Assert.True(result.Epochs[^1].LearningRate < greedy.LearningRate);
        float[] sequence = new float[source.SequenceLength * source.Features];
        source.Gather(samples.AsSpan(300, 1), sequence);
        Assert.Equal(ReferenceLstm.Evaluate(result.Weights, sequence), result.ProbeLogits[0], 1e-4);
    }

    private static SequenceSource Source(TrainingTable table, Crpbot.Messages.UnixNanos end) =>
        new(table, ScalingFit.Fit(table, end), Samples.SequenceLength);

    private static (double Accuracy, double Bayes) TrainAndScore(TrainingTable table, int? shuffleSeed)
    {
        Sample[] samples = SampleBuilder.Build(table, Samples);
        if (shuffleSeed is { } seed)
        {
            bool[] labels = [.. samples.Select(s => s.Up)];
            new Random(seed).Shuffle(labels);
            samples = [.. samples.Zip(labels, (sample, up) => sample with { Up = up })];
        }

        var split = new PurgedSplit(samples, Samples.HorizonBars, Samples.SequenceLength, new SplitShares(0.6, 0.1, 0.1, 0.2));
        SequenceSource source = Source(table, split.Borders[1]);
        LstmTrainingResult result = LstmTrainer.Train(source, split.Train, split.Validation, Small);
        float[] sequence = new float[source.SequenceLength * source.Features];
        int right = 0;
        double bayes = 0;
        foreach (Sample sample in split.Locked)
        {
            source.Gather([sample], sequence);
            right += ReferenceLstm.Evaluate(result.Weights, sequence) > 0 == sample.Up ? 1 : 0;
            double p = table.Symbols[sample.Symbol].TrueProbabilityUp[sample.Row];
            bayes += Math.Max(p, 1 - p);
        }

        return ((double)right / split.Locked.Length, bayes / split.Test.Length);
    }
}
