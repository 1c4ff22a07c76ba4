using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Codecs.Parquet;

/// <summary><c>trades</c> and <c>liquidations</c>: one execution a row.</summary>
internal sealed class TradeColumns : EventColumns
{
    private readonly MarketEventKind[] _kinds;
    private readonly WordColumn _kind;
    private readonly WordColumn _side = new("side", isOptional: true, "buy", "sell");
    private readonly StepColumn _price;
    private readonly StepColumn _quantity;

    public TradeColumns(TardisCsvType type, Instrument instrument, TextIdTable textIds)
        : base(instrument, textIds, type == TardisCsvType.Trades ? Channel.Trades : Channel.Liquidations, "id")
    {
        bool isTrade = type == TardisCsvType.Trades;
        _kinds = [isTrade ? MarketEventKind.Trade : MarketEventKind.Liquidation, MarketEventKind.Gap, MarketEventKind.Disconnect];
        _kind = new WordColumn("kind", isOptional: false, isTrade ? "trade" : "liquidation", "gap", "disconnect");
        (_price, _quantity) = (new StepColumn("price", instrument.Tick), new StepColumn("quantity", instrument.Lot));
    }

    protected override IEnumerable<ParquetColumn> Values => [_kind, _side, _price, _quantity];

    public override Taken Append(in MarketEvent e)
    {
        int kind = Array.IndexOf(_kinds, e.Kind);
        if (kind < 0 || (kind > 0 && !IsNotice(e)))
            return Taken.Foreign;
        if (e.Side > Side.Sell || e.Scale != 0 || e.Detail != 0 || !_price.Fits(e.Price.Ticks) || !_quantity.Fits(e.Quantity.Lots))
            return Taken.Unfit;
        _kind.Append(kind);
        if (e.Side == Side.Unknown)
            _side.AppendNull();
        else
            _side.Append((int)e.Side - 1);
        AppendSteps(_price, e.Price.Ticks, kind > 0);
        AppendSteps(_quantity, e.Quantity.Lots, kind > 0);
        AppendStamp(e);
        return Taken.Yes;
    }

    public override void Read(int row, MarketEventBuffer output)
    {
        ref MarketEvent e = ref output.Add();
        e = ReadStamp(row);
        e.Kind = _kinds[_kind[row]];
        e.Side = (Side)(_side[row] + 1);
        e.Price = new Price(_price.StepsAt(row));
        e.Quantity = new Quantity(_quantity.StepsAt(row));
    }

    /// <summary>A row that has no price by its kind shows none.</summary>
    internal static void AppendSteps(StepColumn column, long steps, bool nullIfZero)
    {
        if (nullIfZero && steps == 0)
            column.AppendNull();
        else
            column.AppendSteps(steps);
    }
}
