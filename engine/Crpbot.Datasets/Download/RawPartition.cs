namespace Crpbot.Datasets.Download;

/// <summary>All that is downloaded for one venue, type and symbol.</summary>
/// <param name="Symbol">Of slices the hash of their filters.</param>
/// <param name="Title">For people.</param>
internal sealed record RawSeries(string Venue, string Type, string Symbol, string Title);

/// <summary>The unit of download: a day, or the minutes of a slice.</summary>
/// <param name="Start">UTC.</param>
internal readonly record struct RawPartition(RawSeries Series, DateTime Start);

/// <summary>How a partition stands.</summary>
internal enum PartitionState
{
    Whole,
    Empty,
    Missing,
    Failed,
}

/// <summary>What became of a partition.</summary>
/// <param name="State">Failed leaves no sidecar.</param>
/// <param name="FilesDownloaded">0 when the lake had it.</param>
/// <param name="Files">Files of the partition in the lake.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Reason">Of missing and failed ones.</param>
internal sealed record PartitionResult(PartitionState State, int FilesDownloaded, int Files, long Bytes, string? Reason = null)
{
    public static PartitionResult Missing(string reason) => new(PartitionState.Missing, 0, 0, 0, reason);

    public static PartitionResult Failed(string reason) => new(PartitionState.Failed, 0, 0, 0, reason);

    /// <summary>A partition that the lake has, of one file.</summary>
    public static PartitionResult Of(RawFileManifest manifest, bool downloaded) =>
        new(manifest.Status == RawFileStatus.Empty ? PartitionState.Empty : PartitionState.Whole, downloaded ? 1 : 0, 1, manifest.Bytes);
}

/// <summary>A source of raw files. Any thread.</summary>
internal interface IRawSource
{
    IReadOnlyList<RawSeries> Series { get; }

    /// <summary>Length of a partition.</summary>
    TimeSpan Step { get; }

    /// <summary>Parallel downloads its service is known to bear.</summary>
    int DefaultConcurrency { get; }

    /// <summary>Requests without access to a day may still be answered on the first of a month.</summary>
    bool HasFreeDays { get; }

    /// <summary>False: no key is sent.</summary>
    bool HasKey { get; }

    /// <summary>Why the source cannot have a partition, known without asking for it; null when it is to be asked.</summary>
    string? WhyMissing(RawPartition partition);

    /// <summary>Writes down that the source has no such partition.</summary>
    void RecordMissing(RawPartition partition);

    /// <summary>What the lake has of a partition; null when it is not whole.</summary>
    /// <remarks>A file without a sidecar is checked, and gets one when the lake is open for writing.</remarks>
    PartitionResult? Find(RawPartition partition);

    /// <summary>Downloads a partition that the lake does not have.</summary>
    /// <exception cref="ServiceException">It could not be had.</exception>
    /// <exception cref="IOException">The lake cannot be written.</exception>
    Task<PartitionResult> FetchAsync(RawPartition partition, CancellationToken cancellation);
}
