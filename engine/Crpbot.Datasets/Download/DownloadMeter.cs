namespace Crpbot.Datasets.Download;

/// <summary>How far a download has come, for whoever watches. Any thread.</summary>
internal sealed class DownloadMeter
{
    private long _bytes;
    private long _done;

    /// <summary>Received, repeated attempts included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Partitions settled, one way or another.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Partitions of the job.</summary>
    public long Total { get; set; }

    public void AddBytes(long count) => Interlocked.Add(ref _bytes, count);

    public void AddDone() => Interlocked.Increment(ref _done);
}
