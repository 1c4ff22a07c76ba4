using System.Text.Json;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Venues.Reference;

public sealed class CoinbaseAdvancedReference(InstrumentTable instruments) : ReferenceParser(instruments)
{
    private readonly Dictionary<InstrumentId, Tape> _tapes = [];
    private readonly HashSet<InstrumentId> _books = [];
    private readonly HashSet<InstrumentId> _seen = [];
    private long? _lastSequence;

    public override List<MarketEvent> Disconnected(UnixNanos receiveTime)
    {
        List<MarketEvent> events = [.. _seen.Select(id => Stamped(
            Instruments[id], receiveTime, -1, MarketEventKind.Disconnect, Channel.All, MarketEventFlags.NoSequence | MarketEventFlags.LastInMessage))];
        _tapes.Clear();
        _books.Clear();
        _seen.Clear();
        _lastSequence = null;
        return events;
    }

    protected override List<MarketEvent>? Read(JsonElement root, UnixNanos receiveTime)
    {
        Dictionary<string, JsonElement> fields = ReferenceJson.Fields(root, "channel", "timestamp", "sequence_num", "events", "type");
        if (!fields.TryGetValue("channel", out JsonElement channelElement))
            return fields.Get("type").Text() == "error" ? [] : null;
        string channel = channelElement.Text();
        long time = fields.Has("timestamp") ? fields["timestamp"].Time() : -1;
        bool known = channel is "l2_data" or "market_trades" or "ticker" or "ticker_batch" or "heartbeats" or "subscriptions";
        long? sequence = known || fields.Has("sequence_num") ? fields.Get("sequence_num").Integer() : null;

        List<List<MarketEvent>> groups = [];
        int unusable = 0;
        if (known && channel != "subscriptions")
        {
            foreach (JsonElement item in fields.Get("events").Items())
            {
                Dictionary<string, JsonElement> e = ReferenceJson.Fields(item, "type", "product_id", "updates", "trades", "tickers", "heartbeat_counter");
                switch (channel)
                {
                    case "l2_data":
                        groups.Add(Levels(e, receiveTime, time, sequence!.Value, ref unusable));
                        break;
                    case "market_trades":
                        groups.AddRange(Trades(e, receiveTime));
                        break;
                    case "heartbeats":
                        MarketEvent heartbeat = new()
                        {
                            Kind = MarketEventKind.Heartbeat,
                            ReceiveTime = receiveTime,
                            ExchangeTime = time < 0 ? receiveTime : new UnixNanos(time),
                            Flags = time < 0 ? MarketEventFlags.NoExchangeTime : 0,
                            Sequence = e.Get("heartbeat_counter").Integer(),
                            Aux = sequence!.Value,
                        };
                        groups.Add([heartbeat]);
                        break;
                    default:
                        groups.AddRange(Tickers(e, receiveTime, time, sequence!.Value));
                        break;
                }
            }
        }

        // Everything is known to be right: now the state may change.
        DroppedLevels += unusable;
        List<MarketEvent> events = [];
        if (sequence is not null)
        {
            if (_lastSequence is not null && sequence != _lastSequence + 1)
            {
                Gaps++;
                _books.Clear();
                events.Add(new MarketEvent
                {
                    Kind = MarketEventKind.Gap,
                    ReceiveTime = receiveTime,
                    ExchangeTime = time < 0 ? receiveTime : new UnixNanos(time),
                    Flags = (time < 0 ? MarketEventFlags.NoExchangeTime : 0) | MarketEventFlags.LastInMessage,
                    Sequence = _lastSequence.Value + 1,
                    Aux = sequence.Value,
                });
            }

            _lastSequence = sequence;
        }

        if (channel == "market_trades")
        {
            List<MarketEvent> trades = [.. groups.Select(g => g[0])];
            bool descends = trades.Zip(trades.Skip(1)).All(p => p.Second.Sequence < p.First.Sequence);
            if (descends)
                trades.Reverse();
            else if (!trades.Zip(trades.Skip(1)).All(p => p.Second.Sequence > p.First.Sequence))
                trades = [.. trades.OrderBy(t => t.Sequence).ThenBy(t => t.Instrument.Value)];
            groups = [.. trades.Select(t => new List<MarketEvent> { t })];
        }

        foreach (List<MarketEvent> group in groups.Where(g => g.Count > 0))
        {
            InstrumentId id = group[0].Instrument;
            if (id != InstrumentId.All)
                _seen.Add(id);
            if (group[0].Kind == MarketEventKind.Trade)
            {
                if (!_tapes.TryGetValue(id, out Tape? tape))
                    _tapes[id] = tape = new Tape();
                if (!group[0].Flags.HasFlag(MarketEventFlags.History))
                {
                    events.AddRange(Publish(tape, group[0]));
                }
                else
                {
                    SkippedTrades++;
                    if (tape.Last is null || (tape.OnlyTold && tape.Last < group[0].Sequence))
                        (tape.Last, tape.OnlyTold) = (group[0].Sequence, true);
                }

                continue;
            }

            if (group[0].Kind == MarketEventKind.BookClear)
                _books.Add(id);
            if (group[0].Kind == MarketEventKind.BookDelta && !_books.Contains(id))
                Dropped += group.Count;
            else
                events.AddRange(Close(group));
        }

        IsUnknown = !known;
        return events;
    }

    private List<MarketEvent> Levels(Dictionary<string, JsonElement> e, UnixNanos receiveTime, long messageTime, long sequence, ref int unusable)
    {
        bool isSnapshot = IsSnapshot(e);
        Instrument instrument = Instruments.GetOrAdd("coinbase", e.Get("product_id").Symbol().ToUpperInvariant());
        MarketEventFlags flags = isSnapshot ? MarketEventFlags.Snapshot : 0;
        List<MarketEvent> group = [];
        if (isSnapshot)
            group.Add(Stamped(instrument, receiveTime, messageTime, MarketEventKind.BookClear, Channel.Book, flags) with { Sequence = sequence });
        foreach (JsonElement item in e.Get("updates").Items())
        {
            Dictionary<string, JsonElement> level = ReferenceJson.Fields(item, "side", "event_time", "price_level", "new_quantity");
            Side side = level.Get("side").Text() switch { "bid" => Side.Buy, "offer" => Side.Sell, _ => throw new RefusalException("side") };
            long time = level.Get("event_time").Time();
            Price price = level.Get("price_level").Price(instrument.Tick);
            Quantity? quantity = level.Get("new_quantity").QuantityIfUsable(instrument.Lot);
            if (quantity is null)
                unusable++;
            else if (!isSnapshot || quantity.Value.Lots > 0)
            {
                group.Add(Stamped(instrument, receiveTime, time > 0 ? time : messageTime, MarketEventKind.BookDelta, Channel.Book, flags) with
                {
                    Side = side,
                    Price = price,
                    Quantity = quantity.Value,
                    Sequence = sequence,
                });
            }
        }

        return group;
    }

    private List<List<MarketEvent>> Trades(Dictionary<string, JsonElement> e, UnixNanos receiveTime)
    {
        bool isHistory = IsSnapshot(e);
        List<List<MarketEvent>> trades = [];
        foreach (JsonElement item in e.Get("trades").Items())
        {
            Dictionary<string, JsonElement> trade = ReferenceJson.Fields(item, "product_id", "trade_id", "price", "size", "time", "side");
            Instrument instrument = Instruments.GetOrAdd("coinbase", trade.Get("product_id").Symbol().ToUpperInvariant());
            trades.Add([Stamped(instrument, receiveTime, trade.Get("time").Time(), MarketEventKind.Trade, Channel.Trades, isHistory ? MarketEventFlags.History : 0) with
            {
                Sequence = trade.Get("trade_id").Integer(),
                Side = trade.Get("side").Text() switch { "BUY" => Side.Sell, "SELL" => Side.Buy, _ => throw new RefusalException("side") },
                Price = trade.Get("price").Price(instrument.Tick),
                Quantity = trade.Get("size").Quantity(instrument.Lot),
            }]);
        }

        return trades;
    }

    private List<List<MarketEvent>> Tickers(Dictionary<string, JsonElement> e, UnixNanos receiveTime, long time, long sequence)
    {
        List<List<MarketEvent>> groups = [];
        foreach (JsonElement item in e.Get("tickers").Items())
        {
            Dictionary<string, JsonElement> ticker = ReferenceJson.Fields(item, "product_id", "best_bid", "best_ask", "best_bid_quantity", "best_ask_quantity");
            Instrument instrument = Instruments.GetOrAdd("coinbase", ticker.Get("product_id").Symbol().ToUpperInvariant());
            List<MarketEvent> group = [];
            foreach ((string name, Side side) in new[] { ("best_bid", Side.Buy), ("best_ask", Side.Sell) })
            {
                if (!ticker.Has(name) || ticker[name].Numeric().Length == 0)
                    continue;
                ParseError error = ReferenceJson.Steps(ticker[name].Numeric(), instrument.Tick, out long ticks);
                ReferenceJson.Require(error == ParseError.None && ticks >= 0, "price");
                Quantity quantity = ticker.Has(name + "_quantity") ? ticker[name + "_quantity"].Quantity(instrument.Lot) : default;
                if (ticks > 0)
                {
                    group.Add(Stamped(instrument, receiveTime, time, MarketEventKind.Quote, Channel.Quotes) with
                    {
                        Side = side,
                        Price = new Price(ticks),
                        Quantity = quantity,
                        Sequence = sequence,
                    });
                }
            }

            groups.Add(group);
        }

        return groups;
    }

    private static bool IsSnapshot(Dictionary<string, JsonElement> e) => e.Get("type").Text() switch
    {
        "snapshot" => true,
        "update" => false,
        _ => throw new RefusalException("type"),
    };
}
