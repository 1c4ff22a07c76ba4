using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Codecs.Parquet;

/// <summary><c>incremental_book_L2</c> and <c>book_snapshot_*</c>: one level a row, and a <c>clear</c> row where a new book begins.</summary>
internal sealed class BookDeltaColumns : EventColumns
{
    private static readonly MarketEventKind[] Kinds = [MarketEventKind.BookDelta, MarketEventKind.BookClear, MarketEventKind.Gap, MarketEventKind.Disconnect];
    private readonly bool _onlySnapshots;
    private readonly WordColumn _kind = new("kind", isOptional: false, "level", "clear", "gap", "disconnect");
    private readonly WordColumn _side = new("side", isOptional: true, "bid", "ask");
    private readonly StepColumn _price;
    private readonly StepColumn _quantity;
    private readonly BooleanColumn _snapshot = new("is_snapshot");

    public BookDeltaColumns(TardisCsvType type, Instrument instrument, TextIdTable textIds)
        : base(instrument, textIds, Channel.Book, "sequence")
    {
        _onlySnapshots = type != TardisCsvType.IncrementalBookL2;
        (_price, _quantity) = (new StepColumn("price", instrument.Tick), new StepColumn("quantity", instrument.Lot));
    }

    protected override MarketEventFlags OwnFlags => MarketEventFlags.LastInMessage | MarketEventFlags.Snapshot;

    protected override IEnumerable<ParquetColumn> Values => [_kind, _side, _price, _quantity, _snapshot];

    public override Taken Append(in MarketEvent e)
    {
        int kind = e.Kind switch
        {
            MarketEventKind.BookDelta => 0,
            MarketEventKind.BookClear => 1,
            MarketEventKind.Gap => 2,
            MarketEventKind.Disconnect => 3,
            _ => -1,
        };
        if (kind < 0 || (kind > 1 && !IsNotice(e)) || (kind == 0 && _onlySnapshots && !e.IsSnapshot))
            return Taken.Foreign;
        if (e.Side > Side.Sell || e.Scale != 0 || e.Detail != 0 || !_price.Fits(e.Price.Ticks) || !_quantity.Fits(e.Quantity.Lots))
            return Taken.Unfit;
        _kind.Append(kind);
        if (e.Side == Side.Unknown)
            _side.AppendNull();
        else
            _side.Append((int)e.Side - 1);
        TradeColumns.AppendSteps(_price, e.Price.Ticks, kind > 0);
        TradeColumns.AppendSteps(_quantity, e.Quantity.Lots, kind > 0);
        _snapshot.Append(e.IsSnapshot);
        AppendStamp(e);
        return Taken.Yes;
    }

    public override void Read(int row, MarketEventBuffer output)
    {
        ref MarketEvent e = ref output.Add();
        e = ReadStamp(row);
        e.Kind = Kinds[_kind[row]];
        e.Side = (Side)(_side[row] + 1);
        e.Price = new Price(_price.StepsAt(row));
        e.Quantity = new Quantity(_quantity.StepsAt(row));
        if (_snapshot[row])
            e.Flags |= MarketEventFlags.Snapshot;
    }
}
