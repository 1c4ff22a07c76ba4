using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3.Model;

namespace Crpbot.Datasets.Lake;

public sealed partial class S3Lake
{
    /// <summary>Of one upload, by every store's rule.</summary>
    private const int MaxParts = 10_000;

    private const string ContentType = "application/octet-stream";

    private async Task UploadAsync(string key, string path)
    {
        string sha256;
        long length;
        using (FileStream file = File.OpenRead(path))
        {
            length = file.Length;
            sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file).ConfigureAwait(false));
        }

        if (length > _connection.PartBytes)
            await UploadInPartsAsync(key, path, length, sha256).ConfigureAwait(false);
        else
            await PutAsync(key, path, sha256).ConfigureAwait(false);
    }

    private async Task PutAsync(string key, string path, string sha256)
    {
        // Without chunks the signature covers the SHA-256 of the whole body, which the store checks; chunks are also not every store's.
        var request = new PutObjectRequest { BucketName = _at.Bucket, Key = _at.Prefix + key, FilePath = path, UseChunkEncoding = false, DisablePayloadSigning = false, ContentType = ContentType };
        request.Metadata[Sha256Metadata] = sha256;
        await _client.PutObjectAsync(request).ConfigureAwait(false);
    }

    private async Task UploadInPartsAsync(string key, string path, long length, string sha256)
    {
        var begin = new InitiateMultipartUploadRequest { BucketName = _at.Bucket, Key = _at.Prefix + key, ContentType = ContentType };
        begin.Metadata[Sha256Metadata] = sha256;
        string upload = (await _client.InitiateMultipartUploadAsync(begin).ConfigureAwait(false)).UploadId;
        try
        {
            long partBytes = Math.Max(_connection.PartBytes, (length + MaxParts - 1) / MaxParts);
            var parts = new List<PartETag>();
            for (long at = 0; at < length; at += partBytes)
            {
                var part = new UploadPartRequest
                {
                    BucketName = begin.BucketName, Key = begin.Key, UploadId = upload, PartNumber = parts.Count + 1,
                    FilePath = path, FilePosition = at, PartSize = Math.Min(partBytes, length - at), UseChunkEncoding = false, DisablePayloadSigning = false,
                };
                parts.Add(new PartETag(part.PartNumber, (await _client.UploadPartAsync(part).ConfigureAwait(false)).ETag));
            }

            var end = new CompleteMultipartUploadRequest { BucketName = begin.BucketName, Key = begin.Key, UploadId = upload, PartETags = parts };
            await _client.CompleteMultipartUploadAsync(end).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await AbortAsync(begin, upload, error).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Parts that no upload completes are invisible and cost room, so they are given back.</summary>
    private async Task AbortAsync(InitiateMultipartUploadRequest begun, string upload, Exception cause)
    {
        try
        {
            await _client.AbortMultipartUploadAsync(begun.BucketName, begun.Key, upload).ConfigureAwait(false);
        }
        catch (Exception error) when (error is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or OperationCanceledException)
        {
            // What made the upload fail keeps the store from hearing this too. The user is told the cause; the store's rule for stale uploads takes the parts.
            string name = $"s3://{begun.BucketName}/{begun.Key}";
            string why = S3Errors.Translate(cause, name, _at.Bucket, _connection)?.Message ?? $"{name}: {cause.Message}";
            throw new IOException($"{why}; the parts that it had sent could not be given back", cause);
        }
    }
}
