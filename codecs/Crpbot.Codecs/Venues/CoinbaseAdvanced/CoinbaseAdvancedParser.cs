using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>Parses the Coinbase Advanced Trade feed (<c>wss://advanced-trade-ws.coinbase.com</c>); its Instruments are those of <c>coinbase</c>.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>sequence_num</c> counts every message of the connection. Any jump is a Gap of all channels of all Instruments, and no book is
/// believed until its next snapshot. It is checked on unknown channels too, so a message may be Unknown and still reveal a Gap.</item>
/// <item><c>side</c> of a trade is the maker's, as on the Exchange feed; events carry the aggressor's.</item>
/// <item>The <c>snapshot</c> of <c>market_trades</c> is history: not published, it only tells which id comes next.</item>
/// <item>Trades of one message come newest first and are published oldest first.</item>
/// <item>Each level has its own <c>event_time</c>; where that is Go's zero or 1970 the message's <c>timestamp</c> stands in.</item>
/// </list>
/// Values are staged and the state changes once the whole message is known to be right.
/// </remarks>
public sealed partial class CoinbaseAdvancedParser : VenueParser
{
    private static readonly FieldNames EnvelopeFields = new("channel", "timestamp", "sequence_num", "events", "type");
    private static readonly FieldNames EventFields = new("type", "product_id", "updates", "trades", "tickers", "heartbeat_counter");
    private static readonly FieldNames LevelFields = new("side", "event_time", "price_level", "new_quantity");
    private static readonly FieldNames TradeFields = new("product_id", "trade_id", "price", "size", "time", "side");
    private static readonly FieldNames TickerFields = new("product_id", "best_bid", "best_ask", "best_bid_quantity", "best_ask_quantity");

    private readonly SymbolMap<VenueSymbol> _products;
    private readonly MinuteCache _minutes = new();
    private readonly MarketEventBuffer _staged = new();
    private long _nextSequence = -1;

    /// <param name="instruments">Receives the products, as those of the venue <c>coinbase</c>.</param>
    public CoinbaseAdvancedParser(InstrumentTable instruments)
    {
        ArgumentNullException.ThrowIfNull(instruments);
        _products = new SymbolMap<VenueSymbol>(instruments, "coinbase", instrument => new VenueSymbol(instrument));
    }

    /// <inheritdoc/>
    public override void Disconnected(UnixNanos receiveTime, MarketEventBuffer output)
    {
        AppendDisconnects(_products, receiveTime, output);
        _nextSequence = -1;
    }

    private protected override void Forget()
    {
        Forget(_products);
        _nextSequence = -1;
    }

    private protected override ParseResult ParseAnyForm(
        ref JsonScanner json, ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        Span<int> at = stackalloc int[(int)Envelope.Count];
        if (!json.IndexFields(EnvelopeFields, at) || !json.End())
            return json.Refusal;
        if (at[(int)Envelope.Channel] == JsonFields.Absent)
            return ReadChannelless(ref json, at[(int)Envelope.Type], message);
        long nanos = -1, sequence = -1;
        if (!json.TextAt(at[(int)Envelope.Channel], out JsonText channel)
            || (json.Has(at[(int)Envelope.Timestamp]) && !json.TimeAt(at[(int)Envelope.Timestamp], out nanos)))
        {
            return json.Refusal;
        }

        Feed feed = channel.Is("l2_data"u8) ? Feed.Book
            : channel.Is("market_trades"u8) ? Feed.Trades
            : channel.Is("ticker"u8) || channel.Is("ticker_batch"u8) ? Feed.Quotes
            : channel.Is("heartbeats"u8) ? Feed.Heartbeats
            : channel.Is("subscriptions"u8) ? Feed.Subscriptions
            : Feed.Unknown;
        bool hasSequence = feed != Feed.Unknown || json.Has(at[(int)Envelope.Sequence]);
        if (hasSequence && !json.IntegerAt(at[(int)Envelope.Sequence], out sequence))
            return json.Refusal;
        EventStamp stamp = EventStamp.FromNanos(InstrumentId.All, receiveTime, nanos, 0);
        _staged.Clear();
        long unusable = 0;
        if (feed is not (Feed.Unknown or Feed.Subscriptions) && !ReadEvents(ref json, at[(int)Envelope.Events], feed, stamp, sequence, ref unusable))
            return json.Refusal;
        DroppedLevels += unusable;
        Commit(stamp, sequence, output);
        return feed == Feed.Unknown ? ParseResult.Unknown : ParseResult.Done;
    }

    private ParseResult ReadChannelless(ref JsonScanner json, int typeAt, ReadOnlySpan<byte> message)
    {
        if (!json.TextAt(typeAt, out JsonText type))
            return json.Refusal;
        if (!type.Is("error"u8))
            return ParseResult.Unknown;
        NoteVenueError(message);
        return ParseResult.Done;
    }

    private bool ReadEvents(ref JsonScanner json, int eventsAt, Feed feed, in EventStamp stamp, long sequence, ref long unusable)
    {
        Span<int> at = stackalloc int[(int)Event.Count];
        if (!json.Go(eventsAt))
            return false;
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.IndexFields(EventFields, at))
                return false;
            int after = json.Position;
            bool read = feed switch
            {
                Feed.Book => ReadLevels(ref json, at, stamp, sequence, ref unusable),
                Feed.Trades => ReadTrades(ref json, at, stamp),
                Feed.Quotes => ReadTickers(ref json, at, stamp, sequence),
                _ => ReadHeartbeat(ref json, at, stamp, sequence),
            };
            if (!read)
                return false;
            json.Seek(after);
        }

        return !json.Failed;
    }

    private bool ReadLevels(ref JsonScanner json, scoped ReadOnlySpan<int> at, in EventStamp message, long sequence, ref long unusable)
    {
        if (!ReadIsSnapshot(ref json, at, out bool isSnapshot)
            || !json.TextAt(at[(int)Event.Product], out JsonText name) || !_products.TryResolve(ref json, name, out VenueSymbol product)
            || !json.Go(at[(int)Event.Updates]))
        {
            return false;
        }

        MarketEventFlags flags = isSnapshot ? MarketEventFlags.Snapshot : 0;
        int start = _staged.Count;
        if (isSnapshot)
        {
            new EventStamp(product.Id, message.ReceiveTime, message.ExchangeTime, message.Flags | flags)
                .Add(_staged, MarketEventKind.BookClear, Channel.Book).Sequence = sequence;
        }

        Span<int> level = stackalloc int[(int)Level.Count];
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.IndexFields(LevelFields, level))
                return false;
            int after = json.Position;
            if (!json.TextAt(level[(int)Level.Side], out JsonText sideText) || !TryReadBookSide(ref json, sideText, out Side side)
                || !json.TimeAt(level[(int)Level.Time], out long nanos)
                || !json.Go(level[(int)Level.Price]) || !json.ReadPrice(product.Tick, out Price price)
                || !json.Go(level[(int)Level.Quantity]) || !json.ReadQuantityIfUsable(product.Lot, out Quantity quantity, out bool usable))
            {
                return false;
            }

            json.Seek(after);
            if (!usable)
            {
                unusable++;
                continue;
            }

            if (isSnapshot && quantity.Lots == 0)
                continue;
            EventStamp stamp = nanos > 0
                ? new EventStamp(product.Id, message.ReceiveTime, new UnixNanos(nanos), flags)
                : new EventStamp(product.Id, message.ReceiveTime, message.ExchangeTime, message.Flags | flags);
            stamp.AddLevel(_staged, side, price, quantity).Sequence = sequence;
        }

        CloseGroup(_staged, start);
        return !json.Failed;
    }

    private bool ReadTrades(ref JsonScanner json, scoped ReadOnlySpan<int> at, in EventStamp message)
    {
        if (!ReadIsSnapshot(ref json, at, out bool isHistory) || !json.Go(at[(int)Event.Trades]))
            return false;
        Span<int> trade = stackalloc int[(int)Trade.Count];
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.IndexFields(TradeFields, trade))
                return false;
            int after = json.Position;
            if (!json.TextAt(trade[(int)Trade.Product], out JsonText name) || !_products.TryResolve(ref json, name, out VenueSymbol product)
                || !json.IntegerAt(trade[(int)Trade.Id], out long id)
                || !json.TextAt(trade[(int)Trade.Side], out JsonText makerSide) || !TryReadMakerSide(ref json, makerSide, out Side maker)
                || !json.TimeAt(trade[(int)Trade.Time], out long nanos)
                || !json.Go(trade[(int)Trade.Price]) || !json.ReadPrice(product.Tick, out Price price)
                || !json.Go(trade[(int)Trade.Size]) || !json.ReadQuantity(product.Lot, out Quantity quantity))
            {
                return false;
            }

            json.Seek(after);
            StageTrade(product, message.ReceiveTime, nanos, isHistory, id, maker == Side.Buy ? Side.Sell : Side.Buy, price, quantity);
        }

        return !json.Failed;
    }

    private bool ReadTickers(ref JsonScanner json, scoped ReadOnlySpan<int> at, in EventStamp message, long sequence)
    {
        Span<int> ticker = stackalloc int[(int)Ticker.Count];
        if (!json.Go(at[(int)Event.Tickers]))
            return false;
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.IndexFields(TickerFields, ticker))
                return false;
            int after = json.Position, start = _staged.Count;
            if (!json.TextAt(ticker[(int)Ticker.Product], out JsonText name) || !_products.TryResolve(ref json, name, out VenueSymbol product))
                return false;
            var stamp = new EventStamp(product.Id, message.ReceiveTime, message.ExchangeTime, message.Flags);
            if (!json.AppendQuote(ticker[(int)Ticker.BestBid], ticker[(int)Ticker.BestBidQuantity], product, Side.Buy, stamp, sequence, _staged)
                || !json.AppendQuote(ticker[(int)Ticker.BestAsk], ticker[(int)Ticker.BestAskQuantity], product, Side.Sell, stamp, sequence, _staged))
            {
                return false;
            }

            json.Seek(after);
            CloseGroup(_staged, start);
        }

        return !json.Failed;
    }

    private bool ReadHeartbeat(ref JsonScanner json, scoped ReadOnlySpan<int> at, in EventStamp message, long sequence)
    {
        if (!json.IntegerAt(at[(int)Event.HeartbeatCounter], out long counter))
            return false;
        ref MarketEvent heartbeat = ref message.With(MarketEventFlags.LastInMessage).Add(_staged, MarketEventKind.Heartbeat, Channel.All);
        heartbeat.Sequence = counter;
        heartbeat.Aux = sequence;
        return true;
    }

    private void StageTrade(
        VenueSymbol product, UnixNanos receiveTime, long nanos, bool isHistory, long id, Side aggressor, Price price, Quantity quantity)
    {
        ref MarketEvent trade = ref EventStamp.FromNanos(product.Id, receiveTime, nanos, isHistory ? MarketEventFlags.History : 0)
            .Add(_staged, MarketEventKind.Trade, Channel.Trades);
        trade.Sequence = id;
        trade.Side = aggressor;
        trade.Price = price;
        trade.Quantity = quantity;
        trade.Detail = _staged.Count;
    }

    /// <summary>Checks the connection's sequence, then publishes what was staged, changing the state as it goes.</summary>
    private void Commit(in EventStamp stamp, long sequence, MarketEventBuffer output)
    {
        if (sequence >= 0)
        {
            if (_nextSequence >= 0 & sequence != _nextSequence)
            {
                stamp.AddGap(output, Channel.All, _nextSequence, sequence);
                Gaps++;
                foreach (VenueSymbol product in _products.All)
                    product.HasBook = false;
            }

            _nextSequence = sequence + 1;
        }

        Span<MarketEvent> staged = _staged.Writable;
        if (staged.Length > 1 && staged[0].Kind == MarketEventKind.Trade)
            SortTrades(staged);
        bool keepsGroup = false, groupBegins = true;
        foreach (ref readonly MarketEvent e in staged)
        {
            VenueSymbol? product = e.Instrument == InstrumentId.All ? null : _products[e.Instrument];
            product?.Seen = true;
            switch (e.Kind)
            {
                case MarketEventKind.Trade when (e.Flags & MarketEventFlags.History) != 0:
                    SkippedTrades++;
                    product!.Tape.Tell(e.Sequence);
                    break;
                case MarketEventKind.Trade:
                    AppendTrade(product!, new EventStamp(e.Instrument, e.ReceiveTime, e.ExchangeTime, e.Flags), e.Sequence, e.Side, e.Price, e.Quantity, output);
                    break;
                case MarketEventKind.BookClear or MarketEventKind.BookDelta:
                    if (groupBegins)
                        keepsGroup = product!.HasBook |= e.Kind == MarketEventKind.BookClear;
                    groupBegins = e.IsLastInMessage;
                    if (keepsGroup)
                        output.Add() = e;
                    else
                        Dropped++;
                    break;
                default:
                    output.Add() = e;
                    break;
            }
        }
    }

    /// <summary>Puts the trades of one message, which come newest first, into the order of their ids.</summary>
    private static void SortTrades(Span<MarketEvent> trades)
    {
        bool descends = true, ascends = true;
        for (int i = 1; i < trades.Length; i++)
        {
            descends &= trades[i].Sequence < trades[i - 1].Sequence;
            ascends &= trades[i].Sequence > trades[i - 1].Sequence;
        }

        if (descends)
            trades.Reverse();
        else if (!ascends)
            trades.Sort(default(ByTradeId));
    }

    private static bool ReadIsSnapshot(ref JsonScanner json, scoped ReadOnlySpan<int> at, out bool isSnapshot)
    {
        isSnapshot = false;
        if (!json.TextAt(at[(int)Event.Type], out JsonText type))
            return false;
        isSnapshot = type.Is("snapshot"u8);
        return isSnapshot || type.Is("update"u8) || json.Fail(ParseError.WrongType, type.Position);
    }

    private static bool TryReadBookSide(ref JsonScanner json, scoped JsonText text, out Side side)
    {
        side = text.Is("bid"u8) ? Side.Buy : text.Is("offer"u8) ? Side.Sell : Side.Unknown;
        return side != Side.Unknown || json.Fail(ParseError.InvalidSide, text.Position);
    }

    private static bool TryReadMakerSide(ref JsonScanner json, scoped JsonText text, out Side side)
    {
        side = text.Is("BUY"u8) ? Side.Buy : text.Is("SELL"u8) ? Side.Sell : Side.Unknown;
        return side != Side.Unknown || json.Fail(ParseError.InvalidSide, text.Position);
    }

    private enum Feed { Unknown, Book, Trades, Quotes, Heartbeats, Subscriptions }

    private enum Envelope { Channel, Timestamp, Sequence, Events, Type, Count }

    private enum Event { Type, Product, Updates, Trades, Tickers, HeartbeatCounter, Count }

    private enum Level { Side, Time, Price, Quantity, Count }

    private enum Trade { Product, Id, Price, Size, Time, Side, Count }

    private enum Ticker { Product, BestBid, BestAsk, BestBidQuantity, BestAskQuantity, Count }

    /// <summary>By id, then by product, then in the order of the message, which staging left in Detail.</summary>
    private readonly struct ByTradeId : IComparer<MarketEvent>
    {
        public int Compare(MarketEvent x, MarketEvent y) =>
            x.Sequence != y.Sequence ? x.Sequence.CompareTo(y.Sequence)
            : x.Instrument != y.Instrument ? x.Instrument.Value.CompareTo(y.Instrument.Value)
            : x.Detail.CompareTo(y.Detail);
    }
}
