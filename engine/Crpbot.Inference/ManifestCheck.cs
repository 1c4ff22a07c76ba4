using Crpbot.Features;

namespace Crpbot.Inference;

/// <summary>Everything about a manifest that can be wrong before the graph is opened.</summary>
internal static class ManifestCheck
{
    /// <summary>Verifies a manifest against the schema of this program.</summary>
    /// <returns>For each feature of the model, its index in the schema's vector.</returns>
    /// <exception cref="InvalidDataException">The first fault: file, field, both values.</exception>
    public static int[] Verify(ModelManifest manifest, string path)
    {
        if (manifest.Format != ModelManifest.CurrentFormat)
            throw Fault(path, "format", $"is {manifest.Format}, this program reads {ModelManifest.CurrentFormat}");
        if (manifest.SchemaVersion != FeatureSchema.Version)
            throw Fault(path, "schemaVersion", $"is {manifest.SchemaVersion}, this program computes version {FeatureSchema.Version}: retrain the model");
        if (manifest.Features.Length == 0)
            throw Fault(path, "features", "is empty");

        int[] columns = FindColumns(manifest, path);
        string hash = FeatureSchema.HashOf([.. manifest.Features.Select(feature => feature.Name)]);
        if (hash != manifest.FeatureHash)
            throw Fault(path, "featureHash", $"is {manifest.FeatureHash}, the ordered names hash to {hash}: a name or the order was changed");

        if (manifest.SequenceLength is < 1 or > 10_000)
            throw Fault(path, "sequenceLength", $"is {manifest.SequenceLength}, expected 1 to 10000");
        if (manifest.MissingPerFeatureMax < 0 || manifest.MissingPerFeatureMax >= manifest.SequenceLength)
            throw Fault(path, "missingPerFeatureMax", $"is {manifest.MissingPerFeatureMax}, expected 0 to {manifest.SequenceLength - 1}");
        if (manifest.Label.FindFault() is { } labelFault)
            throw new InvalidDataException($"{path}: label{labelFault}");
        if (manifest.Calibration.FindFault() is { } fault)
            throw Fault(path, "calibration", fault);
        if (manifest.Graph.File.Length == 0 || Path.GetFileName(manifest.Graph.File) != manifest.Graph.File)
            throw Fault(path, "graph.file", $"is '{manifest.Graph.File}', expected a file name inside the package");
        VerifyScaling(manifest, path);
        VerifyGoldenInput(manifest, path);
        return columns;
    }

    private static int[] FindColumns(ModelManifest manifest, string path)
    {
        var columns = new int[manifest.Features.Length];
        var seen = new HashSet<string>();
        for (int i = 0; i < columns.Length; i++)
        {
            string name = manifest.Features[i].Name;
            if (!FeatureSchema.TryIndexOf(name, out columns[i]))
                throw Fault(path, $"features[{i}].name", $"is '{name}', which is no feature of this program's schema");
            if (!seen.Add(name))
                throw Fault(path, $"features[{i}].name", $"'{name}' stands there twice");
        }

        return columns;
    }

    private static void VerifyScaling(ModelManifest manifest, string path)
    {
        try
        {
            _ = new ScalingConstants(manifest.Features);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{path}: features: {e.Message}", e);
        }
    }

    private static void VerifyGoldenInput(ModelManifest manifest, string path)
    {
        int expected = manifest.SequenceLength * manifest.Features.Length;
        if (manifest.Golden.Input.Length != expected)
            throw Fault(path, "golden.input", $"has {manifest.Golden.Input.Length} values, expected {manifest.SequenceLength} × {manifest.Features.Length} = {expected}");
    }

    private static InvalidDataException Fault(string path, string field, string what) => new($"{path}: {field} {what}");
}
