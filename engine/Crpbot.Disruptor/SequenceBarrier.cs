using System.Runtime.CompilerServices;

namespace Crpbot.Disruptor;

/// <summary>What a participant waits on: the cursor for a first stage, the stages before it for a later one, the consumers for a producer.</summary>
/// <remarks>Made by <see cref="Sequencer.NewBarrier"/>; used by one waiting thread. Allocates nothing.</remarks>
public sealed class SequenceBarrier
{
    private readonly WaitStrategy _waitStrategy;
    private readonly Sequencer _sequencer;
    private readonly bool _checkPublished;
    private Sequence[] _dependents;

    /// <param name="sequencer">Whose ring this is.</param>
    /// <param name="dependents">All must have come as far as the sequence waited for.</param>
    /// <param name="checkPublished">The cursor counts claims, so each slot must be asked whether it is published.</param>
    internal SequenceBarrier(Sequencer sequencer, Sequence[] dependents, bool checkPublished)
    {
        _sequencer = sequencer;
        _waitStrategy = sequencer.WaitStrategy;
        Lifecycle = sequencer.Lifecycle;
        _dependents = dependents;
        _checkPublished = checkPublished;
    }

    public RingLifecycle Lifecycle { get; }

    internal WaitSignal? Signal => _sequencer.Signal;

    /// <summary>The sequences this barrier watches.</summary>
    internal Sequence[] Dependents => Volatile.Read(ref _dependents);

    internal bool TryReplaceDependents(Sequence[] from, Sequence[] to) => Interlocked.CompareExchange(ref _dependents, to, from) == from;

    /// <summary>Waits, as the ring's strategy does, until <paramref name="sequence"/> is at hand; returns the highest one that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SequenceWaitResult WaitFor(long sequence)
    {
        long available = GetAvailable(sequence);
        return available >= sequence && !Lifecycle.IsHalted
            ? SequenceWaitResult.Available(available)
            : _waitStrategy.WaitFor(sequence, this);
    }

    /// <summary>The outcome if there is one already, without waiting. Wait strategies call this in their loop.</summary>
    public bool TryWait(long sequence, out SequenceWaitResult result)
    {
        // The end is read before the sequences: what was published before completion is then seen.
        if (Lifecycle.IsOver(sequence, out result))
            return true;
        long available = GetAvailable(sequence);
        if (available < sequence)
            return false;
        result = SequenceWaitResult.Available(available);
        return true;
    }

    /// <summary>The highest sequence at hand; below <paramref name="sequence"/> if that one is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long GetAvailable(long sequence)
    {
        Sequence[] dependents = _dependents;
        long least = dependents[0].Value;
        for (int i = 1; i < dependents.Length; i++)
            least = Math.Min(least, dependents[i].Value);
        return _checkPublished && least >= sequence ? _sequencer.HighestPublished(sequence, least) : least;
    }
}
