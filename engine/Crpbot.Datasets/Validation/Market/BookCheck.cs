using Crpbot.Codecs.Instruments;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Rebuilds one Instrument's book and looks at it whenever a message ends: crossed, changed where nothing is, unlike its next snapshot.</summary>
/// <remarks>
/// A later snapshot is compared with the book that the updates made, where both know the price: inside what both snapshots reach. What may have changed unseen is what the
/// book's own pace makes likely in the time between the last update and the snapshot, twice over; more is a conflict.
/// </remarks>
internal sealed class BookCheck(Instrument instrument, MarketValidationOptions options, FindingSink sink)
{
    private readonly BookBuilder _builder = new(64);
    private readonly bool _expectsUnknownLevels = instrument.Venue.StartsWith("binance", StringComparison.Ordinal);
    private readonly List<(long Ticks, long Lots)> _bidsBefore = [];
    private readonly List<(long Ticks, long Lots)> _asksBefore = [];
    private Crossing _crossing;
    private (long Low, long High) _reach;
    private UnixNanos _snapshotTime;
    private UnixNanos _updateTime;
    private long _updates;
    private bool _compares;
    private (UnixNanos Time, long Line) _firstIgnored;

    public bool HasSnapshot => _snapshotTime != UnixNanos.None;

    /// <summary>Level updates that came before any snapshot.</summary>
    public long Ignored => _builder.IgnoredDeltas;

    /// <summary>Best bid plus best ask in ticks, 0 where the book cannot be read. Ask between messages only.</summary>
    public long MidTwice => _builder.IsReadable ? _builder.Book.BestBid.Price.Ticks + _builder.Book.BestAsk.Price.Ticks : 0;

    public bool IsInMessage => _builder.InMessage;

    /// <summary>Takes a book event, a Gap or a Disconnect; true when the book may be read now.</summary>
    public bool Apply(in MarketEvent e)
    {
        if (e.Kind == MarketEventKind.BookClear)
            BeginSnapshot();
        long unknown = _builder.UnknownDeletes;
        if (_builder.IgnoredDeltas == 0)
            _firstIgnored = (e.ReceiveTime, sink.Line);
        _builder.Apply(e);
        if (_builder.UnknownDeletes != unknown && !e.IsSnapshot && !_expectsUnknownLevels)
            sink.Add(FindingCode.UnknownLevel, e.ReceiveTime, $"{instrument.Name}: {(e.Side == Side.Buy ? "bid" : "ask")} {instrument.Format(e.Price)} is removed and was not there");
        if (e.Kind is MarketEventKind.Gap or MarketEventKind.Disconnect)
            _updates = 0;
        if (e.Kind != MarketEventKind.BookDelta && e.Kind != MarketEventKind.BookClear)
            return false;
        if (!e.IsSnapshot)
            (_updates, _updateTime) = (_updates + 1, e.ReceiveTime);
        if (!e.IsLastInMessage || !_builder.HasSnapshot)
            return false;
        if (e.IsSnapshot)
            EndSnapshot(e);
        LookForCrossing(e);
        return true;
    }

    public void Complete()
    {
        EndCrossing(_crossing.Last);
        if (Ignored > 0 && !HasSnapshot)
        {
            sink.AddAt(FindingCode.UnknownLevel, _firstIgnored.Time, _firstIgnored.Line,
                $"{instrument.Name}: no snapshot: the book of these level updates cannot be rebuilt", Ignored, Severity.Warning);
        }
    }

    private void BeginSnapshot()
    {
        _compares = _builder.HasSnapshot && _updates > 0;
        if (!_compares)
            return;
        Copy(_builder.Book.BidTicks, _builder.Book.BidLots, _bidsBefore);
        Copy(_builder.Book.AskTicks, _builder.Book.AskLots, _asksBefore);
    }

    private void EndSnapshot(in MarketEvent e)
    {
        L2Book book = _builder.Book;
        (long Low, long High) reach = (book.BidCount > 0 ? book.BidTicks[0] : long.MaxValue, book.AskCount > 0 ? book.AskTicks[0] : long.MinValue);
        if (_compares)
            Compare(e, (Math.Max(reach.Low, _reach.Low), Math.Min(reach.High, _reach.High)));
        (_reach, _snapshotTime, _updates, _compares) = (reach, e.ReceiveTime, 0, false);
    }

    private void Compare(in MarketEvent e, (long Low, long High) reach)
    {
        long differing = Differing(_bidsBefore, _builder.Book.BidTicks, _builder.Book.BidLots, ascending: true, reach)
            + Differing(_asksBefore, _builder.Book.AskTicks, _builder.Book.AskLots, ascending: false, reach);
        double pace = _updates / Math.Max(1e-3, (_updateTime - _snapshotTime) / 1e9);
        double likely = 2 * pace * Math.Max(0, (e.ReceiveTime - _updateTime) / 1e9);
        if (differing > likely)
        {
            sink.Add(FindingCode.Conflict, e.ReceiveTime,
                $"{instrument.Name}: {differing} levels of the snapshot differ from the book its updates made; {likely:0} could have changed unseen", differing);
        }
    }

    /// <summary>Levels of either list inside the reach that the other has not, or has with another quantity. Both run the same way.</summary>
    private static long Differing(List<(long Ticks, long Lots)> before, ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, bool ascending, (long Low, long High) reach)
    {
        long differing = 0;
        int a = 0, b = 0;
        while (a < before.Count || b < ticks.Length)
        {
            int order = a == before.Count ? 1 : b == ticks.Length ? -1 : ascending ? before[a].Ticks.CompareTo(ticks[b]) : ticks[b].CompareTo(before[a].Ticks);
            long price = order <= 0 ? before[a].Ticks : ticks[b];
            if (price >= reach.Low && price <= reach.High && (order != 0 || before[a].Lots != lots[b]))
                differing++;
            if (order <= 0)
                a++;
            if (order >= 0)
                b++;
        }

        return differing;
    }

    private void LookForCrossing(in MarketEvent e)
    {
        L2Book book = _builder.Book;
        if (!book.IsCrossed)
        {
            if (_crossing.States > 0)
                EndCrossing(e.ReceiveTime);
            return;
        }

        if (_crossing.States == 0)
            _crossing = new Crossing(e.ReceiveTime, sink.Line, book.BestBid.Price, book.BestAsk.Price, 0, default);
        _crossing = _crossing with { States = _crossing.States + 1, Last = e.ReceiveTime };
    }

    private void EndCrossing(UnixNanos time)
    {
        Crossing crossing = _crossing;
        _crossing = default;
        long lasted = time - crossing.Since;
        if (crossing.States == 0 || lasted <= options.CrossedNanos)
            return;
        string what = crossing.Bid == crossing.Ask ? "locked" : "crossed";
        sink.AddAt(FindingCode.CrossedBook, crossing.Since, crossing.Line,
            $"{instrument.Name}: {what} for {lasted / 1e6:0.###} ms, bid {instrument.Format(crossing.Bid)} and ask {instrument.Format(crossing.Ask)}", crossing.States);
    }

    private static void Copy(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, List<(long, long)> to)
    {
        to.Clear();
        for (int i = 0; i < ticks.Length; i++)
            to.Add((ticks[i], lots[i]));
    }

    private readonly record struct Crossing(UnixNanos Since, long Line, Price Bid, Price Ask, long States, UnixNanos Last);
}
