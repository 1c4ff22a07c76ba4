namespace Crpbot.Datasets.Download;

/// <summary>An answer with status 200 whose body is still on the wire.</summary>
internal sealed class ServiceResponse(HttpResponseMessage response, InactivityTimer timer) : IDisposable
{
    private const int PieceLength = 128 * 1024;

    /// <summary>Bytes the body will have; null where the server does not tell.</summary>
    public long? Length { get; } = response.Content.Headers.ContentLength;

    /// <summary>A whole number from a header of the answer; null where it is absent or no number.</summary>
    public int? Number(string header) =>
        response.Headers.TryGetValues(header, out IEnumerable<string>? values) && int.TryParse(values.First(), out int number) ? number : null;

    /// <summary>The first bytes of the body.</summary>
    public async Task<byte[]> ReadStartAsync(int count, CancellationToken cancellation)
    {
        byte[] start = new byte[count];
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            int length = await body.ReadAtLeastAsync(start, count, throwOnEndOfStream: false, timer.Token).ConfigureAwait(false);
            return start[..length];
        }
        catch (Exception error) when (timer.Translate(error) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Hands the body over piece by piece and checks that it ended where it should.</summary>
    /// <param name="write">Its failures pass through unchanged.</param>
    /// <returns>Bytes of the body.</returns>
    /// <exception cref="ServiceException">The transfer broke, stalled or has another length than announced.</exception>
    public async Task<long> CopyToAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellation)
    {
        byte[] piece = new byte[PieceLength];
        long total = 0;
        for (; ; )
        {
            int count;
            try
            {
                timer.Restart();
                Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
                count = await body.ReadAsync(piece, timer.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (timer.Translate(error) is { } translated)
            {
                throw translated;
            }

            if (count == 0)
                break;
            await write(piece.AsMemory(0, count), cancellation).ConfigureAwait(false);
            total += count;
        }

        return Length is null || Length == total ? total
            : throw new ServiceException(Failure.Transient, $"the transfer ended after {total:N0} of {Length:N0} bytes");
    }

    public void Dispose()
    {
        response.Dispose();
        timer.Dispose();
    }
}

/// <summary>Cancels a transfer on which nothing moves, and tells that apart from the caller's own cancellation.</summary>
internal sealed class InactivityTimer : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _limit;

    public InactivityTimer(TimeSpan limit, CancellationToken caller)
    {
        (_limit, _caller) = (limit, caller);
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _source.CancelAfter(limit);
    }

    public CancellationToken Token => _source.Token;

    public void Restart() => _source.CancelAfter(_limit);

    /// <summary>The failure of a transfer as one of the service; null for what is none: the caller's cancellation, a defect.</summary>
    /// <param name="neverReached">No answer of the service has come yet.</param>
    public ServiceException? Translate(Exception error, bool neverReached = false) => error switch
    {
        ServiceException service => service,
        OperationCanceledException when !_caller.IsCancellationRequested =>
            new ServiceException(Failure.Transient, $"nothing came for {_limit.TotalSeconds:0.#} s", inner: error) { NeverReached = neverReached },
        HttpRequestException or IOException => new ServiceException(Failure.Transient, Describe(error), inner: error) { NeverReached = neverReached },
        _ => null,
    };

    public void Dispose() => _source.Dispose();

    /// <summary>The innermost cause: "Connection refused" says more than "An error occurred while sending the request".</summary>
    private static string Describe(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message.TrimEnd('.');
    }
}
