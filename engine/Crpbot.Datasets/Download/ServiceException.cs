using System.Net;

namespace Crpbot.Datasets.Download;

/// <summary>What a failed request tells about the next.</summary>
internal enum Failure
{
    /// <summary>Broken transfers, time-outs, damaged content, 5xx, 429: another attempt may succeed.</summary>
    Transient,

    /// <summary>401, 403: this key, or no key, does not open it.</summary>
    Refused,

    /// <summary>404: it does not exist.</summary>
    NotFound,

    /// <summary>Any other answer that will not change.</summary>
    Permanent,
}

/// <summary>A request that did not bring what it should. The message is one line and names the cause, never the key.</summary>
internal sealed class ServiceException(Failure failure, string message, HttpStatusCode? status = null, TimeSpan? retryAfter = null, Exception? inner = null)
    : HttpRequestException(message, inner, status)
{
    public Failure Failure { get; } = failure;

    /// <summary>Nothing of the service has been reached in this run: there may be no such service, so long patience is out of place.</summary>
    public bool NeverReached { get; init; }

    /// <summary>What the server asked for.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
