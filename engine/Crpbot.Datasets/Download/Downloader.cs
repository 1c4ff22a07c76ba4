using System.Collections.Concurrent;

namespace Crpbot.Datasets.Download;

/// <summary>Sees to every partition of a plan: kept, downloaded, missing or failed. The lake afterwards does not depend on interruptions.</summary>
/// <remarks>
/// Of each series the last partition goes first, since it proves access to the end of the range, then the first, then the rest in parallel. A service that
/// refuses both is asked only for free days afterwards, and one that fails several files in a row after all attempts is given up.
/// </remarks>
internal sealed class Downloader
{
    private readonly DownloadPlan _plan;
    private readonly IRawSource _source;
    private readonly DownloadLimits _limits;
    private readonly DownloadMeter _meter;
    private readonly RetryRule _retry;
    private readonly DownloadTally _tally;
    private readonly ConcurrentDictionary<RawSeries, string> _refused = new();
    private int _failuresInARow;
    private volatile string? _givenUp;

    public Downloader(DownloadPlan plan, DownloadLimits limits, DownloadMeter meter, RetryRule retry)
    {
        (_plan, _source, _limits, _meter, _retry) = (plan, plan.Source, limits, meter, retry);
        _tally = new DownloadTally(_source.Step);
    }

    /// <exception cref="IOException">The lake cannot be written; what is whole stays.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what is whole stays.</exception>
    public async Task<DownloadReport> RunAsync(CancellationToken cancellation)
    {
        RawPartition[][] series = [.. _source.Series.Select(one => _plan.PartitionsOf(one).ToArray())];
        _meter.Total = series.Sum(partitions => (long)partitions.Length);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _limits.Concurrency ?? _source.DefaultConcurrency, CancellationToken = cancellation };
        await Parallel.ForEachAsync(series.Where(partitions => partitions.Length > 0), parallel, ProbeAsync).ConfigureAwait(false);
        IEnumerable<RawPartition> rest = series.Where(partitions => partitions.Length > 2)
            .SelectMany(partitions => new ArraySegment<RawPartition>(partitions, 1, partitions.Length - 2));
        await Parallel.ForEachAsync(rest, parallel, async (partition, token) => await SettleAsync(partition, token).ConfigureAwait(false)).ConfigureAwait(false);
        return _tally.ToReport(_source.Series, _meter, _retry);
    }

    private async ValueTask ProbeAsync(RawPartition[] partitions, CancellationToken cancellation)
    {
        RawPartition last = partitions[^1];
        ServiceException? lastRefusal = await SettleAsync(last, cancellation).ConfigureAwait(false);
        if (partitions.Length == 1)
            return;
        RawPartition first = partitions[0];
        ServiceException? firstRefusal = await SettleAsync(first, cancellation).ConfigureAwait(false);
        // Without a key there are free days and no others; with one, the plan may cover any part of the range.
        bool closed = _source.HasKey ? lastRefusal is not null && firstRefusal is not null
            : (lastRefusal is not null && !IsFree(last)) || (firstRefusal is not null && !IsFree(first));
        if (closed)
            _refused[last.Series] = (lastRefusal ?? firstRefusal)!.Message;
    }

    /// <returns>The refusal of the service, if it was one.</returns>
    private async Task<ServiceException?> SettleAsync(RawPartition partition, CancellationToken cancellation)
    {
        ServiceException? refusal = null;
        PartitionResult result;
        if (_source.WhyMissing(partition) is { } reason)
        {
            _source.RecordMissing(partition);
            result = PartitionResult.Missing(reason);
        }
        else if (_source.Find(partition) is { } here)
        {
            result = here;
        }
        else
        {
            (result, refusal) = await FetchAsync(partition, cancellation).ConfigureAwait(false);
        }

        _tally.Add(partition, result);
        _meter.AddDone();
        return refusal;
    }

    private async Task<(PartitionResult Result, ServiceException? Refusal)> FetchAsync(RawPartition partition, CancellationToken cancellation)
    {
        if (_givenUp is { } cause)
            return (PartitionResult.Failed($"not asked for, the service was given up: {cause}"), null);
        if (_refused.TryGetValue(partition.Series, out string? refused) && !IsFree(partition))
            return (PartitionResult.Failed($"not asked for, access was refused: {refused}"), null);
        try
        {
            PartitionResult result = await _source.FetchAsync(partition, cancellation).ConfigureAwait(false);
            Interlocked.Exchange(ref _failuresInARow, 0);
            return (result, null);
        }
        catch (ServiceException error) when (error.Failure == Failure.NotFound)
        {
            _source.RecordMissing(partition);
            // Without the server's words, which name the day: a run of such days is one line.
            return (PartitionResult.Missing("404, the source has none"), null);
        }
        catch (ServiceException error)
        {
            if (error.NeverReached || (error.Failure == Failure.Transient && Interlocked.Increment(ref _failuresInARow) >= _limits.FailuresInARow))
                _givenUp ??= error.Message;
            bool isRefusal = error.Failure == Failure.Refused;
            string hint = isRefusal && _source.HasFreeDays && !_source.HasKey ? $"; {ServiceAddresses.KeyName} is not set" : "";
            return (PartitionResult.Failed(error.Message + hint), isRefusal ? error : null);
        }
    }

    private bool IsFree(RawPartition partition) => _source.HasFreeDays && partition.Start.Day == 1;
}
