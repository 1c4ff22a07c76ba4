using System.Diagnostics;
using Crpbot.Engine.Live;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Engine.Stages;

/// <summary>Gives events and signals to the trader and lays what it decided, verdict by verdict and fill by fill, on its lane.</summary>
internal sealed class ExecutionStage(PaperTrader trader, Lane<Signal> signals, Lane<ExecutionRecord> records) : IStage
{
    private readonly ExecutionBuffer _buffer = new();
    private long _read;

    public string Name => "execution";

    public PaperTrader Trader => trader;

    /// <summary>For any thread.</summary>
    public SeqLock<PositionsState> Positions { get; } = new();

    public void OnEvent(ref TradingEvent e)
    {
        trader.OnEvent(e.Market, _buffer);
        for (int i = 0; i < e.Signals; i++)
            trader.OnSignal(signals[_read++], _buffer);
        if (_buffer.Count > 0)
            Deliver(ref e);
        if (e.Market.Kind == MarketEventKind.Timer || e.Executions > 0)
            Show();
    }

    public void Reset()
    {
        _read = 0;
        _buffer.Clear();
        records.Reset();
        trader.Reset();
    }

    private void Show()
    {
        PositionsState state = default;
        for (int id = 1; id < trader.Portfolio.InstrumentLimit && state.Count < OpenPositions.Count; id++)
        {
            ref readonly Position position = ref trader.Portfolio[new InstrumentId(id)];
            if (!position.IsFlat)
                state.Positions[state.Count++] = new OpenPosition { Instrument = new(id), Lots = position.Lots, Mark = position.Mark, Unrealized = position.Unrealized };
        }

        Positions.Write(state);
    }

    private void Deliver(ref TradingEvent e)
    {
        foreach (ref readonly ExecutionRecord record in _buffer.Records)
        {
            records.Claim() = record;
            records.Commit();
            e.Executions++;
        }

        _buffer.Clear();
        if (e.IsSampled)
            e.VerdictStamp = Stopwatch.GetTimestamp();
    }
}
