using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.Onnx;

namespace Crpbot.Training.Packaging;

/// <summary>A finished fit: the graph, how it is scaled and calibrated, and what the locked slice says of it.</summary>
internal sealed record FittedModel(
    FitOptions Options, PurgedSplit Split, FeatureScaling[] Features, string FeatureHash, string Architecture, byte[] Graph, Calibration Calibration,
    IReadOnlyList<EpochReport> Epochs, double ParityError, EvaluationReport Locked, EvaluationReport Baseline);

/// <summary>Table in, fitted model out: split, scale, train, export, calibrate, measure, in that order and each on its own slice.</summary>
internal static class ModelFit
{
    /// <summary>Largest difference of a logit between the trained model and the exported graph.</summary>
    public const double ParityTolerance = 1e-5;

    /// <param name="table">The rows; its features are the model's, in order.</param>
    /// <param name="options">What to fit.</param>
    /// <param name="log">Receives one line for each thing worth knowing.</param>
    /// <param name="progress">Told the share of the training done and a line to show.</param>
    public static FittedModel Run(TrainingTable table, FitOptions options, Action<string> log, Action<double, string>? progress = null)
    {
        table.ForgetTruthUnlessOf(options.Samples.Label);
        Sample[] samples = SampleBuilder.Build(table, options.Samples);
        if (options.ShuffleLabels is { } shuffleSeed)
        {
            bool[] labels = [.. samples.Select(s => s.Up)];
            new Random(shuffleSeed).Shuffle(labels);
            samples = [.. samples.Zip(labels, (sample, up) => sample with { Up = up })];
        }

        var split = new PurgedSplit(samples, options.Samples.HorizonBars, options.Samples.SequenceLength, options.Shares);
        log($"{samples.Length} samples: {split.Train.Length} training, {split.Validation.Length} validation, {split.Calibration.Length} calibration, {split.Locked.Length} locked");
        FeatureScaling[] features = ScalingFit.Fit(table, split.Borders[1]);
        var source = new SequenceSource(table, features, options.Samples.SequenceLength);
        string featureHash = FeatureSchema.HashOf(table.FeatureNames);

        FittedModel Fit(ModelTrainer trainer, EvaluationReport? baseline)
        {
            TrainedModel trained = trainer.Train(source, split.Train, split.Validation, featureHash);
            double parity = ParityOf(trained, source, split.Validation);
            (Calibration calibration, EvaluationReport locked) = Measure(table, trained.Graph, source, split, options.Samples.HorizonBars);
            log($"{trained.Architecture}: locked accuracy {locked.Accuracy}, parity of the export {parity:g2}");
            return new FittedModel(options, split, features, featureHash, trained.Architecture, trained.Graph, calibration, trained.Epochs, parity, locked, baseline ?? locked);
        }

        FittedModel logistic = Fit(new LogisticModelTrainer(), null);
        return options.Architecture == ModelArchitecture.Logistic ? logistic : Fit(ModelTrainer.Of(options, log, progress), logistic.Locked);
    }

    /// <exception cref="InvalidOperationException">The exported graph is another function than the trained model: a defect.</exception>
    internal static double ParityOf(TrainedModel trained, SequenceSource source, Sample[] validation)
    {
        double[] logits = trained.ProbeLogits;
        using var scorer = new GraphScorer(trained.Graph, OnnxExporter.InputName, OnnxExporter.OutputName, source);
        double[] scores = scorer.Score(validation.AsSpan(0, logits.Length));
        double worst = 0;
        for (int i = 0; i < scores.Length; i++)
            worst = Math.Max(worst, Math.Abs(scores[i] - logits[i]));
        // Math.Max keeps a NaN, and no comparison holds for it.
        return worst <= ParityTolerance ? worst
            : throw new InvalidOperationException($"the exported graph differs from the trained model by {worst:g3}, more than {ParityTolerance:g1}");
    }

    private static (Calibration Calibration, EvaluationReport Locked) Measure(
        TrainingTable table, byte[] graph, SequenceSource source, PurgedSplit split, int horizonBars)
    {
        using var scorer = new GraphScorer(graph, OnnxExporter.InputName, OnnxExporter.OutputName, source);
        Calibration calibration = PlattFit.Fit(scorer.Score(split.Calibration), [.. split.Calibration.Select(s => s.Up)]);
        ScoredSample[] locked = GraphScorer.Calibrate(table, split.Locked, scorer.Score(split.Locked), calibration);
        return (calibration, Evaluator.Evaluate(locked, horizonBars));
    }
}
