using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Crpbot.Datasets.Lake;

/// <summary>A lake under a prefix of an object store.</summary>
/// <remarks>A draft is a local file that one request puts in place, or an upload in parts that appears when it is completed: a key holds its old content or its
/// new one. Every upload carries the SHA-256 of its content, in the signature and as metadata; every download is held to it.</remarks>
public sealed partial class S3Lake : ILakeStorage
{
    private const string Sha256Metadata = "sha256";
    private readonly S3Location _at;
    private readonly S3Connection _connection;
    private readonly IAmazonS3 _client;
    private bool _bucketSeen;

    /// <inheritdoc cref="LakeStorage.Open"/>
    public S3Lake(S3Location at, S3Connection connection) => (_at, _connection, _client) = (at, connection, connection.Open());

    public string Location => _at.Text;

    public IEnumerable<LakeFile> List(string prefix) => Ask(prefix, async () =>
    {
        var files = new List<LakeFile>();
        var request = new ListObjectsV2Request { BucketName = _at.Bucket, Prefix = _at.Prefix + prefix };
        ListObjectsV2Response page;
        do
        {
            page = await _client.ListObjectsV2Async(request).ConfigureAwait(false);
            // A key that ends in a slash is a console's picture of a folder.
            files.AddRange(page.S3Objects.Where(file => !file.Key.EndsWith('/')).Select(file => new LakeFile(file.Key[_at.Prefix.Length..], file.Size)));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated);
        // Stores list by the bytes of UTF-8, or in no order at all.
        files.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return files;
    });

    public LakeFile? Find(string key) => Ask<LakeFile?>(key, async () =>
    {
        try
        {
            GetObjectMetadataResponse found = await _client.GetObjectMetadataAsync(_at.Bucket, _at.Prefix + key).ConfigureAwait(false);
            return new LakeFile(key, found.ContentLength);
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            // The answer to a HEAD has no words: a missing bucket looks like a missing file until it is asked for.
            if (!_bucketSeen)
                await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _at.Bucket, Prefix = _at.Prefix, MaxKeys = 1 }).ConfigureAwait(false);
            _bucketSeen = true;
            return null;
        }
    });

    public LakeCopy Fetch(string key) => Ask(key, async () =>
    {
        string path = ScratchPath(key);
        for (int attempt = 1; ; attempt++)
        {
            // The SDK asks again until an answer begins; that its body breaks is ours to mend.
            using GetObjectResponse response = await _client.GetObjectAsync(_at.Bucket, _at.Prefix + key).ConfigureAwait(false);
            try
            {
                await SaveAsync(response, path).ConfigureAwait(false);
                return new LakeCopy(path, IsTemporary: true);
            }
            catch (Exception error) when (IsBroken(error))
            {
                File.Delete(path);
                if (attempt == _connection.Attempts)
                    throw new IOException($"{Name(key)}: the download broke {attempt} times: {error.Message}", error);
            }
            catch
            {
                File.Delete(path);
                throw;
            }
        }
    });

    public LakeDraft Create(string key)
    {
        string draft = ScratchPath(key);
        return new LakeDraft(draft, () => Ask(key, async () =>
        {
            await UploadAsync(key, draft).ConfigureAwait(false);
            File.Delete(draft);
            return true;
        }));
    }

    public void Dispose() => _client.Dispose();

    private async Task SaveAsync(GetObjectResponse response, string path)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stall = new CancellationTokenSource();
        var buffer = new byte[1 << 17];
        long length = 0;
        using (FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            while (true)
            {
                stall.CancelAfter(_connection.Stall);
                int read = await response.ResponseStream.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
                if (read == 0)
                    break;
                sha256.AppendData(buffer, 0, read);
                file.Write(buffer, 0, read);
                length += read;
            }
        }

        if (length != response.ContentLength)
            throw new EndOfStreamException(string.Create(CultureInfo.InvariantCulture, $"{length} of {response.ContentLength} bytes came"));
        string? expected = response.Metadata[Sha256Metadata];
        if (expected is not null && !expected.Equals(Convert.ToHexStringLower(sha256.GetHashAndReset()), StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException("the content is not the one its SHA-256 was taken of");
    }

    /// <summary>Whether a download may succeed when it is tried again. <see cref="AmazonClientException"/>: the SDK's own check of a whole file's MD5.</summary>
    private static bool IsBroken(Exception error) => error is HttpIOException or EndOfStreamException or InvalidDataException or OperationCanceledException or AmazonClientException
        || error is IOException { InnerException: SocketException };

    /// <summary>A local path of no other draft or copy, of any process: the scratch folder may be one volume of many containers, in which all have process id 1.</summary>
    private string ScratchPath(string key)
    {
        Directory.CreateDirectory(_connection.Scratch);
        string name = Path.GetFileName(key);
        return Path.Combine(_connection.Scratch, $"crpbot-{Guid.NewGuid():N}-{name[Math.Max(0, name.Length - 60)..]}");
    }

    private string Name(string key) => $"s3://{_at.Bucket}/{_at.Prefix}{key}";

    private T Ask<T>(string key, Func<Task<T>> request)
    {
        try
        {
            return request().GetAwaiter().GetResult();
        }
        catch (Exception error) when (S3Errors.Translate(error, Name(key), _at.Bucket, _connection) is { } told)
        {
            throw told;
        }
    }
}
