using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>Parses the Coinbase Exchange feed (<c>wss://ws-feed.exchange.coinbase.com</c>), the format Tardis records as <c>coinbase</c>.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>The wire carries the maker's side of a trade; events carry the aggressor's.</item>
/// <item><c>trade_id</c> grows by one per product and is the gap detector of the trades channel; the book has no sequence on this feed.</item>
/// <item><c>last_match</c> is no trade: it only says which id comes next.</item>
/// <item>A book change before its snapshot is counted in Dropped, level by level.</item>
/// <item>A time before 1970 (<c>0001-01-01</c> is Go's zero) becomes the previous time of that product for <c>l2update</c>, as at Tardis,
/// or drops the message if there is none; for every other type it counts as absent.</item>
/// </list>
/// The mapping, field by field, is in <c>codecs/docs/messages.md</c>.
/// </remarks>
public sealed partial class CoinbaseParser : VenueParser
{
    private static readonly FieldNames Fields = new(
        "type", "product_id", "time", "trade_id", "side", "size", "price", "sequence", "best_bid", "best_ask", "best_bid_size",
        "best_ask_size", "bids", "asks", "changes", "last_trade_id");

    private readonly SymbolMap<Product> _products;
    private readonly MinuteCache _minutes = new();

    /// <param name="instruments">Receives the products.</param>
    public CoinbaseParser(InstrumentTable instruments)
    {
        ArgumentNullException.ThrowIfNull(instruments);
        _products = new SymbolMap<Product>(instruments, "coinbase", instrument => new Product(instrument));
    }

    /// <inheritdoc/>
    public override void Disconnected(UnixNanos receiveTime, MarketEventBuffer output) => AppendDisconnects(_products, receiveTime, output);

    private protected override void Forget() => Forget(_products);

    private protected override ParseResult ParseAnyForm(
        ref JsonScanner json, ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        Span<int> at = stackalloc int[(int)Field.Count];
        if (!json.IndexFields(Fields, at) || !json.End() || !json.TextAt(at[(int)Field.Type], out JsonText type))
            return json.Refusal;
        if (type.Is("subscriptions"u8))
            return ParseResult.Done;
        if (type.Is("error"u8))
        {
            NoteVenueError(message);
            return ParseResult.Done;
        }

        bool isMatch = type.Is("match"u8), isLastMatch = type.Is("last_match"u8);
        bool isChange = type.Is("l2update"u8), isSnapshot = type.Is("snapshot"u8);
        bool isTicker = type.Is("ticker"u8), isHeartbeat = type.Is("heartbeat"u8);
        if (!(isMatch | isLastMatch | isChange | isSnapshot | isTicker | isHeartbeat))
            return ParseResult.Unknown;
        if (!json.TextAt(at[(int)Field.Product], out JsonText symbol) || !_products.TryResolve(ref json, symbol, out Product product)
            || !ReadTime(ref json, at[(int)Field.Time], out long nanos))
        {
            return json.Refusal;
        }

        bool done = isMatch || isLastMatch ? ReadMatch(ref json, at, product, receiveTime, nanos, isLastMatch, output)
            : isChange ? ReadChanges(ref json, at, product, receiveTime, nanos, output)
            : isSnapshot ? ReadSnapshot(ref json, at, product, receiveTime, nanos, output)
            : isTicker ? ReadTicker(ref json, at, product, receiveTime, nanos, output)
            : ReadHeartbeat(ref json, at, product, receiveTime, nanos, output);
        if (!done)
            return json.Refusal;
        product.Seen = true;
        return ParseResult.Done;
    }

    /// <summary>Reads a time that may be absent; “no time” is negative.</summary>
    private static bool ReadTime(ref JsonScanner json, int at, out long nanos)
    {
        nanos = -1;
        return !json.Has(at) ? !json.Failed : json.TimeAt(at, out nanos);
    }

    private bool ReadMatch(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, Product product, UnixNanos receiveTime, long nanos, bool isHistory, MarketEventBuffer output)
    {
        if (!json.Go(at[(int)Field.Time]) || !json.IntegerAt(at[(int)Field.TradeId], out long id)
            || !json.TextAt(at[(int)Field.Side], out JsonText makerSide)
            || !TryReadSide(ref json, makerSide, out Side maker)
            || !json.Go(at[(int)Field.Price]) || !json.ReadPrice(product.Tick, out Price price)
            || !json.Go(at[(int)Field.Size]) || !json.ReadQuantity(product.Lot, out Quantity quantity))
        {
            return false;
        }

        if (isHistory)
        {
            product.Tape.Tell(id);
            return true;
        }

        Side aggressor = maker == Side.Buy ? Side.Sell : Side.Buy;
        AppendTrade(product, EventStamp.FromNanos(product.Id, receiveTime, nanos, 0), id, aggressor, price, quantity, output);
        return true;
    }

    private bool ReadChanges(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, Product product, UnixNanos receiveTime, long nanos, MarketEventBuffer output)
    {
        bool hasTime = json.Has(at[(int)Field.Time]);
        long time = hasTime && nanos < 0 ? product.LastTime : nanos;
        bool isTimeless = hasTime && time < 0;
        EventStamp stamp = EventStamp.FromNanos(product.Id, receiveTime, time, MarketEventFlags.NoSequence);
        int start = output.Count, unusable = 0;
        if (!json.Go(at[(int)Field.Changes]))
            return false;
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.EnterArray() || !json.RequireElement() || !json.ReadText(out JsonText sideText) || !TryReadSide(ref json, sideText, out Side side)
                || !json.RequireElement() || !json.ReadPrice(product.Tick, out Price price)
                || !json.RequireElement() || !json.ReadQuantityIfUsable(product.Lot, out Quantity quantity, out bool usable))
            {
                return false;
            }

            if (usable)
                stamp.AddLevel(output, side, price, quantity);
            else
                unusable++;
            while (json.NextElement())
                json.Skip();
        }

        if (json.Failed)
            return false;
        DroppedLevels += unusable;
        if (hasTime & nanos >= 0)
            product.LastTime = nanos;
        if (!product.HasBook | isTimeless)
        {
            Dropped += output.Count - start;
            output.Truncate(start);
        }

        CloseGroup(output, start);
        return true;
    }

    private bool ReadSnapshot(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, Product product, UnixNanos receiveTime, long nanos, MarketEventBuffer output)
    {
        const MarketEventFlags flags = MarketEventFlags.Snapshot | MarketEventFlags.NoSequence;
        EventStamp stamp = EventStamp.FromNanos(product.Id, receiveTime, nanos, flags);
        int start = output.Count;
        long unusable = 0;
        stamp.Add(output, MarketEventKind.BookClear, Channel.Book);
        // In the order of the message, so that a template can read it in one go.
        bool bidsFirst = at[(int)Field.Bids] < at[(int)Field.Asks];
        (int first, int second) = bidsFirst ? (at[(int)Field.Bids], at[(int)Field.Asks]) : (at[(int)Field.Asks], at[(int)Field.Bids]);
        if (!json.Go(first) || !ReadLevels(ref json, product, bidsFirst ? Side.Buy : Side.Sell, stamp, output, ref unusable)
            || !json.Go(second) || !ReadLevels(ref json, product, bidsFirst ? Side.Sell : Side.Buy, stamp, output, ref unusable))
        {
            return false;
        }

        DroppedLevels += unusable;
        product.HasBook = true;
        CloseGroup(output, start);
        return true;
    }

    private static bool ReadLevels(
        ref JsonScanner json, Product product, Side side, in EventStamp stamp, MarketEventBuffer output, ref long unusable)
    {
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.EnterArray() || !json.RequireElement() || !json.ReadPrice(product.Tick, out Price price)
                || !json.RequireElement() || !json.ReadQuantityIfUsable(product.Lot, out Quantity quantity, out bool usable))
            {
                return false;
            }

            if (!usable)
                unusable++;
            else if (quantity.Lots != 0)
                stamp.AddLevel(output, side, price, quantity);
            while (json.NextElement())
                json.Skip();
        }

        return !json.Failed;
    }

    private static bool ReadTicker(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, Product product, UnixNanos receiveTime, long nanos, MarketEventBuffer output)
    {
        long sequence = 0;
        bool hasSequence = json.Has(at[(int)Field.Sequence]);
        if (hasSequence && !json.IntegerAt(at[(int)Field.Sequence], out sequence))
            return false;
        EventStamp stamp = EventStamp.FromNanos(product.Id, receiveTime, nanos, hasSequence ? 0 : MarketEventFlags.NoSequence);
        int start = output.Count;
        if (!json.AppendQuote(at[(int)Field.BestBid], at[(int)Field.BestBidSize], product, Side.Buy, stamp, sequence, output)
            || !json.AppendQuote(at[(int)Field.BestAsk], at[(int)Field.BestAskSize], product, Side.Sell, stamp, sequence, output))
        {
            return false;
        }

        CloseGroup(output, start);
        return true;
    }

    private static bool ReadHeartbeat(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, Product product, UnixNanos receiveTime, long nanos, MarketEventBuffer output)
    {
        if (!json.IntegerAt(at[(int)Field.Sequence], out long sequence) || !json.IntegerAt(at[(int)Field.LastTradeId], out long lastTradeId))
            return false;
        ref MarketEvent heartbeat = ref EventStamp.FromNanos(product.Id, receiveTime, nanos, MarketEventFlags.LastInMessage)
            .Add(output, MarketEventKind.Heartbeat, Channel.All);
        heartbeat.Sequence = sequence;
        heartbeat.Aux = lastTradeId;
        return true;
    }

    private static bool TryReadSide(ref JsonScanner json, scoped JsonText text, out Side side)
    {
        side = text.Is("buy"u8) ? Side.Buy : text.Is("sell"u8) ? Side.Sell : Side.Unknown;
        return side != Side.Unknown || json.Fail(ParseError.InvalidSide, text.Position);
    }

    private enum Field
    {
        Type,
        Product,
        Time,
        TradeId,
        Side,
        Size,
        Price,
        Sequence,
        BestBid,
        BestAsk,
        BestBidSize,
        BestAskSize,
        Bids,
        Asks,
        Changes,
        LastTradeId,
        Count,
    }

    private sealed class Product(Instrument instrument) : VenueSymbol(instrument)
    {
        /// <summary>The latest valid time of an l2update; −1 before the first.</summary>
        public long LastTime = -1;

        public override void Forget()
        {
            base.Forget();
            LastTime = -1;
        }
    }
}
