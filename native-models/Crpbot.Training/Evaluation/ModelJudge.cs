using System.Globalization;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;

namespace Crpbot.Training.Evaluation;

/// <summary>Makes the whole report of a package on data.</summary>
internal static class ModelJudge
{
    /// <param name="directory">The package; its manifest is checked already.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="load">Reads the data for the features of a model, in its order.</param>
    /// <param name="options">What is asked.</param>
    /// <param name="progress">Told the share of a step done and its name.</param>
    public static ModelReport Judge(
        string directory, ModelManifest manifest, Func<ModelManifest, TrainingTable> load, JudgeOptions options, Action<double, string>? progress = null)
    {
        TrainingTable table = load(manifest);
        AskedModel asked = ModelEvaluation.Ask(directory, manifest, table, options.Stride, share => progress?.Invoke(share, "asking the model"));
        ScoredSample[] samples = asked.Labelled;
        int horizon = manifest.Label.HorizonBars;
        bool isTraining = ModelEvaluation.IsTrainingData(manifest, table);
        EvaluationReport figures = Evaluator.Evaluate(samples, horizon);
        var classes = ClassMetrics.Of([.. samples.Select(s => s.Up ? 1 : 0)], [.. samples.Select(s => s.ProbabilityUp >= 0.5 ? 1 : 0)], 2);
        NetValue net = NetValue.Of(asked.Answers, horizon, options.CostBps, options.TradeConfidence);
        Sample[] labelled = [.. asked.Samples.Where((_, i) => asked.Answers[i].Return != 0)];
        Sample[] probe = Probe(labelled, options.ImportanceSamples);
        FeatureLeak[] leaks = LeakCheck.Find(table, labelled);
        List<string> notes =
        [
            .. leaks.Select(leak => FormattableString.Invariant($"LEAK: {leak.Name} alone has an AUC of {leak.Auc:0.000}; it contains the answer, and no figure here counts.")),
            .. NotesOf(manifest, table, samples, isTraining),
        ];
        PairedComparison? baseline = isTraining ? CompareBaseline(asked, notes) : null;
        return new ModelReport
        {
            Model = manifest.Name,
            Version = manifest.Version,
            Architecture = manifest.Architecture,
            Data = table.Source,
            DataSha256 = table.Sha256,
            LockedSliceOfTrainingData = isTraining,
            From = Iso(samples[0].Time),
            To = Iso(samples[^1].Time),
            Label = manifest.Label.Kind,
            HorizonBars = horizon,
            N = figures.Samples,
            NEffective = figures.EffectiveSamples,
            NFlat = asked.Answers.Length - samples.Length,
            ShareUp = figures.ShareUp,
            Accuracy = figures.Accuracy.Value,
            AccuracyInterval = figures.Accuracy.Interval,
            Precision = classes.Classes[1].Precision,
            Recall = classes.Classes[1].Recall,
            F1 = classes.Classes[1].F1,
            MacroF1 = classes.Macro.F1,
            Auc = figures.Auc.Value,
            AucInterval = figures.Auc.Interval,
            Brier = figures.Brier.Value,
            BrierInterval = figures.Brier.Interval,
            LogLoss = figures.LogLoss.Value,
            LogLossInterval = figures.LogLoss.Interval,
            Ece = figures.CalibrationError.Value,
            EceInterval = figures.CalibrationError.Interval,
            BayesAccuracy = figures.BayesAccuracy,
            ShareOfBayes = figures.ShareOfBayes?.Value,
            ShareOfBayesInterval = figures.ShareOfBayes?.Interval,
            Verdict = PlanGate.Of(figures.Accuracy.Value, figures.CalibrationError.Value),
            VerdictReasons = PlanGate.Reasons(figures.Accuracy.Value, figures.CalibrationError.Value),
            NetVerdict = net.Verdict,
            Net = net,
            Tiers = [.. figures.Tiers.Select(tier => new TierReport(tier.Confidence, tier.Samples, tier.Accuracy?.Value, tier.Accuracy?.Interval))],
            Confusion = Confusion.Of(samples),
            By = Breakdown.Of(samples, table, horizon),
            Reliability = ReliabilityTable.Of(samples, horizon),
            LearningCurve = LearningEpoch.Read(directory),
            ImportanceSamples = probe.Length,
            Importance = probe.Length == 0 ? [] : FeatureImportance.Of(manifest, asked.Graph, asked.Source, probe, share => progress?.Invoke(share, "shuffling features")),
            Leaks = leaks,
            FeatureDrift = FeatureDrift.Of(table, manifest.Features, samples, isTraining ? ModelEvaluation.ParseIso(manifest.Training.To) : null),
            CalibrationDrift = CalibrationStretch.Of(samples, horizon),
            Baseline = baseline,
            Previous = options.Previous is { } previous ? ComparePrevious(asked, previous, load, options.Stride, notes, progress) : null,
            Notes = [.. notes],
        };
    }

    // Spread evenly over time, so that the probe sees what the samples see.
    private static Sample[] Probe(Sample[] samples, int count) =>
        samples.Length <= count ? samples : [.. Enumerable.Range(0, count).Select(k => samples[(int)((long)samples.Length * k / count)])];

    private static PairedComparison? CompareBaseline(AskedModel asked, List<string> notes)
    {
        if (LogisticBaseline.Answer(asked) is { } answers)
            return PairedComparison.Of(LogisticBaseline.Name, asked.Labelled, answers, asked.Manifest.Label.HorizonBars);
        notes.Add("The part before the locked slice is too short for a logistic baseline.");
        return null;
    }

    private static PairedComparison ComparePrevious(
        AskedModel asked, string directory, Func<ModelManifest, TrainingTable> load, int stride, List<string> notes, Action<double, string>? progress)
    {
        using ModelPackage package = ModelPackage.Load(directory);
        ModelManifest manifest = package.Manifest;
        string name = $"{manifest.Name} {manifest.Version}";
        if (manifest.Label != asked.Manifest.Label)
        {
            throw new InvalidDataException(
                $"{directory}: {name} predicts {manifest.Label.Kind} over {manifest.Label.HorizonBars} bars, not {asked.Manifest.Label.Kind} over {asked.Manifest.Label.HorizonBars}: the two cannot be compared");
        }

        AskedModel other = ModelEvaluation.Ask(directory, manifest, load(manifest), stride, share => progress?.Invoke(share, "asking the previous model"));
        PairedComparison comparison = PairedComparison.Of(name, asked.Labelled, other.Labelled, manifest.Label.HorizonBars);
        if (comparison.N < asked.Labelled.Length)
            notes.Add(FormattableString.Invariant($"{name} answers {comparison.N} of the {asked.Labelled.Length} samples; the comparison is over those."));
        return comparison;
    }

    private static IEnumerable<string> NotesOf(ModelManifest manifest, TrainingTable table, ScoredSample[] samples, bool isTraining)
    {
        if (manifest.Promoted is false)
            yield return "The package is not promoted: for demo, replay, backtest and dryrun only.";
        if (isTraining)
        {
            yield return "The data is what the model learned from: only its locked slice was scored.";
            yield break;
        }

        yield return "The data is another than the model learned from: all of it was scored, and there is no logistic baseline fitted on it.";
        UnixNanos locked = ModelEvaluation.ParseIso(manifest.Training.LockedFrom);
        if (samples[0].Time < locked && table.Symbols.Any(s => manifest.Training.Symbols.Contains(s.Symbol)))
            yield return $"Some of it is of the instruments and the days before {manifest.Training.LockedFrom} that the model learned from. If it is the same market, these figures are not out of sample.";
    }

    private static string Iso(UnixNanos time) => time.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
