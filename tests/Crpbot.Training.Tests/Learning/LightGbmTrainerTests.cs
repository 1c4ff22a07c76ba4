using Crpbot.Inference;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Learning;
using Crpbot.Training.Onnx;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class LightGbmTrainerTests
{
    private static readonly SampleOptions Samples = new() { SequenceLength = 1, HorizonBars = 1, MissingPerFeatureMax = 0 };

    [Fact]
    public void APlantedSignalIsFoundToNinetySevenPercentOfTheBest()
    {
        (double accuracy, double bayes) = TrainAndScore(PlantedTable.Create(20_000), shuffleSeed: null);
        Assert.True(accuracy >= 0.97 * bayes, $"{accuracy} of {bayes}");
    }

    [Fact]
    public void ShuffledLabelsGiveACoin()
    {
        (double accuracy, _) = TrainAndScore(PlantedTable.Create(8_000), shuffleSeed: 7);
        Assert.InRange(accuracy, 0.46, 0.54);
    }

    [Fact]
    public void ARandomWalkGivesACoin()
    {
        (double accuracy, _) = TrainAndScore(PlantedTable.Create(8_000, drift: 0), shuffleSeed: null);
        Assert.InRange(accuracy, 0.46, 0.54);
    }

    [Fact]
    public void TheTreesCopiedSayWhatTheLibrarySays()
    {
        (SequenceSource source, PurgedSplit split) = Prepare(PlantedTable.Create(3_000), null);
        LightGbmResult result = LightGbmTrainer.Train(source, split.Train, split.Validation, new LightGbmOptions());
        Assert.Equal(split.Validation.Length, result.ProbeLogits.Length);
        for (int i = 0; i < split.Validation.Length; i++)
            Assert.Equal(result.ProbeLogits[i], Evaluate(result.Ensemble, source.LastRow(split.Validation[i])), 1e-5);
        Assert.True(result.ProbeLogits.Max() - result.ProbeLogits.Min() > 1, "the trees say nothing");
    }

    [Fact]
    public void TheSameSeedGivesTheSameBytes()
    {
        (SequenceSource source, PurgedSplit split) = Prepare(PlantedTable.Create(2_000), null);
        byte[] Graph(LightGbmOptions options) => OnnxExporter.Export(LightGbmTrainer.Train(source, split.Train, split.Validation, options).Ensemble, 1, "hash");
        byte[] once = Graph(new LightGbmOptions());
        Assert.Equal(once, Graph(new LightGbmOptions()));
        Assert.NotEqual(once, Graph(new LightGbmOptions { Leaves = 7 }));
    }

    [Fact]
    public void GrowingStopsWhereTheValidationLossIsLeast()
    {
        (SequenceSource source, PurgedSplit split) = Prepare(PlantedTable.Create(2_000), null);
        var greedy = new LightGbmOptions { LearningRate = 0.3, Trees = 200, SamplesPerLeafMin = 5 };
        LightGbmResult stopped = LightGbmTrainer.Train(source, split.Train, split.Validation, greedy);
        LightGbmResult patient = LightGbmTrainer.Train(source, split.Train, split.Validation, greedy with { PatienceTrees = 200 });
        Assert.InRange(stopped.Ensemble.Trees.Length, 1, 100);
        double Loss(int trees) => split.Validation.Average(sample =>
        {
            TreeEnsemble ensemble = patient.Ensemble with { Trees = patient.Ensemble.Trees[..trees] };
            double logit = Evaluate(ensemble, source.LastRow(sample));
            return Math.Log(1 + Math.Exp(sample.Up ? -logit : logit));
        });
        int best = Enumerable.Range(1, patient.Ensemble.Trees.Length).MinBy(Loss);
        Assert.Equal(best, stopped.Ensemble.Trees.Length);
    }

    [Fact]
    public void OneClassAloneIsATreeOfOneLeafOrNone()
    {
        (SequenceSource source, PurgedSplit split) = Prepare(PlantedTable.Create(600), null);
        Sample[] up = [.. split.Train.Select(sample => sample with { Up = true })];
        LightGbmResult result = LightGbmTrainer.Train(source, up, [.. split.Validation.Select(sample => sample with { Up = true })], new LightGbmOptions());
        using var model = new OnnxModel(OnnxExporter.Export(result.Ensemble, 1, "hash"), OnnxExporter.InputName, OnnxExporter.OutputName, 1, 4);
        model.Run();
        Assert.Equal(result.ProbeLogits[0], model.Output[0], 1e-5);
        Assert.Single(result.ProbeLogits.Distinct());
    }

    internal static double Evaluate(TreeEnsemble ensemble, ReadOnlySpan<float> row)
    {
        double sum = 0;
        foreach (DecisionTree tree in ensemble.Trees)
        {
            int node = tree.Features.Length == 0 ? ~0 : 0;
            while (node >= 0)
                node = row[tree.Features[node]] <= tree.Thresholds[node] ? tree.Below[node] : tree.Above[node];
            sum += tree.Leaves[~node];
        }

        return ensemble.Slope * sum + ensemble.Offset;
    }

    private static (SequenceSource Source, PurgedSplit Split) Prepare(TrainingTable table, int? shuffleSeed)
    {
        Sample[] samples = SampleBuilder.Build(table, Samples);
        if (shuffleSeed is { } seed)
        {
            var random = new Xoshiro256((ulong)seed, 0);
            for (int i = samples.Length - 1; i > 0; i--)
            {
                int j = random.NextBelow(i + 1);
                (samples[i], samples[j]) = (samples[i] with { Up = samples[j].Up }, samples[j] with { Up = samples[i].Up });
            }
        }

        var split = new PurgedSplit(samples, Samples.HorizonBars, 1, new SplitShares());
        return (new SequenceSource(table, ScalingFit.Fit(table, split.Borders[1]), 1), split);
    }

    private static (double Accuracy, double Bayes) TrainAndScore(TrainingTable table, int? shuffleSeed)
    {
        (SequenceSource source, PurgedSplit split) = Prepare(table, shuffleSeed);
        TreeEnsemble ensemble = LightGbmTrainer.Train(source, split.Train, split.Validation, new LightGbmOptions()).Ensemble;
        double TruthOf(Sample sample) => table.Symbols[sample.Symbol].TrueProbabilityUp[sample.Row];
        return (
            split.Locked.Average(sample => Evaluate(ensemble, source.LastRow(sample)) > 0 == sample.Up ? 1.0 : 0),
            split.Locked.Average(sample => Math.Max(TruthOf(sample), 1 - TruthOf(sample))));
    }
}
