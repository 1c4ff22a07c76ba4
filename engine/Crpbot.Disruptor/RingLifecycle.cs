namespace Crpbot.Disruptor;

/// <summary>Whether a ring is open, completed (drain, then stop) or halted (stop now); shared by its sequencer, barriers and processors.</summary>
/// <remarks>Any thread. Moves forward only: open, completed, halted. The first halt's fault is kept.</remarks>
public sealed class RingLifecycle
{
    private readonly WaitSignal? _signal;
    private readonly Lock _lock = new();
    private long _end = long.MaxValue;
    private bool _halted;
    private Exception? _fault;
    private string? _reason;

    internal RingLifecycle(WaitSignal? signal) => _signal = signal;

    /// <summary>Set once the last sequence is known; consumers stop after it.</summary>
    public bool IsCompleted => Volatile.Read(ref _end) != long.MaxValue;

    public bool IsHalted => Volatile.Read(ref _halted);

    /// <summary>What the first failing stage threw; null while none did.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>Throws what halted the ring; for producers that must not go on unheard until the ring is full.</summary>
    /// <exception cref="RingHaltedException">The ring was halted.</exception>
    public void ThrowIfHalted()
    {
        if (IsHalted)
            throw HaltedException();
    }

    /// <summary>Stops every consumer and producer at its next look, leaving what is published unread.</summary>
    /// <param name="reason">One line: who stopped the ring and why.</param>
    /// <param name="fault">What a stage threw, if one failed.</param>
    public void Halt(string reason, Exception? fault = null)
    {
        lock (_lock)
        {
            if (_halted)
                return;
            _reason = reason;
            Volatile.Write(ref _fault, fault);
            // Publishes reason and fault to whoever sees the flag.
            Volatile.Write(ref _halted, true);
        }

        _signal?.WakeAll();
    }

    /// <summary>Nothing follows <paramref name="last"/>: consumers drain up to it and stop.</summary>
    internal void Complete(long last)
    {
        lock (_lock)
        {
            if (!IsCompleted)
                Volatile.Write(ref _end, last);
        }

        _signal?.WakeAll();
    }

    /// <summary>Whether waiting for a sequence is in vain.</summary>
    internal bool IsOver(long sequence, out SequenceWaitResult result)
    {
        if (IsHalted)
            result = SequenceWaitResult.Halted;
        else if (sequence > Volatile.Read(ref _end))
            result = SequenceWaitResult.Completed;
        else
        {
            result = SequenceWaitResult.Timeout;
            return false;
        }

        return true;
    }

    internal RingHaltedException HaltedException() => new($"the ring is halted: {_reason}", Fault);
}
