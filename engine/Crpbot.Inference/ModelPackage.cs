using System.Security.Cryptography;

namespace Crpbot.Inference;

/// <summary>A verified model: its manifest and its graph, proven on this machine to answer as its maker saw.</summary>
/// <remarks>Owned by one thread; serves any number of <see cref="Predictor"/>s of that thread.</remarks>
public sealed class ModelPackage : IDisposable
{
    /// <summary>Graph metadata key of <see cref="ModelManifest.FeatureHash"/>.</summary>
    public const string FeatureHashKey = "crpbot.feature_hash";

    /// <summary>Largest difference of the golden logit. float32 kernels of other processors differ by about 1e-6.</summary>
    public const double GoldenTolerance = 1e-4;

    private readonly byte[] _graph;

    private ModelPackage(ModelManifest manifest, byte[] graph, OnnxModel model, int[] columns)
    {
        (Manifest, _graph, Model, Columns) = (manifest, graph, model, columns);
        Scaling = new ScalingConstants(manifest.Features);
    }

    public ModelManifest Manifest { get; }

    /// <summary>Batch 1, bound to the graph.</summary>
    public OnnxModel Model { get; }

    public ScalingConstants Scaling { get; }

    /// <summary>For each feature of the model, its index in the schema's vector.</summary>
    public ReadOnlyMemory<int> Columns { get; }

    public IReadOnlyList<string> Warnings => Model.Warnings;

    /// <summary>Loads <c>manifest.json</c> and its graph and verifies names, hashes and the golden prediction.</summary>
    /// <param name="directory">The package's folder, <c>…/models/NAME/VERSION</c>.</param>
    /// <param name="provider">Where to compute; the CPU when null, or when the provider is not usable (see <see cref="Warnings"/>).</param>
    /// <exception cref="InvalidDataException">Anything does not match; one line with the file, the field and both values.</exception>
    public static ModelPackage Load(string directory, ExecutionProvider? provider = null)
    {
        string path = Path.Combine(directory, ModelManifest.FileName);
        ModelManifest manifest = ModelManifest.Read(path);
        int[] columns = ManifestCheck.Verify(manifest, path);
        string graphPath = Path.Combine(directory, manifest.Graph.File);
        byte[] graph = ReadGraph(graphPath, path, manifest);

        OnnxModel model;
        try
        {
            model = new OnnxModel(graph, manifest.Graph.Input, manifest.Graph.Output, manifest.SequenceLength, manifest.Features.Length, provider: provider);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{graphPath}: {e.Message}", e);
        }

        try
        {
            if (!model.Metadata.TryGetValue(FeatureHashKey, out string? graphHash) || graphHash != manifest.FeatureHash)
                throw new InvalidDataException($"{graphPath}: metadata {FeatureHashKey} is {graphHash ?? "absent"}, the manifest's featureHash is {manifest.FeatureHash}");
            VerifyGolden(manifest, path, model);
            return new ModelPackage(manifest, graph, model, columns);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose() => Model.Dispose();

    /// <summary>The same graph for many sequences at once, on the CPU: for histories, not for the live path. The caller disposes it.</summary>
    public OnnxModel CreateBatch(int batch) =>
        new(_graph, Manifest.Graph.Input, Manifest.Graph.Output, Manifest.SequenceLength, Manifest.Features.Length, batch);

    private static byte[] ReadGraph(string graphPath, string manifestPath, ModelManifest manifest)
    {
        byte[] graph;
        try
        {
            graph = File.ReadAllBytes(graphPath);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{manifestPath}: graph.file names {manifest.Graph.File}, which is not in the package", e);
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(graph));
        if (hash != manifest.Graph.Sha256)
            throw new InvalidDataException($"{graphPath}: SHA-256 is {hash}, the manifest's graph.sha256 is {manifest.Graph.Sha256}");
        return graph;
    }

    private static void VerifyGolden(ModelManifest manifest, string path, OnnxModel model)
    {
        manifest.Golden.Input.CopyTo(model.Input);
        model.Run();
        double score = model.Output[0];
        if (!(Math.Abs(score - manifest.Golden.RawScore) <= GoldenTolerance))
            throw new InvalidDataException($"{path}: golden.rawScore is {manifest.Golden.RawScore}, this machine computes {score}");
        double probability = manifest.Calibration.Apply(score);
        if (!(Math.Abs(probability - manifest.Golden.ProbabilityUp) <= GoldenTolerance * Math.Max(1, manifest.Calibration.A)))
            throw new InvalidDataException($"{path}: golden.probabilityUp is {manifest.Golden.ProbabilityUp}, the calibration gives {probability}");
    }
}
