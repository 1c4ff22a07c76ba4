namespace Crpbot.MarketData;

/// <summary>The smallest value of the last <c>windowSeconds</c> seconds, kept as one candidate a second in a monotonic deque.</summary>
/// <remarks>Bounded: at most one entry a second of the window. No allocation after construction.</remarks>
internal sealed class SlidingMinimum
{
    private readonly long[] _seconds;
    private readonly long[] _values;
    private readonly int _mask;
    private readonly int _windowSeconds;
    private int _head;
    private int _tail;

    public SlidingMinimum(int windowSeconds)
    {
        _windowSeconds = windowSeconds;
        int capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)windowSeconds + 1);
        (_seconds, _values, _mask) = (new long[capacity], new long[capacity], capacity - 1);
    }

    public void Clear() => _head = _tail = 0;

    /// <param name="second">Not before the previous one; an earlier one counts as the previous one.</param>
    /// <param name="value">Joins the window.</param>
    public void Add(long second, long value)
    {
        if (_tail != _head)
        {
            int newest = (_tail - 1) & _mask;
            second = Math.Max(second, _seconds[newest]);
            // The usual case by far: not a new minimum of its second, and seconds hold thousands of events.
            if (_seconds[newest] == second && _values[newest] <= value)
                return;
        }

        while (_tail != _head && _values[(_tail - 1) & _mask] >= value)
            _tail--;
        Expire(second);
        (_seconds[_tail & _mask], _values[_tail & _mask]) = (second, value);
        _tail++;
    }

    /// <summary>The minimum over seconds in (now − window, now].</summary>
    /// <returns>False when nothing is in the window.</returns>
    public bool TryGet(long nowSecond, out long minimum)
    {
        Expire(nowSecond);
        minimum = _tail == _head ? 0 : _values[_head & _mask];
        return _tail != _head;
    }

    private void Expire(long nowSecond)
    {
        while (_tail != _head && _seconds[_head & _mask] <= nowSecond - _windowSeconds)
            _head++;
    }
}
