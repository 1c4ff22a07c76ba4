using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Codecs.Parquet;

/// <summary><c>quotes</c> and <c>book_ticker</c>: best bid and ask of one message in one row.</summary>
/// <remarks>A bid waits for the ask that shares all but price, quantity and the end of the message; what comes in another order has a row of its own.</remarks>
internal sealed class QuoteColumns : EventColumns
{
    private static readonly MarketEventKind[] Kinds = [MarketEventKind.Quote, MarketEventKind.Gap, MarketEventKind.Disconnect];
    private readonly bool _isDerived;
    private readonly WordColumn _kind = new("kind", isOptional: false, "quote", "gap", "disconnect");
    private readonly StepColumn _bidPrice;
    private readonly StepColumn _bidQuantity;
    private readonly StepColumn _askPrice;
    private readonly StepColumn _askQuantity;
    private MarketEvent _bid;
    private bool _hasBid;

    public QuoteColumns(TardisCsvType type, Instrument instrument, TextIdTable textIds)
        : base(instrument, textIds, Channel.Quotes, "sequence")
    {
        _isDerived = type == TardisCsvType.Quotes;
        (_bidPrice, _bidQuantity) = (new StepColumn("bid_price", instrument.Tick), new StepColumn("bid_quantity", instrument.Lot));
        (_askPrice, _askQuantity) = (new StepColumn("ask_price", instrument.Tick), new StepColumn("ask_quantity", instrument.Lot));
    }

    protected override IEnumerable<ParquetColumn> Values => [_kind, _bidPrice, _bidQuantity, _askPrice, _askQuantity];

    public override Taken Append(in MarketEvent e)
    {
        if (e.Kind != MarketEventKind.Quote)
        {
            if (!IsNotice(e))
                return Taken.Foreign;
            if (e.Price != default || e.Quantity != default || e.Side != Side.Unknown)
                return Taken.Unfit;
            Settle();
            AppendRow(e.Kind == MarketEventKind.Gap ? 1 : 2, null, null, e);
            return Taken.Yes;
        }

        if ((e.Flags & MarketEventFlags.Derived) != 0 != _isDerived)
            return Taken.Foreign;
        if (e.Side is not (Side.Buy or Side.Sell) || e.Scale != 0 || e.Detail != 0 || !_bidPrice.Fits(e.Price.Ticks) || !_bidQuantity.Fits(e.Quantity.Lots))
            return Taken.Unfit;
        if (e.Side == Side.Sell && _hasBid && IsPair(_bid, e))
        {
            _hasBid = false;
            AppendRow(0, _bid, e, e);
            return Taken.Yes;
        }

        Settle();
        if (e.Side == Side.Sell)
            AppendRow(0, null, e, e);
        else if (e.IsLastInMessage)
            AppendRow(0, e, null, e);
        else
            (_bid, _hasBid) = (e, true);
        return Taken.Yes;
    }

    public override void Settle()
    {
        if (!_hasBid)
            return;
        _hasBid = false;
        AppendRow(0, _bid, null, _bid);
    }

    public override void Read(int row, MarketEventBuffer output)
    {
        MarketEvent stamp = ReadStamp(row);
        stamp.Kind = Kinds[_kind[row]];
        if (stamp.Kind != MarketEventKind.Quote)
        {
            output.Add() = stamp;
            return;
        }

        bool hasAsk = !_askPrice.IsNull(row);
        if (!_bidPrice.IsNull(row))
        {
            ref MarketEvent bid = ref output.Add();
            bid = stamp;
            (bid.Side, bid.Price, bid.Quantity) = (Side.Buy, new Price(_bidPrice.StepsAt(row)), new Quantity(_bidQuantity.StepsAt(row)));
            if (hasAsk)
                bid.Flags &= ~MarketEventFlags.LastInMessage;
        }

        if (!hasAsk)
            return;
        ref MarketEvent ask = ref output.Add();
        ask = stamp;
        (ask.Side, ask.Price, ask.Quantity) = (Side.Sell, new Price(_askPrice.StepsAt(row)), new Quantity(_askQuantity.StepsAt(row)));
    }

    private static bool IsPair(in MarketEvent bid, in MarketEvent ask) =>
        bid.ReceiveTime == ask.ReceiveTime && bid.ExchangeTime == ask.ExchangeTime && bid.Sequence == ask.Sequence && bid.Aux == ask.Aux
        && bid.Instrument == ask.Instrument && bid.Channel == ask.Channel && bid.Flags == (ask.Flags & ~MarketEventFlags.LastInMessage);

    private void AppendRow(int kind, MarketEvent? bid, MarketEvent? ask, in MarketEvent stamp)
    {
        _kind.Append(kind);
        AppendSide(_bidPrice, _bidQuantity, bid);
        AppendSide(_askPrice, _askQuantity, ask);
        AppendStamp(stamp);
    }

    /// <summary>A quantity of 0 was not given by the venue: a null.</summary>
    private static void AppendSide(StepColumn price, StepColumn quantity, in MarketEvent? side)
    {
        if (side is { } e)
        {
            price.AppendSteps(e.Price.Ticks);
            TradeColumns.AppendSteps(quantity, e.Quantity.Lots, nullIfZero: true);
        }
        else
        {
            price.AppendNull();
            quantity.AppendNull();
        }
    }
}
