using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>Parses Binance market streams, spot and futures, wrapped (<c>{"stream":…,"data":…}</c>) or bare, and REST depth snapshots.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A book begins with a REST snapshot. Updates before it wait, are joined to it by the venue's rules, and every later one must
/// continue the one before (<c>U = u' + 1</c> on spot, <c>pu = u'</c> where <c>pu</c> is sent); a hole is a Gap of the book, which is void until
/// the next snapshot.</item>
/// <item>Trade ids grow by one per symbol; ids of trades that are none of the market's (<c>X</c> of INSURANCE_FUND, ADL, NA) count as seen.</item>
/// <item><c>trade</c> or <c>aggTrade</c> is read, not both: they are the same executions. By default <c>aggTrade</c> is Unknown, as at Tardis.</item>
/// </list>
/// The mapping, field by field, is in <c>codecs/docs/messages.md</c>.
/// </remarks>
public sealed partial class BinanceParser : VenueParser
{
    private static readonly FieldNames WrapperFields = new("stream", "data");
    private static readonly FieldNames DataFields = new(
        "e", "E", "T", "s", "t", "p", "q", "m", "X", "U", "u", "pu", "b", "a", "B", "A", "lastUpdateId", "bids", "asks", "symbol", "i", "r",
        "o", "c", "openInterest", "time", "result", "id", "error");

    private static readonly FieldNames OrderFields = new("s", "S", "p", "z", "X", "T");

    private readonly SymbolMap<BinanceSymbol> _symbols;
    private readonly bool _isDerivative;
    private readonly bool _useAggregateTrades;

    /// <param name="instruments">Receives the symbols.</param>
    /// <param name="venue">Tardis' id: <c>binance</c>, <c>binance-futures</c>, <c>binance-us</c> or <c>binance-delivery</c>.</param>
    /// <param name="useAggregateTrades">Reads <c>aggTrade</c> instead of <c>trade</c>.</param>
    public BinanceParser(InstrumentTable instruments, string venue, bool useAggregateTrades = false)
    {
        ArgumentNullException.ThrowIfNull(instruments);
        ArgumentException.ThrowIfNullOrEmpty(venue);
        _symbols = new SymbolMap<BinanceSymbol>(instruments, venue, instrument => new BinanceSymbol(instrument));
        _isDerivative = venue is "binance-futures" or "binance-delivery";
        _useAggregateTrades = useAggregateTrades;
    }

    /// <inheritdoc/>
    /// <remarks>Counts the updates that wait for a snapshot, too; they leave the count if it comes and fits.</remarks>
    public override long Dropped => base.Dropped + Waiting;

    /// <summary>Levels of updates that wait for their snapshot.</summary>
    public long Waiting { get; private set; }

    /// <summary>Whose book a bare REST snapshot is that does not say so; empty: the only symbol seen.</summary>
    private ReadOnlySpan<byte> SnapshotSymbol => _snapshotSymbol.AsSpan(0, _snapshotSymbolLength);

    /// <inheritdoc/>
    public override void Disconnected(UnixNanos receiveTime, MarketEventBuffer output)
    {
        base.Dropped += Waiting;
        Waiting = 0;
        AppendDisconnects(_symbols, receiveTime, output);
    }

    private protected override void Forget()
    {
        Forget(_symbols);
        Waiting = 0;
    }

    private protected override ParseResult ParseAnyForm(
        ref JsonScanner json, ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        Span<int> wrapper = stackalloc int[2];
        if (!json.IndexFields(WrapperFields, wrapper) || !json.End())
            return json.Refusal;
        (int streamAt, int dataAt) = (wrapper[0], wrapper[1]);
        scoped JsonText stream = default;
        if (streamAt != JsonFields.Absent && !json.TextAt(streamAt, out stream))
            return json.Refusal;
        json.Seek(dataAt == JsonFields.Absent ? 0 : dataAt);
        if (dataAt != JsonFields.Absent && json.Peek() == '[')
            return ParseResult.Unknown;
        Span<int> at = stackalloc int[(int)Field.Count];
        if (!json.IndexFields(DataFields, at))
            return json.Refusal;
        Kind kind = KindOf(ref json, at, streamAt != JsonFields.Absent, stream);
        if (json.Failed)
            return json.Refusal;
        switch (kind)
        {
            case Kind.Unknown:
                return ParseResult.Unknown;
            case Kind.Acknowledgement:
                return ParseResult.Done;
            case Kind.Error:
                NoteVenueError(message);
                return ParseResult.Done;
        }

        bool done = kind switch
        {
            Kind.Trade => ReadTrade(ref json, at, Field.TradeId, receiveTime, output),
            Kind.AggregateTrade => ReadTrade(ref json, at, Field.Asks, receiveTime, output),
            Kind.Depth => ReadDepth(ref json, at, receiveTime, output),
            Kind.Snapshot => ReadSnapshot(ref json, at, streamAt != JsonFields.Absent, stream, receiveTime, output),
            Kind.BookTicker => ReadBookTicker(ref json, at, receiveTime, output),
            Kind.Liquidation => ReadLiquidation(ref json, at[(int)Field.Order], receiveTime, output),
            _ => ReadDerivative(ref json, kind, at, receiveTime, output),
        };
        return done ? ParseResult.Done : json.Refusal;
    }

    private Kind KindOf(ref JsonScanner json, scoped ReadOnlySpan<int> at, bool hasStream, scoped JsonText stream)
    {
        if (at[(int)Field.Event] != JsonFields.Absent)
        {
            if (!json.TextAt(at[(int)Field.Event], out JsonText e))
                return Kind.Unknown;
            return e.Is("depthUpdate"u8) ? Kind.Depth
                : e.Is("trade"u8) ? (_useAggregateTrades ? Kind.Unknown : Kind.Trade)
                : e.Is("aggTrade"u8) ? (_useAggregateTrades ? Kind.AggregateTrade : Kind.Unknown)
                : e.Is("bookTicker"u8) ? Kind.BookTicker
                : e.Is("markPriceUpdate"u8) ? Kind.MarkPrice
                : e.Is("24hrTicker"u8) && _isDerivative ? Kind.LastPrice
                : e.Is("forceOrder"u8) ? Kind.Liquidation
                : Kind.Unknown;
        }

        bool Present(Field field, scoped ReadOnlySpan<int> places) => places[(int)field] != JsonFields.Absent;
        if (Present(Field.LastUpdateId, at))
            return !hasStream || EndsWith(stream, "@depthSnapshot"u8) ? Kind.Snapshot : Kind.Unknown;
        if (Present(Field.BidQuantity, at) & Present(Field.AskQuantity, at) & Present(Field.LastUpdate, at))
            return Kind.BookTicker;
        if (Present(Field.OpenInterest, at))
            return Kind.OpenInterest;
        if (hasStream)
            return Kind.Unknown;
        return Present(Field.Error, at) ? Kind.Error : Present(Field.Result, at) ? Kind.Acknowledgement : Kind.Unknown;
    }

    private static bool EndsWith(scoped JsonText stream, ReadOnlySpan<byte> suffix) => !stream.Escaped && stream.Raw.EndsWith(suffix);

    private bool ReadTrade(ref JsonScanner json, scoped ReadOnlySpan<int> at, Field idField, UnixNanos receiveTime, MarketEventBuffer output)
    {
        if (!ReadSymbol(ref json, at[(int)Field.Symbol], out BinanceSymbol symbol)
            || !json.IntegerAt(at[(int)idField], out long id)
            || !json.EpochAt(at[(int)Field.Time], out UnixNanos time)
            || !json.BooleanAt(at[(int)Field.BuyerIsMaker], out bool buyerIsMaker))
        {
            return false;
        }

        bool isMarket = true;
        if (json.Has(at[(int)Field.ExecutionType]))
        {
            if (!json.ReadText(out JsonText type))
                return false;
            isMarket = !(type.Is("INSURANCE_FUND"u8) || type.Is("ADL"u8) || type.Is("NA"u8));
        }

        Price price = default;
        Quantity quantity = default;
        if (isMarket && (!json.Go(at[(int)Field.Price]) || !json.ReadPrice(symbol.Tick, out price)
            || !json.Go(at[(int)Field.Quantity]) || !json.ReadQuantity(symbol.Lot, out quantity)))
        {
            return false;
        }

        symbol.Seen = true;
        int start = output.Count;
        AppendTrade(symbol, new EventStamp(symbol.Id, receiveTime, time, 0), id, buyerIsMaker ? Side.Sell : Side.Buy, price, quantity, output);
        if (!isMarket && output.Count > start)
        {
            output.Truncate(output.Count - 1);
            SkippedTrades++;
        }

        return true;
    }

    private bool ReadBookTicker(ref JsonScanner json, scoped ReadOnlySpan<int> at, UnixNanos receiveTime, MarketEventBuffer output)
    {
        UnixNanos time = receiveTime;
        bool hasTime = json.Has(at[(int)Field.EventTime]);
        if (!ReadSymbol(ref json, at[(int)Field.Symbol], out BinanceSymbol symbol)
            || (hasTime && !json.EpochAt(at[(int)Field.EventTime], out time))
            || !json.IntegerAt(at[(int)Field.LastUpdate], out long update))
        {
            return false;
        }

        var stamp = new EventStamp(symbol.Id, receiveTime, time, hasTime ? 0 : MarketEventFlags.NoExchangeTime);
        int start = output.Count;
        if (!json.AppendQuote(at[(int)Field.Bids], at[(int)Field.BidQuantity], symbol, Side.Buy, stamp, update, output)
            || !json.AppendQuote(at[(int)Field.Asks], at[(int)Field.AskQuantity], symbol, Side.Sell, stamp, update, output))
        {
            return false;
        }

        symbol.Seen = true;
        CloseGroup(output, start);
        return true;
    }

    private bool ReadLiquidation(ref JsonScanner json, int orderAt, UnixNanos receiveTime, MarketEventBuffer output)
    {
        Span<int> at = stackalloc int[(int)Order.Count];
        if (!json.Go(orderAt) || !json.IndexFields(OrderFields, at)
            || !ReadSymbol(ref json, at[(int)Order.Symbol], out BinanceSymbol symbol)
            || !json.TextAt(at[(int)Order.Status], out JsonText status)
            || !json.TextAt(at[(int)Order.Side], out JsonText sideText)
            || !json.EpochAt(at[(int)Order.Time], out UnixNanos time)
            || !json.Go(at[(int)Order.Price]) || !json.ReadPrice(symbol.Tick, out Price price)
            || !json.Go(at[(int)Order.Filled]) || !json.ReadQuantity(symbol.Lot, out Quantity quantity))
        {
            return false;
        }

        Side side = sideText.Is("BUY"u8) ? Side.Buy : sideText.Is("SELL"u8) ? Side.Sell : Side.Unknown;
        if (side == Side.Unknown)
            return json.Fail(ParseError.InvalidSide, sideText.Position);
        symbol.Seen = true;
        if (!status.Is("FILLED"u8))
            return true;
        ref MarketEvent liquidation = ref new EventStamp(
            symbol.Id, receiveTime, time, MarketEventFlags.NoSequence | MarketEventFlags.LastInMessage)
            .Add(output, MarketEventKind.Liquidation, Channel.Liquidations);
        liquidation.Side = side;
        liquidation.Price = price;
        liquidation.Quantity = quantity;
        return true;
    }

    private bool ReadDerivative(ref JsonScanner json, Kind kind, scoped ReadOnlySpan<int> at, UnixNanos receiveTime, MarketEventBuffer output)
    {
        bool isOpenInterest = kind == Kind.OpenInterest;
        if (!ReadSymbol(ref json, at[(int)(isOpenInterest ? Field.PlainSymbol : Field.Symbol)], out BinanceSymbol symbol)
            || !json.EpochAt(at[(int)(isOpenInterest ? Field.PlainTime : Field.EventTime)], out UnixNanos time))
        {
            return false;
        }

        var stamp = new EventStamp(symbol.Id, receiveTime, time, MarketEventFlags.NoSequence);
        int start = output.Count;
        bool read = kind switch
        {
            Kind.OpenInterest => json.AppendDerivative(at[(int)Field.OpenInterest], DerivativeField.OpenInterest, stamp, output),
            Kind.LastPrice => json.AppendDerivative(at[(int)Field.LastPrice], DerivativeField.LastPrice, stamp, output),
            _ => json.AppendDerivative(at[(int)Field.FundingRate], DerivativeField.FundingRate, stamp, output)
                && AppendFundingTime(ref json, at[(int)Field.Time], stamp, output)
                && json.AppendDerivative(at[(int)Field.IndexPrice], DerivativeField.IndexPrice, stamp, output)
                && json.AppendDerivative(at[(int)Field.Price], DerivativeField.MarkPrice, stamp, output),
        };
        if (!read)
            return false;
        symbol.Seen = true;
        CloseGroup(output, start);
        return true;
    }

    /// <summary>Delivery contracts send 0 for “no funding”.</summary>
    private static bool AppendFundingTime(ref JsonScanner json, int at, in EventStamp stamp, MarketEventBuffer output)
    {
        if (!json.Has(at))
            return !json.Failed;
        if (!json.IntegerAt(at, out long epoch))
            return false;
        if (epoch == 0)
            return true;
        if (!TimeParser.TryFromEpoch(epoch, out UnixNanos time))
            return json.Fail(ParseError.InvalidTime, at);
        ref MarketEvent added = ref stamp.Add(output, MarketEventKind.DerivativeTicker, Channel.Derivative);
        added.Detail = (int)DerivativeField.FundingTimestamp;
        added.Price = new Price(time.Value);
        return true;
    }

    private bool ReadSymbol(ref JsonScanner json, int at, out BinanceSymbol symbol)
    {
        symbol = null!;
        return json.TextAt(at, out JsonText name) && _symbols.TryResolve(ref json, name, out symbol);
    }

    private enum Kind { Unknown, Acknowledgement, Error, Trade, AggregateTrade, Depth, Snapshot, BookTicker, Liquidation, MarkPrice, LastPrice, OpenInterest }

    /// <summary>Places in <see cref="DataFields"/>; some letters mean different things in different messages.</summary>
    private enum Field
    {
        Event, EventTime, Time, Symbol, TradeId, Price, Quantity, BuyerIsMaker, ExecutionType, FirstUpdate, LastUpdate, PreviousUpdate,
        Bids, Asks, BidQuantity, AskQuantity, LastUpdateId, SnapshotBids, SnapshotAsks, PlainSymbol, IndexPrice, FundingRate,
        Order, LastPrice, OpenInterest, PlainTime, Result, Id, Error, Count,
    }

    private enum Order { Symbol, Side, Price, Filled, Status, Time, Count }
}
