using Crpbot.Analysis.Statistics;
using Crpbot.Features;

namespace Crpbot.Analysis.Models;

/// <summary>Fits the baselines walk-forward over every horizon: with the candle features, and with all.</summary>
internal sealed class BaselineStudy(AnalysisTable table, AnalysisOptions options)
{
    private const int ImportanceRowsPerFold = 15_000;
    private const int Shuffles = 2;
    private static readonly BaselineKind[] Kinds = [BaselineKind.Logistic, BaselineKind.Trees];

    /// <summary>One fold, fitted.</summary>
    private sealed record FittedFold(IDirectionModel Model, ModelRows Test, int[] Positions);

    /// <param name="targets">One a horizon.</param>
    /// <param name="progress">Told what begins, or null.</param>
    public (IReadOnlyList<BaselineReport> Baselines, IReadOnlyList<GainReport> Gains, IReadOnlyList<ImportanceReport> Importance) Run(
        IReadOnlyList<Target> targets, Action<string>? progress)
    {
        int[] all = [.. Enumerable.Range(0, table.Names.Length)];
        int[] candle = [.. all.Where(f => FeatureSchema.IndexOf(table.Names[f]) < FeatureSchema.CandleCount)];
        (string Name, int[] Columns)[] sets = candle.Length == 0 || candle.Length == all.Length
            ? [(candle.Length == 0 ? "all" : "candle", all)] : [("candle", candle), ("all", all)];
        var baselines = new List<BaselineReport>();
        var gains = new List<GainReport>();
        var importance = new List<ImportanceReport>();
        foreach (Target target in targets)
        {
            // Every n-th minute, where there are more samples than a baseline needs.
            int stride = (target.Count + options.ModelSamples - 1) / options.ModelSamples;
            int[] positions = [.. Enumerable.Range(0, target.Count).Where(i => target.Minutes[i] % stride == 0)];
            int[] minutes = [.. positions.Select(i => target.Minutes[i])];
            IReadOnlyList<Fold> folds = [.. WalkForward.Split(minutes, target.HorizonBars, options).Where(fold => HasBoth(target, positions, fold.Train) && HasBoth(target, positions, fold.Test))];
            if (folds.Count == 0)
                continue;
            int[] tested = [.. folds.SelectMany(fold => fold.Test)];
            var bootstrap = new BlockBootstrap([.. tested.Select(i => minutes[i])], AnalysisOptions.BlockMinutes(target.HorizonBars), options.Replicates, options.Seed);
            bool[] up = [.. tested.Select(i => target.Moves[positions[i]] > 0)];
            foreach (BaselineKind kind in Kinds)
            {
                Scores? before = null;
                foreach ((string name, int[] columns) in sets)
                {
                    progress?.Invoke($"{kind} on {name} features, {target.HorizonBars} bars ahead");
                    FittedFold[] fitted = new FittedFold[folds.Count];
                    Parallel.For(0, fitted.Length, k => fitted[k] = Fit(kind, target, positions, columns, folds[k]));
                    double[] probabilities = [.. fitted.SelectMany(fold => Enumerable.Range(0, fold.Test.Count).Select(i => fold.Model.ProbabilityUp(fold.Test.Of(i))))];
                    var scores = new Scores(probabilities, up, bootstrap);
                    baselines.Add(Report(target, name, kind, folds.Count, up.Length, scores));
                    if (before is not null)
                        gains.Add(Gain(target, kind, before, scores));
                    before = scores;
                    if (target.HorizonBars == options.MainHorizon && columns.Length == all.Length)
                    {
                        progress?.Invoke($"importance for {kind}, {target.HorizonBars} bars ahead");
                        importance.Add(Importance(target, kind, fitted, minutes));
                    }
                }
            }
        }

        return (baselines, gains, importance);
    }

    private static bool HasBoth(Target target, int[] positions, int[] samples)
    {
        int ups = samples.Count(i => target.Moves[positions[i]] > 0);
        return ups > 0 && ups < samples.Length;
    }

    private FittedFold Fit(BaselineKind kind, Target target, int[] positions, int[] columns, Fold fold)
    {
        int[] RowsOf(int[] samples) => [.. samples.Select(i => target.Rows[positions[i]])];
        bool[] UpOf(int[] samples) => [.. samples.Select(i => target.Moves[positions[i]] > 0)];
        int[] train = RowsOf(fold.Train);
        TrainingScale scale = TrainingScale.Fit(table, columns, train);
        IDirectionModel model = Baselines.Fit(kind, scale.Apply(table, columns, train, UpOf(fold.Train)), options.Seed);
        return new FittedFold(model, scale.Apply(table, columns, RowsOf(fold.Test), UpOf(fold.Test)), fold.Test);
    }

    private static BaselineReport Report(Target target, string features, BaselineKind kind, int folds, int samples, Scores scores)
    {
        double[] over = [.. scores.Accuracies.Zip(scores.AlwaysUps, (a, b) => a - b)];
        return new BaselineReport(
            target.HorizonBars, features, kind, folds, samples, BlockBootstrap.Interval(scores.Accuracy, scores.Accuracies), BlockBootstrap.Interval(scores.Auc, scores.Aucs),
            BlockBootstrap.Interval(scores.Loss, scores.Losses), BlockBootstrap.Interval(scores.AlwaysUp, scores.AlwaysUps),
            BlockBootstrap.Interval(scores.Accuracy - scores.AlwaysUp, over));
    }

    /// <summary>The same samples and draws on both sides, so what both have in common cancels.</summary>
    private static GainReport Gain(Target target, BaselineKind kind, Scores before, Scores after)
    {
        static Estimate Difference(double before, double after, double[] befores, double[] afters) =>
            BlockBootstrap.Interval(after - before, [.. afters.Zip(befores, (a, b) => a - b)]);
        return new GainReport(
            target.HorizonBars, kind, Difference(before.Accuracy, after.Accuracy, before.Accuracies, after.Accuracies),
            Difference(before.Auc, after.Auc, before.Aucs, after.Aucs), Difference(before.Loss, after.Loss, before.Losses, after.Losses));
    }

    private ImportanceReport Importance(Target target, BaselineKind kind, FittedFold[] folds, int[] minutes)
    {
        int[][] rows = [.. folds.Select(fold => Thin(fold.Test.Count))];
        int[] askedMinutes = [.. folds.SelectMany((fold, k) => rows[k].Select(i => minutes[fold.Positions[i]]))];
        var bootstrap = new BlockBootstrap(askedMinutes, AnalysisOptions.BlockMinutes(target.HorizonBars), options.Replicates, options.Seed);
        int[][][] shuffled = [.. rows.Select((asked, k) => Enumerable.Range(0, Shuffles).Select(s => Shuffle(asked, options.Seed + 1000 * k + s)).ToArray())];
        double[][] losses = [.. folds.Select((fold, k) => rows[k].Select(i => Scores.LogLoss(fold.Model.ProbabilityUp(fold.Test.Of(i)), fold.Test.Up[i])).ToArray())];
        var counts = new double[bootstrap.Blocks];
        foreach (int block in bootstrap.BlockOf)
            counts[block]++;
        var features = new FeatureImportance[table.Names.Length];
        Parallel.For(0, features.Length, f =>
        {
            var increases = new double[bootstrap.Blocks];
            int at = 0;
            for (int k = 0; k < folds.Length; k++)
            {
                ModelRows test = folds[k].Test;
                var row = new float[test.Width];
                for (int i = 0; i < rows[k].Length; i++, at++)
                {
                    test.Of(rows[k][i]).CopyTo(row);
                    foreach (int[] order in shuffled[k])
                    {
                        row[f] = test.Of(order[i])[f];
                        increases[bootstrap.BlockOf[at]] += (Scores.LogLoss(folds[k].Model.ProbabilityUp(row), test.Up[rows[k][i]]) - losses[k][i]) / Shuffles;
                    }
                }
            }

            features[f] = new FeatureImportance(table.Names[f], BlockBootstrap.Interval(increases.Sum() / at, bootstrap.Ratios(increases, counts)));
        });
        return new ImportanceReport(kind, target.HorizonBars, askedMinutes.Length, features);
    }

    private static int[] Thin(int count)
    {
        int stride = (count + ImportanceRowsPerFold - 1) / ImportanceRowsPerFold;
        return [.. Enumerable.Range(0, count).Where(i => i % stride == 0)];
    }

    private static int[] Shuffle(int[] rows, int seed)
    {
        int[] order = [.. rows];
        new Random(seed).Shuffle(order);
        return order;
    }
}
