namespace Crpbot.Codecs.Venues;

/// <summary>Watches trade ids that grow by one, so that lost and repeated trades show.</summary>
internal struct TradeTape
{
    private long _next;
    private bool _told;

    /// <summary>The id expected next; 0 when any is welcome.</summary>
    public readonly long Next => _next;

    /// <summary>Whether a trade of this id was received before.</summary>
    public readonly bool IsRepeated(long id) => id < _next & !_told;

    /// <summary>Whether trades are missing before this id.</summary>
    public readonly bool IsAfterGap(long id) => _next != 0 & id > _next;

    /// <summary>Notes a received trade.</summary>
    public void Accept(long id) => (_next, _told) = (id + 1, false);

    /// <summary>Notes an id the venue only spoke of (a last_match, a history): what follows must be the next, what went before is no repetition.</summary>
    public void Tell(long id)
    {
        if (_next == 0 | _told)
            (_next, _told) = (Math.Max(_next, id + 1), true);
    }
}
