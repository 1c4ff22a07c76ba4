using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Venues.Reference;

public sealed class TardisReference(InstrumentTable instruments) : ReferenceParser(instruments)
{
    private static readonly string[] Wanted =
    [
        "type", "symbol", "exchange", "id", "price", "amount", "side", "timestamp", "localTimestamp", "isSnapshot", "bids", "asks", "name", "bidPrice",
        "bidAmount", "askPrice", "askAmount", "lastPrice", "openInterest", "fundingRate", "fundingTimestamp", "predictedFundingRate", "indexPrice",
        "markPrice", "symbols",
    ];

    private readonly Dictionary<Instrument, (Tape Tape, bool[] HasBook)> _seen = [];
    private long _textIds;

    public override List<MarketEvent> Disconnected(UnixNanos receiveTime) => Lose(_ => true, receiveTime);

    protected override List<MarketEvent>? Read(JsonElement root, UnixNanos receiveTime)
    {
        Dictionary<string, JsonElement> fields = ReferenceJson.Fields(root, Wanted);
        string type = fields.Get("type").Text();
        if (type == "error")
            return [];
        if (type is not ("trade" or "book_change" or "book_snapshot" or "book_ticker" or "derivative_ticker" or "liquidation" or "disconnect"))
            return null;
        if (receiveTime == UnixNanos.None)
        {
            receiveTime = new UnixNanos(fields.Get("localTimestamp").Time());
            ReferenceJson.Require(receiveTime.Value > 0, "localTimestamp");
        }

        string exchange = fields.Get("exchange").Symbol();
        if (type == "disconnect")
        {
            if (!fields.Has("symbols"))
                return Lose(i => i.Venue == exchange, receiveTime);
            List<MarketEvent> lost = [];
            foreach (string symbol in fields["symbols"].Items().Select(s => s.Symbol().ToUpperInvariant()).ToList())
                lost.AddRange(Lose(i => i.Venue == exchange && i.Symbol == symbol, receiveTime));
            return lost;
        }

        Instrument instrument = Instruments.GetOrAdd(exchange, fields.Get("symbol").Symbol().ToUpperInvariant());
        long nanos = fields.Has("timestamp") ? fields["timestamp"].Time() : -1;
        (Tape tape, bool[] hasBook) = _seen.TryGetValue(instrument, out (Tape, bool[]) known) ? known : (new Tape(), new bool[1]);
        MarketEvent Event(MarketEventKind kind, Channel channel, MarketEventFlags flags) => Stamped(instrument, receiveTime, nanos, kind, channel, flags);

        List<MarketEvent> events = [];
        switch (type)
        {
            case "trade" or "liquidation":
                Side side = fields.Get("side").Text() switch { "buy" => Side.Buy, "sell" => Side.Sell, "unknown" => Side.Unknown, _ => throw new RefusalException("side") };
                MarketEvent trade = Event(
                    type == "trade" ? MarketEventKind.Trade : MarketEventKind.Liquidation, type == "trade" ? Channel.Trades : Channel.Liquidations, 0) with
                {
                    Side = side,
                    Price = fields.Get("price").Price(instrument.Tick),
                    Quantity = fields.Get("amount").Quantity(instrument.Lot),
                };
                string id = !fields.Has("id") ? "" : fields["id"].ValueKind == JsonValueKind.Number ? fields["id"].GetRawText() : fields["id"].Text();
                ReferenceJson.Require(Encoding.UTF8.GetByteCount(id) <= 128, "id");
                bool isNumber = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number.ToString(CultureInfo.InvariantCulture) == id;
                if (type == "trade" && isNumber && exchange is "coinbase" or "binance" or "binance-us")
                {
                    if (type == "trade" && isNumber && number <= 9_007_199_254_740_991)
                    {
                        events = Publish(tape, trade with { Sequence = number });
                        break;
                    }
                }

                events.Add(isNumber ? trade with { Sequence = number }
                    : id.Length == 0 ? trade with { Flags = trade.Flags | MarketEventFlags.NoSequence }
                    : trade with { Flags = trade.Flags | MarketEventFlags.TextId, Sequence = _textIds++ });
                break;
            case "book_change":
                ReferenceJson.Require(fields.Get("isSnapshot").ValueKind is JsonValueKind.True or JsonValueKind.False, "isSnapshot");
                bool isSnapshot = fields["isSnapshot"].GetBoolean();
                MarketEventFlags flags = MarketEventFlags.NoSequence | (isSnapshot ? MarketEventFlags.Snapshot : 0);
                if (isSnapshot)
                    events.Add(Event(MarketEventKind.BookClear, Channel.Book, flags));
                List<MarketEvent> bids = Levels(fields.Get("bids"), instrument, Side.Buy, Event(MarketEventKind.BookDelta, Channel.Book, flags), isSnapshot, out int badBids);
                List<MarketEvent> asks = Levels(fields.Get("asks"), instrument, Side.Sell, Event(MarketEventKind.BookDelta, Channel.Book, flags), isSnapshot, out int badAsks);
                DroppedLevels += badBids + badAsks;
                events = [.. events, .. bids, .. asks];
                hasBook[0] |= isSnapshot;
                if (!hasBook[0])
                {
                    Dropped += events.Count;
                    events.Clear();
                }

                break;
            case "book_snapshot":
                // An escaped name is no server's.
                bool isQuote = fields.Get("name").Text().StartsWith("quote", StringComparison.Ordinal) && !fields["name"].GetRawText().Contains('\\', StringComparison.Ordinal);
                MarketEventFlags snapshotFlags = MarketEventFlags.NoSequence | (isQuote ? MarketEventFlags.Derived : MarketEventFlags.Snapshot);
                MarketEvent template = Event(isQuote ? MarketEventKind.Quote : MarketEventKind.BookDelta, isQuote ? Channel.Quotes : Channel.Book, snapshotFlags);
                List<MarketEvent> snapshotBids = Levels(fields.Get("bids"), instrument, Side.Buy, template, true, out int unusableBids);
                List<MarketEvent> snapshotAsks = Levels(fields.Get("asks"), instrument, Side.Sell, template, true, out int unusableAsks);
                DroppedLevels += unusableBids + unusableAsks;
                if (isQuote)
                {
                    events = [.. snapshotBids.Take(1), .. snapshotAsks.Take(1)];
                    break;
                }

                if (hasBook[0])
                    Dropped += snapshotBids.Count + snapshotAsks.Count;
                else
                    events = [Event(MarketEventKind.BookClear, Channel.Book, snapshotFlags), .. snapshotBids, .. snapshotAsks];
                break;
            case "book_ticker":
                foreach ((string name, Side quoteSide) in new[] { ("bid", Side.Buy), ("ask", Side.Sell) })
                {
                    if (!fields.Has(name + "Price") || fields[name + "Price"].Numeric().Length == 0)
                        continue;
                    ParseError error = ReferenceJson.Steps(fields[name + "Price"].Numeric(), instrument.Tick, out long ticks);
                    ReferenceJson.Require(error == ParseError.None && ticks >= 0, "price");
                    Quantity quantity = fields.Has(name + "Amount") ? fields[name + "Amount"].Quantity(instrument.Lot) : default;
                    if (ticks > 0)
                        events.Add(Event(MarketEventKind.Quote, Channel.Quotes, MarketEventFlags.NoSequence) with { Side = quoteSide, Price = new Price(ticks), Quantity = quantity });
                }

                break;
            default:
                foreach (DerivativeField field in new[]
                {
                    DerivativeField.LastPrice, DerivativeField.OpenInterest, DerivativeField.FundingRate, DerivativeField.FundingTimestamp,
                    DerivativeField.PredictedFundingRate, DerivativeField.IndexPrice, DerivativeField.MarkPrice,
                })
                {
                    string name = char.ToLowerInvariant(field.ToString()[0]) + field.ToString()[1..];
                    if (!fields.Has(name))
                        continue;
                    (long Mantissa, byte Scale) value;
                    if (field == DerivativeField.FundingTimestamp)
                        value = (fields[name].Time(), 0);
                    else if (fields[name].Numeric().Length == 0)
                        continue;
                    else
                        value = fields[name].Scaled();
                    events.Add(Event(MarketEventKind.DerivativeTicker, Channel.Derivative, MarketEventFlags.NoSequence) with
                    {
                        Detail = (int)field,
                        Price = new Price(value.Mantissa),
                        Scale = value.Scale,
                    });
                }

                break;
        }

        _seen[instrument] = (tape, hasBook);
        return Close(events);
    }

    private static List<MarketEvent> Levels(JsonElement array, Instrument instrument, Side side, MarketEvent template, bool isSnapshot, out int unusable)
    {
        List<MarketEvent> levels = [];
        unusable = 0;
        foreach (JsonElement item in array.Items())
        {
            Dictionary<string, JsonElement> level = ReferenceJson.Fields(item, "price", "amount");
            if (isSnapshot && level.Count == 0)
                continue;
            Price price = level.Get("price").Price(instrument.Tick);
            Quantity? quantity = level.Has("amount") ? level["amount"].QuantityIfUsable(instrument.Lot) : null;
            if (quantity is null)
                unusable++;
            else if (!isSnapshot || quantity.Value.Lots > 0)
                levels.Add(template with { Side = side, Price = price, Quantity = quantity.Value });
        }

        return levels;
    }

    private List<MarketEvent> Lose(Func<Instrument, bool> isLost, UnixNanos receiveTime)
    {
        Instrument[] lost = [.. _seen.Keys.Where(isLost)];
        foreach (Instrument instrument in lost)
            _seen.Remove(instrument);
        return [.. lost.Select(i => Stamped(i, receiveTime, -1, MarketEventKind.Disconnect, Channel.All, MarketEventFlags.NoSequence | MarketEventFlags.LastInMessage))];
    }
}
