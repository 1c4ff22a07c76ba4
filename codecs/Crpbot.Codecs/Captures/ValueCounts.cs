namespace Crpbot.Codecs.Captures;

/// <summary>Counts how often each value occurs: a hash table with linear probing that remembers each value's slot.</summary>
internal sealed class ValueCounts
{
    private long[] _keys = [];
    private int[] _counts = [];
    private int[] _slotOf = [];
    private int _mask;

    /// <summary>Occupied slots, in order of first occurrence.</summary>
    public int Distinct { get; private set; }

    private int[] _occupied = [];

    public void Count(ReadOnlySpan<long> values)
    {
        int slots = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, values.Length * 2));
        if (_keys.Length < slots)
        {
            (_keys, _counts) = (new long[slots], new int[slots]);
            (_slotOf, _occupied) = (new int[slots / 2], new int[slots / 2]);
        }

        for (int i = 0; i < Distinct; i++)
            _counts[_occupied[i]] = 0;
        Distinct = 0;
        _mask = slots - 1;
        for (int i = 0; i < values.Length; i++)
        {
            long value = values[i];
            int slot = (int)(((ulong)value * 0x9E3779B97F4A7C15) >> 32) & _mask;
            while (_counts[slot] != 0 && _keys[slot] != value)
                slot = (slot + 1) & _mask;
            if (_counts[slot]++ == 0)
            {
                _keys[slot] = value;
                _occupied[Distinct++] = slot;
            }

            _slotOf[i] = slot;
        }
    }

    public int SlotOf(int index) => _slotOf[index];

    public int CountOf(int slot) => _counts[slot];

    public int Slots => _mask + 1;

    public (int Slot, long Value, int Count) At(int occupied)
    {
        int slot = _occupied[occupied];
        return (slot, _keys[slot], _counts[slot]);
    }
}
