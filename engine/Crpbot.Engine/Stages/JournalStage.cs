using System.Runtime.InteropServices;
using Crpbot.Execution;
using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Engine.Stages;

/// <summary>The last stage: hashes and logs every decision in order, counts, records latency, and gives the lanes their room back.</summary>
internal sealed class JournalStage(
    DecisionLog log, StageLatencies latencies, Lane<FeatureRow>? rows, Lane<Prediction>? predictions, Lane<Signal>? signals,
    Lane<ExecutionRecord>? records) : IStage
{
    private long _rows;
    private long _predictions;
    private long _signals;
    private long _records;

    public string Name => "journal";

    public JournalCounts Counts { get; private set; } = new();

    public StageLatencies Latencies => latencies;

    public DecisionLog Log => log;

    public void OnEvent(ref TradingEvent e)
    {
        if ((e.Rows | e.Predictions | e.Signals | e.Executions) != 0)
            Journal(ref e);
        if (e.IsSampled)
            latencies.Record(e);
    }

    public void Reset()
    {
        _rows = _predictions = _signals = _records = 0;
        Counts.Clear();
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
            log.Append(signals![_signals++]);
        }

        signals?.Release(_signals);
        for (int i = 0; i < e.Executions; i++)
        {
            ExecutionRecord record = records![_records++];
            Counts.Add(record);
            record.Instrument = log.Number(record.Instrument);
            log.AppendExecution(ref record);
        }

        records?.Release(_records);
    }
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
