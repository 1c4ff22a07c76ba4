using System.Diagnostics;
using Crpbot.Messages;
using HdrHistogram;

namespace Crpbot.Engine;

/// <summary>Latency of the sampled messages, stage by stage, from the wire to the decision.</summary>
/// <remarks>
/// <code>
///   wire ──parse──► parsed ──features──► state ──prediction──► answer ──verdict──► records
///     └──────────────────── wire_to_decision (every sampled message) ─────────────────► journal
///   of Timers that led to records: bar_close_to_order
/// </code>
/// Owned by the last stage's thread; allocation-free.
/// </remarks>
public sealed class StageLatencies
{
    private const long MaxNanos = 60 * UnixNanos.PerSecond;
    private static readonly double NanosPerTick = 1e9 / Stopwatch.Frequency;

    private readonly LongHistogram _parse = New();
    private readonly LongHistogram _features = New();
    private readonly LongHistogram _prediction = New();
    private readonly LongHistogram _verdict = New();
    private readonly LongHistogram _decision = New();
    private readonly LongHistogram _order = New();

    internal IEnumerable<(string Stage, LongHistogram Histogram)> Histograms =>
        [("parse", _parse), ("features", _features), ("prediction", _prediction), ("verdict", _verdict), ("wire_to_decision", _decision), ("bar_close_to_order", _order)];

    internal void Record(in TradingEvent e)
    {
        long now = Stopwatch.GetTimestamp();
        bool isTimer = e.Market.Kind == MarketEventKind.Timer;
        if (!isTimer && e.ParsedStamp > e.WireStamp)
            Add(_parse, e.WireStamp, e.ParsedStamp);
        if (e.FeaturesStamp != 0)
            Add(_features, e.ParsedStamp, e.FeaturesStamp);
        if (e.PredictionStamp != 0)
            Add(_prediction, e.FeaturesStamp, e.PredictionStamp);
        if (e.VerdictStamp != 0)
            Add(_verdict, Math.Max(e.FeaturesStamp, e.PredictionStamp), e.VerdictStamp);
        if (!isTimer)
            Add(_decision, e.WireStamp, now);
        else if (e.VerdictStamp != 0)
            Add(_order, e.WireStamp, e.VerdictStamp);
    }

    internal void Reset()
    {
        foreach ((_, LongHistogram histogram) in Histograms)
            histogram.Reset();
    }

    internal IEnumerable<(string Stage, LatencyFigures Figures)> Figures()
    {
        foreach ((string stage, LongHistogram h) in Histograms)
        {
            if (h.TotalCount > 0)
            {
                yield return (stage, new LatencyFigures(h.GetValueAtPercentile(50), h.GetValueAtPercentile(90), h.GetValueAtPercentile(99),
                    h.GetValueAtPercentile(99.9), h.GetValueAtPercentile(99.99), h.GetValueAtPercentile(100), h.TotalCount));
            }
        }
    }

    private static LongHistogram New() => new(1, MaxNanos, 3);

    private static void Add(LongHistogram histogram, long from, long to) =>
        histogram.RecordValue(Math.Clamp((long)((to - from) * NanosPerTick), 1, MaxNanos));
}
