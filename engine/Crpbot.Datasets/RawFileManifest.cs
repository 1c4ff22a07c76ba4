using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crpbot.Datasets;

/// <summary>What is known about a raw file of the lake.</summary>
public enum RawFileStatus
{
    /// <summary>The file is there, checked from the first byte to the last, and has rows.</summary>
    Whole,

    /// <summary>The file is there and checked; the source has no rows for that time.</summary>
    Empty,

    /// <summary>There is no file, because the source has none: not listed, not exported yet, or answered 404. The next run asks again.</summary>
    Missing,
}

/// <summary>The sidecar of a raw file: <c>NAME.manifest.json</c> beside NAME.</summary>
/// <param name="Url">Path (and, for the API's own queries, query) of the address it came from, without the host.</param>
/// <param name="Bytes">Length of the file; 0 when missing.</param>
/// <param name="Sha256">Of the file, lower-case hex; null when missing.</param>
/// <param name="Status">Whole, empty or missing.</param>
/// <param name="UncompressedBytes">Length of the content; <paramref name="Bytes"/> for a file that is not compressed.</param>
/// <param name="Rows">Rows of a CSV without its header, messages of a slice; null when missing.</param>
/// <remarks>It holds no time and no host, so the same content always has the same sidecar, byte for byte.</remarks>
public sealed record RawFileManifest(string Url, long Bytes, string? Sha256, RawFileStatus Status, long UncompressedBytes, long? Rows)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The sidecar of a file that the source does not have.</summary>
    public static RawFileManifest Missing(string url) => new(url, 0, null, RawFileStatus.Missing, 0, null);

    /// <summary>Reads the sidecar of a raw file; null where it has none.</summary>
    /// <param name="path">The raw file, not the sidecar.</param>
    /// <exception cref="InvalidDataException">The sidecar is no manifest.</exception>
    public static RawFileManifest? Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string sidecar = path + RawLake.ManifestSuffix;
        try
        {
            return Parse(File.ReadAllBytes(sidecar));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{sidecar}: no manifest of a raw file ({e.Message}); delete it and download again", e);
        }
    }

    /// <exception cref="JsonException">The bytes are no manifest.</exception>
    internal static RawFileManifest Parse(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<RawFileManifest>(bytes, Json) ?? throw new JsonException("null");

    internal byte[] ToBytes() => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, Json) + "\n");
}
