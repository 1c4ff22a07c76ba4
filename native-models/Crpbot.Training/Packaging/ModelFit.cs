using Crpbot.Inference;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Packaging;

/// <summary>One fold before the locked one.</summary>
internal sealed record FoldReport(PurgedSplit Split, string Architecture, EvaluationReport Report);

/// <summary>A finished fit: the graph, how it is scaled and calibrated, and what the locked slice says of it.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Split">The last fold: the package's.</param>
/// <param name="Features">Scaling, in order.</param>
/// <param name="FeatureHash">Of the features' names.</param>
/// <param name="Model">Its graph.</param>
/// <param name="Calibration">Fitted on the calibration slice.</param>
/// <param name="ParityError">Largest difference between the model and its graph.</param>
/// <param name="Locked">Figures of the locked slice.</param>
/// <param name="Baseline">The same of the logistic regression.</param>
/// <param name="Folds">The folds before, in time order.</param>
/// <param name="WalkForward">Figures of their test slices together; null with one fold.</param>
internal sealed record FittedModel(
    FitOptions Options, PurgedSplit Split, FeatureScaling[] Features, string FeatureHash, TrainedModel Model, Calibration Calibration, double ParityError,
    EvaluationReport Locked, EvaluationReport Baseline, IReadOnlyList<FoldReport> Folds, EvaluationReport? WalkForward);

/// <summary>Table in, fitted model out: split, then every fold in time order, the locked slice last.</summary>
internal static class ModelFit
{
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

        IReadOnlyList<PurgedSplit> splits = WalkForward.Split(samples, options.Samples.HorizonBars, options.EmbargoBars, options.Shares, options.Folds);
        ModelTrainer trainer = ModelTrainer.Of(options, log, progress);
        var folds = new List<FoldReport>();
        var tested = new List<ScoredSample>();
        foreach (PurgedSplit earlier in splits.SkipLast(1))
        {
            FittedFold fold = new FoldFit(table, earlier, options.Samples.SequenceLength).Fit(trainer);
            tested.AddRange(fold.Test);
            folds.Add(new FoldReport(earlier, fold.Model.Architecture, Evaluator.Evaluate(fold.Test, options.Samples.HorizonBars)));
            log($"fold {folds.Count} of {splits.Count}: {fold.Model.Architecture}, {earlier.Train.Length} training samples, accuracy {folds[^1].Report.Accuracy} on {fold.Test.Length}");
        }

        EvaluationReport? walked = tested.Count == 0 ? null : Evaluator.Evaluate([.. tested], options.Samples.HorizonBars);
        return FitLast(table, options, splits[^1], trainer, log) with { Folds = folds, WalkForward = walked };
    }

    private static FittedModel FitLast(TrainingTable table, FitOptions options, PurgedSplit split, ModelTrainer trainer, Action<string> log)
    {
        log($"last fold: {split.Train.Length} training samples, {split.Validation.Length} validation, {split.Calibration.Length} calibration, {split.Test.Length} locked");
        var fit = new FoldFit(table, split, options.Samples.SequenceLength);
        FittedFold fold = fit.Fit(trainer);
        EvaluationReport locked = Evaluator.Evaluate(fold.Test, options.Samples.HorizonBars);
        EvaluationReport baseline = options.Architecture == ModelArchitecture.Logistic ? locked
            : Evaluator.Evaluate(fit.Fit(new LogisticModelTrainer()).Test, options.Samples.HorizonBars);
        log($"{fold.Model.Architecture}: locked accuracy {locked.Accuracy}, logistic baseline {baseline.Accuracy}, parity of the export {fold.ParityError:g2}");
        return new FittedModel(
            options, split, fit.Features, fit.FeatureHash, fold.Model, fold.Calibration, fold.ParityError, locked, baseline, [], null);
    }
}
