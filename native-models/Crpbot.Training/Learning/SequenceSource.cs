using Crpbot.Inference;

namespace Crpbot.Training.Learning;

/// <summary>Gathers scaled sequences [B, T, F] for samples; every slice goes through the same constants.</summary>
internal sealed class SequenceSource
{
    private readonly float[][] _scaled;

    public SequenceSource(TrainingTable table, FeatureScaling[] features, int sequenceLength)
    {
        (SequenceLength, Features) = (sequenceLength, features.Length);
        var scaling = new ScalingConstants(features);
        _scaled = [.. table.Symbols.Select(rows =>
        {
            var scaled = new float[rows.Count * Features];
            for (int row = 0; row < rows.Count; row++)
                scaling.Transform(rows.InputsOf(row), scaled.AsSpan(row * Features, Features));
            return scaled;
        })];
    }

    public int SequenceLength { get; }

    public int Features { get; }

    /// <summary>The newest row of a sample's sequence.</summary>
    public ReadOnlySpan<float> LastRow(Sample sample) => _scaled[sample.Symbol].AsSpan(sample.Row * Features, Features);

    /// <summary>Copies the sequences of some samples, oldest Bar first.</summary>
    public void Gather(ReadOnlySpan<Sample> samples, Span<float> destination)
    {
        int size = SequenceLength * Features;
        for (int i = 0; i < samples.Length; i++)
        {
            int first = (samples[i].Row - SequenceLength + 1) * Features;
            _scaled[samples[i].Symbol].AsSpan(first, size).CopyTo(destination[(i * size)..]);
        }
    }
}
