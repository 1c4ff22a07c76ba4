using System.Globalization;
using System.Text;
using Crpbot.Inference;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Packaging;

/// <summary>The page a person reads before trusting a model: what it learned from, how it was measured, what it reached.</summary>
internal static class ModelCard
{
    public static string Write(ModelManifest manifest, TrainingTable table, FittedModel fit)
    {
        var card = new StringBuilder();
        void Line(FormattableString text) => card.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        PurgedSplit split = fit.Split;
        Line($"# {manifest.Name} {manifest.Version}\n");
        Line($"P({Words(manifest.Label)}), from the last {(manifest.SequenceLength == 1 ? "one-minute bar" : $"{manifest.SequenceLength} one-minute bars")}, {manifest.Features.Length} features each.");
        Line($"Written by `crpbot-train fit`. Not promoted: for demo, replay, backtest and dryrun only.\n");
        if (fit.Options.ShuffleLabels is { } seed)
            Line($"**Null check: the labels were shuffled (seed {seed}). This model knows nothing, and must measure so.**\n");

        Line($"## Data\n");
        Line($"{table.Source}. Symbols: {string.Join(", ", manifest.Training.Symbols)}. SHA-256 of the data: `{manifest.Training.DataSha256[..16]}…`.\n");
        Line($"| slice | from | to | samples | use |\n|---|---|---|---|---|");
        Line($"| training | {Iso(split, 0)} | {Iso(split, 1)} | {split.Train.Length} | weights, scaling constants |");
        Line($"| validation | {Iso(split, 1)} | {Iso(split, 2)} | {split.Validation.Length} | learning rate, when to stop |");
        Line($"| calibration | {Iso(split, 2)} | {Iso(split, 3)} | {split.Calibration.Length} | Platt's two numbers |");
        Line($"| locked | {Iso(split, 3)} | {Iso(split, 4)} | {split.Test.Length} | everything under *Measured on the locked slice* |\n");
        Line($"Samples whose label crosses a border are purged ({manifest.Label.HorizonBars} bars); each slice starts {fit.Options.EmbargoBars} bars after its border, so no two slices share a row. Samples are taken every {fit.Options.Samples.Stride} min. A return of zero at the horizon is no sample.\n");

        if (fit.WalkForward is { } walked)
            WriteFolds(Line, fit, walked);
        Line($"## Measured on the locked slice\n");
        Line($"Looks at the locked slice of this data by versions of this name, this fit included: {fit.Options.EarlierOpenings + 1}. `{LockedOpenings.FileName}` counts on.\n");
        WriteFigures(Line, fit);
        WriteTiers(Line, fit.Locked);
        WriteTraining(Line, manifest, fit);
        return card.ToString();
    }

    private static void WriteFigures(Action<FormattableString> line, FittedModel fit)
    {
        EvaluationReport locked = fit.Locked, baseline = fit.Baseline;
        line($"{locked.Samples} samples, {locked.EffectiveSamples} with labels that do not overlap; up {locked.ShareUp:0.000}. In brackets 95 % intervals of a bootstrap over blocks of time.\n");
        line($"| figure | model | logistic regression on the newest bar |\n|---|---|---|");
        line($"| accuracy | {locked.Accuracy} | {baseline.Accuracy} |");
        line($"| AUC | {locked.Auc} | {baseline.Auc} |");
        line($"| Brier | {locked.Brier} | {baseline.Brier} |");
        line($"| log loss | {locked.LogLoss} | {baseline.LogLoss} |");
        line($"| ECE, 15 equal-mass bins | {locked.CalibrationError} | {baseline.CalibrationError} |");
        if (locked.BayesAccuracy is { } bayes)
        {
            line($"| Bayes-optimal accuracy of the same samples | {bayes:0.0000} | {bayes:0.0000} |");
            line($"| share of Bayes-optimal | {locked.ShareOfBayes} | {baseline.ShareOfBayes} |");
        }

        line($"\nThe plan's accuracy gate (0.65 pass, 0.55 to 0.65 tune, below investigate) says **{locked.Gate}**.");
        if (locked.Accuracy.Low <= 0.5)
            line($"The interval contains one half: nothing here shows that this model knows more than a coin. It must not trade.");
        line($"");
    }

    private static void WriteFolds(Action<FormattableString> line, FittedModel fit, EvaluationReport walked)
    {
        string kind = fit.Options.Folds.IsRolling ? "rolling" : "expanding";
        line($"## Walk-forward\n");
        line($"{fit.Options.Folds.Folds} {kind} folds, each trained, calibrated and tested by itself; the last one is the model of this package and its test slice the locked one.\n");
        line($"| fold | training from | test from | to | training samples | test samples | accuracy | AUC | Brier | ECE |\n|---|---|---|---|---|---|---|---|---|---|");
        for (int i = 0; i < fit.Folds.Count; i++)
        {
            (PurgedSplit split, EvaluationReport report) = (fit.Folds[i].Split, fit.Folds[i].Report);
            line($"| {i + 1} | {Iso(split, 0)} | {Iso(split, 3)} | {Iso(split, 4)} | {split.Train.Length} | {report.Samples} | {report.Accuracy} | {report.Auc} | {report.Brier} | {report.CalibrationError} |");
        }

        line($"| together | | | | | {walked.Samples} | {walked.Accuracy} | {walked.Auc} | {walked.Brier} | {walked.CalibrationError} |\n");
    }

    private static void WriteTiers(Action<FormattableString> line, EvaluationReport locked)
    {
        line($"| confidence at least | samples | accuracy |\n|---|---|---|");
        foreach (TierFigures tier in locked.Tiers)
            line($"| {tier.Confidence:0.00} | {tier.Samples} | {(tier.Accuracy is { } accuracy ? accuracy.ToString() : "–")} |");
        line($"");
    }

    private static void WriteTraining(Action<FormattableString> line, ModelManifest manifest, FittedModel fit)
    {
        line($"## Model\n");
        line($"{manifest.Architecture}. Calibration: P = 1/(1 + exp(−({fit.Calibration.A:0.0000}·logit {fit.Calibration.B:+ 0.0000;− 0.0000}))).");
        string[] constant = [.. fit.Features.Where(f => f.Kind == ScalingKind.Constant).Select(f => f.Name)];
        if (constant.Length > 0)
            line($"Constant in training, hence always 0 to the model: {string.Join(", ", constant)}.");
        line($"The exported graph differs from the trained model by at most {fit.ParityError:g2}.");
        if (fit.Options.Architecture == ModelArchitecture.LightGbm)
        {
            LightGbmOptions trees = fit.Options.Trees;
            line($"LightGBM, learning rate {trees.LearningRate}, at most {trees.Trees} trees, seed {trees.Seed}; the number kept is the one with the least validation loss, sought until {trees.PatienceTrees} more did not lower it.");
        }

        if (fit.Model.Epochs.Count == 0)
            return;
        LstmTrainingOptions training = fit.Options.Training;
        line($"Dropout {training.Dropout}, binary cross-entropy on logits, Adam at {training.LearningRate}, batch {training.BatchSize}, gradient norm at most {training.GradientNormMax}, seed {training.Seed}; the learning rate is halved on a plateau.\n");
        line($"| epoch | training loss | validation loss | validation accuracy | learning rate |\n|---|---|---|---|---|");
        foreach (EpochReport epoch in fit.Model.Epochs)
            line($"| {epoch.Epoch}{(epoch.Best ? " (best so far)" : "")} | {epoch.TrainLoss:0.0000} | {epoch.ValidationLoss:0.0000} | {epoch.ValidationAccuracy:0.0000} | {epoch.LearningRate:g3} |");
    }

    private static string Iso(PurgedSplit split, int border) => PackageWriter.Iso(split.Borders[border]);

    private static string Words(ModelLabel label) => label.Kind switch
    {
        LabelKind.TripleBarrier => $"a long from the bar's last trade reaches {label.Target} above before {label.Stop} below, or ends higher without either after {label.HorizonBars} minutes; both in one bar count as the stop",
        LabelKind.MidDirection => $"the mid-price is higher {label.HorizonBars} minutes after the bar's close",
        _ => $"the last trade price is higher {label.HorizonBars} minutes after the bar's close",
    };
}
