using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>Keeps one Instrument's book from its events and knows when it may be read.</summary>
/// <remarks>
/// <code>
///              BookClear            LastInMessage
///   void ───────────────► filling ───────────────► live ──┐ BookDelta
///    ▲                       │                      │  ▲──┘
///    └────── Gap, Disconnect ┴──────────────────────┘
/// </code>
/// Give it every event of its Instrument and those that concern all; other kinds change no level. Between two events of one
/// message (<see cref="InMessage"/>) the book is half changed and nobody looks. One stage, no allocation once the book has grown.
/// </remarks>
public sealed class BookBuilder(int capacity = 1024)
{
    private bool _filling;

    public L2Book Book { get; } = new(capacity);

    /// <summary>A snapshot was completed after the last Gap or Disconnect.</summary>
    public bool HasSnapshot { get; private set; }

    /// <summary>The last book event was not the last of its message.</summary>
    public bool InMessage { get; private set; }

    /// <summary>Has a snapshot, two sides, and is not crossed. Ask between messages only.</summary>
    public bool IsReadable => HasSnapshot && Book.IsTwoSided && !Book.IsCrossed;

    /// <summary>Ends of messages at which a live book was crossed.</summary>
    public long CrossedStates { get; private set; }

    /// <summary>BookDeltas that came while there was no book to change.</summary>
    public long IgnoredDeltas { get; private set; }

    /// <summary>Removals of levels the book does not have. Some venues send them as a matter of course.</summary>
    public long UnknownDeletes { get; private set; }

    /// <summary>Changes the book as the event says.</summary>
    public void Apply(in MarketEvent e)
    {
        switch (e.Kind)
        {
            case MarketEventKind.BookDelta:
                ApplyDelta(e);
                break;
            case MarketEventKind.BookClear:
                Book.Clear();
                HasSnapshot = false;
                _filling = InMessage = true;
                if (e.IsLastInMessage)
                    EndMessage();
                break;
            case MarketEventKind.Gap when e.Channel is Channel.Book or Channel.All:
            case MarketEventKind.Disconnect:
                Void();
                break;
            default:
                // A message may end with something that is no level, a quote for example.
                if (InMessage && e.IsLastInMessage)
                    EndMessage();
                break;
        }
    }

    /// <summary>Forgets the book and the counters.</summary>
    public void Reset()
    {
        Void();
        CrossedStates = IgnoredDeltas = UnknownDeletes = 0;
    }

    private void ApplyDelta(in MarketEvent e)
    {
        if (!HasSnapshot && !_filling)
        {
            IgnoredDeltas++;
            return;
        }

        if (!Book.Change(e.Side, e.Price, e.Quantity))
            UnknownDeletes++;
        InMessage = true;
        if (e.IsLastInMessage)
            EndMessage();
    }

    private void EndMessage()
    {
        InMessage = false;
        HasSnapshot |= _filling;
        _filling = false;
        if (Book.IsCrossed)
            CrossedStates++;
    }

    private void Void()
    {
        Book.Clear();
        HasSnapshot = _filling = InMessage = false;
    }
}
