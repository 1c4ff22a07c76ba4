using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>What a trade's id says about it.</summary>
internal enum TradeIdVerdict : byte
{
    New = 0,

    /// <summary>Ids were left out before it.</summary>
    AfterGap,

    /// <summary>The same trade was seen before.</summary>
    Duplicate,

    /// <summary>Another trade of this id was seen before.</summary>
    Conflict,

    /// <summary>It stands behind trades that came after it.</summary>
    Late,
}

/// <summary>Remembers the latest trade ids of one Instrument and what they stood for; tells repetitions, conflicts and holes.</summary>
/// <remarks>
/// A table of fixed places, one an id modulo its size, that grows to the latest 65,536 ids: what is older is forgotten. Holes that late trades fill again are none;
/// up to 1,024 are kept open.
/// </remarks>
internal sealed class TradeIds(bool areCounted)
{
    private const int MaxSize = 1 << 16;
    private const int MaxOpen = 1024;

    private (long Id, ulong Content)[] _seen = new (long, ulong)[1024];
    private readonly List<Hole> _open = [];
    private long _next;
    private long _count;

    /// <summary>Ids [First, End) were left out.</summary>
    public readonly record struct Hole(long First, long End, UnixNanos Time, long Line);

    /// <param name="id">At least 1: the number itself, or a hash of its text.</param>
    /// <param name="e">The trade.</param>
    /// <param name="line">Where it stands.</param>
    public TradeIdVerdict Add(long id, in MarketEvent e, long line)
    {
        ulong content = Mix(Mix(Mix(Mix((ulong)e.Price.Ticks) ^ (ulong)e.Quantity.Lots) ^ (ulong)e.ExchangeTime.Value) ^ (ulong)e.Side) | 1;
        ref (long Id, ulong Content) place = ref _seen[id & (_seen.Length - 1)];
        if (place.Content != 0 && place.Id == id)
            return place.Content == content ? TradeIdVerdict.Duplicate : TradeIdVerdict.Conflict;
        if (++_count > _seen.Length && _seen.Length < MaxSize)
        {
            Grow();
            place = ref _seen[id & (_seen.Length - 1)];
        }

        place = (id, content);
        if (!areCounted)
            return TradeIdVerdict.New;
        if (_next == 0 || id == _next)
        {
            _next = id + 1;
            return TradeIdVerdict.New;
        }

        if (id > _next)
        {
            if (_open.Count == MaxOpen)
            {
                _open.RemoveAt(MaxOpen - 1);
                Closed++;
            }

            _open.Add(new Hole(_next, id, e.ReceiveTime, line));
            _next = id + 1;
            return TradeIdVerdict.AfterGap;
        }

        Fill(id);
        return TradeIdVerdict.Late;
    }

    /// <summary>A hole that is known already: any id is welcome next.</summary>
    public void Forgive() => _next = 0;

    /// <summary>Holes nobody filled, in order.</summary>
    public IReadOnlyList<Hole> Holes => _open;

    /// <summary>Further holes, which are no longer watched.</summary>
    public long Closed { get; private set; }

    private void Fill(long id)
    {
        int at = _open.FindIndex(hole => hole.First <= id && id < hole.End);
        if (at < 0)
            return;
        Hole hole = _open[at];
        _open.RemoveAt(at);
        if (id + 1 < hole.End)
            _open.Insert(at, hole with { First = id + 1 });
        if (hole.First < id)
            _open.Insert(at, hole with { End = id });
    }

    private void Grow()
    {
        (long Id, ulong Content)[] old = _seen;
        _seen = new (long, ulong)[old.Length * 2];
        foreach ((long Id, ulong Content) entry in old)
        {
            if (entry.Content != 0)
                _seen[entry.Id & (_seen.Length - 1)] = entry;
        }
    }

    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        return value ^ value >> 32;
    }
}
