using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Engine;

/// <summary>A counter that shares no cache line with anything, x86's line pairs included.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct PaddedLong
{
    [FieldOffset(128)] public long Value;
}

/// <summary>One stage's results in order: a preallocated circle whose owner appends and whose readers follow by counts in the slots.</summary>
/// <remarks>
/// The owner appends while it handles a slot and publishes by releasing the slot to the next stage, so readers need no fence of their
/// own. Room returns when the last stage of the pipeline, which reads every lane, reports how far it came through <see cref="Release"/>.
/// A full lane makes its owner wait for that stage. With all stages on one thread nobody could make room meanwhile, so there the
/// capacity must hold what one slot can yield, and overflow is a defect that halts.
/// </remarks>
public sealed class Lane<T>
{
    private readonly T[] _items;
    private readonly bool _singleThread;
    private readonly CancellationToken _halt;
    private long _written;
    private PaddedLong _released;

    /// <param name="capacity">A power of two.</param>
    /// <param name="singleThread">The owner and the last stage share a thread.</param>
    /// <param name="create">Makes each item once.</param>
    /// <param name="halt">Ends a wait when the pipeline halts.</param>
    public Lane(int capacity, bool singleThread, Func<T> create, CancellationToken halt)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (!System.Numerics.BitOperations.IsPow2(capacity))
            throw new ArgumentException($"a lane's capacity is a power of two, not {capacity}", nameof(capacity));
        _items = new T[capacity];
        for (int i = 0; i < capacity; i++)
            _items[i] = create();
        _singleThread = singleThread;
        _halt = halt;
    }

    public long Written => _written;

    /// <summary>The item at a reader's position.</summary>
    public ref T this[long position] => ref _items[position & (_items.Length - 1)];

    /// <summary>Claims the next item for writing, without counting it yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Claim()
    {
        // Acquire: pairs with Release(), so the last stage has finished reading what this item held before.
        if (_written - Volatile.Read(ref _released.Value) >= _items.Length)
            WaitForRoom();
        return ref this[_written];
    }

    /// <summary>Counts the item last claimed.</summary>
    public void Commit() => _written++;

    /// <summary>The last stage has read everything before this position.</summary>
    public void Release(long position) => Volatile.Write(ref _released.Value, position);

    /// <summary>Forgets everything; only while no stage runs.</summary>
    public void Reset()
    {
        _written = 0;
        _released.Value = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForRoom()
    {
        if (_singleThread)
            throw new InvalidOperationException($"one event yielded more than {_items.Length} {typeof(T).Name}");
        var spin = new SpinWait();
        while (_written - Volatile.Read(ref _released.Value) >= _items.Length)
        {
            _halt.ThrowIfCancellationRequested();
            spin.SpinOnce();
        }
    }
}
