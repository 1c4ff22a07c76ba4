using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>How snapshots and updates become one book.</summary>
/// <remarks>
/// <code>
///              update: waits                       update that continues: published
///               ┌──────┐                                    ┌──────┐
///               ▼      │      snapshot that fits            ▼      │
///             ┌──────────┐ ─────────────────────────────► ┌──────────┐
///             │   void   │   published, then what waited  │   live   │
///             └──────────┘ ◄───────────────────────────── └──────────┘
///                            update after a hole: Gap, waits
/// </code>
/// Source: Binance, “How to manage a local order book correctly”, spot and USD-M futures documentation.
/// </remarks>
public sealed partial class BinanceParser
{
    private readonly byte[] _snapshotSymbol = new byte[SymbolMap<BinanceSymbol>.LengthMax];
    private int _snapshotSymbolLength;
    private PendingUpdates _spare = new();

    /// <summary>Says whose book the bare REST snapshots that follow are.</summary>
    /// <param name="symbol">Any case; empty: they belong to the only symbol seen.</param>
    /// <exception cref="ArgumentException">It cannot be a symbol.</exception>
    public void SetSnapshotSymbol(ReadOnlySpan<byte> symbol)
    {
        if (!symbol.IsEmpty && !SymbolMap<BinanceSymbol>.IsSymbol(symbol))
            throw new ArgumentException("a symbol is 1 to 64 bytes without spaces", nameof(symbol));
        symbol.CopyTo(_snapshotSymbol);
        _snapshotSymbolLength = symbol.Length;
    }

    /// <summary>Parses a bare REST snapshot of a symbol that the recording names elsewhere, such as in the request's address.</summary>
    /// <param name="symbol">Any case.</param>
    public ParseResult ParseSnapshot(ReadOnlySpan<byte> message, ReadOnlySpan<byte> symbol, UnixNanos receiveTime, MarketEventBuffer output)
    {
        Span<byte> before = stackalloc byte[SymbolMap<BinanceSymbol>.LengthMax];
        before = before[.._snapshotSymbolLength];
        SnapshotSymbol.CopyTo(before);
        SetSnapshotSymbol(symbol);
        ParseResult result = Parse(message, receiveTime, output);
        SetSnapshotSymbol(before);
        return result;
    }

    private bool ReadDepth(ref JsonScanner json, scoped ReadOnlySpan<int> at, UnixNanos receiveTime, MarketEventBuffer output)
    {
        long previous = -1;
        if (!ReadSymbol(ref json, at[(int)Field.Symbol], out BinanceSymbol symbol)
            || !json.EpochAt(at[(int)Field.EventTime], out UnixNanos time)
            || !json.IntegerAt(at[(int)Field.FirstUpdate], out long first)
            || !json.IntegerAt(at[(int)Field.LastUpdate], out long last)
            || (json.Has(at[(int)Field.PreviousUpdate]) && !json.IntegerAt(at[(int)Field.PreviousUpdate], out previous)))
        {
            return false;
        }

        int start = output.Count;
        var stamp = new EventStamp(symbol.Id, receiveTime, time, 0);
        if (!json.Go(at[(int)Field.Bids]) || !ReadLevels(ref json, symbol, Side.Buy, stamp, last, first, output)
            || !json.Go(at[(int)Field.Asks]) || !ReadLevels(ref json, symbol, Side.Sell, stamp, last, first, output))
        {
            return false;
        }

        symbol.Seen = true;
        ApplyUpdate(symbol, new UpdateIds(first, last, previous), stamp, output, start);
        return true;
    }

    private bool ReadSnapshot(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, bool hasStream, scoped JsonText stream, UnixNanos receiveTime, MarketEventBuffer output)
    {
        UnixNanos time = receiveTime;
        bool hasTime = json.Has(at[(int)Field.Time]);
        if (!FindSnapshotSymbol(ref json, at, hasStream, stream, out BinanceSymbol symbol)
            || (hasTime && !json.EpochAt(at[(int)Field.Time], out time))
            || !json.IntegerAt(at[(int)Field.LastUpdateId], out long id))
        {
            return false;
        }

        MarketEventFlags flags = MarketEventFlags.Snapshot | (hasTime ? 0 : MarketEventFlags.NoExchangeTime);
        var stamp = new EventStamp(symbol.Id, receiveTime, time, flags);
        int start = output.Count;
        stamp.Add(output, MarketEventKind.BookClear, Channel.Book).Sequence = id;
        if (!json.Go(at[(int)Field.SnapshotBids]) || !ReadLevels(ref json, symbol, Side.Buy, stamp, id, 0, output)
            || !json.Go(at[(int)Field.SnapshotAsks]) || !ReadLevels(ref json, symbol, Side.Sell, stamp, id, 0, output))
        {
            return false;
        }

        symbol.Seen = true;
        ApplySnapshot(symbol, id, receiveTime, output, start);
        return true;
    }

    private bool FindSnapshotSymbol(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, bool hasStream, scoped JsonText stream, out BinanceSymbol symbol)
    {
        if (hasStream)
        {
            var name = new JsonText(stream.Raw[..stream.Raw.IndexOf((byte)'@')], stream.Position, escaped: false);
            return _symbols.TryResolve(ref json, name, out symbol);
        }

        if (json.Has(at[(int)Field.PlainSymbol]))
            return ReadSymbol(ref json, at[(int)Field.PlainSymbol], out symbol);
        symbol = null!;
        if (_snapshotSymbolLength > 0)
        {
            symbol = _symbols.FindOrAdd(SnapshotSymbol);
            return true;
        }

        int seen = 0;
        foreach (BinanceSymbol candidate in _symbols.All)
        {
            if (candidate.Seen)
                (symbol, seen) = (candidate, seen + 1);
        }

        return seen == 1 || json.Fail(ParseError.MissingField, 0);
    }

    private static bool ReadLevels(
        ref JsonScanner json, BinanceSymbol symbol, Side side, in EventStamp stamp, long sequence, long first, MarketEventBuffer output)
    {
        bool isSnapshot = (stamp.Flags & MarketEventFlags.Snapshot) != 0;
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.EnterArray() || !json.RequireElement() || !json.ReadPrice(symbol.Tick, out Price price)
                || !json.RequireElement() || !json.ReadQuantity(symbol.Lot, out Quantity quantity))
            {
                return false;
            }

            // Until 2019 spot levels ended with an empty array.
            while (json.NextElement())
                json.Skip();
            if (isSnapshot & quantity.Lots == 0)
                continue;
            ref MarketEvent level = ref stamp.AddLevel(output, side, price, quantity);
            level.Sequence = sequence;
            level.Aux = first;
        }

        return !json.Failed;
    }

    /// <summary>Decides about one update whose levels stand at the end of the buffer: publish, drop, or keep waiting, after a Gap if need be.</summary>
    private void ApplyUpdate(BinanceSymbol symbol, in UpdateIds ids, in EventStamp stamp, MarketEventBuffer output, int start)
    {
        if (symbol.HasBook)
        {
            if (symbol.Continues(ids))
            {
                (symbol.LastUpdate, symbol.AwaitsFirst) = (ids.Last, false);
                CloseGroup(output, start);
                return;
            }

            if (symbol.IsOld(ids))
            {
                base.Dropped += output.Count - start;
                if (!symbol.AwaitsFirst)
                    RepeatedUpdates++;
                output.Truncate(start);
                return;
            }
        }

        ReadOnlySpan<MarketEvent> levels = output.Events[start..];
        int evicted = symbol.Pending.Add(ids, stamp.ExchangeTime, levels);
        base.Dropped += evicted;
        Waiting += levels.Length - evicted;
        output.Truncate(start);
        if (!symbol.HasBook)
            return;
        symbol.HasBook = false;
        Gaps++;
        long expected = ids.HasPrevious ? symbol.LastUpdate : symbol.LastUpdate + 1;
        stamp.AddGap(output, Channel.Book, expected, ids.HasPrevious ? ids.Previous : ids.First);
    }

    /// <summary>Publishes a snapshot that stands at the end of the buffer, and what waited for it, or drops it.</summary>
    private void ApplySnapshot(BinanceSymbol symbol, long id, UnixNanos receiveTime, MarketEventBuffer output, int start)
    {
        bool isWanted = symbol.HasBook ? symbol.AwaitsFirst & id >= symbol.LastUpdate : Joins(symbol, id);
        if (!isWanted)
        {
            base.Dropped += output.Count - start - 1;
            output.Truncate(start);
            return;
        }

        CloseGroup(output, start);
        (symbol.HasBook, symbol.AwaitsFirst, symbol.LastUpdate) = (true, true, id);
        PendingUpdates waited = symbol.Pending;
        (symbol.Pending, _spare) = (_spare, waited);
        Waiting -= waited.LevelCount;
        for (int i = 0; i < waited.Count; i++)
        {
            int levels = output.Count;
            waited.CopyTo(i, symbol.Id, receiveTime, output);
            ApplyUpdate(symbol, waited[i], new EventStamp(symbol.Id, receiveTime, waited.ExchangeTimeOf(i), 0), output, levels);
        }

        waited.Clear();
    }

    /// <summary>Whether the first waiting update that the snapshot does not cover follows it without a hole.</summary>
    private static bool Joins(BinanceSymbol symbol, long id)
    {
        for (int i = 0; i < symbol.Pending.Count; i++)
        {
            UpdateIds ids = symbol.Pending[i];
            if (!BinanceSymbol.IsCovered(ids, id))
                return BinanceSymbol.Joins(ids, id);
        }

        return true;
    }

    private sealed class BinanceSymbol(Instrument instrument) : VenueSymbol(instrument)
    {
        public PendingUpdates Pending = new();

        /// <summary>Id of the snapshot or of the last update published.</summary>
        public long LastUpdate;

        /// <summary>The snapshot was the last thing published.</summary>
        public bool AwaitsFirst;

        /// <summary>Whether a snapshot already contains the update.</summary>
        public static bool IsCovered(in UpdateIds ids, long snapshot) => ids.HasPrevious ? ids.Last < snapshot : ids.Last <= snapshot;

        /// <summary>Whether an update may come first after a snapshot.</summary>
        public static bool Joins(in UpdateIds ids, long snapshot) => ids.HasPrevious
            ? (ids.First <= snapshot & snapshot <= ids.Last) | ids.Previous == snapshot
            : ids.First <= snapshot + 1 & snapshot < ids.Last;

        public bool IsOld(in UpdateIds ids) => AwaitsFirst ? IsCovered(ids, LastUpdate) : ids.Last <= LastUpdate;

        public bool Continues(in UpdateIds ids) => AwaitsFirst ? Joins(ids, LastUpdate)
            : ids.HasPrevious ? ids.Previous == LastUpdate
            : ids.First == LastUpdate + 1;

        public override void Forget()
        {
            base.Forget();
            Pending.Clear();
            (LastUpdate, AwaitsFirst) = (0, false);
        }
    }
}
