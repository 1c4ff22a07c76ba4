namespace Crpbot.Training.Evaluation;

/// <summary>The model beside another one on the same samples, drawn together: differences are model less other.</summary>
/// <param name="Finding">better, worse or no difference shown, by the interval of the log loss.</param>
internal sealed record PairedComparison(
    string Other, long N, double Accuracy, double OtherAccuracy, Figure AccuracyDifference, Figure BrierDifference, Figure LogLossDifference, string Finding)
{
    /// <param name="other">Its name.</param>
    /// <param name="model">Answers of the model.</param>
    /// <param name="others">Answers of the other; only samples that both answered count.</param>
    /// <param name="horizonBars">Bars a label covers.</param>
    /// <exception cref="InvalidDataException">They share no sample.</exception>
    public static PairedComparison Of(string other, ScoredSample[] model, ScoredSample[] others, int horizonBars)
    {
        var byKey = others.ToDictionary(s => (s.Time.Value, s.Symbol));
        ScoredSample[] ours = [.. model.Where(s => byKey.ContainsKey((s.Time.Value, s.Symbol)))];
        if (ours.Length == 0)
            throw new InvalidDataException($"{other}: it answers none of the model's samples, so the two cannot be compared");
        ScoredSample[] theirs = [.. ours.Select(s => byKey[(s.Time.Value, s.Symbol)])];
        var draws = new BlockDraws([.. ours.Select(s => s.Time)], horizonBars);
        Figure Difference(Func<ScoredSample, double> of) => draws.Mean([.. ours.Zip(theirs, (a, b) => of(a) - of(b))]);
        Figure loss = Difference(LogLoss);
        return new PairedComparison(
            other, ours.Length, ours.Average(s => s.IsRight ? 1.0 : 0), theirs.Average(s => s.IsRight ? 1.0 : 0), Difference(s => s.IsRight ? 1 : 0),
            Difference(s => Math.Pow((s.Up ? 1 : 0) - s.ProbabilityUp, 2)), loss, loss.High < 0 ? "better" : loss.Low > 0 ? "worse" : "no difference shown");
    }

    internal static double LogLoss(ScoredSample sample) => -Math.Log(Math.Max(sample.Up ? sample.ProbabilityUp : 1 - sample.ProbabilityUp, 1e-15));
}
