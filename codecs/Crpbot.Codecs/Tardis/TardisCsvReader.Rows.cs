using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

public sealed partial class TardisCsvReader
{
    private readonly List<(byte[] Exchange, SymbolLookup Symbols)> _lookups = [];
    private readonly List<BookState> _books = [];
    private SymbolLookup? _lookup;
    private byte[] _lookupExchange = [];
    private MarketEvent _pending;
    private long _pendingLine;
    private bool _hasPending;
    private bool _pendingIsClear;
    private bool _pendingEndsMessage;

    /// <summary>The event of one row, to be appended when it is known to which message it belongs.</summary>
    private bool ReadPending(ReadOnlySpan<byte> line)
    {
        if (!Split(line) || !ReadStamp(line, out MarketEvent stamp, out Instrument? instrument))
            return false;
        _pendingIsClear = false;
        _pendingEndsMessage = false;
        if (!ReadOwnColumns(line, ref stamp))
            return false;
        bool isBook = Type == TardisCsvType.IncrementalBookL2;
        if (isBook ? !ReadLevel(line, instrument!, ref stamp) : !ReadTrade(line, instrument!, ref stamp))
            return false;
        _pending = stamp;
        _pendingLine = _lines.LineNumber;
        _hasPending = true;
        return true;
    }

    private bool ReadTrade(ReadOnlySpan<byte> line, Instrument instrument, ref MarketEvent trade)
    {
        bool isTrade = Type == TardisCsvType.Trades;
        trade.Kind = isTrade ? MarketEventKind.Trade : MarketEventKind.Liquidation;
        trade.Channel = isTrade ? Channel.Trades : Channel.Liquidations;
        ReadOnlySpan<byte> side = Field(line, _columns!.Side);
        if (side.SequenceEqual("buy"u8))
            trade.Side = Side.Buy;
        else if (side.SequenceEqual("sell"u8))
            trade.Side = Side.Sell;
        else if (!side.SequenceEqual("unknown"u8) && !side.IsEmpty)
            return Refuse(_columns.Side, ParseError.InvalidSide);
        if (!ReadPrice(line, _columns.Price, instrument, out trade.Price) || !ReadQuantity(line, _columns.Amount, instrument, out trade.Quantity))
            return false;
        ReadOnlySpan<byte> id = _columns.Id < 0 ? default : Field(line, _columns.Id);
        if (id.IsEmpty)
        {
            trade.Flags |= MarketEventFlags.NoSequence;
        }
        else if (TryReadCanonicalInteger(id, out long number))
        {
            trade.Sequence = number;
        }
        else
        {
            if (id.Length > TextIdTable.LengthMax)
                return Refuse(_columns.Id, $"an id of {id.Length} bytes; at most {TextIdTable.LengthMax} are kept");
            trade.Sequence = _textIds.Add(id);
            trade.Flags |= MarketEventFlags.TextId;
        }

        return true;
    }

    private bool ReadLevel(ReadOnlySpan<byte> line, Instrument instrument, ref MarketEvent level)
    {
        level.Kind = MarketEventKind.BookDelta;
        level.Channel = Channel.Book;
        if (_columns!.Sequence < 0)
            level.Flags |= MarketEventFlags.NoSequence;
        ReadOnlySpan<byte> isSnapshot = Field(line, _columns.IsSnapshot);
        bool inSnapshot = isSnapshot.SequenceEqual("true"u8);
        if (!inSnapshot && !isSnapshot.SequenceEqual("false"u8))
            return Refuse(_columns.IsSnapshot, "neither true nor false");
        if (inSnapshot && _columns.Flags < 0)
            level.Flags |= MarketEventFlags.Snapshot;
        ReadOnlySpan<byte> side = Field(line, _columns.Side);
        if (side.SequenceEqual("bid"u8))
            level.Side = Side.Buy;
        else if (side.SequenceEqual("ask"u8))
            level.Side = Side.Sell;
        else if (side.IsEmpty && inSnapshot && Field(line, _columns.Price).IsEmpty)
            return _pendingIsClear = true;
        else
            return Refuse(_columns.Side, ParseError.InvalidSide);
        return ReadPrice(line, _columns.Price, instrument, out level.Price) && ReadQuantity(line, _columns.Amount, instrument, out level.Quantity);
    }

    /// <summary>Same message: same Instrument, same local time and no change between snapshot and updates; or as the file's own flags say.</summary>
    private bool PendingContinues(in MarketEvent last) =>
        _columns!.Flags >= 0
        || (_pending.ReceiveTime == last.ReceiveTime
            && _pending.Instrument == last.Instrument
            && _pending.IsSnapshot == last.IsSnapshot
            && !_pendingIsClear);

    private void AppendPending(MarketEventBuffer output)
    {
        _hasPending = false;
        if (Type == TardisCsvType.IncrementalBookL2)
        {
            BookState book = BookOf(_pending.Instrument);
            if (_pending.IsSnapshot || _pendingIsClear)
            {
                if (_pendingIsClear || !book.InSnapshot || book.SnapshotTime != _pending.ReceiveTime)
                    AppendClear(output, _pending);
                (book.HasSnapshot, book.InSnapshot, book.SnapshotTime) = (true, true, _pending.ReceiveTime);
                if (_pendingIsClear)
                    return;
            }
            else
            {
                book.InSnapshot = false;
                if (!book.HasSnapshot)
                {
                    Dropped++;
                    return;
                }
            }
        }

        output.Add() = _pending;
        _eventLines.Add(_pendingLine);
    }

    private void AppendClear(MarketEventBuffer output, in MarketEvent stamp)
    {
        ref MarketEvent clear = ref output.Add();
        clear = stamp;
        clear.Kind = MarketEventKind.BookClear;
        clear.Side = Side.Unknown;
        clear.Price = default;
        clear.Quantity = default;
        _eventLines.Add(_pendingLine);
    }

    private bool ReadWholeMessage(ReadOnlySpan<byte> line, MarketEventBuffer output)
    {
        if (!Split(line) || !ReadStamp(line, out MarketEvent stamp, out Instrument? instrument) || !ReadOwnColumns(line, ref stamp))
            return false;
        if (_columns!.Sequence < 0)
            stamp.Flags |= MarketEventFlags.NoSequence;
        int start = output.Count;
        bool read = Type switch
        {
            TardisCsvType.BookTicker or TardisCsvType.Quotes => ReadQuotes(line, instrument!, stamp, output),
            TardisCsvType.DerivativeTicker => ReadDerivativeTicker(line, stamp, output),
            _ => ReadBook(line, instrument!, stamp, output),
        };
        if (read && output.Count == start)
            Dropped++;
        return read && output.Count > start;
    }

    private bool ReadQuotes(ReadOnlySpan<byte> line, Instrument instrument, MarketEvent stamp, MarketEventBuffer output)
    {
        stamp.Kind = MarketEventKind.Quote;
        stamp.Channel = Channel.Quotes;
        if (Type == TardisCsvType.Quotes)
            stamp.Flags |= MarketEventFlags.Derived;
        return ReadSide(line, instrument, Side.Buy, _columns!.BidPrice, _columns.BidAmount, stamp, output)
            && ReadSide(line, instrument, Side.Sell, _columns.AskPrice, _columns.AskAmount, stamp, output);
    }

    private bool ReadBook(ReadOnlySpan<byte> line, Instrument instrument, MarketEvent stamp, MarketEventBuffer output)
    {
        stamp.Channel = Channel.Book;
        stamp.Flags |= MarketEventFlags.Snapshot;
        AppendClear(output, stamp);
        stamp.Kind = MarketEventKind.BookDelta;
        foreach ((Side side, int price, int amount) in _columns!.Levels)
        {
            if (!ReadSide(line, instrument, side, price, amount, stamp, output))
                return false;
        }

        return true;
    }

    /// <summary>Appends a price with its quantity, unless the cells are empty: the book is shallower, or the venue did not tell.</summary>
    private bool ReadSide(
        ReadOnlySpan<byte> line, Instrument instrument, Side side, int priceColumn, int amountColumn, in MarketEvent stamp, MarketEventBuffer output)
    {
        if (Field(line, priceColumn).IsEmpty)
            return true;
        Quantity quantity = default;
        if (!ReadPrice(line, priceColumn, instrument, out Price price)
            || (!Field(line, amountColumn).IsEmpty && !ReadQuantity(line, amountColumn, instrument, out quantity)))
            return false;
        ref MarketEvent added = ref output.Add();
        added = stamp;
        added.Side = side;
        added.Price = price;
        added.Quantity = quantity;
        return true;
    }

    private bool ReadDerivativeTicker(ReadOnlySpan<byte> line, MarketEvent stamp, MarketEventBuffer output)
    {
        stamp.Kind = MarketEventKind.DerivativeTicker;
        stamp.Channel = Channel.Derivative;
        for (int i = 0; i < _columns!.Derivative.Length; i++)
        {
            int column = _columns.Derivative[i];
            ReadOnlySpan<byte> text = column < 0 ? default : Field(line, column);
            if (text.IsEmpty)
                continue;
            DerivativeField field = TardisCsvColumns.DerivativeFields[i].Field;
            long mantissa;
            byte scale = 0;
            if (field == DerivativeField.FundingTimestamp)
            {
                if (!TryReadTime(text, out UnixNanos time))
                    return Refuse(column, ParseError.InvalidTime);
                mantissa = time.Value;
            }
            else
            {
                ParseError error = DecimalParser.ParseScaled(text, out mantissa, out scale);
                if (error != ParseError.None)
                    return Refuse(column, error);
            }

            ref MarketEvent added = ref output.Add();
            added = stamp;
            added.Detail = (int)field;
            added.Price = new Price(mantissa);
            added.Scale = scale;
        }

        return true;
    }

    /// <summary>Finds the row's fields; no field of these files is ever quoted.</summary>
    private bool Split(ReadOnlySpan<byte> line)
    {
        int count = 0;
        int at = 0;
        for (; ; )
        {
            int comma = line[at..].IndexOf((byte)',');
            if (count == _fieldEnds.Length)
                return Refuse(-1, $"more than {_fieldEnds.Length} fields");
            at = comma < 0 ? line.Length : at + comma;
            _fieldEnds[count++] = at++;
            if (comma < 0)
                break;
        }

        return count == _fieldEnds.Length || Refuse(-1, $"{count} fields where the header has {_fieldEnds.Length}");
    }

    private ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int column) => line[(column == 0 ? 0 : _fieldEnds[column - 1] + 1).._fieldEnds[column]];

    /// <summary>Reads exchange, symbol and both times; false when refused, or not of the wanted exchange or symbol.</summary>
    private bool ReadStamp(ReadOnlySpan<byte> line, out MarketEvent stamp, out Instrument? instrument)
    {
        stamp = default;
        instrument = null;
        ReadOnlySpan<byte> local = _columns!.LocalTimestamp < 0 ? default : Field(line, _columns.LocalTimestamp);
        ReadOnlySpan<byte> exchange = _columns.Timestamp < 0 ? default : Field(line, _columns.Timestamp);
        if (local.IsEmpty && exchange.IsEmpty)
            return Refuse(_columns.LocalTimestamp, "neither time is given");
        if (!exchange.IsEmpty && !TryReadTime(exchange, out stamp.ExchangeTime))
            return Refuse(_columns.Timestamp, ParseError.InvalidTime);
        if (local.IsEmpty)
            stamp.ReceiveTime = stamp.ExchangeTime;
        else if (!TryReadTime(local, out stamp.ReceiveTime))
            return Refuse(_columns.LocalTimestamp, ParseError.InvalidTime);

        // Tardis repeats the local time where the exchange gave none.
        if (exchange.IsEmpty || (!local.IsEmpty && stamp.ExchangeTime == stamp.ReceiveTime))
        {
            stamp.ExchangeTime = stamp.ReceiveTime;
            stamp.Flags |= MarketEventFlags.NoExchangeTime;
        }

        if (!FindInstrument(line, ref instrument))
            return false;
        stamp.Instrument = instrument!.Id;
        return true;
    }

    private bool FindInstrument(ReadOnlySpan<byte> line, ref Instrument? instrument)
    {
        if (_columns!.Exchange >= 0)
        {
            ReadOnlySpan<byte> exchange = Field(line, _columns.Exchange);
            if (exchange.IsEmpty)
                return Refuse(_columns.Exchange, ParseError.MissingField);
            if (_lookup is null || !exchange.SequenceEqual(_lookupExchange))
                UseExchange(exchange);
        }
        else if (_lookup is null)
        {
            UseExchange(Encoding.UTF8.GetBytes(_options.Exchange!));
        }

        if (_options.Exchange is not null && !string.Equals(_lookup!.Venue, _options.Exchange, StringComparison.Ordinal))
            return false;
        ReadOnlySpan<byte> symbol = _columns.Symbol < 0 ? default : Field(line, _columns.Symbol);
        if (_columns.Symbol >= 0 && symbol.IsEmpty)
            return Refuse(_columns.Symbol, ParseError.MissingField);
        instrument = _columns.Symbol < 0 ? _instruments.GetOrAdd(_lookup!.Venue, _options.Symbol!) : _lookup!.Find(symbol);
        return _options.Symbol is null || instrument.Symbol == _options.Symbol;
    }

    private void UseExchange(ReadOnlySpan<byte> exchange)
    {
        foreach ((byte[] known, SymbolLookup symbols) in _lookups)
        {
            if (exchange.SequenceEqual(known))
            {
                (_lookupExchange, _lookup) = (known, symbols);
                return;
            }
        }

        (_lookupExchange, _lookup) = (exchange.ToArray(), new SymbolLookup(_instruments, Encoding.UTF8.GetString(exchange)));
        _lookups.Add((_lookupExchange, _lookup));
    }

    /// <summary>The columns that only our own writer adds: ids and flags that the Tardis columns have no room for.</summary>
    private bool ReadOwnColumns(ReadOnlySpan<byte> line, ref MarketEvent stamp)
    {
        if (_columns!.Sequence >= 0 && !TryReadCanonicalInteger(Field(line, _columns.Sequence), out stamp.Sequence))
            return Refuse(_columns.Sequence, ParseError.InvalidNumber);
        if (_columns.Aux >= 0 && !TryReadCanonicalInteger(Field(line, _columns.Aux), out stamp.Aux))
            return Refuse(_columns.Aux, ParseError.InvalidNumber);
        if (_columns.Flags < 0)
            return true;
        if (!TryReadCanonicalInteger(Field(line, _columns.Flags), out long bits) || bits is < 0 or > ushort.MaxValue)
            return Refuse(_columns.Flags, ParseError.InvalidNumber);
        var flags = (MarketEventFlags)bits;
        _pendingEndsMessage = (flags & MarketEventFlags.LastInMessage) != 0;
        stamp.Flags = flags & ~(MarketEventFlags.TextId | MarketEventFlags.Derived);
        if (_rowIsMessage)
            stamp.Flags &= ~MarketEventFlags.LastInMessage;
        return true;
    }

    private bool ReadPrice(ReadOnlySpan<byte> line, int column, Instrument instrument, out Price price)
    {
        ParseError error = DecimalParser.ParsePrice(Field(line, column), instrument.Tick, out price);
        return error == ParseError.None || Refuse(column, error);
    }

    private bool ReadQuantity(ReadOnlySpan<byte> line, int column, Instrument instrument, out Quantity quantity)
    {
        ParseError error = DecimalParser.ParseQuantity(Field(line, column), instrument.Lot, out quantity);
        return error == ParseError.None || Refuse(column, error);
    }

    /// <summary>Whole microseconds, or microseconds with a fraction, which our own writer uses for nanoseconds.</summary>
    private static bool TryReadTime(ReadOnlySpan<byte> text, out UnixNanos time)
    {
        int point = text.IndexOf((byte)'.');
        if (point < 0)
            return EpochText.TryParseInteger(text, out time) && time.Value > 0;
        ReadOnlySpan<byte> fraction = text[(point + 1)..];
        if (!EpochText.TryParseInteger(text[..point], out time) || time.Value <= 0 || fraction.Length is 0 or > 3)
            return false;
        long nanos = 0;
        for (int i = 0; i < 3; i++)
        {
            int digit = i < fraction.Length ? fraction[i] - '0' : 0;
            if ((uint)digit > 9)
                return false;
            nanos = nanos * 10 + digit;
        }

        time += nanos;
        return true;
    }

    /// <summary>Reads an integer that is written the one way its value would be, so that writing it gives the same text.</summary>
    private static bool TryReadCanonicalInteger(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        bool negative = text.Length > 1 && text[0] == '-';
        ReadOnlySpan<byte> digits = negative ? text[1..] : text;
        if (digits.IsEmpty || digits.Length > 19 || (digits[0] == '0' && text.Length > 1))
            return false;
        ulong sum = 0;
        foreach (byte b in digits)
        {
            uint digit = (uint)(b - '0');
            if (digit > 9)
                return false;
            sum = sum * 10 + digit;
        }

        value = negative ? -(long)sum : (long)sum;
        return sum <= long.MaxValue;
    }

    private BookState BookOf(InstrumentId instrument)
    {
        while (_books.Count <= instrument.Value)
            _books.Add(new BookState());
        return _books[instrument.Value];
    }

    private sealed class BookState
    {
        public bool HasSnapshot { get; set; }

        /// <summary>The Instrument's last row was part of a snapshot.</summary>
        public bool InSnapshot { get; set; }

        public UnixNanos SnapshotTime { get; set; }
    }
}
