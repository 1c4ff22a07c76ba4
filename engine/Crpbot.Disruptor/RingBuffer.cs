using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Disruptor;

/// <summary>Preallocated slots, indexed by sequence: the memory of the ring. Who may touch which slot when is the <see cref="Sequencer"/>'s business.</summary>
/// <remarks>
/// Slots are blittable values that start on a 128-byte boundary, so a 64-byte slot is one cache line. Nothing is allocated after
/// construction. Slots are never cleared: a producer overwrites what the last lap left there.
/// <code>
///  aligned to 128
///  | pad | slot 0 | slot 1 | … | slot capacity − 1 | pad |      slot of sequence s = s &amp; (capacity − 1)
/// </code>
/// </remarks>
/// <typeparam name="T">The slot; a multiple of 64 bytes shares no line with its neighbours.</typeparam>
public sealed unsafe class RingBuffer<T> where T : unmanaged
{
    private readonly T* _slots;
    private readonly long _mask;

    // Pinned, and kept alive by this field; _slots points into it.
    private readonly byte[] _memory;

    /// <summary>Allocates the slots, zeroed.</summary>
    /// <exception cref="ArgumentException">The capacity is not a power of two, or the slots would pass 2 GB.</exception>
    public RingBuffer(int capacity)
    {
        Sequencer.CheckCapacity(capacity);
        long bytes = (long)capacity * sizeof(T) + 3 * Sequence.Padding;
        if (bytes > Array.MaxLength)
            throw new ArgumentException($"{capacity} slots of {sizeof(T)} bytes pass 2 GB; choose a smaller capacity", nameof(capacity));
        _memory = GC.AllocateArray<byte>((int)bytes, pinned: true);
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _slots = (T*)((start + 2 * Sequence.Padding - 1) & -Sequence.Padding);
        _mask = capacity - 1;
    }

    /// <summary>How many slots there are.</summary>
    public int Capacity => (int)_mask + 1;

    /// <summary>The slot of a sequence. The caller holds it by a claim, or as a consumer that has not released it yet.</summary>
    public ref T this[long sequence]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _slots[sequence & _mask];
    }

    /// <summary>The slots from <paramref name="first"/> on, up to <paramref name="last"/> or the end of the memory, whichever comes first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Run(long first, long last)
    {
        long index = first & _mask;
        long count = Math.Min(last - first, _mask - index) + 1;
        return new Span<T>(_slots + index, (int)count);
    }

    internal bool IsAligned => ((nint)_slots & (Sequence.Padding - 1)) == 0 && _memory.Length > 0;
}
