namespace Crpbot.Training.Evaluation;

/// <summary>The plan's gate on a model, by its own thresholds and by nothing else.</summary>
internal static class PlanGate
{
    public const double PassAccuracy = 0.65, TuneAccuracy = 0.55, CalibrationErrorMax = 0.05;

    /// <summary>PASS, TUNE or INVESTIGATE. A model that is right often enough and says wrong probabilities is tuned, not passed.</summary>
    public static string Of(double accuracy, double calibrationError) =>
        accuracy >= PassAccuracy && calibrationError <= CalibrationErrorMax ? "PASS" : accuracy >= TuneAccuracy ? "TUNE" : "INVESTIGATE";

    /// <summary>Why, one line a threshold.</summary>
    public static string[] Reasons(double accuracy, double calibrationError) =>
    [
        FormattableString.Invariant($"accuracy {accuracy:0.0000} is {(accuracy >= PassAccuracy ? "at least 0.65: pass" : accuracy >= TuneAccuracy ? "from 0.55 to 0.65: tune" : "below 0.55: investigate")}"),
        FormattableString.Invariant($"ECE {calibrationError:0.0000} is {(calibrationError <= CalibrationErrorMax ? "at most 0.05: pass" : "above 0.05: calibrate again")}"),
    ];
}

/// <summary>What taking every answer of a confidence would have brought: in at the sample's price, out at the horizon's, costs at both ends.</summary>
/// <param name="Confidence">Least confidence of a trade.</param>
/// <param name="Blocks">Blocks of time with a trade.</param>
/// <param name="BreakEvenAccuracy">0.5 + cost / (2 · mean |move|); above 1 no accuracy would do.</param>
internal sealed record NetFigures(
    double Confidence, long Trades, long Longs, long Shorts, int Blocks, Figure GrossBps, Figure NetBps, double WinRate, double MeanMoveBps, double BreakEvenAccuracy);

/// <summary>The gate that decides about money: expected net value a trade.</summary>
internal sealed record NetValue(double CostBps, double Confidence, string Verdict, string[] Reasons, NetFigures[] Trades)
{
    /// <summary>Fewer blocks with a trade than this decide nothing.</summary>
    public const int BlocksMin = 20;

    private static readonly double[] Confidences = [0.5, .. Evaluator.TierConfidences];

    /// <param name="asked">Every answer, those whose price did not move included: they pay too.</param>
    /// <param name="horizonBars">Bars a trade lasts.</param>
    /// <param name="costBps">Round trip, in hundredths of a percent of the price.</param>
    /// <param name="confidence">Least confidence that is traded: the verdict is about these.</param>
    public static NetValue Of(ScoredSample[] asked, int horizonBars, double costBps, double confidence)
    {
        var draws = new BlockDraws([.. asked.Select(s => s.Time)], horizonBars);
        NetFigures[] figures = [.. Confidences.Append(confidence).Distinct().Order().Select(least => Measure(asked, draws, costBps, least))];
        NetFigures traded = figures.Single(f => f.Confidence == confidence);
        string about = FormattableString.Invariant($"{traded.Trades} trades at confidence {confidence:0.00} or more, {costBps:0.##} bps a round trip");
        string? fault = traded.Trades == 0 ? "there is no trade"
            : traded.Blocks < BlocksMin ? $"trades in {traded.Blocks} blocks of time, {BlocksMin} are needed to tell profit from luck"
            : traded.NetBps.High < 0 ? "a trade loses: its interval lies below 0"
            : traded.NetBps.Low <= 0 ? "the interval of the net value contains 0: nothing shows that a trade earns"
            : null;
        return new NetValue(costBps, confidence, fault is null ? "GO" : "NO-GO", [about, fault ?? "the interval of the net value lies above 0"], figures);
    }

    private static NetFigures Measure(ScoredSample[] asked, BlockDraws draws, double costBps, double least)
    {
        double[] gross = [.. asked.Select(s => s.Confidence < least ? double.NaN : 1e4 * (s.ProbabilityUp >= 0.5 ? s.Return : -s.Return))];
        double[] net = [.. gross.Select(g => g - costBps)];
        int[] taken = [.. Enumerable.Range(0, asked.Length).Where(i => !double.IsNaN(gross[i]))];
        double move = taken.Length == 0 ? double.NaN : taken.Average(i => Math.Abs(gross[i]));
        return new NetFigures(
            least, taken.Length, taken.Count(i => asked[i].ProbabilityUp >= 0.5), taken.Count(i => asked[i].ProbabilityUp < 0.5),
            taken.Select(i => draws.BlockOf[i]).Distinct().Count(),
            draws.Mean(gross), draws.Mean(net), taken.Length == 0 ? double.NaN : (double)taken.Count(i => net[i] > 0) / taken.Length, move, 0.5 + costBps / (2 * move));
    }
}
