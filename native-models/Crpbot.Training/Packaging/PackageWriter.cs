using System.Globalization;
using System.Security.Cryptography;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.Onnx;

namespace Crpbot.Training.Packaging;

/// <summary>Writes a model package and proves that it loads before it gets its name.</summary>
internal static class PackageWriter
{
    /// <summary>Of a folder that is not yet a version.</summary>
    public const string StagingSuffix = ".partial";

    private const string GraphFile = "model.onnx";

    /// <param name="directory">…/NAME/VERSION; must not exist.</param>
    /// <param name="table">What was learned from.</param>
    /// <param name="fit">The fit.</param>
    /// <exception cref="IOException">The folder exists: a version is never overwritten.</exception>
    public static ModelManifest Write(string directory, TrainingTable table, FittedModel fit)
    {
        directory = Path.GetFullPath(directory);
        if (Directory.Exists(directory))
            throw new IOException($"{directory} exists: a version is never overwritten, choose another");
        string staging = directory + StagingSuffix;
        if (Directory.Exists(staging))
            Directory.Delete(staging, recursive: true);
        Directory.CreateDirectory(staging);
        File.WriteAllBytes(Path.Combine(staging, GraphFile), fit.Model.Graph);
        ModelManifest manifest = CreateManifest(table, fit);
        manifest.Write(Path.Combine(staging, ModelManifest.FileName));
        File.WriteAllText(Path.Combine(staging, "card.md"), ModelCard.Write(manifest, table, fit));
        LockedOpenings.Note(staging, LockedOpenings.Fit);
        ModelPackage.Load(staging).Dispose();
        Directory.Move(staging, directory);
        return manifest;
    }

    public static string Iso(UnixNanos time) => time.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static ModelManifest CreateManifest(TrainingTable table, FittedModel fit)
    {
        int length = fit.Options.Samples.SequenceLength;
        return new ModelManifest
        {
            Format = ModelManifest.CurrentFormat,
            Name = fit.Options.Name,
            Version = fit.Options.Version,
            Promoted = false,
            Architecture = fit.Options.ShuffleLabels is null ? fit.Model.Architecture : fit.Model.Architecture + ", trained on shuffled labels",
            SchemaVersion = FeatureSchema.Version,
            FeatureHash = fit.FeatureHash,
            Features = fit.Features,
            SequenceLength = length,
            MissingPerFeatureMax = fit.Options.Samples.MissingPerFeatureMax,
            Label = new ModelLabel
            {
                Kind = fit.Options.Samples.Label,
                HorizonBars = fit.Options.Samples.HorizonBars,
                Target = fit.Options.Samples.Target,
                Stop = fit.Options.Samples.Stop,
            },
            Calibration = fit.Calibration,
            Graph = new ModelGraph
            {
                File = GraphFile,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(fit.Model.Graph)),
                Input = OnnxExporter.InputName,
                Output = OnnxExporter.OutputName,
            },
            Training = new TrainingSpan
            {
                Source = table.Source,
                From = Iso(fit.Split.Borders[0]),
                To = Iso(fit.Split.Borders[1]),
                DataSha256 = table.Sha256,
                Symbols = [.. table.Symbols.Select(s => s.Symbol)],
                Samples = fit.Split.Train.Length,
                Seed = fit.Options.Seed,
                LockedFrom = Iso(fit.Split.Borders[3]),
                LockedTo = Iso(fit.Split.Borders[4]),
                EmbargoBars = fit.Options.EmbargoBars,
            },
            Metrics =
            [
                .. Metrics("", fit.Locked), .. Metrics("baseline_logistic_", fit.Baseline).Take(1),
                .. fit.WalkForward is null ? [] : Metrics("walk_forward_", fit.WalkForward).Take(5),
                .. fit.Folds.SelectMany((fold, i) => Metrics($"fold_{i + 1}_", fold.Report).Take(5)),
            ],
            Golden = CreateGolden(fit, length),
        };
    }

    private static IEnumerable<ModelMetric> Metrics(string prefix, EvaluationReport report)
    {
        ModelMetric Metric(string name, Figure figure) => new()
        {
            Name = prefix + name, Value = figure.Value, Low = figure.Low, High = figure.High,
            Samples = report.Samples, EffectiveSamples = report.EffectiveSamples,
        };
        yield return Metric("accuracy", report.Accuracy);
        yield return Metric("brier", report.Brier);
        yield return Metric("log_loss", report.LogLoss);
        yield return Metric("ece_15", report.CalibrationError);
        yield return Metric("auc", report.Auc);
        if (report.BayesAccuracy is { } bayes)
            yield return new ModelMetric { Name = prefix + "bayes_accuracy", Value = bayes, Samples = report.Samples };
        if (report.ShareOfBayes is { } share)
            yield return Metric("share_of_bayes", share);
        foreach (TierFigures tier in report.Tiers)
        {
            if (tier.Accuracy is { } accuracy)
            {
                string name = $"{prefix}accuracy_confidence_{tier.Confidence:0.00}";
                yield return new ModelMetric { Name = name, Value = accuracy.Value, Low = accuracy.Low, High = accuracy.High, Samples = tier.Samples };
            }
        }
    }

    // Seeded noise, never market data: the golden sequence travels with the package.
    private static GoldenPrediction CreateGolden(FittedModel fit, int length)
    {
        var random = new Random(1);
        float[] input = [.. Enumerable.Range(0, length * fit.Features.Length).Select(_ => (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 2)];
        using var model = new OnnxModel(fit.Model.Graph, OnnxExporter.InputName, OnnxExporter.OutputName, length, fit.Features.Length);
        input.CopyTo(model.Input);
        model.Run();
        double score = model.Output[0];
        return new GoldenPrediction { Input = input, RawScore = score, ProbabilityUp = fit.Calibration.Apply(score) };
    }
}
