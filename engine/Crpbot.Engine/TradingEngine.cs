using Crpbot.Codecs.Instruments;
using Crpbot.Engine.Live;
using Crpbot.Engine.Stages;
using Crpbot.Execution;
using Crpbot.Execution.Signals;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Engine;

/// <summary>The whole engine, from a parsed message to the journalled decision: ring, stages, lanes and the receiver that feeds them.</summary>
/// <remarks>
/// One thread owns it and calls <see cref="Receiver"/>. Reports read stages when the ring is idle (<see cref="WaitIdle"/>); displays read
/// <see cref="Live"/> at any time. Disposing drains.
/// </remarks>
public sealed class TradingEngine : IDisposable
{
    private readonly CancellationTokenSource _halt = new();
    private readonly TradingPipeline _pipeline;
    private readonly JournalStage _journal;
    private readonly FeatureStage? _features;
    private readonly BookStage? _books;
    private readonly PredictionStage? _predictions;
    private readonly ExecutionStage? _execution;
    private readonly DecisionLog _log;

    public TradingEngine(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        bool oneThread = options.Layout != ThreadLayout.Full;
        var stages = new List<IStage>();
        if (options.Record is not null)
            stages.Add(new RecordStage(options.Record, flushAtTimers: true));

        Lane<FeatureRow>? rows = null;
        Lane<Prediction>? predictions = null;
        Lane<Signal>? signals = null;
        Lane<ExecutionRecord>? records = null;
        if (options.Depth == PipelineDepth.Book)
        {
            stages.Add(_books = new BookStage(options.Instruments));
        }
        else
        {
            rows = new Lane<FeatureRow>(options.LaneCapacity, oneThread, () => new FeatureRow(), _halt.Token);
            stages.Add(_features = new FeatureStage(options.Instruments, CreateFeatures, rows));
        }

        if (options.Depth == PipelineDepth.All)
        {
            signals = new Lane<Signal>(options.LaneCapacity, oneThread, () => default, _halt.Token);
            records = new Lane<ExecutionRecord>(options.LaneCapacity, oneThread, () => default, _halt.Token);
            if (options.Model is not null)
            {
                predictions = new Lane<Prediction>(options.LaneCapacity, oneThread, () => default, _halt.Token);
                stages.Add(_predictions = new PredictionStage(options.Model, new SignalGenerator(options.Signals), rows!, predictions, signals));
            }

            var trader = new PaperTrader(options.Instruments, options.Limits, options.Execution, options.RiskState);
            stages.Add(_execution = new ExecutionStage(trader, signals, records));
        }

        _log = new DecisionLog(options.Instruments, options.DecisionLogPath);
        stages.Add(_journal = new JournalStage(_log, new StageLatencies(), rows, predictions, signals, records, options.LedgerCapacity));
        _pipeline = new TradingPipeline([.. stages], options.Layout, options.RingSize, _halt);
        Receiver = new FeedReceiver(_pipeline, new BarClock());
    }

    public EngineOptions Options { get; }

    /// <summary>Where messages enter; the owning thread's.</summary>
    internal FeedReceiver Receiver { get; }

    internal TradingPipeline Pipeline => _pipeline;

    internal JournalStage Journal => _journal;

    internal FeatureStage? Features => _features;

    internal PredictionStage? Predictions => _predictions;

    internal PaperTrader? Trader => _execution?.Trader;

    internal IBookSource Books => (IBookSource?)_books ?? _features!;

    /// <summary>What is decided so far, for displays on any thread.</summary>
    public LiveState Live => _journal.Live.Read();

    /// <summary>What is open, for displays on any thread.</summary>
    public PositionsState Positions => _execution?.Positions.Read() ?? default;

    /// <summary>The account, for displays on any thread; default when the engine has none.</summary>
    public AccountSnapshot Account => Trader?.Account.Read() ?? default;

    /// <summary>For any thread.</summary>
    public StageLatencies Latencies => _journal.Latencies;

    /// <summary>Events that came after their Bar had closed; ask when idle.</summary>
    public long LateEvents => _features is null ? 0 : Options.Instruments.All.Sum(instrument => _features.LateEventsOf(instrument.Id));

    /// <summary>Fills and closed positions in order; ask when idle.</summary>
    public ReadOnlySpan<ExecutionRecord> Ledger => _journal.Ledger;

    /// <summary>The hash of everything decided so far; ask when idle.</summary>
    public string DecisionHash => _log.Hash;

    /// <summary>Bars closed for an Instrument in this pass, history left out.</summary>
    internal long BarsOf(Instrument instrument) =>
        _features is not null && instrument.Id.Value < _features.Bars.Length ? _features.Bars[instrument.Id.Value] : 0;

    internal long CrossedStatesOf(Instrument instrument) => _books?.CrossedStatesOf(instrument.Id) ?? 0;

    /// <summary>Waits until everything published is decided.</summary>
    public void WaitIdle() => _pipeline.WaitIdle();

    /// <summary>Starts afresh, keeping grown memory, for another pass over the same data.</summary>
    public void Reset()
    {
        _pipeline.WaitIdle();
        _pipeline.Reset();
        Receiver.Reset();
    }

    /// <summary>Drains, ends the stage threads and makes the decision log durable.</summary>
    public void Complete()
    {
        _pipeline.WaitIdle();
        _log.Complete();
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _log.Dispose();
        _halt.Dispose();
    }

    private static FeatureEngine CreateFeatures(Instrument instrument, FeatureEngine? grown) =>
        new(instrument, grown?.GrownOptions ?? FeatureOptions.For(instrument));
}
