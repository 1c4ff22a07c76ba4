namespace Crpbot.Datasets.Download;

/// <summary>Partitions of one series, without a hole between them, that share a fate.</summary>
/// <param name="From">Start of the first.</param>
/// <param name="To">End of the last, exclusive.</param>
internal sealed record DownloadRange(string Series, PartitionState State, DateTime From, DateTime To, long Partitions, string Reason);

/// <summary>What a download did.</summary>
/// <param name="Partitions">Asked for: days, or slices.</param>
/// <param name="Whole">With rows.</param>
/// <param name="Empty">Whole files without rows.</param>
/// <param name="Missing">The source does not have them.</param>
/// <param name="Failed">Could not be had; a later run asks again.</param>
/// <param name="FilesDownloaded">By this run.</param>
/// <param name="FilesKept">That the lake had.</param>
/// <param name="Bytes">Of all files of the job, compressed as they are.</param>
/// <param name="BytesReceived">By this run, repeated attempts included.</param>
/// <param name="Retries">Attempts beyond the first.</param>
/// <param name="Ranges">The missing and the failed, in order of series and time.</param>
internal sealed record DownloadReport(
    long Partitions, long Whole, long Empty, long Missing, long Failed, long FilesDownloaded, long FilesKept, long Bytes, long BytesReceived, long Retries,
    IReadOnlyList<DownloadRange> Ranges);

/// <summary>Counts results from any thread and keeps the ones that need a word.</summary>
internal sealed class DownloadTally(TimeSpan step)
{
    private readonly Lock _gate = new();
    private readonly List<(RawPartition Partition, PartitionState State, string Reason)> _notable = [];
    private long _whole;
    private long _empty;
    private long _missing;
    private long _failed;
    private long _downloaded;
    private long _kept;
    private long _bytes;

    public void Add(RawPartition partition, PartitionResult result)
    {
        lock (_gate)
        {
            _whole += result.State == PartitionState.Whole ? 1 : 0;
            _empty += result.State == PartitionState.Empty ? 1 : 0;
            _missing += result.State == PartitionState.Missing ? 1 : 0;
            _failed += result.State == PartitionState.Failed ? 1 : 0;
            _downloaded += result.FilesDownloaded;
            _kept += result.Files - result.FilesDownloaded;
            _bytes += result.Bytes;
            if (result.Reason is { } reason)
                _notable.Add((partition, result.State, reason));
        }
    }

    public DownloadReport ToReport(IReadOnlyList<RawSeries> order, DownloadMeter meter, RetryRule retry)
    {
        var place = order.Select((series, index) => (series, index)).ToDictionary(pair => pair.series, pair => pair.index);
        var ranges = new List<DownloadRange>();
        lock (_gate)
        {
            foreach (var (partition, state, reason) in _notable.OrderBy(item => place[item.Partition.Series]).ThenBy(item => item.Partition.Start))
            {
                DateTime end = partition.Start + step;
                if (ranges.Count > 0 && ranges[^1] is { } last && (last.Series, last.State, last.Reason, last.To) == (partition.Series.Title, state, reason, partition.Start))
                    ranges[^1] = last with { To = end, Partitions = last.Partitions + 1 };
                else
                    ranges.Add(new DownloadRange(partition.Series.Title, state, partition.Start, end, 1, reason));
            }

            long all = _whole + _empty + _missing + _failed;
            return new DownloadReport(all, _whole, _empty, _missing, _failed, _downloaded, _kept, _bytes, meter.Bytes, retry.Retries, ranges);
        }
    }
}
