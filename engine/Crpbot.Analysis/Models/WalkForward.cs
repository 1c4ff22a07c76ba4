using Crpbot.Analysis.Statistics;

namespace Crpbot.Analysis.Models;

/// <summary>One step: positions of a target's samples to learn from and to be tested on.</summary>
/// <param name="Train">Their labels end before the test begins, an embargo earlier.</param>
/// <param name="Test">In order of time.</param>
internal sealed record Fold(int[] Train, int[] Test);

/// <summary>Folds in time, each tested on by a model that learned from everything before it.</summary>
/// <remarks>
/// <code>
///  train ………………………………│ label h │ embargo │ test │
///  train ……………………………………………………│ label h │ embargo │ test │
/// </code>
/// </remarks>
internal static class WalkForward
{
    /// <param name="minutes">Of the samples, ascending.</param>
    /// <param name="horizonBars">Bars a label covers: purged.</param>
    /// <param name="options">Folds, first training share, embargo, rows to learn from.</param>
    /// <returns>Folds that have both parts.</returns>
    public static IReadOnlyList<Fold> Split(ReadOnlySpan<int> minutes, int horizonBars, AnalysisOptions options)
    {
        var folds = new List<Fold>();
        if (minutes.IsEmpty)
            return folds;
        double first = minutes[0], span = minutes[^1] + 1 - first;
        for (int k = 0; k < options.Folds; k++)
        {
            double At(int fold) => first + span * (options.FirstTraining + (1 - options.FirstTraining) * fold / options.Folds);
            int from = LowerBound(minutes, At(k)), to = k == options.Folds - 1 ? minutes.Length : LowerBound(minutes, At(k + 1));
            if (from >= to)
                continue;
            // A label ends when its last Bar closes: one minute after the open of Bar t + h.
            int end = LowerBound(minutes, minutes[from] - horizonBars - options.EmbargoBars);
            int stride = Math.Max(1, (end + options.TrainingRows - 1) / options.TrainingRows);
            int[] train = [.. Enumerable.Range(0, end).Where(i => i % stride == 0)];
            if (train.Length > 0)
                folds.Add(new Fold(train, [.. Enumerable.Range(from, to - from)]));
        }

        return folds;
    }

    private static int LowerBound(ReadOnlySpan<int> minutes, double value)
    {
        int low = 0, high = minutes.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (minutes[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>Out-of-sample answers of one model over all folds.</summary>
/// <param name="Positions">Of the target's samples, ascending.</param>
/// <param name="Probabilities">P(up), parallel.</param>
internal sealed record OutOfSample(int[] Positions, double[] Probabilities);

/// <summary>Accuracy, AUC and log loss of answers, and their replicates over drawn blocks.</summary>
internal sealed class Scores
{
    /// <param name="probabilities">P(up).</param>
    /// <param name="up">What happened, parallel.</param>
    /// <param name="bootstrap">Its blocks are those of the answers.</param>
    public Scores(double[] probabilities, bool[] up, BlockBootstrap bootstrap)
    {
        int[] blocks = bootstrap.BlockOf;
        double[] right = new double[bootstrap.Blocks], ups = new double[bootstrap.Blocks], counts = new double[bootstrap.Blocks], losses = new double[bootstrap.Blocks];
        for (int i = 0; i < up.Length; i++)
        {
            int b = blocks[i];
            counts[b]++;
            ups[b] += up[i] ? 1 : 0;
            right[b] += probabilities[i] >= 0.5 == up[i] ? 1 : 0;
            losses[b] += LogLoss(probabilities[i], up[i]);
        }

        (Accuracy, Accuracies) = (right.Sum() / up.Length, bootstrap.Ratios(right, counts));
        (AlwaysUp, AlwaysUps) = (ups.Sum() / up.Length, bootstrap.Ratios(ups, counts));
        (Loss, Losses) = (losses.Sum() / up.Length, bootstrap.Ratios(losses, counts));
        int[] order = [.. Enumerable.Range(0, up.Length)];
        Array.Sort([.. probabilities], order);
        Auc = WeightedAuc(order, probabilities, up, blocks, default);
        Aucs = new double[bootstrap.Replicates];
        Parallel.For(0, Aucs.Length, r => Aucs[r] = WeightedAuc(order, probabilities, up, blocks, bootstrap.Draw(r)));
    }

    public double Accuracy { get; }

    public double[] Accuracies { get; }

    public double AlwaysUp { get; }

    public double[] AlwaysUps { get; }

    public double Loss { get; }

    public double[] Losses { get; }

    public double Auc { get; }

    public double[] Aucs { get; }

    public static double LogLoss(double probabilityUp, bool up) => -Math.Log(Math.Max(up ? probabilityUp : 1 - probabilityUp, 1e-15));

    private static double WeightedAuc(int[] order, double[] probabilities, bool[] up, int[] blocks, ReadOnlySpan<ushort> draw)
    {
        double downs = 0, ups = 0, pairs = 0;
        for (int start = 0; start < order.Length;)
        {
            double p = probabilities[order[start]], tieUps = 0, tieDowns = 0;
            int i = start;
            for (; i < order.Length && probabilities[order[i]] == p; i++)
            {
                double weight = draw.IsEmpty ? 1 : draw[blocks[order[i]]];
                if (up[order[i]])
                    tieUps += weight;
                else
                    tieDowns += weight;
            }

            pairs += tieUps * (downs + 0.5 * tieDowns);
            (ups, downs, start) = (ups + tieUps, downs + tieDowns, i);
        }

        return pairs / (ups * downs);
    }
}
