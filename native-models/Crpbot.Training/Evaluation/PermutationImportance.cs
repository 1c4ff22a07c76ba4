using Crpbot.Inference;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Evaluation;

/// <summary>What the log loss rises by when a feature's sequences are dealt to other samples.</summary>
internal sealed record FeatureImportance(string Name, Figure LogLossIncrease)
{
    private const int Batch = 32;
    private const ulong Seed = 7;

    /// <param name="manifest">The package.</param>
    /// <param name="graph">Its ONNX bytes.</param>
    /// <param name="source">Scaled sequences of the model's features.</param>
    /// <param name="samples">What it is measured on; some hundreds are enough to see what matters.</param>
    /// <param name="progress">Told the share done.</param>
    /// <returns>In the order of the features.</returns>
    public static FeatureImportance[] Of(ModelManifest manifest, byte[] graph, SequenceSource source, Sample[] samples, Action<double>? progress = null)
    {
        using var model = new OnnxModel(graph, manifest.Graph.Input, manifest.Graph.Output, source.SequenceLength, source.Features, Batch);
        var draws = new BlockDraws([.. samples.Select(s => s.Time)], manifest.Label.HorizonBars);
        double[] before = Losses(model, manifest.Calibration, source, samples, samples, feature: -1);
        var random = new Xoshiro256(Seed, 0);
        var importance = new FeatureImportance[source.Features];
        for (int f = 0; f < importance.Length; f++)
        {
            double[] after = Losses(model, manifest.Calibration, source, samples, Shuffle(samples, ref random), f);
            importance[f] = new FeatureImportance(manifest.Features[f].Name, draws.Mean([.. after.Zip(before, (a, b) => a - b)]));
            progress?.Invoke((f + 1.0) / importance.Length);
        }

        return importance;
    }

    private static Sample[] Shuffle(Sample[] samples, ref Xoshiro256 random)
    {
        Sample[] dealt = [.. samples];
        for (int i = dealt.Length - 1; i > 0; i--)
        {
            int j = random.NextBelow(i + 1);
            (dealt[i], dealt[j]) = (dealt[j], dealt[i]);
        }

        return dealt;
    }

    private static double[] Losses(OnnxModel model, Calibration calibration, SequenceSource source, Sample[] samples, Sample[] donors, int feature)
    {
        int features = source.Features, size = source.SequenceLength * features;
        var donated = new float[Batch * size];
        var losses = new double[samples.Length];
        for (int at = 0; at < samples.Length; at += Batch)
        {
            int count = Math.Min(Batch, samples.Length - at);
            source.Gather(samples.AsSpan(at, count), model.Input);
            source.Gather(donors.AsSpan(at, count), donated);
            for (int i = feature; feature >= 0 && i < count * size; i += features)
                model.Input[i] = donated[i];
            model.Run();
            for (int i = 0; i < count; i++)
            {
                double p = calibration.Apply(model.Output[i]);
                losses[at + i] = -Math.Log(Math.Max(samples[at + i].Up ? p : 1 - p, 1e-15));
            }
        }

        return losses;
    }
}
