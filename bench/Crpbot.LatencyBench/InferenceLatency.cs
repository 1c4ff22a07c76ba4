using System.Diagnostics;
using System.Globalization;
using Crpbot.Inference;
using Crpbot.Telemetry;

namespace Crpbot.LatencyBench;

/// <summary>How long a shipped model thinks: one window, and three Instruments' windows in one call, through ONNX Runtime on one thread.</summary>
/// <remarks>Each run starts when the one before ended. Every call's answer is compared with the manifest's golden one.</remarks>
internal static class InferenceLatency
{
    private const int Runs = 5_000;

    /// <param name="package">A model package's folder; the shipped 53-feature model when null.</param>
    public static int Run(string? package = null)
    {
        string directory = package ?? Path.Combine(Repository.Root, "native-models", "models", "sim-lstm-53", "1");
        using ModelPackage loaded = ModelPackage.Load(directory);
        ModelManifest manifest = loaded.Manifest;
        byte[] graph = File.ReadAllBytes(Path.Combine(directory, manifest.Graph.File));
        Console.WriteLine($"machine: {MachineLine.Describe()}");
        Console.WriteLine($"model {manifest.Name} {manifest.Version}, {manifest.Architecture}, window [{manifest.SequenceLength},{manifest.Features.Length}]");
        Console.WriteLine($"{"us",-24}{"p50",10}{"p90",10}{"p99",10}{"p99.9",10}{"worst",10}{"B/call",10}");
        foreach (int batch in new[] { 1, 3 })
            Measure(manifest, graph, batch);
        return 0;
    }

    private static void Measure(ModelManifest manifest, byte[] graph, int batch)
    {
        using var model = new OnnxModel(graph, manifest.Graph.Input, manifest.Graph.Output, manifest.SequenceLength, manifest.Features.Length, batch);
        float[] golden = manifest.Golden.Input;
        for (int b = 0; b < batch; b++)
            golden.CopyTo(model.Input[(b * golden.Length)..]);
        for (int i = 0; i < 300; i++)
            model.Run();
        var nanos = new long[Runs];
        double worstError = 0;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            model.Run();
            nanos[i] = MonotonicClock.NanosBetween(start, Stopwatch.GetTimestamp());
            worstError = Math.Max(worstError, Math.Abs(model.Output[batch - 1] - manifest.Golden.RawScore));
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (worstError > ModelPackage.GoldenTolerance)
            throw new InvalidOperationException($"an answer was {worstError} off the golden one");
        Array.Sort(nanos);
        double At(double share) => nanos[(int)(share * (Runs - 1))] / 1000.0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{$"window, batch {batch}",-24}{At(.5),10:F0}{At(.9),10:F0}{At(.99),10:F0}{At(.999),10:F0}{At(1),10:F0}{allocated / Runs,10}"));
    }
}
