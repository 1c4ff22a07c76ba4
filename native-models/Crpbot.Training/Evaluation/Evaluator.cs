using Crpbot.Messages;

namespace Crpbot.Training.Evaluation;

/// <summary>Measures calibrated answers. Intervals come from a bootstrap over blocks of time, since labels overlap and coins move together.</summary>
internal static class Evaluator
{
    public const int CalibrationBins = 15;
    public static readonly double[] TierConfidences = [0.55, 0.65, 0.75];

    /// <param name="samples">In any order; at least one.</param>
    /// <param name="horizonBars">Bars a label covers.</param>
    public static EvaluationReport Evaluate(ScoredSample[] samples, int horizonBars)
    {
        if (samples.Length == 0)
            throw new InvalidDataException("there is no sample to evaluate");
        ScoredSample[] sorted = [.. samples.OrderBy(s => s.ProbabilityUp)];
        var ones = new double[sorted.Length];
        Array.Fill(ones, 1);
        double[] point = Measure(sorted, ones);
        double[][] replicates = Bootstrap(sorted, new BlockDraws([.. sorted.Select(s => s.Time)], horizonBars));
        Figure At(int measure) => BlockDraws.Interval(point[measure], replicates.Select(r => r[measure]));
        bool knowsTruth = !double.IsNaN(point[5]);
        return new EvaluationReport
        {
            Samples = samples.Length,
            EffectiveSamples = CountDisjoint(samples, horizonBars),
            ShareUp = (double)samples.Count(s => s.Up) / samples.Length,
            Accuracy = At(0),
            Brier = At(1),
            LogLoss = At(2),
            CalibrationError = At(3),
            Auc = At(4),
            BayesAccuracy = knowsTruth ? point[5] : null,
            ShareOfBayes = knowsTruth ? At(6) : null,
            Tiers = [.. TierConfidences.Select((confidence, i) => new TierFigures(
                confidence, sorted.LongCount(s => s.Confidence >= confidence), double.IsNaN(point[7 + i]) ? null : At(7 + i)))],
        };
    }

    /// <summary>Samples that remain when those overlapping an earlier label of the same Instrument are left out.</summary>
    internal static long CountDisjoint(ScoredSample[] samples, int horizonBars)
    {
        var free = new Dictionary<int, UnixNanos>();
        long count = 0;
        foreach (ScoredSample sample in samples.OrderBy(s => s.Time.Value))
        {
            if (free.TryGetValue(sample.Symbol, out UnixNanos from) && sample.Time < from)
                continue;
            free[sample.Symbol] = sample.Time + horizonBars * UnixNanos.PerMinute;
            count++;
        }

        return count;
    }

    private static double[][] Bootstrap(ScoredSample[] sorted, BlockDraws draws)
    {
        var weights = new double[sorted.Length];
        var replicates = new double[BlockDraws.Replicates][];
        for (int r = 0; r < replicates.Length; r++)
        {
            ReadOnlySpan<ushort> drawn = draws.Draw(r);
            for (int i = 0; i < weights.Length; i++)
                weights[i] = drawn[draws.BlockOf[i]];
            replicates[r] = Measure(sorted, weights);
        }

        return replicates;
    }

    /// <summary>accuracy, Brier, log loss, ECE, AUC, Bayes accuracy, share of it, then each tier's accuracy; NaN where undefined.</summary>
    /// <param name="sorted">By ascending P(up).</param>
    /// <param name="weights">How often each counts.</param>
    private static double[] Measure(ScoredSample[] sorted, double[] weights)
    {
        double total = 0, right = 0, brier = 0, log = 0, ups = 0, bayes = 0, pairs = 0, downs = 0;
        Span<double> tierTotal = stackalloc double[3], tierRight = stackalloc double[3];
        int start = 0;
        while (start < sorted.Length)
        {
            // Ties of P share their rank.
            double p = sorted[start].ProbabilityUp, tieUps = 0, tieDowns = 0;
            int i = start;
            for (; i < sorted.Length && sorted[i].ProbabilityUp == p; i++)
            {
                ScoredSample sample = sorted[i];
                double w = weights[i], error = (sample.Up ? 1 : 0) - p;
                total += w;
                right += sample.IsRight ? w : 0;
                brier += w * error * error;
                log -= w * Math.Log(Math.Max(sample.Up ? p : 1 - p, 1e-15));
                bayes += w * Math.Max(sample.TrueProbabilityUp, 1 - sample.TrueProbabilityUp);
                if (sample.Up)
                    tieUps += w;
                else
                    tieDowns += w;
                for (int t = 0; t < 3 && sample.Confidence >= TierConfidences[t]; t++)
                {
                    tierTotal[t] += w;
                    tierRight[t] += sample.IsRight ? w : 0;
                }
            }

            pairs += tieUps * (downs + 0.5 * tieDowns);
            (ups, downs, start) = (ups + tieUps, downs + tieDowns, i);
        }

        double accuracy = right / total;
        return
        [
            accuracy, brier / total, log / total, CalibrationError(sorted, weights, total), pairs / (ups * downs), bayes / total,
            accuracy / (bayes / total), tierRight[0] / tierTotal[0], tierRight[1] / tierTotal[1], tierRight[2] / tierTotal[2],
        ];
    }

    private static double CalibrationError(ScoredSample[] sorted, double[] weights, double total)
    {
        double error = 0, said = 0, happened = 0, seen = 0;
        int bin = 1;
        for (int i = 0; i < sorted.Length; i++)
        {
            seen += weights[i];
            said += weights[i] * sorted[i].ProbabilityUp;
            happened += sorted[i].Up ? weights[i] : 0;
            if (seen < total * bin / CalibrationBins - 1e-9 && i < sorted.Length - 1)
                continue;
            error += Math.Abs(said - happened);
            (said, happened) = (0, 0);
            while (bin < CalibrationBins && seen >= total * bin / CalibrationBins - 1e-9)
                bin++;
        }

        return error / total;
    }
}
