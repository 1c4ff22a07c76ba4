using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>Says whether an instant is too near selected news. Built once; looking up moves a cursor forward and allocates nothing.</summary>
internal sealed class NewsCalendar
{
    private readonly UnixNanos[] _news;
    private readonly long _nanos;
    private int _next;

    public NewsCalendar(IReadOnlyList<DateTime> news, int blackoutSeconds)
    {
        _news = new UnixNanos[news.Count];
        for (int i = 0; i < _news.Length; i++)
            _news[i] = UnixNanos.FromDateTime(DateTime.SpecifyKind(news[i], DateTimeKind.Utc));
        Array.Sort(_news);
        _nanos = blackoutSeconds * UnixNanos.PerSecond;
    }

    public void Rewind() => _next = 0;

    /// <summary>Both ends of the blackout belong to it.</summary>
    /// <param name="now">Never earlier than in the call before.</param>
    public bool IsBlackout(UnixNanos now)
    {
        while (_next < _news.Length && now - _news[_next] > _nanos)
            _next++;
        return _next < _news.Length && _news[_next] - now <= _nanos;
    }
}
