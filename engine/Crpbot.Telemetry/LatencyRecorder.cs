using System.Runtime.CompilerServices;

namespace Crpbot.Telemetry;

/// <summary>Counts one stage's latencies: one thread records, any thread may read a copy meanwhile.</summary>
/// <remarks>
/// Recording is one increment of a bucket, some 2 ns, without allocation or fence. A copy taken while recording misses at most what is being
/// recorded at that moment; its own count is always the sum of its buckets. About 210 KB each.
/// </remarks>
public sealed class LatencyRecorder
{
    private readonly long[] _counts = new long[LatencyBuckets.Count];
    private long _outOfRange;

    public LatencyRecorder(string stage)
    {
        LatencyHistogram.CheckName(stage);
        Stage = stage;
    }

    /// <summary>The stage's name in reports and logs.</summary>
    public string Stage { get; }

    /// <summary>Values below 0 or above 60 s, counted as 0 and 60 s. Other than zero it means that a stamp is wrong or the machine slept.</summary>
    public long OutOfRange => Volatile.Read(ref _outOfRange);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long nanos)
    {
        if ((ulong)nanos > LatencyBuckets.HighestNanos)
            nanos = Clamp(nanos);
        _counts[LatencyBuckets.IndexOf(nanos)]++;
    }

    /// <summary>Records the time between two stamps of <see cref="MonotonicClock"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RecordBetween(long start, long end) => Record(MonotonicClock.NanosBetween(start, end));

    /// <summary>Forgets everything; called by the recording thread, as between warm-up and measurement.</summary>
    public void Reset()
    {
        _counts.AsSpan().Clear();
        _outOfRange = 0;
    }

    /// <summary>A copy of the counts so far. Allocates; use <see cref="CopyTo"/> where that matters.</summary>
    public LatencyHistogram Snapshot()
    {
        LatencyHistogram copy = new(Stage);
        CopyTo(copy);
        return copy;
    }

    /// <summary>Overwrites a histogram with the counts so far.</summary>
    public void CopyTo(LatencyHistogram destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Load(_counts);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Clamp(long nanos)
    {
        _outOfRange++;
        return nanos < 0 ? 0 : LatencyBuckets.HighestNanos;
    }
}
