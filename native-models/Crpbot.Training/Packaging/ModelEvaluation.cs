using System.Globalization;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Packaging;

/// <summary>Measures a package on data: its locked slice where it is the data it learned from, all of it otherwise.</summary>
internal static class ModelEvaluation
{
    /// <param name="directory">The package.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="table">Rows of the model's features, in its order.</param>
    /// <param name="stride">Take a sample every so many minutes.</param>
    /// <param name="progress">Told the share done.</param>
    public static EvaluationReport Evaluate(
        string directory, ModelManifest manifest, TrainingTable table, int stride = 1, Action<double>? progress = null)
    {
        var options = new SampleOptions
        {
            SequenceLength = manifest.SequenceLength,
            HorizonBars = manifest.Label.HorizonBars,
            Label = manifest.Label.Kind,
            Target = manifest.Label.Target,
            Stop = manifest.Label.Stop,
            MissingPerFeatureMax = manifest.MissingPerFeatureMax,
            Stride = stride,
        };
        table.ForgetTruthUnlessOf(options.Label);
        Sample[] samples = SampleBuilder.Build(table, options);
        if (IsTrainingData(manifest, table))
        {
            // The slice starts an embargo after its border, as it did when it was fitted.
            UnixNanos from = ParseIso(manifest.Training.LockedFrom) + (manifest.Training.EmbargoBars ?? manifest.SequenceLength) * UnixNanos.PerMinute, to = ParseIso(manifest.Training.LockedTo);
            samples = [.. samples.Where(s => s.Time >= from && s.Time < to)];
        }

        if (samples.Length == 0)
            throw new InvalidDataException($"{table.Source}: no row of it is a sample of this model");
        if (IsTrainingData(manifest, table))
            LockedOpenings.Note(directory, $"evaluate, a sample every {stride} min");
        var source = new SequenceSource(table, manifest.Features, manifest.SequenceLength);
        byte[] graph = File.ReadAllBytes(Path.Combine(directory, manifest.Graph.File));
        using var scorer = new GraphScorer(graph, manifest.Graph.Input, manifest.Graph.Output, source);
        double[] scores = scorer.Score(samples, progress);
        return Evaluator.Evaluate(GraphScorer.Calibrate(table, samples, scores, manifest.Calibration), manifest.Label.HorizonBars);
    }

    /// <summary>Whether the data is the very file the model learned from.</summary>
    public static bool IsTrainingData(ModelManifest manifest, TrainingTable table) => manifest.Training.DataSha256 == table.Sha256;

    private static UnixNanos ParseIso(string text) => UnixNanos.FromDateTime(
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal));
}
