using Crpbot.Messages;
using Crpbot.Training.Evaluation;
using Xunit;

namespace Crpbot.Training.Tests.Evaluation;

public class EvaluatorTests
{
    private static ScoredSample[] Draw(int count, int seed, double slope = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            double truth = random.NextDouble();
            double said = slope == 0 ? 0.5 : 1 / (1 + Math.Exp(-slope * Math.Log(truth / (1 - truth))));
            return new ScoredSample(new UnixNanos(i / 2 * UnixNanos.PerMinute), i % 2, said, random.NextDouble() < truth, truth);
        })];
    }

    [Fact]
    public void FiguresEqualThePlainFormulas()
    {
        ScoredSample[] samples = Draw(3_001, 1, slope: 1.7);
        EvaluationReport report = Evaluator.Evaluate(samples, 5);
        double n = samples.Length;
        Assert.Equal(samples.Count(s => s.IsRight) / n, report.Accuracy.Value, 1e-12);
        Assert.Equal(samples.Average(s => Math.Pow(s.ProbabilityUp - (s.Up ? 1 : 0), 2)), report.Brier.Value, 1e-12);
        Assert.Equal(-samples.Average(s => Math.Log(s.Up ? s.ProbabilityUp : 1 - s.ProbabilityUp)), report.LogLoss.Value, 1e-9);
        double wins = 0, pairs = 0;
        foreach (ScoredSample up in samples.Where(s => s.Up))
        {
            foreach (ScoredSample down in samples.Where(s => !s.Up))
            {
                wins += up.ProbabilityUp > down.ProbabilityUp ? 1 : up.ProbabilityUp == down.ProbabilityUp ? 0.5 : 0;
                pairs++;
            }
        }

        Assert.Equal(wins / pairs, report.Auc.Value, 1e-9);
        ScoredSample[] sorted = [.. samples.OrderBy(s => s.ProbabilityUp)];
        double ece = 0;
        for (int bin = 0, at = 0; bin < 15; bin++)
        {
            int end = (int)Math.Ceiling(n * (bin + 1) / 15 - 1e-9);
            ScoredSample[] part = sorted[at..end];
            ece += part.Length / n * Math.Abs(part.Average(s => s.ProbabilityUp) - part.Average(s => s.Up ? 1.0 : 0));
            at = end;
        }

        Assert.Equal(ece, report.CalibrationError.Value, 1e-9);
        foreach (TierFigures tier in report.Tiers)
        {
            ScoredSample[] part = [.. samples.Where(s => s.Confidence >= tier.Confidence)];
            Assert.Equal(part.Length, tier.Samples);
            Assert.Equal(part.Average(s => s.IsRight ? 1.0 : 0), tier.Accuracy!.Value.Value, 1e-12);
        }

        double bayes = samples.Average(s => Math.Max(s.TrueProbabilityUp, 1 - s.TrueProbabilityUp));
        Assert.Equal(bayes, report.BayesAccuracy!.Value, 1e-12);
        Assert.Equal(report.Accuracy.Value / bayes, report.ShareOfBayes!.Value.Value, 1e-12);
        Assert.Equal("PASS", report.Gate);
    }

    [Fact]
    public void TheTruthIsCalibratedAndOverconfidenceIsNot()
    {
        Assert.InRange(Evaluator.Evaluate(Draw(20_000, 3), 1).CalibrationError.Value, 0, 0.015);
        Assert.InRange(Evaluator.Evaluate(Draw(20_000, 3, slope: 3), 1).CalibrationError.Value, 0.08, 0.3);
    }

    [Fact]
    public void IntervalsCoverTheTruthAboutAsOftenAsTheySay()
    {
        // Accuracy of the truth over a uniform P is 3/4.
        int covered = Enumerable.Range(10, 40).Count(seed => Evaluator.Evaluate(Draw(600, seed), 1).Accuracy is var a && a.Low <= 0.75 && 0.75 <= a.High);
        Assert.InRange(covered, 33, 40);
    }

    [Fact]
    public void AConstantAnswerIsACoinToInvestigate()
    {
        EvaluationReport report = Evaluator.Evaluate([.. Draw(2_000, 4, slope: 0).Select(s => s with { TrueProbabilityUp = double.NaN })], 15);
        Assert.Equal(0.5, report.Auc.Value);
        Assert.Equal("INVESTIGATE", report.Gate);
        Assert.Null(report.BayesAccuracy);
        Assert.All(report.Tiers, tier => Assert.True(tier.Samples == 0 && tier.Accuracy is null));
    }

    [Fact]
    public void OverlappingLabelsCountOnce()
    {
        ScoredSample[] samples = Draw(100, 5);
        Assert.Equal(100, Evaluator.CountDisjoint(samples, 1));
        Assert.Equal(8, Evaluator.CountDisjoint(samples, 15));
        Assert.Throws<InvalidDataException>(() => Evaluator.Evaluate([], 1));
    }
}
