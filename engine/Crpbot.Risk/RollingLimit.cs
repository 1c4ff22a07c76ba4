using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>Says whether one more event fits into any window of a given length: a ring of the last n admitted times.</summary>
/// <remarks>An event at t and one at t + window are not in the same window: (t, t + window]. Nothing is allocated after construction.</remarks>
public sealed class RollingLimit(int limit, long windowNanos)
{
    private readonly UnixNanos[] _admitted = new UnixNanos[Math.Max(limit, 1)];
    private int _oldest;
    private int _count;

    public bool HasRoom(UnixNanos now)
    {
        while (_count > 0 && now - _admitted[_oldest] >= windowNanos)
        {
            _oldest = _oldest + 1 == _admitted.Length ? 0 : _oldest + 1;
            _count--;
        }

        return _count < limit;
    }

    /// <summary>Counts an event that <see cref="HasRoom"/> found room for.</summary>
    public void Admit(UnixNanos now)
    {
        int next = _oldest + _count;
        _admitted[next >= _admitted.Length ? next - _admitted.Length : next] = now;
        _count++;
    }

    public void Clear() => (_oldest, _count) = (0, 0);
}
