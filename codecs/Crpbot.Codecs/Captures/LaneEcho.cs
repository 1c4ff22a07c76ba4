namespace Crpbot.Codecs.Captures;

/// <summary>Predicts the levels of a repeated book snapshot from those of the one before: most are there again, in the same order.</summary>
/// <remarks>
/// Encoder and decoder take the same steps, so any prices come back, sorted or not; sorted ones are predicted well. Reuses its arrays.
/// </remarks>
internal sealed class LaneEcho
{
    private long[] _ticks = new long[64];
    private long[] _lots = new long[64];
    private long[] _nextTicks = new long[64];
    private long[] _nextLots = new long[64];
    private int _count;
    private int _nextCount;
    private int _at;
    private int _message;

    public void Clear() => (_count, _nextCount, _at, _message) = (0, 0, 0, 0);

    /// <summary>Makes the levels added so far the previous ones when another message begins.</summary>
    public void Begin(int message)
    {
        if (message == _message)
            return;
        (_ticks, _nextTicks) = (_nextTicks, _ticks);
        (_lots, _nextLots) = (_nextLots, _lots);
        (_count, _nextCount, _at, _message) = (_nextCount, 0, 0, message);
    }

    /// <summary>The price that stands next in the previous message; <paramref name="otherwise"/> when that is at its end.</summary>
    public long Predict(long otherwise) => _at < _count ? _ticks[_at] : otherwise;

    /// <summary>Passes the previous message's levels up to this price; the quantity at the same price, −1 when it had none.</summary>
    public long Match(long ticks, int sign)
    {
        while (_at < _count && unchecked((ticks - _ticks[_at]) * sign) > 0)
            _at++;
        return _at < _count && _ticks[_at] == ticks ? _lots[_at++] : -1;
    }

    public void Add(long ticks, long lots)
    {
        if (_nextCount == _nextTicks.Length)
        {
            Array.Resize(ref _nextTicks, 2 * _nextCount);
            Array.Resize(ref _nextLots, 2 * _nextCount);
        }

        (_nextTicks[_nextCount], _nextLots[_nextCount]) = (ticks, lots);
        _nextCount++;
    }
}
