using System.Globalization;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Packaging;

/// <summary>A package and its answers to data.</summary>
/// <param name="Source">Scaled sequences of the model's features.</param>
/// <param name="Graph">ONNX bytes.</param>
/// <param name="Samples">What was asked, rows whose price did not change included; in time.</param>
/// <param name="Answers">One a sample, with the return that followed.</param>
internal sealed record AskedModel(ModelManifest Manifest, TrainingTable Table, SequenceSource Source, byte[] Graph, Sample[] Samples, ScoredSample[] Answers)
{
    /// <summary>Answers that have a label: a return of zero is none.</summary>
    public ScoredSample[] Labelled { get; } = [.. Answers.Where(s => s.Return != 0)];
}

/// <summary>Measures a package on data: its locked slice where it is the data it learned from, all of it otherwise.</summary>
internal static class ModelEvaluation
{
    /// <param name="directory">The package.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="table">Rows of the model's features, in its order.</param>
    /// <param name="stride">Take a sample every so many minutes.</param>
    /// <param name="progress">Told the share done.</param>
    public static EvaluationReport Evaluate(
        string directory, ModelManifest manifest, TrainingTable table, int stride = 1, Action<double>? progress = null) =>
        Evaluator.Evaluate(Ask(directory, manifest, table, stride, progress).Labelled, manifest.Label.HorizonBars);

    /// <summary>Asks the package about everything it is measured on.</summary>
    /// <exception cref="InvalidDataException">No row of the data is a sample with a label.</exception>
    public static AskedModel Ask(string directory, ModelManifest manifest, TrainingTable table, int stride = 1, Action<double>? progress = null)
    {
        SampleOptions options = OptionsOf(manifest, stride) with { KeepFlat = true };
        table.ForgetTruthUnlessOf(options.Label);
        Sample[] samples = SampleBuilder.Build(table, options);
        if (IsTrainingData(manifest, table))
        {
            // The slice starts an embargo after its border, as it did when it was fitted.
            UnixNanos from = ParseIso(manifest.Training.LockedFrom) + (manifest.Training.EmbargoBars ?? manifest.SequenceLength) * UnixNanos.PerMinute, to = ParseIso(manifest.Training.LockedTo);
            samples = [.. samples.Where(s => s.Time >= from && s.Time < to)];
            LockedOpenings.Note(directory, $"evaluate, a sample every {stride} min");
        }

        var source = new SequenceSource(table, manifest.Features, manifest.SequenceLength);
        byte[] graph = File.ReadAllBytes(Path.Combine(directory, manifest.Graph.File));
        using var scorer = new GraphScorer(graph, manifest.Graph.Input, manifest.Graph.Output, source);
        ScoredSample[] answers = GraphScorer.Calibrate(table, samples, scorer.Score(samples, progress), manifest.Calibration);
        for (int i = 0; i < answers.Length; i++)
        {
            Sample sample = samples[i];
            answers[i] = answers[i] with { Row = sample.Row, Return = SampleBuilder.FindReturn(table.Symbols[sample.Symbol], sample.Row, options)!.Value };
        }

        var asked = new AskedModel(manifest, table, source, graph, samples, answers);
        return asked.Labelled.Length > 0 ? asked : throw new InvalidDataException($"{table.Source}: no row of it is a sample of this model");
    }

    /// <summary>The rules by which the model takes samples.</summary>
    public static SampleOptions OptionsOf(ModelManifest manifest, int stride) => new()
    {
        SequenceLength = manifest.SequenceLength,
        HorizonBars = manifest.Label.HorizonBars,
        Label = manifest.Label.Kind,
        Target = manifest.Label.Target,
        Stop = manifest.Label.Stop,
        MissingPerFeatureMax = manifest.MissingPerFeatureMax,
        Stride = stride,
    };

    /// <summary>Whether the data is the very file the model learned from.</summary>
    public static bool IsTrainingData(ModelManifest manifest, TrainingTable table) => manifest.Training.DataSha256 == table.Sha256;

    /// <summary>A time of the manifest.</summary>
    public static UnixNanos ParseIso(string text) => UnixNanos.FromDateTime(
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal));
}
