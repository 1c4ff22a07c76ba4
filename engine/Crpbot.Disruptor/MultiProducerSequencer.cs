using System.Numerics;
using System.Runtime.CompilerServices;

namespace Crpbot.Disruptor;

/// <summary>The sequencer of a ring that several threads write: a claim is one atomic addition, publishing may happen in any order.</summary>
/// <remarks>
/// The cursor counts claims. Each slot has a lap number that says for which lap it was last published; a consumer reads up to the first
/// slot whose lap is not the current one. An event is never seen before all earlier ones are.
/// </remarks>
public sealed class MultiProducerSequencer : Sequencer
{
    private readonly int _capacity;
    private readonly int _lapShift;
    private readonly int _mask;
    private readonly int[] _laps;
    private readonly Sequence _claimed;
    private readonly WaitSignal? _signal;

    /// <summary>The slowest consumer when last looked at. Producers overwrite each other's look; an older one only costs another look.</summary>
    private readonly Sequence _slowestSeen = new();

    public MultiProducerSequencer(int capacity, WaitStrategy waitStrategy)
        : base(capacity, waitStrategy, cursorCountsClaims: true)
    {
        _capacity = capacity;
        _mask = capacity - 1;
        _lapShift = BitOperations.Log2((uint)capacity);
        _laps = new int[capacity];
        _laps.AsSpan().Fill(-1);
        _claimed = Cursor;
        _signal = Signal;
    }

    /// <inheritdoc/>
    public override long Next() => Claim(1);

    /// <inheritdoc/>
    public override long Next(int count)
    {
        CheckCount(count);
        return Claim(count);
    }

    /// <inheritdoc/>
    public override bool TryNext(int count, out long sequence)
    {
        CheckCount(count);
        while (true)
        {
            long claimed = _claimed.Value;
            sequence = claimed + count;
            long wrapPoint = sequence - _capacity;
            if (wrapPoint > _slowestSeen.Value || Lifecycle.IsCompleted)
            {
                ThrowIfOver();
                long slowest = Slowest();
                _slowestSeen.Set(slowest);
                if (wrapPoint > slowest)
                    return false;
            }

            if (_claimed.TryAdvance(claimed, sequence))
                return true;
        }
    }

    /// <inheritdoc/>
    public override void Publish(long sequence)
    {
        // Releases the slot's content to the consumer that finds the lap.
        Volatile.Write(ref _laps[(int)sequence & _mask], LapOf(sequence));
        _signal?.Signal();
    }

    /// <inheritdoc/>
    public override void Publish(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++)
            Volatile.Write(ref _laps[(int)sequence & _mask], LapOf(sequence));
        _signal?.Signal();
    }

    /// <inheritdoc/>
    public override bool IsPublished(long sequence) =>
        sequence >= 0 && Volatile.Read(ref _laps[(int)sequence & _mask]) == LapOf(sequence);

    internal override long HighestPublished(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++)
        {
            if (!IsPublished(sequence))
                return sequence - 1;
        }

        return last;
    }

    internal override long Claimed => _claimed.Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Claim(int count)
    {
        if (Lifecycle.IsCompleted)
            ThrowIfOver();
        long last = _claimed.Add(count);
        // The claim is ours already; its slots are not, until every consumer has left the lap before.
        if (last - _capacity > _slowestSeen.Value)
            _slowestSeen.Set(WaitForConsumers(last - _capacity));
        return last;
    }

    private int LapOf(long sequence) => (int)(sequence >>> _lapShift);
}
