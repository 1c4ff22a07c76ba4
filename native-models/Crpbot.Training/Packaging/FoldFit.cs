using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.Onnx;

namespace Crpbot.Training.Packaging;

/// <summary>A model of one fold and its calibrated answers on that fold's test slice.</summary>
internal sealed record FittedFold(TrainedModel Model, double ParityError, Calibration Calibration, ScoredSample[] Test);

/// <summary>One fold: its scaling, fitted on its training rows alone, and any model trained, proven and calibrated on its slices.</summary>
internal sealed class FoldFit
{
    /// <summary>Largest difference of a logit between the trained model and the exported graph.</summary>
    public const double ParityTolerance = 1e-5;

    private readonly TrainingTable _table;
    private readonly PurgedSplit _split;
    private readonly SequenceSource _source;

    public FoldFit(TrainingTable table, PurgedSplit split, int sequenceLength)
    {
        (_table, _split) = (table, split);
        Features = ScalingFit.Fit(table, split.ScalingFrom, split.Borders[1]);
        FeatureHash = FeatureSchema.HashOf(table.FeatureNames);
        _source = new SequenceSource(table, Features, sequenceLength);
    }

    public FeatureScaling[] Features { get; }

    public string FeatureHash { get; }

    /// <summary>Trains, exports, proves and calibrates; the test slice is asked last.</summary>
    public FittedFold Fit(ModelTrainer trainer)
    {
        TrainedModel model = trainer.Train(_source, _split.Train, _split.Validation, FeatureHash);
        double parity = ParityOf(model, _source, _split.Validation);
        using var scorer = new GraphScorer(model.Graph, OnnxExporter.InputName, OnnxExporter.OutputName, _source);
        Calibration calibration = PlattFit.Fit(scorer.Score(_split.Calibration), [.. _split.Calibration.Select(s => s.Up)]);
        return new FittedFold(model, parity, calibration, GraphScorer.Calibrate(_table, _split.Test, scorer.Score(_split.Test), calibration));
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
}
