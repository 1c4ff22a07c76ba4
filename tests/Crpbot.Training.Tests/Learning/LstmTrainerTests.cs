using Crpbot.Training.Learning;
using Crpbot.Training.Tests.Torch;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

[Collection(TorchCollection.Name)]
public class LstmTrainerTests
{
    private static readonly SampleOptions Samples = new() { SequenceLength = 8, HorizonBars = 1 };
    private static readonly LstmTrainingOptions Small = new() { Hidden = 12, Layers = 2, Dropout = 0.1, LearningRate = 5e-3, Epochs = 4 };

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
}
