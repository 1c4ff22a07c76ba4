using System.Runtime.CompilerServices;

namespace Crpbot.Disruptor;

/// <summary>A place to sleep until any sequence of the ring moves.</summary>
/// <remarks>
/// The one who moves a sequence pays a single load: <c>write sequence; read parked</c>. That store may not pass below the load, or a sleeper
/// would be missed; the fence for it is on the sleeper's side, who makes every core fence (<see cref="Interlocked.MemoryBarrierProcessWide"/>)
/// between <c>write parked</c> and <c>read sequence</c>. Either the mover sees the sleeper, or the sleeper sees the move.
/// </remarks>
internal sealed class WaitSignal
{
    private readonly object _gate = new();
    private PaddedCount _parked;

    /// <summary>Wakes whoever sleeps; called after every move of a sequence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Signal()
    {
        if (Volatile.Read(ref _parked.Value) != 0)
            WakeAll();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WakeAll()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    /// <summary>Sleeps until the barrier has an outcome or the timeout passes.</summary>
    public SequenceWaitResult Park(long sequence, SequenceBarrier barrier, TimeSpan timeout)
    {
        lock (_gate)
        {
            _parked.Value++;
            try
            {
                Interlocked.MemoryBarrierProcessWide();
                SequenceWaitResult result;
                while (!barrier.TryWait(sequence, out result))
                {
                    // A pulse that was meant for another sleeper starts the timeout afresh: it bounds silence, not the wait.
                    if (!Monitor.Wait(_gate, timeout))
                        return barrier.TryWait(sequence, out result) ? result : SequenceWaitResult.Timeout;
                }

                return result;
            }
            finally
            {
                _parked.Value--;
            }
        }
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 2 * Sequence.Padding + sizeof(int))]
    private struct PaddedCount
    {
        [System.Runtime.InteropServices.FieldOffset(Sequence.Padding)] public int Value;
    }
}
