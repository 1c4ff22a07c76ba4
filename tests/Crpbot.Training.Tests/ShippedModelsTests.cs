using Crpbot.Features;
using Crpbot.Inference;
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
        string path = Path.GetTempFileName();
        SimulatedDataset.Write(path, new SimulationOptions { Seed = 909, Difficulty = 0.65, HorizonBars = 5 }, days: 6);
        ModelManifest manifest = ModelManifest.Read(Path.Combine(directory, ModelManifest.FileName));
        TrainingTable table = TableLoader.Load([path], [.. manifest.Features.Select(f => f.Name)], manifest.Label.HorizonBars);
        File.Delete(path);
        Assert.False(ModelEvaluation.IsTrainingData(manifest, table));
        EvaluationReport report = ModelEvaluation.Evaluate(directory, manifest, table, stride: 2);
        Assert.InRange(report.Samples, 1_500, 10_000);
        Assert.InRange(report.BayesAccuracy!.Value, 0.62, 0.68);
        Assert.True(report.ShareOfBayes!.Value.Value >= 0.95, $"share of Bayes {report.ShareOfBayes} over {report.Samples} samples");
        Assert.True(report.CalibrationError.Value < 0.06, $"ECE {report.CalibrationError}");
        Assert.True(report.Tiers[^1].Samples > 50, "no prediction reaches the high tier");
    }
}
