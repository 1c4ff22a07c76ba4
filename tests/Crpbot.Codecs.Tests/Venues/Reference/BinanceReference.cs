using System.Text.Json;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Venues.Reference;

public sealed class BinanceReference(InstrumentTable instruments, string venue, bool useAggregateTrades = false) : ReferenceParser(instruments)
{
    private static readonly string[] Wanted =
    [
        "e", "E", "T", "s", "t", "p", "q", "m", "X", "U", "u", "pu", "b", "a", "B", "A", "lastUpdateId", "bids", "asks", "symbol", "i", "r", "o", "c",
        "openInterest", "time", "result", "id", "error",
    ];

    private readonly Dictionary<Instrument, Symbol> _symbols = [];
    private long _discarded;

    /// <summary>Whose bare snapshots are next.</summary>
    public string? SnapshotSymbol { get; set; }

    public override List<MarketEvent> Disconnected(UnixNanos receiveTime)
    {
        List<MarketEvent> events = [.. _symbols.Keys.Select(i => Stamped(
            i, receiveTime, -1, MarketEventKind.Disconnect, Channel.All, MarketEventFlags.NoSequence | MarketEventFlags.LastInMessage))];
        _discarded += _symbols.Values.Sum(s => s.Waiting.Sum(w => w.Levels.Count));
        _symbols.Clear();
        CountDropped();
        return events;
    }

    protected override List<MarketEvent>? Read(JsonElement root, UnixNanos receiveTime)
    {
        Dictionary<string, JsonElement> wrapper = ReferenceJson.Fields(root, "stream", "data");
        string? stream = wrapper.TryGetValue("stream", out JsonElement streamElement) ? streamElement.Text() : null;
        JsonElement data = wrapper.TryGetValue("data", out JsonElement inner) ? inner : root;
        if (data.ValueKind == JsonValueKind.Array)
            return null;
        Dictionary<string, JsonElement> fields = ReferenceJson.Fields(data, Wanted);
        List<MarketEvent>? events;
        if (fields.TryGetValue("e", out JsonElement eventElement))
        {
            events = eventElement.Text() switch
            {
                "depthUpdate" => Depth(fields, receiveTime),
                "trade" when !useAggregateTrades => Trade(fields, "t", receiveTime),
                "aggTrade" when useAggregateTrades => Trade(fields, "a", receiveTime),
                "bookTicker" => BookTicker(fields, receiveTime),
                "markPriceUpdate" => MarkPrice(fields, receiveTime),
                "24hrTicker" when venue is "binance-futures" or "binance-delivery" => Derivatives(Find(fields, "s"), receiveTime, fields.Get("E").Epoch(), (DerivativeField.LastPrice, Value(fields, "c"))),
                "forceOrder" => Liquidation(fields, receiveTime),
                _ => null,
            };
        }
        else if (fields.ContainsKey("lastUpdateId"))
        {
            // An escaped name is no recorder's.
            bool isSnapshot = stream is null || (stream.EndsWith("@depthSnapshot", StringComparison.Ordinal) && !streamElement.GetRawText().Contains('\\', StringComparison.Ordinal));
            events = isSnapshot ? Snapshot(fields, stream, receiveTime) : null;
        }
        else if (fields.ContainsKey("B") && fields.ContainsKey("A") && fields.ContainsKey("u"))
        {
            events = BookTicker(fields, receiveTime);
        }
        else if (fields.ContainsKey("openInterest"))
        {
            events = Derivatives(Find(fields, "symbol"), receiveTime, fields.Get("time").Epoch(), (DerivativeField.OpenInterest, Value(fields, "openInterest")));
        }
        else
        {
            events = stream is null && (fields.ContainsKey("error") || fields.ContainsKey("result")) ? [] : null;
        }

        CountDropped();
        return events;
    }

    private void CountDropped() => Dropped = _discarded + _symbols.Values.Sum(s => s.Waiting.Sum(w => w.Levels.Count));

    private Instrument Find(Dictionary<string, JsonElement> fields, string name) => Instruments.GetOrAdd(venue, fields.Get(name).Symbol().ToUpperInvariant());

    private Symbol State(Instrument instrument)
    {
        if (!_symbols.TryGetValue(instrument, out Symbol? symbol))
            _symbols.Add(instrument, symbol = new Symbol());
        return symbol;
    }

    private List<MarketEvent> Trade(Dictionary<string, JsonElement> fields, string idName, UnixNanos receiveTime)
    {
        Instrument instrument = Find(fields, "s");
        bool skipped = fields.Has("X") && fields["X"].Text() is "INSURANCE_FUND" or "ADL" or "NA";
        ReferenceJson.Require(fields.Get("m").ValueKind is JsonValueKind.True or JsonValueKind.False, "m");
        MarketEvent trade = Stamped(instrument, receiveTime, fields.Get("T").Epoch().Value, MarketEventKind.Trade, Channel.Trades) with
        {
            Sequence = fields.Get(idName).Integer(),
            Side = fields["m"].GetBoolean() ? Side.Sell : Side.Buy,
            Price = skipped ? default : fields.Get("p").Price(instrument.Tick),
            Quantity = skipped ? default : fields.Get("q").Quantity(instrument.Lot),
        };
        List<MarketEvent> events = Publish(State(instrument).Tape, trade);
        if (skipped && events.Count > 0)
        {
            SkippedTrades++;
            events.RemoveAt(events.Count - 1);
        }

        return events;
    }

    private List<MarketEvent> BookTicker(Dictionary<string, JsonElement> fields, UnixNanos receiveTime)
    {
        Instrument instrument = Find(fields, "s");
        long time = fields.Has("E") ? fields["E"].Epoch().Value : -1;
        long update = fields.Get("u").Integer();
        List<MarketEvent> events = [];
        foreach ((string name, string quantityName, Side side) in new[] { ("b", "B", Side.Buy), ("a", "A", Side.Sell) })
        {
            if (!fields.Has(name) || fields[name].Numeric().Length == 0)
                continue;
            ParseError error = ReferenceJson.Steps(fields[name].Numeric(), instrument.Tick, out long ticks);
            ReferenceJson.Require(error == ParseError.None && ticks >= 0, "price");
            Quantity quantity = fields.Has(quantityName) ? fields[quantityName].Quantity(instrument.Lot) : default;
            if (ticks > 0)
            {
                events.Add(Stamped(instrument, receiveTime, time, MarketEventKind.Quote, Channel.Quotes) with
                {
                    Side = side,
                    Price = new Price(ticks),
                    Quantity = quantity,
                    Sequence = update,
                });
            }
        }

        State(instrument);
        return Close(events);
    }

    private List<MarketEvent> MarkPrice(Dictionary<string, JsonElement> fields, UnixNanos receiveTime)
    {
        Instrument instrument = Find(fields, "s");
        UnixNanos time = fields.Get("E").Epoch();
        (long, byte)? funding = null;
        if (fields.Has("T") && fields["T"].Integer() != 0)
            funding = (fields["T"].Epoch().Value, 0);
        return Derivatives(instrument, receiveTime, time,
            (DerivativeField.FundingRate, Value(fields, "r")), (DerivativeField.FundingTimestamp, funding),
            (DerivativeField.IndexPrice, Value(fields, "i")), (DerivativeField.MarkPrice, Value(fields, "p")));
    }

    private static (long, byte)? Value(Dictionary<string, JsonElement> fields, string name) =>
        fields.Has(name) && fields[name].Numeric().Length > 0 ? fields[name].Scaled() : null;

    private List<MarketEvent> Derivatives(
        Instrument instrument, UnixNanos receiveTime, UnixNanos time, params (DerivativeField Field, (long Mantissa, byte Scale)? Value)[] values)
    {
        State(instrument);
        return Close([.. values.Where(v => v.Value is not null).Select(v =>
            Stamped(instrument, receiveTime, time.Value, MarketEventKind.DerivativeTicker, Channel.Derivative, MarketEventFlags.NoSequence) with
            {
                Detail = (int)v.Field,
                Price = new Price(v.Value!.Value.Mantissa),
                Scale = v.Value!.Value.Scale,
            })]);
    }

    private List<MarketEvent> Liquidation(Dictionary<string, JsonElement> fields, UnixNanos receiveTime)
    {
        Dictionary<string, JsonElement> order = ReferenceJson.Fields(fields.Get("o"), "s", "S", "p", "z", "X", "T");
        Instrument instrument = Find(order, "s");
        MarketEvent liquidation = Stamped(
            instrument, receiveTime, order.Get("T").Epoch().Value, MarketEventKind.Liquidation, Channel.Liquidations, MarketEventFlags.NoSequence) with
        {
            Side = order.Get("S").Text() switch { "BUY" => Side.Buy, "SELL" => Side.Sell, _ => throw new RefusalException("side") },
            Price = order.Get("p").Price(instrument.Tick),
            Quantity = order.Get("z").Quantity(instrument.Lot),
        };
        bool filled = order.Get("X").Text() == "FILLED";
        State(instrument);
        return filled ? Close([liquidation]) : [];
    }

    private List<MarketEvent> Depth(Dictionary<string, JsonElement> fields, UnixNanos receiveTime)
    {
        Instrument instrument = Find(fields, "s");
        var update = new Update(
            fields.Get("U").Integer(), fields.Get("u").Integer(), fields.Has("pu") ? fields["pu"].Integer() : null, fields.Get("E").Epoch().Value, []);
        foreach ((string name, Side side) in new[] { ("b", Side.Buy), ("a", Side.Sell) })
        {
            foreach ((Price price, Quantity quantity) in Levels(fields.Get(name), instrument))
            {
                update.Levels.Add(Stamped(instrument, receiveTime, update.Time, MarketEventKind.BookDelta, Channel.Book) with
                {
                    Side = side,
                    Price = price,
                    Quantity = quantity,
                    Sequence = update.Last,
                    Aux = update.First,
                });
            }
        }

        return Apply(State(instrument), update, instrument, receiveTime);
    }

    private List<MarketEvent> Snapshot(Dictionary<string, JsonElement> fields, string? stream, UnixNanos receiveTime)
    {
        Instrument instrument;
        if (stream is not null)
        {
            string name = stream.Split('@')[0];
            ReferenceJson.Require(name.Length is > 0 and <= 64 && !name.Any(c => c <= ' ' || c == '\x7F'), "symbol");
            instrument = Instruments.GetOrAdd(venue, name.ToUpperInvariant());
        }
        else if (fields.Has("symbol"))
        {
            instrument = Find(fields, "symbol");
        }
        else if (SnapshotSymbol is not null)
        {
            instrument = Instruments.GetOrAdd(venue, SnapshotSymbol.ToUpperInvariant());
        }
        else
        {
            ReferenceJson.Require(_symbols.Count == 1, "whose snapshot?");
            instrument = _symbols.Keys.Single();
        }

        long time = fields.Has("T") ? fields["T"].Epoch().Value : -1;
        long id = fields.Get("lastUpdateId").Integer();
        List<MarketEvent> events = [Stamped(instrument, receiveTime, time, MarketEventKind.BookClear, Channel.Book, MarketEventFlags.Snapshot) with { Sequence = id }];
        foreach ((string name, Side side) in new[] { ("bids", Side.Buy), ("asks", Side.Sell) })
        {
            foreach ((Price price, Quantity quantity) in Levels(fields.Get(name), instrument).Where(l => l.Quantity.Lots > 0))
                events.Add(events[0] with { Kind = MarketEventKind.BookDelta, Side = side, Price = price, Quantity = quantity });
        }

        Symbol symbol = State(instrument);
        bool wanted = symbol.HasBook
            ? symbol.First && id >= symbol.LastId
            : symbol.Waiting.Find(w => !Covered(w, id)) is not { } next || Joins(next, id);
        if (!wanted)
        {
            _discarded += events.Count - 1;
            return [];
        }

        Close(events);
        (symbol.HasBook, symbol.First, symbol.LastId) = (true, true, id);
        List<Update> waited = symbol.Waiting;
        symbol.Waiting = [];
        foreach (Update update in waited)
        {
            Update now = update with { Levels = [.. update.Levels.Select(l => l with { ReceiveTime = receiveTime })] };
            events.AddRange(Apply(symbol, now, instrument, receiveTime));
        }

        return events;
    }

    private List<MarketEvent> Apply(Symbol symbol, Update update, Instrument instrument, UnixNanos receiveTime)
    {
        if (symbol.HasBook)
        {
            bool continues = symbol.First ? Joins(update, symbol.LastId)
                : update.Previous is { } previous ? previous == symbol.LastId
                : update.First == symbol.LastId + 1;
            if (continues)
            {
                (symbol.LastId, symbol.First) = (update.Last, false);
                return Close([.. update.Levels]);
            }

            if (symbol.First ? Covered(update, symbol.LastId) : update.Last <= symbol.LastId)
            {
                _discarded += update.Levels.Count;
                return [];
            }
        }

        while (symbol.Waiting.Count == 2_048 || (symbol.Waiting.Count > 0 && symbol.Waiting.Sum(w => w.Levels.Count) + update.Levels.Count > 1 << 17))
        {
            int going = (symbol.Waiting.Count + 1) / 2;
            _discarded += symbol.Waiting.Take(going).Sum(w => w.Levels.Count);
            symbol.Waiting.RemoveRange(0, going);
        }

        symbol.Waiting.Add(update);
        if (!symbol.HasBook)
            return [];
        symbol.HasBook = false;
        Gaps++;
        return
        [
            Stamped(instrument, receiveTime, update.Time, MarketEventKind.Gap, Channel.Book, MarketEventFlags.LastInMessage) with
            {
                Sequence = update.Previous is null ? symbol.LastId + 1 : symbol.LastId,
                Aux = update.Previous ?? update.First,
            },
        ];
    }

    private static List<(Price Price, Quantity Quantity)> Levels(JsonElement element, Instrument instrument)
    {
        List<(Price, Quantity)> levels = [];
        foreach (JsonElement item in element.Items())
        {
            List<JsonElement> level = item.Items();
            ReferenceJson.Require(level.Count >= 2, "short level");
            levels.Add((level[0].Price(instrument.Tick), level[1].Quantity(instrument.Lot)));
        }

        return levels;
    }

    private static bool Covered(Update update, long id) => update.Previous is null ? update.Last <= id : update.Last < id;

    private static bool Joins(Update update, long id) => update.Previous is { } previous
        ? previous == id || (update.First <= id && id <= update.Last)
        : update.First <= id + 1 && id + 1 <= update.Last;

    private sealed record Update(long First, long Last, long? Previous, long Time, List<MarketEvent> Levels);

    private sealed class Symbol
    {
        public Tape Tape { get; } = new();

        public bool HasBook { get; set; }

        public bool First { get; set; }

        public long LastId { get; set; }

        public List<Update> Waiting { get; set; } = [];
    }
}
