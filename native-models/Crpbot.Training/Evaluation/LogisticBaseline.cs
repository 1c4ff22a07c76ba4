using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;

namespace Crpbot.Training.Evaluation;

/// <summary>The logistic regression on the newest Bar that every network must beat, fitted before the locked slice and asked the same.</summary>
internal static class LogisticBaseline
{
    public const string Name = "logistic regression on the newest bar";
    private const int SamplesMax = 100_000;

    /// <param name="asked">The model, on the data it learned from.</param>
    /// <returns>Answers to the model's samples; null where the part before the locked slice is too short for a fit and a calibration.</returns>
    public static ScoredSample[]? Answer(AskedModel asked)
    {
        ModelManifest manifest = asked.Manifest;
        SampleOptions options = ModelEvaluation.OptionsOf(manifest, 1);
        Sample[] samples = SampleBuilder.Build(asked.Table, options);
        long reach = options.HorizonBars * UnixNanos.PerMinute, embargo = (manifest.Training.EmbargoBars ?? options.SequenceLength) * UnixNanos.PerMinute;
        UnixNanos end = ModelEvaluation.ParseIso(manifest.Training.To), locked = ModelEvaluation.ParseIso(manifest.Training.LockedFrom);
        Sample[] train = Thin([.. samples.Where(s => s.Time + reach < end)]), calibration = [.. samples.Where(s => s.Time >= end + embargo && s.Time + reach < locked)];
        if (train.Length == 0 || calibration.Length == 0)
            return null;
        LogisticWeights weights = LogisticTrainer.Train(asked.Source, train);
        double Score(Sample sample)
        {
            ReadOnlySpan<float> row = asked.Source.LastRow(sample);
            double score = weights.Bias;
            for (int i = 0; i < row.Length; i++)
                score += weights.Weights[i] * row[i];
            return score;
        }

        Calibration platt = PlattFit.Fit([.. calibration.Select(Score)], [.. calibration.Select(s => s.Up)]);
        ScoredSample[] answers = GraphScorer.Calibrate(asked.Table, asked.Samples, [.. asked.Samples.Select(Score)], platt);
        return [.. answers.Zip(asked.Answers, (ours, theirs) => ours with { Row = theirs.Row, Return = theirs.Return }).Where(s => s.Return != 0)];
    }

    // Neighbours share nearly everything: every n-th says as much of a few dozen weights.
    private static Sample[] Thin(Sample[] samples)
    {
        int step = (samples.Length + SamplesMax - 1) / SamplesMax;
        return step <= 1 ? samples : [.. samples.Where((_, i) => i % step == 0)];
    }
}
