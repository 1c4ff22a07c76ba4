using System.Buffers;

namespace Crpbot.Datasets.Lake;

/// <summary>A prefix of a bucket, written <c>s3://bucket/prefix</c>.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="Bucket">Its name.</param>
/// <param name="Prefix">Empty, or ends in a slash.</param>
public readonly record struct S3Location(string Text, string Bucket, string Prefix)
{
    private const string Scheme = "s3:";
    private static readonly SearchValues<char> BucketCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>Whether a location means an object store, well written or not.</summary>
    public static bool IsOne(string location) => location.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="FormatException">It is no bucket and prefix.</exception>
    public static S3Location Parse(string location)
    {
        if (!IsOne(location) || !location[Scheme.Length..].StartsWith("//", StringComparison.Ordinal))
            throw Wrong(location, "it does not begin with s3://");
        string[] parts = location[(Scheme.Length + 2)..].TrimEnd('/').Split('/');
        string bucket = parts[0];
        if (bucket.Length is < 3 or > 63 || bucket.AsSpan().ContainsAnyExcept(BucketCharacters) || !char.IsAsciiLetterOrDigit(bucket[0]) || !char.IsAsciiLetterOrDigit(bucket[^1]))
            throw Wrong(location, $"'{bucket}' is no bucket name (3 to 63 lower-case letters, digits, hyphens and dots)");
        if (parts.Skip(1).Any(part => part is "" or "." or ".."))
            throw Wrong(location, "the prefix has an empty or a dotted part");
        return new S3Location(location, bucket, parts.Length == 1 ? "" : string.Join('/', parts.Skip(1)) + "/");
    }

    private static FormatException Wrong(string location, string why) => new($"'{location}': {why}; expected s3://bucket/prefix");
}
