using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

/// <summary>Parses the normalised messages of tardis-machine (<c>/ws-stream-normalized</c>, <c>/ws-replay-normalized</c>, <c>/replay-normalized</c>).</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Each message names its exchange, which is the venue of its Instrument; one parser serves a merged stream.</item>
/// <item>With a receive time of <see cref="UnixNanos.None"/> the message's own <c>localTimestamp</c> is used: recordings and replays have no better one.</item>
/// <item>Trade ids grow by one on <c>coinbase</c>, <c>binance</c> and <c>binance-us</c> and are checked there, up to 2^53: the server keeps ids in doubles,
/// and beyond that two trades in a row can have the same. Ids that are no 63-bit integers stand in the <see cref="TextIdTable"/>.</item>
/// <item><c>book_snapshot_*</c> is a whole book each time, unless the symbol's book comes by <c>book_change</c>; those named <c>quote*</c> are best prices.</item>
/// <item>A level whose amount is null, absent or negative is left out and counted.</item>
/// </list>
/// </remarks>
public sealed partial class TardisMessageParser : VenueParser
{
    private static readonly FieldNames Fields = new(
        "type", "symbol", "exchange", "id", "price", "amount", "side", "timestamp", "localTimestamp", "isSnapshot", "bids", "asks", "name",
        "bidPrice", "bidAmount", "askPrice", "askAmount", "lastPrice", "openInterest", "fundingRate", "fundingTimestamp",
        "predictedFundingRate", "indexPrice", "markPrice", "symbols");

    private static readonly FieldNames LevelFields = new("price", "amount");

    /// <summary>From here on integers next to each other become one double.</summary>
    private const long InexactIds = 1L << 53;

    private readonly InstrumentTable _instruments;
    private readonly TextIdTable _textIds;
    private readonly MinuteCache _minutes = new();
    private readonly List<Exchange> _exchanges = [];
    private Exchange? _lastExchange;

    /// <param name="instruments">Receives the Instruments.</param>
    /// <param name="textIds">Receives the trade ids that are no numbers.</param>
    public TardisMessageParser(InstrumentTable instruments, TextIdTable textIds)
    {
        ArgumentNullException.ThrowIfNull(instruments);
        ArgumentNullException.ThrowIfNull(textIds);
        (_instruments, _textIds) = (instruments, textIds);
    }

    /// <inheritdoc/>
    public override void Disconnected(UnixNanos receiveTime, MarketEventBuffer output)
    {
        foreach (Exchange exchange in _exchanges)
            AppendDisconnects(exchange.Symbols, receiveTime, output);
    }

    private protected override void Forget()
    {
        foreach (Exchange exchange in _exchanges)
            Forget(exchange.Symbols);
    }

    private protected override ParseResult ParseAnyForm(
        ref JsonScanner json, ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        Span<int> at = stackalloc int[(int)Field.Count];
        if (!json.IndexFields(Fields, at) || !json.End() || !json.TextAt(at[(int)Field.Type], out JsonText typeText))
            return json.Refusal;
        MessageType type = TypeOf(typeText);
        if (type == MessageType.Unknown)
            return ParseResult.Unknown;
        if (type == MessageType.Error)
        {
            NoteVenueError(message);
            return ParseResult.Done;
        }

        if (!ReadReceiveTime(ref json, at[(int)Field.LocalTimestamp], ref receiveTime) || !ReadExchange(ref json, at[(int)Field.Exchange], out Exchange exchange))
            return json.Refusal;
        if (type == MessageType.Disconnect)
            return ReadDisconnect(ref json, at[(int)Field.Symbols], exchange, receiveTime, output) ? ParseResult.Done : json.Refusal;
        long nanos = -1;
        if (!json.TextAt(at[(int)Field.Symbol], out JsonText name) || !exchange.Symbols.TryResolve(ref json, name, out VenueSymbol symbol)
            || (json.Has(at[(int)Field.Timestamp]) && !json.TimeAt(at[(int)Field.Timestamp], out nanos)))
        {
            return json.Refusal;
        }

        EventStamp stamp = EventStamp.FromNanos(symbol.Id, receiveTime, nanos, 0);
        bool done = type switch
        {
            MessageType.Trade or MessageType.Liquidation => ReadTrade(ref json, at, type, exchange, symbol, stamp, output),
            MessageType.BookChange => ReadBookChange(ref json, at, symbol, stamp, output),
            MessageType.BookSnapshot => ReadBookSnapshot(ref json, at, symbol, stamp, output),
            MessageType.BookTicker => ReadBookTicker(ref json, at, symbol, stamp, output),
            _ => ReadDerivativeTicker(ref json, at, stamp, output),
        };
        if (!done || json.Failed)
            return json.Refusal;
        symbol.Seen = true;
        return ParseResult.Done;
    }

    private static MessageType TypeOf(scoped JsonText type) =>
        type.Is("trade"u8) ? MessageType.Trade
        : type.Is("book_change"u8) ? MessageType.BookChange
        : type.Is("book_snapshot"u8) ? MessageType.BookSnapshot
        : type.Is("book_ticker"u8) ? MessageType.BookTicker
        : type.Is("derivative_ticker"u8) ? MessageType.DerivativeTicker
        : type.Is("liquidation"u8) ? MessageType.Liquidation
        : type.Is("disconnect"u8) ? MessageType.Disconnect
        : type.Is("error"u8) ? MessageType.Error
        : MessageType.Unknown;

    private static bool ReadReceiveTime(ref JsonScanner json, int at, ref UnixNanos receiveTime)
    {
        if (receiveTime != UnixNanos.None)
            return true;
        if (!json.TimeAt(at, out long nanos))
            return false;
        receiveTime = new UnixNanos(nanos);
        return nanos > 0 || json.Fail(ParseError.InvalidTime, at);
    }

    private bool ReadExchange(ref JsonScanner json, int at, out Exchange exchange)
    {
        exchange = null!;
        if (!json.TextAt(at, out JsonText name))
            return false;
        Span<byte> unescaped = stackalloc byte[JsonText.PlainLengthMax];
        scoped ReadOnlySpan<byte> plain = name.Raw;
        if (name.Escaped)
            plain = name.TryUnescape(unescaped, out int length) ? unescaped[..length] : default;
        if (!SymbolMap<VenueSymbol>.IsSymbol(plain))
            return json.Fail(ParseError.InvalidSymbol, name.Position);
        if (!TryFindExchange(plain, out exchange!))
            _exchanges.Add(exchange = new Exchange(_instruments, plain.ToArray()));
        return true;
    }

    private bool TryFindExchange(ReadOnlySpan<byte> name, out Exchange? exchange)
    {
        exchange = _lastExchange;
        if (exchange is not null && name.SequenceEqual(exchange.Name))
            return true;
        foreach (Exchange candidate in _exchanges)
        {
            if (name.SequenceEqual(candidate.Name))
            {
                exchange = _lastExchange = candidate;
                return true;
            }
        }

        return false;
    }

    private bool ReadTrade(
        ref JsonScanner json, scoped ReadOnlySpan<int> at, MessageType type, Exchange exchange, VenueSymbol symbol, in EventStamp stamp, MarketEventBuffer output)
    {
        if (!json.TextAt(at[(int)Field.Side], out JsonText sideText))
            return false;
        bool isUnknown = sideText.Is("unknown"u8);
        Side side = sideText.Is("buy"u8) ? Side.Buy : sideText.Is("sell"u8) ? Side.Sell : Side.Unknown;
        if (side == Side.Unknown && !isUnknown)
            return json.Fail(ParseError.InvalidSide, sideText.Position);
        Span<byte> unescaped = stackalloc byte[JsonText.PlainLengthMax];
        if (!json.Go(at[(int)Field.Price]) || !json.ReadPrice(symbol.Tick, out Price price)
            || !json.Go(at[(int)Field.Amount]) || !json.ReadQuantity(symbol.Lot, out Quantity quantity)
            || !ReadId(ref json, at[(int)Field.Id], unescaped, out int idLength))
        {
            return false;
        }

        AppendTradeOrLiquidation(exchange, symbol, stamp, type, unescaped[..idLength], side, price, quantity, output);
        return true;
    }

    private void AppendTradeOrLiquidation(
        Exchange exchange, VenueSymbol symbol, in EventStamp stamp, MessageType type, ReadOnlySpan<byte> id, Side side, Price price, Quantity quantity,
        MarketEventBuffer output)
    {
        bool isNumber = JsonFields.TryParseInteger(id, out long number) && (id.Length == 1 || id[0] != '0');
        if (type == MessageType.Trade & isNumber & exchange.CountsTrades & number < InexactIds)
        {
            AppendTrade(symbol, stamp, number, side, price, quantity, output);
            return;
        }

        ref MarketEvent trade = ref (type == MessageType.Trade
            ? ref stamp.Add(output, MarketEventKind.Trade, Channel.Trades)
            : ref stamp.Add(output, MarketEventKind.Liquidation, Channel.Liquidations));
        trade.Side = side;
        trade.Price = price;
        trade.Quantity = quantity;
        trade.Sequence = isNumber ? number : id.IsEmpty ? 0 : _textIds.Add(id);
        trade.Flags |= MarketEventFlags.LastInMessage | (isNumber ? 0 : id.IsEmpty ? MarketEventFlags.NoSequence : MarketEventFlags.TextId);
    }

    /// <summary>Reads an id, a string or a number, or nothing.</summary>
    private static bool ReadId(ref JsonScanner json, int at, scoped Span<byte> id, out int length)
    {
        length = 0;
        if (!json.Has(at))
            return !json.Failed;
        if (json.Peek() != '"')
        {
            if (!json.ReadNumber(out ReadOnlySpan<byte> number))
                return false;
            length = number.Length;
            return number.TryCopyTo(id) && length <= TextIdTable.LengthMax || json.Fail(ParseError.NumberOutOfRange, at);
        }

        return json.ReadText(out JsonText text)
            && ((text.TryUnescape(id, out length) && length <= TextIdTable.LengthMax) || json.Fail(ParseError.NumberOutOfRange, at));
    }

    private static bool ReadBookTicker(ref JsonScanner json, scoped ReadOnlySpan<int> at, VenueSymbol symbol, in EventStamp message, MarketEventBuffer output)
    {
        EventStamp stamp = message.With(MarketEventFlags.NoSequence);
        int start = output.Count;
        if (!json.AppendQuote(at[(int)Field.BidPrice], at[(int)Field.BidAmount], symbol, Side.Buy, stamp, 0, output)
            || !json.AppendQuote(at[(int)Field.AskPrice], at[(int)Field.AskAmount], symbol, Side.Sell, stamp, 0, output))
        {
            return false;
        }

        CloseGroup(output, start);
        return true;
    }

    private static bool ReadDerivativeTicker(ref JsonScanner json, scoped ReadOnlySpan<int> at, in EventStamp message, MarketEventBuffer output)
    {
        EventStamp stamp = message.With(MarketEventFlags.NoSequence);
        int start = output.Count;
        if (!json.AppendDerivative(at[(int)Field.LastPrice], DerivativeField.LastPrice, stamp, output)
            || !json.AppendDerivative(at[(int)Field.OpenInterest], DerivativeField.OpenInterest, stamp, output)
            || !json.AppendDerivative(at[(int)Field.FundingRate], DerivativeField.FundingRate, stamp, output)
            || !AppendFundingTime(ref json, at[(int)Field.FundingTimestamp], stamp, output)
            || !json.AppendDerivative(at[(int)Field.PredictedFundingRate], DerivativeField.PredictedFundingRate, stamp, output)
            || !json.AppendDerivative(at[(int)Field.IndexPrice], DerivativeField.IndexPrice, stamp, output)
            || !json.AppendDerivative(at[(int)Field.MarkPrice], DerivativeField.MarkPrice, stamp, output))
        {
            return false;
        }

        CloseGroup(output, start);
        return true;
    }

    private static bool AppendFundingTime(ref JsonScanner json, int at, in EventStamp stamp, MarketEventBuffer output)
    {
        if (!json.Has(at))
            return !json.Failed;
        if (!json.TimeAt(at, out long nanos))
            return false;
        ref MarketEvent added = ref stamp.Add(output, MarketEventKind.DerivativeTicker, Channel.Derivative);
        added.Detail = (int)DerivativeField.FundingTimestamp;
        added.Price = new Price(nanos);
        return true;
    }

    /// <summary>A lost connection of the server to one exchange: of the symbols named, or of all.</summary>
    private static bool ReadDisconnect(ref JsonScanner json, int symbolsAt, Exchange exchange, UnixNanos receiveTime, MarketEventBuffer output)
    {
        if (!json.Has(symbolsAt))
        {
            AppendDisconnects(exchange.Symbols, receiveTime, output);
            return !json.Failed;
        }

        // The first walk checks, the second acts.
        for (int pass = 0; pass < 2; pass++)
        {
            json.Seek(symbolsAt);
            for (json.EnterArray(); json.NextElement();)
            {
                if (!json.ReadText(out JsonText name) || !exchange.Symbols.TryResolve(ref json, name, out VenueSymbol symbol))
                    return false;
                if (pass == 0)
                    continue;
                if (symbol.Seen)
                    AppendDisconnect(symbol, receiveTime, output);
                symbol.Forget();
            }

            if (json.Failed)
                return false;
        }

        return true;
    }

    private enum MessageType { Unknown, Trade, BookChange, BookSnapshot, BookTicker, DerivativeTicker, Liquidation, Disconnect, Error }

    private enum Field
    {
        Type, Symbol, Exchange, Id, Price, Amount, Side, Timestamp, LocalTimestamp, IsSnapshot, Bids, Asks, Name,
        BidPrice, BidAmount, AskPrice, AskAmount, LastPrice, OpenInterest, FundingRate, FundingTimestamp,
        PredictedFundingRate, IndexPrice, MarkPrice, Symbols, Count,
    }

    private sealed class Exchange(InstrumentTable instruments, byte[] name)
    {
        public readonly byte[] Name = name;

        public readonly SymbolMap<VenueSymbol> Symbols = new(instruments, Encoding.UTF8.GetString(name), instrument => new VenueSymbol(instrument));

        /// <summary>Its trade ids grow by one and every trade is in the normalised tape; on binance-futures some are left out.</summary>
        public readonly bool CountsTrades = Encoding.UTF8.GetString(name) is "coinbase" or "binance" or "binance-us";
    }
}
