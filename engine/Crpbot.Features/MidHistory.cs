using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>The mid as a function of ExchangeTime over the last minute or two, for questions asked when the Bar closes.</summary>
/// <remarks>
/// Mids are kept as best bid + best ask in ticks, twice the mid and exact; 0 means no valid book. One entry per change; several at
/// one instant leave the last. Grows to the busiest minute, then allocates nothing.
/// </remarks>
internal sealed class MidHistory(int capacity)
{
    private long[] _times = new long[capacity];
    private long[] _mids = new long[capacity];

    public int Count { get; private set; }

    public int Capacity => _times.Length;

    /// <summary>Times are not before the previous one's.</summary>
    public void Set(long time, long midTicksTwice)
    {
        if (Count > 0)
        {
            if (_mids[Count - 1] == midTicksTwice)
                return;
            if (_times[Count - 1] == time)
            {
                // Back to the value before: the entry says nothing any more.
                if (Count > 1 && _mids[Count - 2] == midTicksTwice)
                    Count--;
                else
                    _mids[Count - 1] = midTicksTwice;
                return;
            }
        }

        if (Count == _times.Length)
        {
            Array.Resize(ref _times, Count * 2);
            Array.Resize(ref _mids, Count * 2);
        }

        (_times[Count], _mids[Count]) = (time, midTicksTwice);
        Count++;
    }

    /// <summary>Returns the mid strictly before a time. The cursor starts at 0 and serves ascending times.</summary>
    public long Before(long time, ref int cursor)
    {
        while (cursor < Count && _times[cursor] < time)
            cursor++;
        return cursor == 0 ? 0 : _mids[cursor - 1];
    }

    /// <summary>Returns the mid at a time, changes at that instant included.</summary>
    public long At(long time, ref int cursor)
    {
        while (cursor < Count && _times[cursor] <= time)
            cursor++;
        return cursor == 0 ? 0 : _mids[cursor - 1];
    }

    /// <summary>Forgets what no question about times at or after this one can reach.</summary>
    public void Forget(long time)
    {
        int cursor = 0;
        Before(time, ref cursor);
        int drop = Math.Max(0, cursor - 1);
        if (drop == 0)
            return;
        _times.AsSpan(drop, Count - drop).CopyTo(_times);
        _mids.AsSpan(drop, Count - drop).CopyTo(_mids);
        Count -= drop;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Count);
        for (int i = 0; i < Count; i++)
        {
            writer.Write(_times[i]);
            writer.Write(_mids[i]);
        }
    }

    public void Load(BinaryReader reader)
    {
        int count = Checkpoint.ReadCount(reader, 1 << 24);
        (_times, _mids, Count) = (new long[Math.Max(capacity, count)], new long[Math.Max(capacity, count)], count);
        for (int i = 0; i < count; i++)
            (_times[i], _mids[i]) = (reader.ReadInt64(), reader.ReadInt64());
    }
}
