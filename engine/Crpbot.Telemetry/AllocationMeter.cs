namespace Crpbot.Telemetry;

/// <summary>What one thread allocated and how often the collector ran, since a mark.</summary>
/// <remarks>
/// The runtime counts a thread's allocations for that thread only, so <see cref="Mark"/> and <see cref="Update"/> belong to the metered
/// thread; the figures they publish may be read by any. Neither allocates.
/// </remarks>
public sealed class AllocationMeter
{
    private int _thread;
    private long _bytesAtMark;
    private int _gen0AtMark;
    private long _bytes;
    private int _gen0;

    /// <summary>Bytes the metered thread allocated between its mark and its last update.</summary>
    public long AllocatedBytes => Volatile.Read(ref _bytes);

    /// <summary>Collections in the whole process between the mark and the last update.</summary>
    public int Gen0 => Volatile.Read(ref _gen0);

    /// <summary>Begins: the calling thread is the metered one.</summary>
    public void Mark()
    {
        _thread = Environment.CurrentManagedThreadId;
        _gen0AtMark = GC.CollectionCount(0);
        _bytesAtMark = GC.GetAllocatedBytesForCurrentThread();
        Volatile.Write(ref _bytes, 0);
        Volatile.Write(ref _gen0, 0);
    }

    /// <summary>Publishes the figures up to now, as at the end of a batch.</summary>
    /// <exception cref="InvalidOperationException">Called by another thread than the one that marked.</exception>
    public void Update()
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("an allocation meter is updated by the thread that marked it; the runtime counts each thread apart");
        Volatile.Write(ref _bytes, GC.GetAllocatedBytesForCurrentThread() - _bytesAtMark);
        Volatile.Write(ref _gen0, GC.CollectionCount(0) - _gen0AtMark);
    }
}
