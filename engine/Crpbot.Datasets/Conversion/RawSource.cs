using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Crpbot.Datasets.Lake;

namespace Crpbot.Datasets.Conversion;

/// <summary>What a partition is made of, told apart by its content.</summary>
/// <param name="Key">Of the raw file, or of the folder of a day's slices.</param>
/// <param name="Bytes">Length, of slices their sum.</param>
/// <param name="Sha256">Lower-case hex; of slices over their names and hashes.</param>
internal sealed record RawSource(string Key, long Bytes, string Sha256)
{
    public const string KeyName = "crpbot.source";
    public const string BytesName = "crpbot.source_bytes";
    public const string Sha256Name = "crpbot.source_sha256";

    /// <summary>For the footer of a partition.</summary>
    public Dictionary<string, string> Metadata => new()
    {
        [KeyName] = Key,
        [BytesName] = Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
        [Sha256Name] = Sha256,
    };

    /// <summary>Takes the hash from the file's sidecar, or reads the file where it has none.</summary>
    public static RawSource Of(ILakeStorage lake, LakeFile file)
    {
        string? told = ToldHash(lake, file);
        if (told is not null)
            return new RawSource(file.Key, file.Length, told);
        using LakeCopy copy = lake.Fetch(file.Key);
        using FileStream content = File.OpenRead(copy.Path);
        return new RawSource(file.Key, file.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Many files as one source.</summary>
    public static RawSource Of(ILakeStorage lake, string folder, IReadOnlyList<LakeFile> files)
    {
        var text = new StringBuilder();
        foreach (LakeFile file in files)
            text.Append(file.Key).Append(' ').Append(Of(lake, file).Sha256).Append('\n');
        return new RawSource(folder, files.Sum(file => file.Length), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }

    private static string? ToldHash(ILakeStorage lake, LakeFile file)
    {
        string sidecar = file.Key + RawLake.ManifestSuffix;
        if (lake.Find(sidecar) is null)
            return null;
        using LakeCopy copy = lake.Fetch(sidecar);
        try
        {
            RawFileManifest manifest = RawFileManifest.Parse(File.ReadAllBytes(copy.Path));
            return manifest.Bytes == file.Length ? manifest.Sha256 : null;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{sidecar}: no manifest of a raw file ({error.Message}); delete it and download again", error);
        }
    }
}
