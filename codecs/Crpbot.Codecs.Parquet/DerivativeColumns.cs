using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Parquet;

/// <summary><c>derivative_ticker</c>: the fields of one message in one row.</summary>
/// <remarks>
/// <c>layout</c> keeps what the values do not show: from bit 0 the fields in their order, 4 bits each (<see cref="DerivativeField"/>, 0 ends them), from
/// bit 28 the fraction digits of each, 5 bits.
/// </remarks>
internal sealed class DerivativeColumns(Instrument instrument, TextIdTable textIds) : EventColumns(instrument, textIds, Channel.Derivative, "sequence")
{
    private const int FieldBits = 4;
    private const int ScaleBits = 5;
    private const int ScaleShift = 28;
    private const int MaxFields = 7;
    private static readonly MarketEventKind[] Kinds = [MarketEventKind.DerivativeTicker, MarketEventKind.Gap, MarketEventKind.Disconnect];
    private readonly WordColumn _kind = new("kind", isOptional: false, "ticker", "gap", "disconnect");
    private readonly TimeColumn _fundingTime = new("funding_timestamp", "funding_nanos", isOptional: true);

    /// <summary>By <see cref="DerivativeField"/>; FundingTimestamp has its own.</summary>
    private readonly WideDecimalColumn?[] _decimals =
    [
        null, new("last_price"), new("open_interest"), new("funding_rate"), null, new("predicted_funding_rate"), new("index_price"), new("mark_price"),
    ];

    private readonly LongColumn _layout = new("layout");
    private readonly List<MarketEvent> _message = new(MaxFields);

    protected override IEnumerable<ParquetColumn> Values => [_kind, _fundingTime.Micros, .. _decimals.OfType<ParquetColumn>(), _layout, _fundingTime.Nanos];

    public override Taken Append(in MarketEvent e)
    {
        if (e.Kind != MarketEventKind.DerivativeTicker)
        {
            if (!IsNotice(e))
                return Taken.Foreign;
            if (e.Price != default || e.Quantity != default || e.Side != Side.Unknown)
                return Taken.Unfit;
            Settle();
            AppendRow(e.Kind == MarketEventKind.Gap ? 1 : 2, e);
            return Taken.Yes;
        }

        bool isTime = e.Detail == (int)DerivativeField.FundingTimestamp;
        if (e.Detail is <= 0 or > MaxFields || e.Quantity != default || e.Side != Side.Unknown || (isTime ? e.Scale != 0 : !WideDecimalColumn.Fits(e.Scale)))
            return Taken.Unfit;
        if (_message.Count > 0 && !Continues(e))
            Settle();
        _message.Add(e);
        if (e.IsLastInMessage)
            Settle();
        return Taken.Yes;
    }

    public override void Settle()
    {
        if (_message.Count == 0)
            return;
        AppendRow(0, _message[^1]);
        _message.Clear();
    }

    public override void Read(int row, MarketEventBuffer output)
    {
        MarketEvent stamp = ReadStamp(row);
        stamp.Kind = Kinds[_kind[row]];
        if (stamp.Kind != MarketEventKind.DerivativeTicker)
        {
            output.Add() = stamp;
            return;
        }

        long layout = _layout[row];
        for (int i = 0; i < MaxFields; i++)
        {
            int field = (int)(layout >> (i * FieldBits)) & ((1 << FieldBits) - 1);
            if (field == 0)
                break;
            int next = i + 1 == MaxFields ? 0 : (int)(layout >> ((i + 1) * FieldBits)) & ((1 << FieldBits) - 1);
            ref MarketEvent e = ref output.Add();
            e = stamp;
            e.Detail = field;
            e.Scale = (byte)((layout >> (ScaleShift + i * ScaleBits)) & ((1 << ScaleBits) - 1));
            if (next != 0)
                e.Flags &= ~MarketEventFlags.LastInMessage;
            if (field > MaxFields || (field == (int)DerivativeField.FundingTimestamp ? _fundingTime.IsNull(row) : _decimals[field]!.IsNull(row)) || e.Scale > WideDecimalColumn.Scale)
                throw new InvalidDataException("column 'layout' names a field whose column is empty");
            e.Price = new Price(field == (int)DerivativeField.FundingTimestamp ? _fundingTime[row].Value : _decimals[field]!.MantissaAt(row, e.Scale));
        }
    }

    private bool Continues(in MarketEvent e)
    {
        MarketEvent last = _message[^1];
        foreach (MarketEvent earlier in _message)
        {
            if (earlier.Detail == e.Detail)
                return false;
        }

        return last.ReceiveTime == e.ReceiveTime && last.ExchangeTime == e.ExchangeTime && last.Sequence == e.Sequence && last.Aux == e.Aux
            && last.Instrument == e.Instrument && last.Channel == e.Channel && last.Flags == (e.Flags & ~MarketEventFlags.LastInMessage);
    }

    private void AppendRow(int kind, in MarketEvent stamp)
    {
        _kind.Append(kind);
        long layout = 0;
        for (int i = 0; i < _message.Count; i++)
            layout |= ((long)_message[i].Detail << (i * FieldBits)) | ((long)_message[i].Scale << (ScaleShift + i * ScaleBits));
        _layout.Append(layout);
        int time = _message.FindIndex(e => e.Detail == (int)DerivativeField.FundingTimestamp);
        if (time < 0)
            _fundingTime.AppendNull();
        else
            _fundingTime.Append(new UnixNanos(_message[time].Price.Ticks));
        for (int field = 1; field < _decimals.Length; field++)
        {
            if (_decimals[field] is not { } column)
                continue;
            int at = _message.FindIndex(e => e.Detail == field);
            if (at < 0)
                column.AppendNull();
            else
                column.Append(_message[at].Price.Ticks, _message[at].Scale);
        }

        AppendStamp(stamp);
    }
}
