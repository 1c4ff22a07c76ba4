using Crpbot.Codecs.Instruments;
using Crpbot.Engine.Tests.Risk;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Execution;

/// <summary>A paper trader and a market whose every message a test writes: prices in dollars, quantities in coins.</summary>
internal sealed class PaperDesk
{
    public readonly InstrumentTable Table = new();
    public readonly Instrument Btc;
    public readonly Instrument Eth;
    public readonly PaperTrader Trader;
    public readonly ExecutionBuffer Output = new();
    public readonly List<ExecutionRecord> Records = [];
    public UnixNanos Now = Desk.MondayNoon;

    public PaperDesk(RiskLimits? limits = null, ExecutionOptions? options = null, IRiskStateStore? store = null)
    {
        Btc = Table.GetOrAdd("coinbase", "BTC-USD");
        Eth = Table.GetOrAdd("coinbase", "ETH-USD");
        Trader = new PaperTrader(Table, limits ?? RiskPresets.Ftmo2Step, options, store);
    }

    /// <summary>A whole new book, levels as price and quantity, best first.</summary>
    public void Book(Instrument instrument, (decimal Price, decimal Coins)[] bids, (decimal Price, decimal Coins)[] asks, MarketEventFlags flags = default)
    {
        Send(new MarketEvent { Kind = MarketEventKind.BookClear, Instrument = instrument.Id, Flags = flags });
        for (int i = 0; i < bids.Length; i++)
            Level(instrument, Side.Buy, bids[i].Price, bids[i].Coins, flags | MarketEventFlags.Snapshot);
        for (int i = 0; i < asks.Length; i++)
            Level(instrument, Side.Sell, asks[i].Price, asks[i].Coins, flags | MarketEventFlags.Snapshot | (i == asks.Length - 1 ? MarketEventFlags.LastInMessage : 0));
    }

    /// <summary>A deep book one cent wide.</summary>
    public void Touch(Instrument instrument, decimal bid, MarketEventFlags flags = default) =>
        Book(instrument, [(bid, 1_000m), (bid - 1, 1_000m)], [(bid + 0.01m, 1_000m), (bid + 1, 1_000m)], flags);

    public void Level(Instrument instrument, Side side, decimal price, decimal coins, MarketEventFlags flags = MarketEventFlags.LastInMessage) => Send(new MarketEvent
    {
        Kind = MarketEventKind.BookDelta,
        Instrument = instrument.Id,
        Side = side,
        Price = Desk.Px(price),
        Quantity = Desk.Coins(coins),
        Flags = flags,
    });

    public void Trade(Instrument instrument, decimal price) => Send(new MarketEvent
    {
        Kind = MarketEventKind.Trade,
        Instrument = instrument.Id,
        Side = Side.Buy,
        Price = Desk.Px(price),
        Quantity = Desk.Coins(0.01m),
        Flags = MarketEventFlags.LastInMessage,
    });

    public void Timer() => Send(new MarketEvent { Kind = MarketEventKind.Timer });

    public void Command(OperatorCommand command) => Send(new MarketEvent { Kind = MarketEventKind.Operator, Detail = (int)command });

    /// <summary>Sends an event one millisecond after the one before.</summary>
    public void Send(MarketEvent e)
    {
        Now += UnixNanos.PerMillisecond;
        e.ReceiveTime = e.ExchangeTime = Now;
        Trader.OnEvent(e, Output);
        Collect();
    }

    public void Signal(Instrument instrument, Side side, decimal close, double atr = 250, int horizon = 15, SignalTier tier = SignalTier.High, SignalSuppression suppression = default)
    {
        Trader.OnSignal(
            new Signal
            {
                Time = Now,
                BarOpenTime = Now,
                Atr = atr,
                Close = Desk.Px(close),
                Instrument = instrument.Id,
                HorizonBars = horizon,
                Side = side,
                Tier = tier,
                Suppression = suppression,
            },
            Output);
        Collect();
    }

    public ExecutionRecord Last(ExecutionRecordKind kind) => Records.Last(r => r.Kind == kind);

    public int Count(ExecutionRecordKind kind) => Records.Count(r => r.Kind == kind);

    public Notional Equity => Trader.Portfolio.Equity;

    private void Collect()
    {
        Records.AddRange(Output.Records);
        Output.Clear();
        // The ledger's two books agree after every event.
        Assert.Equal(Trader.Portfolio.Equity, Trader.Portfolio.Cash + Trader.Portfolio.MarketValue);
    }
}
