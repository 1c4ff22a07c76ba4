using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Disruptor;

/// <summary>The sequencer of a ring that one thread writes: a claim is an addition, a publish is one store.</summary>
/// <remarks>
/// <see cref="Next()"/> to <see cref="Publish(long)"/> belong to the producing thread. The slowest consumer's sequence is cached, so the
/// consumers' lines are read once a lap and not once an event.
/// </remarks>
public sealed class SingleProducerSequencer : Sequencer
{
    private readonly int _capacity;
    private readonly Sequence _cursor;
    private readonly WaitSignal? _signal;
    private ProducerState _state;

    public SingleProducerSequencer(int capacity, WaitStrategy waitStrategy)
        : base(capacity, waitStrategy, cursorCountsClaims: false)
    {
        _capacity = capacity;
        _cursor = Cursor;
        _signal = Signal;
        _state.Claimed = Sequence.Initial;
        _state.SlowestSeen = Sequence.Initial;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override long Next()
    {
        long next = _state.Claimed + 1;
        if (next - _capacity > _state.SlowestSeen)
            _state.SlowestSeen = WaitForConsumers(next - _capacity);
        _state.Claimed = next;
        return next;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override long Next(int count)
    {
        // A count below one wraps to a huge number here.
        if ((uint)(count - 1) >= (uint)_capacity)
            CheckCount(count);
        long next = _state.Claimed + count;
        if (next - _capacity > _state.SlowestSeen)
            _state.SlowestSeen = WaitForConsumers(next - _capacity);
        _state.Claimed = next;
        return next;
    }

    /// <inheritdoc/>
    public override bool TryNext(int count, out long sequence)
    {
        CheckCount(count);
        sequence = _state.Claimed + count;
        if (sequence - _capacity > _state.SlowestSeen)
        {
            ThrowIfOver();
            _state.SlowestSeen = Slowest();
            if (sequence - _capacity > _state.SlowestSeen)
                return false;
        }

        _state.Claimed = sequence;
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Publish(long sequence)
    {
        _cursor.Set(sequence);
        _signal?.Signal();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Publish(long first, long last) => Publish(last);

    /// <inheritdoc/>
    public override bool IsPublished(long sequence) => sequence <= _cursor.Value && sequence > _cursor.Value - _capacity;

    /// <summary>Called by the producing thread; what it claimed and has not published is given up.</summary>
    public override void Complete()
    {
        Lifecycle.Complete(_cursor.Value);
        // Sends the next claim to the slow path, where it is refused.
        _state.SlowestSeen = long.MinValue / 2;
    }

    internal override long HighestPublished(long first, long last) => last;

    internal override long Claimed => Volatile.Read(ref _state.Claimed);

    /// <summary>What only the producer touches, away from the fields that consumers read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 2 * Sequence.Padding + 2 * sizeof(long))]
    internal struct ProducerState
    {
        [FieldOffset(Sequence.Padding)] public long Claimed;

        /// <summary>The slowest consumer when last looked at; it can only have come further.</summary>
        [FieldOffset(Sequence.Padding + sizeof(long))] public long SlowestSeen;
    }
}
