using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading.RateLimiting;

namespace Crpbot.Datasets.Download;

/// <summary>GET requests to one service: paced, authorised, redirected by hand, nothing decompressed, every failure a <see cref="ServiceException"/>.</summary>
/// <remarks>Any thread. The key goes to the service's own origin only, as a header.</remarks>
internal sealed class ServiceClient : IDisposable
{
    private const int RedirectsMax = 3;
    private const int ErrorBytesMax = 4096;
    private const int ReasonLengthMax = 200;
    private readonly HttpClient _http;
    private readonly RateLimiter _limiter;
    private readonly DownloadLimits _limits;
    private readonly string? _key;
    private long _notBefore;
    private volatile bool _reached;

    /// <param name="address">The base; requests name paths below it.</param>
    /// <param name="key">Sent as a bearer token; null sends no Authorization header.</param>
    /// <param name="limits">For how long an answer may be silent.</param>
    /// <param name="limiter">Shared with others of the same account, owned by the caller.</param>
    public ServiceClient(Uri address, string? key, DownloadLimits limits, RateLimiter limiter)
    {
        (Address, _key, _limits, _limiter) = (address, key, limits, limiter);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = !address.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("crpbot", typeof(ServiceClient).Assembly.GetName().Version?.ToString(2)));
    }

    public Uri Address { get; }

    public bool HasKey => _key is not null;

    /// <summary>At most so many requests in any window; callers wait in turn.</summary>
    public static RateLimiter Pace(int requests, TimeSpan window) => new SlidingWindowRateLimiter(new SlidingWindowRateLimiterOptions
    {
        PermitLimit = requests,
        Window = window,
        SegmentsPerWindow = 10,
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>The address of a path below the base.</summary>
    /// <param name="relative">Begins with <c>/</c>; may have a query.</param>
    public Uri Locate(string relative) => new(Address.AbsoluteUri.TrimEnd('/') + relative);

    /// <summary>One attempt. A status other than 200 throws; the body has not been read yet.</summary>
    /// <exception cref="ServiceException">No answer, or another one.</exception>
    public async Task<ServiceResponse> GetAsync(Uri address, CancellationToken cancellation, bool acceptGzip = false)
    {
        await PaceAsync(cancellation).ConfigureAwait(false);
        var timer = new InactivityTimer(_limits.Inactivity, cancellation);
        HttpResponseMessage? response = null;
        try
        {
            response = await SendAsync(address, acceptGzip, timer.Token).ConfigureAwait(false);
            _reached = true;
            if (response.StatusCode != HttpStatusCode.OK)
                throw await FailureOfAsync(response, timer.Token).ConfigureAwait(false);
            return new ServiceResponse(response, timer);
        }
        catch (Exception error)
        {
            ServiceException? translated = timer.Translate(error, neverReached: !_reached);
            response?.Dispose();
            timer.Dispose();
            if (translated is null || ReferenceEquals(translated, error))
                throw;
            throw translated;
        }
    }

    /// <summary>A whole JSON answer, with the retry rule.</summary>
    /// <exception cref="ServiceException">No answer, or no JSON.</exception>
    public Task<JsonDocument> GetJsonAsync(string relative, RetryRule retry, CancellationToken cancellation) => retry.RunAsync(async (_, token) =>
    {
        using ServiceResponse response = await GetAsync(Locate(relative), token).ConfigureAwait(false);
        using var body = new MemoryStream();
        await response.CopyToAsync((piece, _) =>
        {
            body.Write(piece.Span);
            return ValueTask.CompletedTask;
        }, token).ConfigureAwait(false);
        try
        {
            return JsonDocument.Parse(body.ToArray());
        }
        catch (JsonException error)
        {
            throw new ServiceException(Failure.Transient, "the answer is no JSON", inner: error);
        }
    }, cancellation);

    public void Dispose() => _http.Dispose();

    private async Task PaceAsync(CancellationToken cancellation)
    {
        // A server that named a time to come back at means all of our requests.
        long wait = Interlocked.Read(ref _notBefore) - Environment.TickCount64;
        if (wait > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(wait), cancellation).ConfigureAwait(false);
        using RateLimitLease lease = await _limiter.AcquireAsync(1, cancellation).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, bool acceptGzip, CancellationToken cancellation)
    {
        for (int hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (_key is not null && IsOurOrigin(address))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
            if (acceptGzip)
                request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
            HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
                return response;
            using (response)
            {
                Uri? target = response.Headers.Location is { } location ? new Uri(address, location) : null;
                if (target is null || hop == RedirectsMax || target.Scheme is not ("http" or "https") || (address.Scheme == "https" && target.Scheme == "http"))
                    throw new ServiceException(Failure.Permanent, $"{(int)response.StatusCode}: a redirect that is not followed", response.StatusCode);
                address = target;
            }
        }
    }

    private bool IsOurOrigin(Uri address) => address.Scheme == Address.Scheme && address.IdnHost == Address.IdnHost && address.Port == Address.Port;

    private async Task<ServiceException> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string text = Redact(await ReadErrorAsync(response, cancellation).ConfigureAwait(false));
        Failure failure = (int)response.StatusCode switch
        {
            401 or 403 => Failure.Refused,
            404 => Failure.NotFound,
            // Both official clients take this one text for a passing trouble of the server.
            400 => text.Contains("ISO 8601 format", StringComparison.Ordinal) ? Failure.Transient : Failure.Permanent,
            _ => Failure.Transient,
        };
        TimeSpan? retryAfter = failure == Failure.Transient ? RetryAfterOf(response) : null;
        if (retryAfter <= _limits.RetryAfterMax)
            Interlocked.Exchange(ref _notBefore, Environment.TickCount64 + (long)retryAfter.Value.TotalMilliseconds);
        string asked = retryAfter > _limits.RetryAfterMax ? $" (asks to wait {retryAfter.Value.TotalMinutes:F0} minutes)" : "";
        return new ServiceException(failure, $"{(int)response.StatusCode}{(text.Length > 0 ? ": " + text : "")}{asked}", response.StatusCode, retryAfter);
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        // The server's own clock, where it tells it: ours may be wrong.
        TimeSpan? wait = header?.Delta ?? (header?.Date - (response.Headers.Date ?? DateTimeOffset.UtcNow));
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        byte[] buffer = new byte[ErrorBytesMax];
        int length;
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The status says what matters; its explanation broke off.
            return "";
        }

        string text = Encoding.UTF8.GetString(buffer, 0, length);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("message", out JsonElement message))
                text = message.ToString();
        }
        catch (JsonException)
        {
            // Only the API's own errors are JSON; any other body is taken as text.
        }

        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A server may repeat the key it refused.</summary>
    private string Redact(string text)
    {
        string clean = _key is null ? text : text.Replace(_key, "***", StringComparison.Ordinal);
        clean = string.Concat(clean.Where(c => !char.IsControl(c)));
        return clean.Length <= ReasonLengthMax ? clean : clean[..ReasonLengthMax] + "…";
    }
}
