using System.Globalization;
using System.IO.Compression;
using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

/// <summary>Writes the MarketEvents of one Tardis CSV type as that CSV, gzip when the file's name ends so.</summary>
/// <remarks>
/// Give it every event in order; those that the type cannot hold are counted in <see cref="Skipped"/>. Times are whole microseconds, or have a fraction of
/// three digits where there are nanoseconds. With <c>extended</c>, three more columns (<c>sequence</c>, <c>aux</c>, <c>flags</c>) keep what Tardis' have no
/// room for, and <see cref="TardisCsvReader"/> gives back exactly the same events. One thread; allocates once an Instrument.
/// </remarks>
public sealed class TardisCsvWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly CsvRow _row;
    private readonly TardisCsvType _type;
    private readonly bool _extended;
    private readonly InstrumentTable _instruments;
    private readonly TextIdTable _textIds;
    private readonly List<(byte[] Venue, byte[] Symbol)?> _names = [];
    private readonly List<Snapshot> _lastSnapshots = [];
    private readonly List<MarketEvent> _message = [];
    private bool _clearIsPending;
    private MarketEvent _clear;

    /// <param name="stream">Receives the text; disposed with the writer.</param>
    /// <param name="instruments">Gives venue, symbol, tick and lot of the events' Instruments.</param>
    /// <param name="textIds">Holds the trade ids of events flagged TextId.</param>
    public TardisCsvWriter(Stream stream, TardisCsvType type, InstrumentTable instruments, TextIdTable textIds, bool extended = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _row = new CsvRow(stream);
        _type = type;
        _instruments = instruments;
        _textIds = textIds;
        _extended = extended;
        WriteHeader();
    }

    /// <summary>Data rows written.</summary>
    public long Rows { get; private set; }

    /// <summary>Events that this type of file cannot hold.</summary>
    public long Skipped { get; private set; }

    /// <exception cref="IOException">The file cannot be created.</exception>
    public static TardisCsvWriter Create(string path, TardisCsvType type, InstrumentTable instruments, TextIdTable textIds, bool extended = false)
    {
        Stream file = File.Create(path);
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            file = new GZipStream(file, CompressionLevel.Optimal);
        return new TardisCsvWriter(file, type, instruments, textIds, extended);
    }

    public void Write(ReadOnlySpan<MarketEvent> events)
    {
        foreach (ref readonly MarketEvent e in events)
            Write(e);
    }

    public void Write(in MarketEvent e)
    {
        switch (_type)
        {
            case TardisCsvType.Trades:
            case TardisCsvType.Liquidations:
                if (e.Kind == (_type == TardisCsvType.Trades ? MarketEventKind.Trade : MarketEventKind.Liquidation))
                    WriteTrade(e);
                else
                    Skipped++;
                break;
            case TardisCsvType.IncrementalBookL2:
                WriteBookEvent(e);
                break;
            default:
                Collect(e);
                break;
        }
    }

    /// <summary>Ends the file.</summary>
    public void Dispose()
    {
        FlushMessage();
        FlushClear();
        _row.Flush();
        _stream.Dispose();
    }

    private void WriteHeader()
    {
        string columns = _type switch
        {
            TardisCsvType.Trades or TardisCsvType.Liquidations => "id,side,price,amount",
            TardisCsvType.IncrementalBookL2 => "is_snapshot,side,price,amount",
            TardisCsvType.Quotes or TardisCsvType.BookTicker => "ask_amount,ask_price,bid_price,bid_amount",
            TardisCsvType.DerivativeTicker => string.Join(',', TardisCsvColumns.DerivativeFields.Select(field => field.Name)),
            _ => string.Join(',', Enumerable.Range(0, _type.Depth()).Select(i =>
                string.Create(CultureInfo.InvariantCulture, $"asks[{i}].price,asks[{i}].amount,bids[{i}].price,bids[{i}].amount"))),
        };
        _row.Text(Encoding.UTF8.GetBytes($"exchange,symbol,timestamp,local_timestamp,{columns}{(_extended ? ",sequence,aux,flags" : "")}"));
        _row.End();
    }

    private void WriteTrade(in MarketEvent e)
    {
        Instrument instrument = Begin(e);
        if ((e.Flags & MarketEventFlags.NoSequence) != 0)
            _row.Empty();
        else if ((e.Flags & MarketEventFlags.TextId) != 0)
            _row.Text(_textIds.Get(e.Sequence));
        else
            _row.Integer(e.Sequence);
        _row.Text(e.Side switch { Side.Buy => "buy"u8, Side.Sell => "sell"u8, _ => "unknown"u8 });
        _row.Decimal(e.Price.Ticks, instrument.Tick);
        _row.Decimal(e.Quantity.Lots, instrument.Lot);
        End(e, e.Sequence);
    }

    private void WriteBookEvent(in MarketEvent e)
    {
        if (e.Kind == MarketEventKind.BookDelta)
        {
            // A snapshot's first row stands for its BookClear, if the reader can see that a snapshot begins there.
            if (_clearIsPending && (!e.IsSnapshot || e.Instrument != _clear.Instrument || e.ReceiveTime != _clear.ReceiveTime || ContinuesSnapshot(_clear) || _extended))
                FlushClear();
            _clearIsPending = false;
            WriteLevel(e);
            NoteSnapshot(e, e.IsSnapshot);
            return;
        }

        FlushClear();
        if (e.Kind != MarketEventKind.BookClear)
        {
            Skipped++;
            return;
        }

        _clear = e;
        _clearIsPending = true;
        if (e.IsLastInMessage)
            FlushClear();
    }

    private void WriteLevel(in MarketEvent e)
    {
        Instrument instrument = Begin(e);
        _row.Text(e.IsSnapshot ? "true"u8 : "false"u8);
        _row.Text(e.Side == Side.Buy ? "bid"u8 : "ask"u8);
        _row.Decimal(e.Price.Ticks, instrument.Tick);
        _row.Decimal(e.Quantity.Lots, instrument.Lot);
        End(e, e.Sequence);
    }

    /// <summary>A book that became empty, or a snapshot that would look like the continuation of another, needs a row of its own: without level.</summary>
    private void FlushClear()
    {
        if (!_clearIsPending)
            return;
        _clearIsPending = false;
        Begin(_clear);
        _row.Text("true"u8);
        _row.Empty();
        _row.Empty();
        _row.Empty();
        End(_clear, _clear.Sequence);
        NoteSnapshot(_clear, true);
    }

    private bool ContinuesSnapshot(in MarketEvent e)
    {
        Snapshot last = SnapshotOf(e.Instrument);
        return last.IsOpen && last.Time == e.ReceiveTime;
    }

    private void NoteSnapshot(in MarketEvent e, bool isOpen)
    {
        Snapshot last = SnapshotOf(e.Instrument);
        (last.IsOpen, last.Time) = (isOpen, e.ReceiveTime);
    }

    /// <summary>Keeps a message's events of this type until it ends: together they are one row.</summary>
    private void Collect(in MarketEvent e)
    {
        bool belongs = _type switch
        {
            TardisCsvType.Quotes => e.Kind == MarketEventKind.Quote && (e.Flags & MarketEventFlags.Derived) != 0,
            TardisCsvType.BookTicker => e.Kind == MarketEventKind.Quote && (e.Flags & MarketEventFlags.Derived) == 0,
            TardisCsvType.DerivativeTicker => e.Kind == MarketEventKind.DerivativeTicker,
            _ => e.Kind == MarketEventKind.BookClear || (e.Kind == MarketEventKind.BookDelta && e.IsSnapshot),
        };
        if (belongs)
        {
            if (_message.Count > 0 && (_message[0].Instrument != e.Instrument || _message[0].ReceiveTime != e.ReceiveTime))
                FlushMessage();
            _message.Add(e);
        }
        else
        {
            Skipped++;
        }

        if (e.IsLastInMessage)
            FlushMessage();
    }

    private void FlushMessage()
    {
        if (_message.Count == 0)
            return;
        MarketEvent last = _message[^1];
        Instrument instrument = Begin(last);
        switch (_type)
        {
            case TardisCsvType.Quotes:
            case TardisCsvType.BookTicker:
                WriteQuote(instrument);
                break;
            case TardisCsvType.DerivativeTicker:
                WriteDerivativeTicker();
                break;
            default:
                WriteBook(instrument);
                break;
        }

        End(last, last.Sequence);
        _message.Clear();
    }

    private void WriteQuote(Instrument instrument)
    {
        MarketEvent bid = _message.FindLast(e => e.Side == Side.Buy);
        MarketEvent ask = _message.FindLast(e => e.Side == Side.Sell);
        WriteStep(ask.Quantity.Lots, instrument.Lot);
        WriteStep(ask.Price.Ticks, instrument.Tick);
        WriteStep(bid.Price.Ticks, instrument.Tick);
        WriteStep(bid.Quantity.Lots, instrument.Lot);
    }

    private void WriteDerivativeTicker()
    {
        foreach ((DerivativeField field, _) in TardisCsvColumns.DerivativeFields)
        {
            MarketEvent value = _message.FindLast(e => e.Detail == (int)field);
            if (value.Kind == MarketEventKind.None)
                _row.Empty();
            else if (field == DerivativeField.FundingTimestamp)
                _row.Time(new UnixNanos(value.Price.Ticks));
            else
                _row.Scaled(value.Price.Ticks, value.Scale);
        }
    }

    private void WriteBook(Instrument instrument)
    {
        List<MarketEvent> asks = [.. _message.Where(e => e.Kind == MarketEventKind.BookDelta && e.Side == Side.Sell && e.Quantity.Lots != 0).OrderBy(e => e.Price.Ticks)];
        List<MarketEvent> bids = [.. _message.Where(e => e.Kind == MarketEventKind.BookDelta && e.Side == Side.Buy && e.Quantity.Lots != 0).OrderByDescending(e => e.Price.Ticks)];
        for (int i = 0; i < _type.Depth(); i++)
        {
            WriteStep(i < asks.Count ? asks[i].Price.Ticks : 0, instrument.Tick);
            WriteStep(i < asks.Count ? asks[i].Quantity.Lots : 0, instrument.Lot);
            WriteStep(i < bids.Count ? bids[i].Price.Ticks : 0, instrument.Tick);
            WriteStep(i < bids.Count ? bids[i].Quantity.Lots : 0, instrument.Lot);
        }
    }

    private void WriteStep(long steps, DecimalStep step)
    {
        if (steps == 0)
            _row.Empty();
        else
            _row.Decimal(steps, step);
    }

    private Instrument Begin(in MarketEvent e)
    {
        Instrument instrument = _instruments[e.Instrument];
        while (_names.Count <= e.Instrument.Value)
            _names.Add(null);
        (byte[] venue, byte[] symbol) = _names[e.Instrument.Value] ??= (Encoding.UTF8.GetBytes(instrument.Venue), Encoding.UTF8.GetBytes(instrument.Symbol));
        _row.Text(venue);
        _row.Text(symbol);
        _row.Time((e.Flags & MarketEventFlags.NoExchangeTime) != 0 ? e.ReceiveTime : e.ExchangeTime);
        _row.Time(e.ReceiveTime);
        return instrument;
    }

    private void End(in MarketEvent e, long sequence)
    {
        if (_extended)
        {
            _row.Integer(sequence);
            _row.Integer(e.Aux);
            _row.Integer((long)e.Flags);
        }

        _row.End();
        Rows++;
    }

    private Snapshot SnapshotOf(InstrumentId instrument)
    {
        while (_lastSnapshots.Count <= instrument.Value)
            _lastSnapshots.Add(new Snapshot());
        return _lastSnapshots[instrument.Value];
    }

    private sealed class Snapshot
    {
        public bool IsOpen { get; set; }

        public UnixNanos Time { get; set; }
    }
}
