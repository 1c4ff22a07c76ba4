using Crpbot.Messages;
using Crpbot.Telemetry;

namespace Crpbot.Engine;

/// <summary>Latency of the sampled messages, stage by stage, from the wire to the decision.</summary>
/// <remarks>
/// <code>
///   wire ──parse──► parsed ──features──► state ──prediction──► answer ──verdict──► records
///     └──────────────────── wire_to_decision (every sampled message) ─────────────────► journal
///   of Timers that led to records: bar_close_to_order
/// </code>
/// The last stage's thread records, any thread may take a <see cref="Snapshot"/>; recording allocates nothing.
/// </remarks>
public sealed class StageLatencies
{
    private readonly LatencyRecorder _parse = new("parse");
    private readonly LatencyRecorder _features = new("features");
    private readonly LatencyRecorder _prediction = new("prediction");
    private readonly LatencyRecorder _verdict = new("verdict");
    private readonly LatencyRecorder _decision = new("wire_to_decision");
    private readonly LatencyRecorder _order = new("bar_close_to_order");
    private readonly LatencyRecorder[] _all;

    public StageLatencies() => _all = [_parse, _features, _prediction, _verdict, _decision, _order];

    internal void Record(in TradingEvent e)
    {
        long now = MonotonicClock.Now();
        bool isTimer = e.Market.Kind == MarketEventKind.Timer;
        if (e.ParsedStamp > e.WireStamp)
            _parse.RecordBetween(e.WireStamp, e.ParsedStamp);
        if (e.FeaturesStamp != 0)
            _features.RecordBetween(e.ParsedStamp, e.FeaturesStamp);
        if (e.PredictionStamp != 0)
            _prediction.RecordBetween(e.FeaturesStamp, e.PredictionStamp);
        if (e.VerdictStamp != 0)
            _verdict.RecordBetween(Math.Max(e.FeaturesStamp, e.PredictionStamp), e.VerdictStamp);
        if (!isTimer)
            _decision.RecordBetween(e.WireStamp, now);
        else if (e.VerdictStamp != 0)
            _order.RecordBetween(e.WireStamp, e.VerdictStamp);
    }

    internal void Reset()
    {
        foreach (LatencyRecorder recorder in _all)
            recorder.Reset();
    }

    /// <summary>Copies of the stages that have recorded something.</summary>
    public IReadOnlyList<LatencyHistogram> Snapshot() => [.. _all.Select(recorder => recorder.Snapshot()).Where(histogram => histogram.Count > 0)];
}
