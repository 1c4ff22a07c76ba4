using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crpbot.Codecs.Parquet;
using Crpbot.Datasets.Lake;

namespace Crpbot.Datasets.Conversion;

/// <summary>Says which partitions a raw file became, so that a second run, or another worker, knows without reading it.</summary>
/// <param name="Format">Of the Parquet files.</param>
/// <param name="Source">Key of the raw file or folder.</param>
/// <param name="SourceBytes">Its length.</param>
/// <param name="SourceSha256">Its SHA-256, lower-case hex.</param>
/// <param name="Symbols">Empty: all; else what the conversion was limited to.</param>
/// <param name="Types">As <paramref name="Symbols"/>.</param>
/// <param name="Partitions">Keys.</param>
/// <remarks>Stands under <c>receipts/</c>, holds no time and no host, and is written after its partitions.</remarks>
internal sealed record ConversionReceipt(
    string Format, string Source, long SourceBytes, string SourceSha256, IReadOnlyList<string> Symbols, IReadOnlyList<string> Types, IReadOnlyList<string> Partitions)
{
    private const string Folder = "receipts";
    private const string Suffix = ".json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    public static string KeyOf(string source) => $"{Folder}/{source}{Suffix}";

    /// <param name="symbols">What the conversion was limited to; empty: the whole source.</param>
    /// <param name="types">As <paramref name="symbols"/>.</param>
    public static ConversionReceipt Of(RawSource source, IEnumerable<string> symbols, IEnumerable<string> types, IEnumerable<string> partitions) => new(
        ParquetFile.Format, source.Key, source.Bytes, source.Sha256, [.. symbols.Order(StringComparer.Ordinal)], [.. types.Order(StringComparer.Ordinal)],
        [.. partitions.Order(StringComparer.Ordinal)]);

    /// <summary>The receipt of a source; null where there is none or it cannot be understood.</summary>
    public static ConversionReceipt? Find(ILakeStorage lake, string source)
    {
        if (lake.Find(KeyOf(source)) is null)
            return null;
        using LakeCopy copy = lake.Fetch(KeyOf(source));
        try
        {
            return JsonSerializer.Deserialize<ConversionReceipt>(File.ReadAllBytes(copy.Path), Json);
        }
        catch (JsonException)
        {
            // A receipt that nobody can read vouches for nothing: the job runs again and replaces it.
            return null;
        }
    }

    /// <summary>Whether it vouches for what is wanted, made of this source, and all of it is there.</summary>
    public bool Covers(RawSource source, ConversionOptions options, ILakeStorage lake) =>
        Format == ParquetFile.Format && SourceBytes == source.Bytes && SourceSha256 == source.Sha256
        && IsWithin(options.Symbols, Symbols) && IsWithin(options.Types, Types)
        && Partitions.All(key => lake.Find(key) is not null);

    public void Write(ILakeStorage lake)
    {
        using LakeDraft draft = lake.Create(KeyOf(Source));
        File.WriteAllText(draft.Path, JsonSerializer.Serialize(this, Json) + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        draft.Commit();
    }

    private static bool IsWithin(IReadOnlyList<string> wanted, IReadOnlyList<string> made) =>
        made.Count == 0 || (wanted.Count > 0 && wanted.All(made.Contains));
}
