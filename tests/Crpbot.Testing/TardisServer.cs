using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Crpbot.Testing;

/// <summary>How a <see cref="TardisServer"/> spoils one answer.</summary>
public enum ServerFault
{
    None,
    TooMany,
    TooManyWithSeconds,
    TooManyWithDate,
    Error,
    Unavailable,
    BadTime,
    Stall,
    Reset,
    ResetWithoutLength,
    Truncated,
    CorruptSum,
    TrailingJunk,
    NoGzip,
    NothingWithoutLength,
}

/// <summary>A request as the server saw it.</summary>
public sealed record SeenRequest(string Path, string Query, string? Authorization, string? AcceptEncoding);

/// <summary>Files over HTTP on loopback, with faults in the order a test wants them, and a count of files that were delivered whole.</summary>
public sealed class TardisServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, int> _delivered = new();
    private int _inFlight;
    private int _inFlightMax;

    private TardisServer(WebApplication application) => _application = application;

    /// <summary>With <c>/v1</c>.</summary>
    public string Address => _application.Urls.Single() + "/v1";

    /// <summary>Bodies by path, e.g. <c>/v1/coinbase/trades/2024/01/01/BTC-USD.csv.gz</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Permanent statuses by path, with a text.</summary>
    public ConcurrentDictionary<string, (int Status, string Text)> Refusals { get; } = new();

    /// <summary>Faults still to come, by path.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<ServerFault>> Faults { get; } = new();

    /// <summary>Answers what is no file; true when it did.</summary>
    public Func<HttpContext, Task<bool>>? Answer { get; set; }

    /// <summary>Held before every answer.</summary>
    public TimeSpan Delay { get; set; }

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public int InFlightMax => _inFlightMax;

    public int Delivered(string path) => _delivered.GetValueOrDefault(path);

    public static async Task<TardisServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication application = builder.Build();
        var server = new TardisServer(application);
        application.Run(server.ServeAsync);
        await application.StartAsync();
        return server;
    }

    /// <summary>A gzip file of one member. .NET's stream makes no bytes of an empty text; this is what gzip makes.</summary>
    public static byte[] Gzip(string text)
    {
        if (text.Length == 0)
            return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return compressed.ToArray();
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        Requests.Enqueue(new SeenRequest(path, context.Request.QueryString.Value ?? "", Header(context, "Authorization"), Header(context, "Accept-Encoding")));
        int inFlight = Interlocked.Increment(ref _inFlight);
        for (int seen = _inFlightMax; inFlight > seen; seen = _inFlightMax)
            Interlocked.CompareExchange(ref _inFlightMax, inFlight, seen);
        try
        {
            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay);
            if (Refusals.TryGetValue(path, out (int Status, string Text) refusal))
                await SayAsync(context, refusal.Status, refusal.Text);
            else if (Faults.TryGetValue(path, out ConcurrentQueue<ServerFault>? faults) && faults.TryDequeue(out ServerFault fault) && fault != ServerFault.None)
                await SpoilAsync(context, fault, Files[path]);
            else if (Files.TryGetValue(path, out byte[]? body))
                await DeliverAsync(context, path, body);
            else if (Answer is null || !await Answer(context))
                await SayAsync(context, 404, "Not found.");
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task DeliverAsync(HttpContext context, string path, byte[] body)
    {
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
        _delivered.AddOrUpdate(path, 1, (_, count) => count + 1);
    }

    private static async Task SpoilAsync(HttpContext context, ServerFault fault, byte[] body)
    {
        HttpResponse response = context.Response;
        switch (fault)
        {
            case ServerFault.TooMany:
                await SayAsync(context, 429, "slow down");
                break;
            case ServerFault.TooManyWithSeconds:
                response.Headers.RetryAfter = "0";
                await SayAsync(context, 429, "slow down");
                break;
            case ServerFault.TooManyWithDate:
                response.Headers.RetryAfter = "Thu, 01 Jan 2015 00:00:00 GMT";
                await SayAsync(context, 429, "slow down");
                break;
            case ServerFault.Error:
                await SayAsync(context, 500, "broken");
                break;
            case ServerFault.Unavailable:
                await SayAsync(context, 503, "busy");
                break;
            case ServerFault.BadTime:
                await SayAsync(context, 400, "Please provide date in ISO 8601 format.");
                break;
            case ServerFault.Stall:
                response.ContentLength = body.Length;
                await response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
                await response.Body.FlushAsync();
                await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case ServerFault.Reset:
            case ServerFault.ResetWithoutLength:
                response.ContentLength = fault == ServerFault.Reset ? body.Length : null;
                await response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
                await response.Body.FlushAsync();
                context.Abort();
                break;
            case ServerFault.NothingWithoutLength:
                await response.StartAsync();
                break;
            default:
                await response.Body.WriteAsync(Damage(fault, body));
                break;
        }
    }

    private static byte[] Damage(ServerFault fault, byte[] body)
    {
        byte[] copy = [.. body];
        switch (fault)
        {
            case ServerFault.Truncated:
                return copy[..^5];
            case ServerFault.CorruptSum:
                copy[^6] ^= 1;
                return copy;
            case ServerFault.TrailingJunk:
                return [.. copy, .. "junk"u8];
            default:
                return "<html>not what you wanted</html>"u8.ToArray();
        }
    }

    private static async Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new { code = status, message = text });
    }

    private static string? Header(HttpContext context, string name) => context.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}
