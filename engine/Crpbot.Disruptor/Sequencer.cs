using System.Numerics;
using System.Runtime.CompilerServices;

namespace Crpbot.Disruptor;

/// <summary>Claims sequences for producers and publishes them to consumers, never lapping the slowest gating sequence.</summary>
/// <remarks>
/// Call a sealed child by its own type on hot paths: its methods are then direct calls. Claim, write the slots, publish, always all three:
/// a claim that is never published stops everyone after it.
/// </remarks>
public abstract class Sequencer
{
    private readonly SequenceBarrier _gating;

    /// <exception cref="ArgumentException">The capacity is not a power of two.</exception>
    private protected Sequencer(int capacity, WaitStrategy waitStrategy, bool cursorCountsClaims)
    {
        CheckCapacity(capacity);
        ArgumentNullException.ThrowIfNull(waitStrategy);
        Capacity = capacity;
        WaitStrategy = waitStrategy;
        Signal = waitStrategy.Signal;
        Lifecycle = new RingLifecycle(Signal);
        CursorCountsClaims = cursorCountsClaims;
        _gating = new SequenceBarrier(this, [], checkPublished: false);
    }

    /// <summary>Slots of the ring this sequencer orders.</summary>
    public int Capacity { get; }

    public WaitStrategy WaitStrategy { get; }

    public RingLifecycle Lifecycle { get; }

    /// <summary>The highest sequence published, or claimed where several producers publish out of order.</summary>
    public Sequence Cursor { get; } = new();

    private protected bool CursorCountsClaims { get; }

    /// <summary>Where waiting threads are parked; null if the strategy parks nobody.</summary>
    internal WaitSignal? Signal { get; }

    /// <summary>Claims the next slot, waiting while the ring is full.</summary>
    /// <exception cref="RingHaltedException">The ring was halted; noticed when the claim has to look at the consumers, at the latest after one lap.</exception>
    /// <exception cref="InvalidOperationException">The ring is completed, or nobody gates it.</exception>
    public abstract long Next();

    /// <summary>Claims <paramref name="count"/> slots, waiting until all are free; returns the last one's sequence.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is not between 1 and the capacity.</exception>
    /// <inheritdoc cref="Next()"/>
    public abstract long Next(int count);

    /// <summary>Claims <paramref name="count"/> slots if they are free now.</summary>
    /// <param name="count">From 1 to the capacity.</param>
    /// <param name="sequence">The last one's sequence.</param>
    /// <inheritdoc cref="Next(int)"/>
    public abstract bool TryNext(int count, out long sequence);

    /// <inheritdoc cref="TryNext(int, out long)"/>
    public bool TryNext(out long sequence) => TryNext(1, out sequence);

    /// <summary>Makes a claimed and written slot visible to the consumers.</summary>
    public abstract void Publish(long sequence);

    /// <summary>Makes the slots <paramref name="first"/> to <paramref name="last"/> visible at once.</summary>
    public abstract void Publish(long first, long last);

    public abstract bool IsPublished(long sequence);

    /// <summary>The last sequence of the unbroken published run from <paramref name="first"/>; <c>first − 1</c> if there is none.</summary>
    internal abstract long HighestPublished(long first, long last);

    /// <summary>The highest sequence any producer has claimed.</summary>
    internal abstract long Claimed { get; }

    /// <summary>Free slots at this moment; for display, since it is stale at once.</summary>
    public long RemainingCapacity => Capacity - (Claimed - Slowest());

    /// <summary>No more events: consumers drain what is published and stop. Producers call it when all have published.</summary>
    public virtual void Complete() => Lifecycle.Complete(Claimed);

    /// <summary>Adds consumers that producers may not lap; they start at the cursor. Call it before they run.</summary>
    public void AddGatingSequences(params ReadOnlySpan<Sequence> sequences)
    {
        Sequence[] from, to;
        do
        {
            from = _gating.Dependents;
            to = [.. from, .. sequences];
            foreach (Sequence sequence in sequences)
                sequence.Set(Math.Max(sequence.Value, Cursor.Value));
        }
        while (!_gating.TryReplaceDependents(from, to));

        // A producer that did not see them yet may have moved on; from here on it sees them.
        foreach (Sequence sequence in sequences)
            sequence.Set(Math.Max(sequence.Value, Cursor.Value));
    }

    /// <summary>Stops waiting for a consumer; false if it never gated.</summary>
    /// <exception cref="InvalidOperationException">It is the last one; complete or halt the ring instead.</exception>
    public bool RemoveGatingSequence(Sequence sequence)
    {
        Sequence[] from, to;
        do
        {
            from = _gating.Dependents;
            int at = Array.IndexOf(from, sequence);
            if (at < 0)
                return false;
            if (from.Length == 1)
                throw new InvalidOperationException("the last consumer cannot leave a ring; complete or halt it instead");
            to = [.. from.AsSpan(0, at), .. from.AsSpan(at + 1)];
        }
        while (!_gating.TryReplaceDependents(from, to));
        Signal?.WakeAll();
        return true;
    }

    /// <summary>A barrier on the cursor, or on the given stages where there are any.</summary>
    public SequenceBarrier NewBarrier(params ReadOnlySpan<Sequence> dependents) => dependents.IsEmpty
        ? new SequenceBarrier(this, [Cursor], CursorCountsClaims)
        : new SequenceBarrier(this, dependents.ToArray(), checkPublished: false);

    /// <summary>The slowest consumer's sequence; the claimed one if there is no consumer.</summary>
    private protected long Slowest()
    {
        long least = Claimed;
        foreach (Sequence sequence in _gating.Dependents)
            least = Math.Min(least, sequence.Value);
        return least;
    }

    /// <summary>Waits until every gating sequence has come to <paramref name="wrapPoint"/>; returns the slowest.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private protected long WaitForConsumers(long wrapPoint)
    {
        while (true)
        {
            ThrowIfOver();
            SequenceWaitResult result = _gating.WaitFor(wrapPoint);
            if (result.IsAvailable)
                return result.Sequence;
        }
    }

    /// <summary>Throws where no claim can be granted any more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private protected void ThrowIfOver()
    {
        if (Lifecycle.IsHalted)
            throw Lifecycle.HaltedException();
        if (Lifecycle.IsCompleted)
            throw new InvalidOperationException("the ring is completed; no sequence can be claimed after Complete");
        if (_gating.Dependents.Length == 0)
            throw new InvalidOperationException("nobody gates this ring, so its slots would be overwritten unread; call AddGatingSequences first");
    }

    private protected void CheckCount(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity);
    }

    internal static void CheckCapacity(int capacity)
    {
        if (capacity < 1 || !BitOperations.IsPow2(capacity))
            throw new ArgumentException($"the capacity {capacity} is not a power of two", nameof(capacity));
    }
}
