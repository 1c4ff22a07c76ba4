namespace Crpbot.Training.Evaluation;

/// <summary>One bin of equal mass: mean of P(up) said, share that went up with its interval.</summary>
internal sealed record ReliabilityBin(long N, double Said, Figure Happened);

/// <summary>What was said against what happened, in bins of equal mass of P(up), as the ECE reads it.</summary>
internal static class ReliabilityTable
{
    /// <param name="samples">In any order; at least one.</param>
    /// <param name="horizonBars">Bars a label covers.</param>
    public static ReliabilityBin[] Of(ScoredSample[] samples, int horizonBars)
    {
        ScoredSample[] sorted = [.. samples.OrderBy(s => s.ProbabilityUp)];
        var draws = new BlockDraws([.. sorted.Select(s => s.Time)], horizonBars);
        var bins = new List<ReliabilityBin>();
        foreach ((int from, int to) in Bins(sorted.Length))
        {
            double[] happened = [.. sorted.Select((s, i) => i < from || i >= to ? double.NaN : s.Up ? 1.0 : 0)];
            bins.Add(new ReliabilityBin(to - from, sorted[from..to].Average(s => s.ProbabilityUp), draws.Mean(happened)));
        }

        return [.. bins];
    }

    /// <summary>Expected calibration error; NaN without samples.</summary>
    public static double Error(ScoredSample[] samples)
    {
        ScoredSample[] sorted = [.. samples.OrderBy(s => s.ProbabilityUp)];
        double error = 0;
        foreach ((int from, int to) in Bins(sorted.Length))
            error += Math.Abs(sorted[from..to].Sum(s => s.ProbabilityUp - (s.Up ? 1 : 0)));
        return error / samples.Length;
    }

    private static IEnumerable<(int From, int To)> Bins(int count)
    {
        int from = 0;
        for (int bin = 1; bin <= Evaluator.CalibrationBins; bin++)
        {
            int to = (int)(((long)count * bin + Evaluator.CalibrationBins - 1) / Evaluator.CalibrationBins);
            if (to > from)
                yield return (from, to);
            from = to;
        }
    }
}
