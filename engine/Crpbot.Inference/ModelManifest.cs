using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crpbot.Inference;

/// <summary>The ONNX file and the names of its tensors.</summary>
public sealed record ModelGraph
{
    public required string File { get; init; }

    /// <summary>Lower-case hex of the file's bytes.</summary>
    public required string Sha256 { get; init; }

    /// <summary>[batch, T, F] float32.</summary>
    public required string Input { get; init; }

    /// <summary>[batch, 1] float32: the logit, no sigmoid in the graph.</summary>
    public required string Output { get; init; }
}

/// <summary>Which rows the network learned from.</summary>
public sealed record TrainingSpan
{
    /// <summary>Where the data came from, in words.</summary>
    public required string Source { get; init; }

    /// <summary>ISO 8601, UTC; first row's Bar open time.</summary>
    public required string From { get; init; }

    /// <summary>ISO 8601, UTC; exclusive end of the training slice.</summary>
    public required string To { get; init; }

    /// <summary>SHA-256 of the dataset files, lower-case hex.</summary>
    public required string DataSha256 { get; init; }

    public required string[] Symbols { get; init; }

    public required long Samples { get; init; }

    public required int Seed { get; init; }

    /// <summary>ISO 8601, UTC; the locked slice of the same data begins here. Nothing was fitted on it.</summary>
    public required string LockedFrom { get; init; }

    /// <summary>ISO 8601, UTC; exclusive.</summary>
    public required string LockedTo { get; init; }

    /// <summary>Bars left out after every border between slices; absent means the sequence length.</summary>
    public int? EmbargoBars { get; init; }
}

/// <summary>One measured figure on the locked slice, with its 95 % interval. Rates are fractions.</summary>
public sealed record ModelMetric
{
    public required string Name { get; init; }

    public required double Value { get; init; }

    public double? Low { get; init; }

    public double? High { get; init; }

    public required long Samples { get; init; }

    /// <summary>Samples over the overlap of their labels.</summary>
    public double? EffectiveSamples { get; init; }
}

/// <summary>One sequence and the answer its maker saw: the proof that this machine computes the same model.</summary>
public sealed record GoldenPrediction
{
    /// <summary>T × F scaled values, oldest Bar first; written as base64 of little-endian float32.</summary>
    [JsonConverter(typeof(Base64FloatConverter))]
    public required float[] Input { get; init; }

    public required double RawScore { get; init; }

    public required double ProbabilityUp { get; init; }
}

/// <summary>Thousands of numbers nobody reads, on one line and exact.</summary>
internal sealed class Base64FloatConverter : JsonConverter<float[]>
{
    public override float[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetBytesFromBase64(out byte[]? bytes) || bytes.Length % sizeof(float) != 0)
            throw new JsonException("expected base64 of little-endian float32 values");
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    public override void Write(Utf8JsonWriter writer, float[] value, JsonSerializerOptions options) =>
        writer.WriteBase64StringValue(MemoryMarshal.AsBytes<float>(value));
}

/// <summary>Everything a model package declares beside its graph; <c>manifest.json</c>.</summary>
/// <remarks>Unknown and missing fields are errors. Immutable.</remarks>
public sealed record ModelManifest
{
    public const string FileName = "manifest.json";

    /// <summary>The only format this code reads.</summary>
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>Only a promoted model may trade outside demo, replay, backtest and dryrun.</summary>
    public required bool Promoted { get; init; }

    /// <summary>E.g. <c>lstm</c>; for people, the graph decides.</summary>
    public required string Architecture { get; init; }

    public required int SchemaVersion { get; init; }

    /// <summary><see cref="Crpbot.Features.FeatureSchema.HashOf"/> of the names of <see cref="Features"/>.</summary>
    public required string FeatureHash { get; init; }

    /// <summary>In the order of the graph's last axis.</summary>
    public required FeatureScaling[] Features { get; init; }

    /// <summary>Bars a Prediction sees.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>NaN inputs one feature may have in a sequence; more is an IncompleteWindow.</summary>
    public required int MissingPerFeatureMax { get; init; }

    public required ModelLabel Label { get; init; }

    public required Calibration Calibration { get; init; }

    public required ModelGraph Graph { get; init; }

    public required TrainingSpan Training { get; init; }

    public required ModelMetric[] Metrics { get; init; }

    public required GoldenPrediction Golden { get; init; }

    /// <summary>Reads a manifest; its content is checked by <see cref="ModelPackage.Load"/>.</summary>
    /// <exception cref="InvalidDataException">The file is absent or not a manifest; names file, line and field.</exception>
    public static ModelManifest Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ManifestJson.Default.ModelManifest)
                ?? throw new InvalidDataException($"{path}: the document is null; expected a model manifest");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: no model manifest: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{path}: there is no model manifest here", e);
        }
    }

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, ManifestJson.Default.ModelManifest) + "\n");
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
