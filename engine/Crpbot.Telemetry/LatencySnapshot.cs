namespace Crpbot.Telemetry;

/// <summary>One stage's percentiles, in nanoseconds; each is the end of its bucket, at most 0.1 % above the true value.</summary>
/// <param name="Count">Values recorded.</param>
/// <param name="Min">The least.</param>
/// <param name="P50">Half are not above.</param>
/// <param name="P90">90 % are not above.</param>
/// <param name="P99">99 % are not above.</param>
/// <param name="P999">99.9 % are not above.</param>
/// <param name="P9999">99.99 % are not above.</param>
/// <param name="Max">The worst.</param>
/// <param name="Mean">Of the buckets' middles.</param>
public readonly record struct LatencySnapshot(
    long Count, long Min, long P50, long P90, long P99, long P999, long P9999, long Max, double Mean);

/// <summary>A stage's name with its percentiles.</summary>
public readonly record struct StageLatency(string Stage, LatencySnapshot Nanos)
{
    public static StageLatency Of(LatencyHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        return new StageLatency(histogram.Stage, histogram.Summarize());
    }
}
