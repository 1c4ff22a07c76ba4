using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Crpbot.Testing;

/// <summary>An object store on loopback with one bucket in memory, which holds every request to its signature and can be told to fail.</summary>
public sealed class S3StandIn : IS3Server, IAsyncDisposable
{
    public const string TheBucket = "lake-bucket";
    private const int MinPartBytes = 5 << 20;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Stored> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);
    private int _ids;

    private S3StandIn(WebApplication app) => _app = app;

    public string Endpoint { get; private set; } = "";

    public string Region => "eu-test-1";

    public string AccessKey => "lake";

    public string SecretKey => "a/secret+of=the*lake";

    public string Bucket => TheBucket;

    /// <summary>Decides over a request before the store does: true when it has answered.</summary>
    public Func<HttpContext, Task<bool>>? Fault { get; set; }

    /// <summary>Uploads in parts that were neither completed nor aborted.</summary>
    public int OpenUploads => _uploads.Count;

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Sets what the tools of AWS read from their environment.</summary>
    public void Describe(Action<string, string> set)
    {
        set("AWS_ENDPOINT_URL", Endpoint);
        set("AWS_REGION", Region);
        set("AWS_ACCESS_KEY_ID", AccessKey);
        set("AWS_SECRET_ACCESS_KEY", SecretKey);
    }

    /// <summary>Every file with its content.</summary>
    public SortedDictionary<string, byte[]> Tree(string prefix) => new(
        _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value.Content), StringComparer.Ordinal);

    public static async Task<S3StandIn> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(options => options.Limits.MaxRequestBodySize = null);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var server = new S3StandIn(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Endpoint = app.Urls.Single();
        return server;
    }

    /// <summary>Flips a byte of a stored file, as a bad disk does.</summary>
    public void Damage(string key) => _objects[key].Content[^1] ^= 1;

    public void Remove(string key) => Assert.True(_objects.TryRemove(key, out _));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}");
        if (Fault is { } fault && await fault(context))
            return;
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        byte[] body = memory.ToArray();
        if (SignatureV4.Refuse(context.Request, body, Region, AccessKey, SecretKey) is { } refused)
        {
            await FailAsync(context, refused == "AuthorizationHeaderMalformed" || refused == "XAmzContentSHA256Mismatch" ? 400 : 403, refused);
            return;
        }

        string[] path = context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0][1..].Split('/', 2);
        string key = path.Length == 2 ? Uri.UnescapeDataString(path[1]) : "";
        IQueryCollection query = context.Request.Query;
        if (path[0] != Bucket)
            await FailAsync(context, 404, "NoSuchBucket");
        else
        {
            Task answer = (context.Request.Method, key, query.ContainsKey("uploads"), query["uploadId"].ToString()) switch
            {
                ("GET", "", _, _) => ListAsync(context, query),
                ("GET" or "HEAD", _, _, "") => GetAsync(context, key),
                ("PUT", _, _, "") => PutAsync(context, key, body),
                ("POST", _, true, _) => BeginAsync(context, key),
                ("PUT", _, _, var upload) => PartAsync(context, upload, body),
                ("POST", _, _, var upload) => CompleteAsync(context, key, upload, body),
                ("DELETE", _, _, var upload) => AbortAsync(context, upload),
                _ => FailAsync(context, 501, "NotImplemented"),
            };
            await answer;
        }
    }

    private async Task ListAsync(HttpContext context, IQueryCollection query)
    {
        int most = query.TryGetValue("max-keys", out var text) ? int.Parse(text.ToString(), CultureInfo.InvariantCulture) : 1000;
        string prefix = query["prefix"].ToString();
        string after = query["continuation-token"].ToString();
        KeyValuePair<string, Stored>[] found = [.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Where(pair => CompareUtf8(pair.Key, after) > 0).Order(Comparer<KeyValuePair<string, Stored>>.Create((a, b) => CompareUtf8(a.Key, b.Key))).Take(most + 1)];
        KeyValuePair<string, Stored>[] page = found.Length > most ? found[..most] : found;
        var answer = new XElement("ListBucketResult", new XElement("Name", Bucket), new XElement("Prefix", prefix), new XElement("KeyCount", page.Length),
            new XElement("MaxKeys", most), new XElement("IsTruncated", found.Length > most ? "true" : "false"),
            page.Select(pair => new XElement("Contents", new XElement("Key", pair.Key), new XElement("LastModified", "2024-01-01T00:00:00.000Z"),
                new XElement("ETag", pair.Value.ETag), new XElement("Size", pair.Value.Content.Length), new XElement("StorageClass", "STANDARD"))));
        if (found.Length > most)
            answer.Add(new XElement("NextContinuationToken", page[^1].Key));
        await XmlAsync(context, 200, answer);
    }

    private async Task GetAsync(HttpContext context, string key)
    {
        if (!_objects.TryGetValue(key, out Stored? stored))
        {
            await FailAsync(context, 404, "NoSuchKey");
            return;
        }

        context.Response.Headers.ETag = stored.ETag;
        context.Response.ContentLength = stored.Content.Length;
        foreach ((string name, string value) in stored.Metadata)
            context.Response.Headers[name] = value;
        if (context.Request.Method == "GET")
            await context.Response.Body.WriteAsync(stored.Content);
    }

    private Task PutAsync(HttpContext context, string key, byte[] body)
    {
        _objects[key] = new Stored(body, MetadataOf(context), Tag(body));
        context.Response.Headers.ETag = _objects[key].ETag;
        return Task.CompletedTask;
    }

    private Task BeginAsync(HttpContext context, string key)
    {
        string id = $"upload-{Interlocked.Increment(ref _ids)}";
        _uploads[id] = new Upload(MetadataOf(context), new ConcurrentDictionary<int, byte[]>());
        return XmlAsync(context, 200, new XElement("InitiateMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", key), new XElement("UploadId", id)));
    }

    private Task PartAsync(HttpContext context, string id, byte[] body)
    {
        if (!_uploads.TryGetValue(id, out Upload? upload))
            return FailAsync(context, 404, "NoSuchUpload");
        upload.Parts[int.Parse(context.Request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = body;
        context.Response.Headers.ETag = Tag(body);
        return Task.CompletedTask;
    }

    private Task CompleteAsync(HttpContext context, string key, string id, byte[] body)
    {
        if (!_uploads.TryGetValue(id, out Upload? upload))
            return FailAsync(context, 404, "NoSuchUpload");
        byte[][] parts = [.. XElement.Parse(Encoding.UTF8.GetString(body)).Descendants().Where(element => element.Name.LocalName == "PartNumber").Select(number => upload.Parts[(int)number])];
        if (parts.SkipLast(1).Any(part => part.Length < MinPartBytes))
            return FailAsync(context, 400, "EntityTooSmall");
        _objects[key] = new Stored([.. parts.SelectMany(part => part)], upload.Metadata, $"\"{Guid.NewGuid():N}-{parts.Length}\"");
        _uploads.TryRemove(id, out _);
        return XmlAsync(context, 200, new XElement("CompleteMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", key), new XElement("ETag", _objects[key].ETag)));
    }

    private Task AbortAsync(HttpContext context, string id)
    {
        if (!_uploads.TryRemove(id, out _))
            return FailAsync(context, 404, "NoSuchUpload");
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    public static Task FailAsync(HttpContext context, int status, string code) =>
        XmlAsync(context, status, new XElement("Error", new XElement("Code", code), new XElement("Message", $"the store says {code}")));

    private static async Task XmlAsync(HttpContext context, int status, XElement answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        // A HEAD is answered without a body, and so without the error's code.
        if (context.Request.Method != "HEAD")
            await context.Response.WriteAsync(new XDocument(answer).ToString(SaveOptions.DisableFormatting));
    }

    private static Dictionary<string, string> MetadataOf(HttpContext context) => context.Request.Headers
        .Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase)).ToDictionary(header => header.Key, header => header.Value.ToString());

    private static int CompareUtf8(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));

#pragma warning disable CA5351 // S3 names a file's content by its MD5.
    private static string Tag(byte[] content) => $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"";
#pragma warning restore CA5351

    private sealed record Stored(byte[] Content, Dictionary<string, string> Metadata, string ETag);

    private sealed record Upload(Dictionary<string, string> Metadata, ConcurrentDictionary<int, byte[]> Parts);
}
