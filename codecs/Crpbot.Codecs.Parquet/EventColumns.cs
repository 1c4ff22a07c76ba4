using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Codecs.Parquet;

/// <summary>What became of an event.</summary>
internal enum Taken
{
    /// <summary>It is in the columns.</summary>
    Yes = 0,

    /// <summary>Files of this type do not hold its kind.</summary>
    Foreign,

    /// <summary>A value has no place: more than 18 digits, or a field that its kind does not use.</summary>
    Unfit,
}

/// <summary>The columns of one type of file, both ways: event to row and row to event, nothing lost.</summary>
/// <remarks>What every type has: both times, id or update id, second id, flags, end of message. Layout: <c>codecs/docs/parquet.md</c>.</remarks>
internal abstract class EventColumns(Instrument instrument, TextIdTable textIds, Channel channel, string sequenceName)
{
    private const int AllInstruments = 1 << 25;
    private const int ChannelShift = 16;
    private readonly TimeColumn _receive = new("receive_time", "receive_nanos", isOptional: false);
    private readonly TimeColumn _exchange = new("exchange_time", "exchange_nanos", isOptional: true);
    private readonly LongColumn _sequence = new(sequenceName, isOptional: true);
    private readonly TextColumn _text = new("id_text");
    private readonly LongColumn _aux = new("aux", isOptional: true);
    private readonly BooleanColumn _last = new("is_last");
    private readonly IntColumn _flags = new("flags");
    private List<ParquetColumn>? _all;

    protected Instrument Instrument => instrument;

    /// <summary>Flags that stand in a column of their own.</summary>
    protected virtual MarketEventFlags OwnFlags => MarketEventFlags.LastInMessage;

    /// <summary>Rows that wait to be written.</summary>
    public int Rows { get; private set; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<ParquetColumn> All => _all ??= [_receive.Micros, _exchange.Micros, .. Values, _sequence, _text, _aux, _last, _flags, _receive.Nanos, _exchange.Nanos];

    /// <summary>The type's own columns.</summary>
    protected abstract IEnumerable<ParquetColumn> Values { get; }

    public static EventColumns Create(TardisCsvType type, Instrument instrument, TextIdTable textIds) => type switch
    {
        TardisCsvType.Trades or TardisCsvType.Liquidations => new TradeColumns(type, instrument, textIds),
        TardisCsvType.Quotes or TardisCsvType.BookTicker => new QuoteColumns(type, instrument, textIds),
        TardisCsvType.DerivativeTicker => new DerivativeColumns(instrument, textIds),
        _ => new BookDeltaColumns(type, instrument, textIds),
    };

    public abstract Taken Append(in MarketEvent e);

    /// <summary>Writes down what waits for a second half that did not come.</summary>
    public virtual void Settle()
    {
    }

    /// <summary>Appends the events of a row of the batch read last.</summary>
    public abstract void Read(int row, MarketEventBuffer output);

    /// <summary>The waiting rows are written.</summary>
    public void Clear() => Rows = 0;

    /// <summary>A Gap or Disconnect of this channel or of all; other types keep theirs.</summary>
    protected bool IsNotice(in MarketEvent e) =>
        e.Kind is MarketEventKind.Gap or MarketEventKind.Disconnect && (e.Channel == channel || e.Channel == Channel.All) && e.Scale == 0 && e.Detail == 0;

    /// <summary>Fills the columns that every type has.</summary>
    protected void AppendStamp(in MarketEvent e)
    {
        Rows++;
        _receive.Append(e.ReceiveTime);
        if ((e.Flags & MarketEventFlags.NoExchangeTime) != 0 && e.ExchangeTime == e.ReceiveTime)
            _exchange.AppendNull();
        else
            _exchange.Append(e.ExchangeTime);
        if ((e.Flags & MarketEventFlags.TextId) != 0)
        {
            _sequence.AppendNull();
            _text.Append(textIds.Get(e.Sequence));
        }
        else
        {
            if (e.Sequence == 0 && (e.Flags & MarketEventFlags.NoSequence) != 0)
                _sequence.AppendNull();
            else
                _sequence.Append(e.Sequence);
            _text.AppendNull();
        }

        if (e.Aux == 0)
            _aux.AppendNull();
        else
            _aux.Append(e.Aux);
        _last.Append(e.IsLastInMessage);
        int flags = (int)(e.Flags & ~OwnFlags);
        if (e.Channel != channel)
            flags |= ((int)e.Channel + 1) << ChannelShift;
        if (e.Instrument == InstrumentId.All)
            flags |= AllInstruments;
        _flags.Append(flags);
    }

    /// <summary>An event with what every type has; its kind, values and own flags are still to come.</summary>
    protected MarketEvent ReadStamp(int row)
    {
        int flags = _flags[row];
        var e = new MarketEvent
        {
            ReceiveTime = _receive[row],
            Flags = (MarketEventFlags)(ushort)flags,
            Instrument = (flags & AllInstruments) != 0 ? InstrumentId.All : instrument.Id,
            Channel = channel,
            Aux = _aux.IsNull(row) ? 0 : _aux[row],
        };
        int other = (flags >> ChannelShift) & 0x1FF;
        if (other != 0)
            e.Channel = (Channel)(other - 1);
        e.ExchangeTime = _exchange.IsNull(row) ? e.ReceiveTime : _exchange[row];
        if ((e.Flags & MarketEventFlags.TextId) != 0)
            e.Sequence = textIds.Add(_text[row]);
        else if (!_sequence.IsNull(row))
            e.Sequence = _sequence[row];
        if (_last[row])
            e.Flags |= MarketEventFlags.LastInMessage;
        return e;
    }
}
