using System.Text.Json;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Venues.Reference;

public sealed class CoinbaseReference(InstrumentTable instruments) : ReferenceParser(instruments)
{
    private static readonly string[] Wanted =
    [
        "type", "product_id", "time", "trade_id", "side", "size", "price", "sequence", "best_bid", "best_ask", "best_bid_size", "best_ask_size",
        "bids", "asks", "changes", "last_trade_id",
    ];

    private readonly Dictionary<Instrument, Product> _products = [];

    public override List<MarketEvent> Disconnected(UnixNanos receiveTime)
    {
        var events = _products.Keys.Select(i => Stamped(
            i, receiveTime, -1, MarketEventKind.Disconnect, Channel.All, MarketEventFlags.NoSequence | MarketEventFlags.LastInMessage)).ToList();
        _products.Clear();
        return events;
    }

    protected override List<MarketEvent>? Read(JsonElement root, UnixNanos receiveTime)
    {
        Dictionary<string, JsonElement> fields = ReferenceJson.Fields(root, Wanted);
        string type = fields.Get("type").Text();
        if (type is "subscriptions" or "error")
            return [];
        if (type is not ("match" or "last_match" or "l2update" or "snapshot" or "ticker" or "heartbeat"))
            return null;
        Instrument instrument = Instruments.GetOrAdd("coinbase", fields.Get("product_id").Symbol().ToUpperInvariant());
        Product product = _products.TryGetValue(instrument, out Product? known) ? known : new Product();
        long nanos = fields.Has("time") ? fields["time"].Time() : -1;
        MarketEvent Event(MarketEventKind kind, Channel channel, MarketEventFlags flags = 0) => Stamped(instrument, receiveTime, nanos, kind, channel, flags);

        List<MarketEvent> events = [];
        switch (type)
        {
            case "match" or "last_match":
                fields.Get("time");
                MarketEvent trade = Event(MarketEventKind.Trade, Channel.Trades) with
                {
                    Sequence = fields.Get("trade_id").Integer(),
                    Side = SideOf(fields.Get("side")) == Side.Buy ? Side.Sell : Side.Buy,
                    Price = fields.Get("price").Price(instrument.Tick),
                    Quantity = fields.Get("size").Quantity(instrument.Lot),
                };
                if (type == "match")
                    events = Publish(product.Tape, trade);
                else if (product.Tape.Last is null || (product.Tape.OnlyTold && product.Tape.Last < trade.Sequence))
                    (product.Tape.Last, product.Tape.OnlyTold) = (trade.Sequence, true);
                break;
            case "l2update":
                long time = fields.Has("time") && nanos < 0 ? product.LastTime : nanos;
                int unusable = 0;
                foreach (JsonElement change in fields.Get("changes").Items())
                {
                    List<JsonElement> items = change.Items();
                    ReferenceJson.Require(items.Count >= 3, "short change");
                    MarketEvent level = Stamped(instrument, receiveTime, time, MarketEventKind.BookDelta, Channel.Book, MarketEventFlags.NoSequence) with
                    {
                        Side = SideOf(items[0]),
                        Price = items[1].Price(instrument.Tick),
                    };
                    if (items[2].QuantityIfUsable(instrument.Lot) is { } quantity)
                        events.Add(level with { Quantity = quantity });
                    else
                        unusable++;
                }

                DroppedLevels += unusable;
                if (nanos >= 0)
                    product.LastTime = nanos;
                if (!product.HasBook || (fields.Has("time") && time < 0))
                {
                    Dropped += events.Count;
                    events.Clear();
                }

                break;
            case "snapshot":
                MarketEventFlags flags = MarketEventFlags.Snapshot | MarketEventFlags.NoSequence;
                events.Add(Event(MarketEventKind.BookClear, Channel.Book, flags));
                int refusedLevels = 0;
                ReferenceJson.Require(fields.ContainsKey("bids") && fields.ContainsKey("asks"), "one side");
                foreach (string name in fields.Keys.Where(k => k is "bids" or "asks"))
                {
                    Side side = name == "bids" ? Side.Buy : Side.Sell;
                    foreach (JsonElement level in fields[name].Items())
                    {
                        List<JsonElement> items = level.Items();
                        ReferenceJson.Require(items.Count >= 2, "short level");
                        Price price = items[0].Price(instrument.Tick);
                        Quantity? quantity = items[1].QuantityIfUsable(instrument.Lot);
                        if (quantity is null)
                            refusedLevels++;
                        else if (quantity.Value.Lots > 0)
                            events.Add(Event(MarketEventKind.BookDelta, Channel.Book, flags) with { Side = side, Price = price, Quantity = quantity.Value });
                    }
                }

                DroppedLevels += refusedLevels;
                product.HasBook = true;
                break;
            case "ticker":
                bool hasSequence = fields.Has("sequence");
                long sequence = hasSequence ? fields["sequence"].Integer() : 0;
                foreach ((string name, Side side) in new[] { ("best_bid", Side.Buy), ("best_ask", Side.Sell) })
                {
                    if (!fields.Has(name) || fields[name].Numeric().Length == 0)
                        continue;
                    ParseError error = ReferenceJson.Steps(fields[name].Numeric(), instrument.Tick, out long ticks);
                    ReferenceJson.Require(error == ParseError.None && ticks >= 0, "price");
                    Quantity quantity = fields.Has(name + "_size") ? fields[name + "_size"].Quantity(instrument.Lot) : default;
                    if (ticks > 0)
                    {
                        events.Add(Event(MarketEventKind.Quote, Channel.Quotes, hasSequence ? 0 : MarketEventFlags.NoSequence) with
                        {
                            Side = side,
                            Price = new Price(ticks),
                            Quantity = quantity,
                            Sequence = sequence,
                        });
                    }
                }

                break;
            default:
                events.Add(Event(MarketEventKind.Heartbeat, Channel.All) with
                {
                    Sequence = fields.Get("sequence").Integer(),
                    Aux = fields.Get("last_trade_id").Integer(),
                });
                break;
        }

        _products.TryAdd(instrument, product);
        return Close(events);
    }

    private static Side SideOf(JsonElement element) => element.Text() switch
    {
        "buy" => Side.Buy,
        "sell" => Side.Sell,
        _ => throw new RefusalException("side"),
    };

    private sealed class Product
    {
        public Tape Tape { get; } = new();

        public bool HasBook { get; set; }

        public long LastTime { get; set; } = -1;
    }
}
