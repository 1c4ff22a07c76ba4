using System.Security.Cryptography;

namespace Crpbot.Datasets.Download;

/// <summary>Brings one file from a service to the lake, streaming, checked, whole or not at all.</summary>
internal sealed class FileFetcher(ServiceClient client, IRawFiles lake, RetryRule retry, DownloadMeter meter)
{
    public ServiceClient Client => client;

    public IRawFiles Lake => lake;

    /// <summary>Downloads with the retry rule.</summary>
    /// <param name="relative">Path and query below the base address.</param>
    /// <param name="path">Any name in the file's folder; <paramref name="plan"/> settles the final one.</param>
    /// <param name="plan">From the answer's headers: the final path, and how its content is checked.</param>
    /// <param name="acceptGzip">Asks for a gzip encoding, which is kept.</param>
    public Task<RawFileManifest> FetchAsync(
        string relative, string path, Func<ServiceResponse, (string Path, Func<Stream, ContentSummary> Check)> plan, bool acceptGzip,
        CancellationToken cancellation) =>
        retry.RunAsync(async (attempt, token) =>
        {
            Uri address = client.Locate(relative);
            Uri asked = attempt > 1 && address.AbsolutePath.EndsWith("gz", StringComparison.Ordinal)
                ? new Uri($"{address.AbsoluteUri}{(address.Query.Length > 0 ? '&' : '?')}retryAttempt={attempt - 1}") : address;
            using ServiceResponse response = await client.GetAsync(asked, token, acceptGzip).ConfigureAwait(false);
            (string final, Func<Stream, ContentSummary> check) = plan(response);
            using LakeTemporary temporary = lake.CreateTemporary(path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long bytes = await response.CopyToAsync(async (piece, inner) =>
            {
                await temporary.Stream.WriteAsync(piece, inner).ConfigureAwait(false);
                hash.AppendData(piece.Span);
                meter.AddBytes(piece.Length);
            }, token).ConfigureAwait(false);
            if (bytes == 0 && response.Length is null)
                throw new ServiceException(Failure.Transient, "the answer is empty, and its length was not announced");
            ContentSummary summary = Check(temporary.Stream, check);
            string sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            var manifest = new RawFileManifest(address.PathAndQuery, bytes, sha256, summary.Status, summary.UncompressedBytes, summary.Rows);
            lake.Commit(temporary, final, manifest);
            return manifest;
        }, cancellation);

    /// <summary>What the lake has under a name; a file whose sidecar is lost is checked once and gets it again.</summary>
    /// <returns>Null when the file is absent or not whole: it is to be downloaded.</returns>
    public RawFileManifest? Find(string path, string relative, Func<Stream, ContentSummary> check)
    {
        if (lake.LengthOf(path) is not { } length)
            return null;
        RawFileManifest? manifest = lake.ManifestOf(path);
        if (manifest is { Status: not RawFileStatus.Missing })
            return manifest.Bytes == length ? manifest : null;
        try
        {
            using FileStream file = lake.OpenRead(path);
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
            file.Position = 0;
            ContentSummary summary = check(file);
            manifest = new RawFileManifest(client.Locate(relative).PathAndQuery, length, sha256, summary.Status, summary.UncompressedBytes, summary.Rows);
        }
        catch (InvalidDataException)
        {
            // Not a file of ours, or a damaged one: the download replaces it.
            return null;
        }

        if (lake.IsWritable)
            lake.WriteManifest(path, manifest);
        return manifest;
    }

    /// <summary>Writes down that the source does not have a file.</summary>
    public void RecordMissing(string path, string relative) => lake.WriteManifest(path, RawFileManifest.Missing(client.Locate(relative).PathAndQuery));

    private static ContentSummary Check(Stream content, Func<Stream, ContentSummary> check)
    {
        content.Position = 0;
        try
        {
            return check(content);
        }
        catch (InvalidDataException error)
        {
            throw new ServiceException(Failure.Transient, error.Message, inner: error);
        }
    }
}
