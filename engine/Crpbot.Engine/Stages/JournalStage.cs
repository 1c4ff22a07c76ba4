using System.Runtime.InteropServices;
using Crpbot.Engine.Live;
using Crpbot.Execution;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Engine.Stages;

/// <summary>The last stage: hashes and logs every decision in order, counts, records latency, and gives the lanes their room back.</summary>
internal sealed class JournalStage(
    DecisionLog log, StageLatencies latencies, Lane<FeatureRow>? rows, Lane<Prediction>? predictions, Lane<Signal>? signals,
    Lane<ExecutionRecord>? records, int ledgerCapacity) : IStage
{
    private readonly ExecutionRecord[] _ledger = new ExecutionRecord[ledgerCapacity];
    private RecentSignals _recent;
    private int _ledgerCount;
    private long _rows;
    private long _predictions;
    private long _signals;
    private long _records;

    public string Name => "journal";

    public JournalCounts Counts { get; private set; } = new();

    public StageLatencies Latencies => latencies;

    /// <summary>Fills and closed positions in order, as many as the ledger holds. Idle ring only.</summary>
    public ReadOnlySpan<ExecutionRecord> Ledger => _ledger.AsSpan(0, _ledgerCount);

    /// <summary>For any thread.</summary>
    public SeqLock<LiveState> Live { get; } = new();

    public DecisionLog Log => log;

    public void OnEvent(ref TradingEvent e)
    {
        if ((e.Rows | e.Predictions | e.Signals | e.Executions) != 0)
            Journal(ref e);
        if (e.IsHistory)
            return;
        if (e.IsSampled)
            latencies.Record(e);
        if (e.Market.Kind == MarketEventKind.Timer)
            Show(e.Market.ReceiveTime);
    }

    public void Reset()
    {
        _rows = _predictions = _signals = _records = 0;
        Counts.Clear();
        _ledgerCount = 0;
        _recent = default;
        log.Reset();
        latencies.Reset();
    }

    private void Journal(ref TradingEvent e)
    {
        for (int i = 0; i < e.Rows; i++)
        {
            FeatureRow row = rows![_rows++];
            if (e.IsHistory)
                continue;
            Counts.Rows++;
            log.Append(row.Bar);
            log.Append(row.Values, MemoryMarshal.AsBytes(row.Reasons));
        }

        rows?.Release(_rows);
        for (int i = 0; i < e.Predictions; i++)
        {
            Counts.Predictions++;
            log.Append(predictions![_predictions++]);
        }

        predictions?.Release(_predictions);
        for (int i = 0; i < e.Signals; i++)
        {
            Counts.Signals++;
            Remember(signals![_signals]);
            log.Append(signals[_signals++]);
        }

        signals?.Release(_signals);
        for (int i = 0; i < e.Executions; i++)
        {
            ExecutionRecord record = records![_records++];
            Counts.Add(record);
            if (_ledgerCount < _ledger.Length && record.Kind is ExecutionRecordKind.Fill or ExecutionRecordKind.PositionClosed)
                _ledger[_ledgerCount++] = record;
            record.Instrument = log.Number(record.Instrument);
            log.AppendExecution(ref record);
        }

        records?.Release(_records);
    }

    private void Remember(in Signal signal)
    {
        for (int i = RecentSignals.Count - 1; i > 0; i--)
            _recent[i] = _recent[i - 1];
        _recent[0] = signal;
    }

    private void Show(UnixNanos time) => Live.Write(new LiveState
    {
        Time = time,
        Bars = Counts.Rows,
        Predictions = Counts.Predictions,
        Signals = Counts.Signals,
        Orders = Counts.Orders,
        Fills = Counts.Fills,
        Recent = _recent,
    });
}

/// <summary>What was decided in one pass, history left out.</summary>
internal sealed class JournalCounts
{
    public long Rows;
    public long Predictions;
    public long Signals;
    public long Orders;
    public long Fills;

    public void Add(in ExecutionRecord record)
    {
        if (record.Kind == ExecutionRecordKind.Order)
            Orders++;
        else if (record.Kind == ExecutionRecordKind.Fill)
            Fills++;
    }

    public void Clear() => Rows = Predictions = Signals = Orders = Fills = 0;
}
