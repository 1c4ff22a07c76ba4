using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;
using Xunit;
using Repository = Crpbot.Testing.MarketData;

namespace Crpbot.Training.Tests;

/// <summary>What the repository ships loads here, and the simulated market's model knows what its card says.</summary>
public class ShippedModelsTests
{
    private static readonly string Models = Path.Combine(Repository.RepositoryRoot, "native-models", "models");

    [Theory]
    [InlineData("sim-lstm-53", 53, 5, LabelKind.MidDirection)]
    [InlineData("coinbase-lstm-33", 33, 15, LabelKind.CloseDirection)]
    public void AShippedPackageLoadsWithItsGoldenPrediction(string name, int features, int horizon, LabelKind label)
    {
        using ModelPackage package = ModelPackage.Load(Path.Combine(Models, name, "1"));
        Assert.Equal((name, "1", false), (package.Manifest.Name, package.Manifest.Version, package.Manifest.Promoted));
        Assert.Equal(FeatureSchema.Names.Take(features), package.Manifest.Features.Select(f => f.Name));
        Assert.Equal((60, horizon, label), (package.Manifest.SequenceLength, package.Manifest.Label.HorizonBars, package.Manifest.Label.Kind));
        Assert.Empty(package.Warnings);
        string card = File.ReadAllText(Path.Combine(Models, name, "1", "card.md"));
        ModelMetric accuracy = package.Manifest.Metrics.Single(m => m.Name == "accuracy");
        Assert.Contains(FormattableString.Invariant($"| accuracy | {accuracy.Value:0.0000} [{accuracy.Low:0.0000}, {accuracy.High:0.0000}] |"), card, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSimulatedMarketsModelReachesTheBestOnDaysItNeverSaw()
    {
        string directory = Path.Combine(Models, "sim-lstm-53", "1");
        ModelManifest manifest = ModelManifest.Read(Path.Combine(directory, ModelManifest.FileName));
        TrainingTable table = Simulate(manifest);
        Assert.False(ModelEvaluation.IsTrainingData(manifest, table));
        EvaluationReport report = ModelEvaluation.Evaluate(directory, manifest, table, stride: 2);
        Assert.InRange(report.Samples, 1_500, 10_000);
        Assert.InRange(report.BayesAccuracy!.Value, 0.62, 0.68);
        Assert.True(report.ShareOfBayes!.Value.Value >= 0.95, $"share of Bayes {report.ShareOfBayes} over {report.Samples} samples");
        Assert.True(report.CalibrationError.Value < 0.06, $"ECE {report.CalibrationError}");
        Assert.True(report.Tiers[^1].Samples > 50, "no prediction reaches the high tier");
    }

    [Fact]
    public void ThePredictorSaysOfEveryRowWhatTheTrainerMeasures()
    {
        string directory = Path.Combine(Models, "sim-lstm-53", "1");
        using ModelPackage package = ModelPackage.Load(directory);
        ModelManifest manifest = package.Manifest;
        TrainingTable table = Simulate(manifest);
        SymbolRows rows = table.Symbols[1];
        var options = new SampleOptions { SequenceLength = manifest.SequenceLength, HorizonBars = 5, Label = manifest.Label.Kind };
        Sample[] samples = [.. SampleBuilder.Build(table, options).Where(s => s.Symbol == 1)];
        using var scorer = new GraphScorer(
            File.ReadAllBytes(Path.Combine(directory, manifest.Graph.File)), manifest.Graph.Input, manifest.Graph.Output,
            new SequenceSource(table, manifest.Features, manifest.SequenceLength));
        double[] measured = scorer.Score(samples);

        var predictor = new Predictor(package, new InstrumentId(1));
        var reasons = new MissingReason[FeatureSchema.Count];
        int next = 0, spoken = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            predictor.Push(rows.OpenTime[row], rows.InputsOf(row), reasons, rows.Warmup[row]);
            bool isSample = next < samples.Length && samples[next].Row == row;
            if (!isSample)
            {
                // Without a label a row may still have a prediction; the network need not be asked.
                spoken += predictor.Status == PredictionStatus.Ok ? 1 : 0;
                continue;
            }

            Prediction prediction = predictor.Predict(rows.OpenTime[row], rows.OpenTime[row] + UnixNanos.PerMinute);
            Assert.Equal(PredictionStatus.Ok, prediction.Status);
            Assert.Equal(measured[next], prediction.RawScore, 1e-5);
            Assert.Equal(manifest.Calibration.Apply(measured[next]), prediction.ProbabilityUp.Value, 1e-5);
            next++;
        }

        Assert.Equal(samples.Length, next);
        Assert.InRange(spoken, 0, 30); // ties and the last five bars
    }

    private static TrainingTable Simulate(ModelManifest manifest)
    {
        string path = Path.GetTempFileName();
        SimulatedDataset.Write(path, new SimulationOptions { Seed = 909, Difficulty = 0.65, HorizonBars = 5 }, days: 6);
        TrainingTable table = TableLoader.Load([path], [.. manifest.Features.Select(f => f.Name)], manifest.Label.HorizonBars);
        File.Delete(path);
        return table;
    }
}
