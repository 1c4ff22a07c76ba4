using Crpbot.Inference;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Packaging;

/// <summary>Asks a graph about samples in batches: the same runtime that the engine uses live.</summary>
internal sealed class GraphScorer(byte[] graph, string inputName, string outputName, SequenceSource source) : IDisposable
{
    private const int Batch = 32;
    private readonly OnnxModel _model = new(graph, inputName, outputName, source.SequenceLength, source.Features, Batch);

    /// <summary>One logit a sample.</summary>
    public double[] Score(ReadOnlySpan<Sample> samples, Action<double>? progress = null)
    {
        var scores = new double[samples.Length];
        for (int at = 0; at < samples.Length; at += Batch)
        {
            ReadOnlySpan<Sample> batch = samples[at..Math.Min(at + Batch, samples.Length)];
            source.Gather(batch, _model.Input);
            _model.Run();
            for (int i = 0; i < batch.Length; i++)
                scores[at + i] = _model.Output[i];
            progress?.Invoke((double)(at + batch.Length) / samples.Length);
        }

        return scores;
    }

    /// <summary>Calibrated answers beside what happened.</summary>
    public static ScoredSample[] Calibrate(TrainingTable table, ReadOnlySpan<Sample> samples, ReadOnlySpan<double> scores, Calibration calibration)
    {
        var scored = new ScoredSample[samples.Length];
        for (int i = 0; i < scored.Length; i++)
        {
            Sample sample = samples[i];
            double truth = table.Symbols[sample.Symbol].TrueProbabilityUp[sample.Row];
            scored[i] = new ScoredSample(sample.Time, sample.Symbol, calibration.Apply(scores[i]), sample.Up, truth);
        }

        return scored;
    }

    public void Dispose() => _model.Dispose();
}
