using System.Globalization;
using System.Text;

namespace Crpbot.Telemetry;

/// <summary>What stands above a latency report.</summary>
/// <param name="Title">One line.</param>
/// <param name="Machine">Where it was measured; see <see cref="MachineLine"/>.</param>
/// <param name="Notes">One line each: span, rates, collections, what is left out.</param>
public sealed record LatencyReportHeader(string Title, string Machine, params IReadOnlyList<string> Notes);

/// <summary>Latencies of all stages as text: a table for people, a distribution for plotting.</summary>
public static class LatencyReport
{
    /// <summary>A line a stage: count, p50 … p99.99, worst, mean, with readable units.</summary>
    public static string Table(IReadOnlyList<LatencyHistogram> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        int width = Math.Max(5, stages.Count == 0 ? 0 : stages.Max(stage => stage.Stage.Length));
        StringBuilder text = new();
        text.Append("stage".PadRight(width));
        foreach (string column in (string[])["count", "p50", "p90", "p99", "p99.9", "p99.99", "worst", "mean"])
            text.Append(column.PadLeft(11));
        text.AppendLine();
        foreach (LatencyHistogram stage in stages)
        {
            LatencySnapshot s = stage.Summarize();
            text.Append(stage.Stage.PadRight(width)).Append(s.Count.ToString("N0", CultureInfo.InvariantCulture).PadLeft(11));
            if (s.Count > 0)
            {
                foreach (double nanos in (double[])[s.P50, s.P90, s.P99, s.P999, s.P9999, s.Max, s.Mean])
                    text.Append(FormatNanos(nanos).PadLeft(11));
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    /// <summary>One stage's whole distribution in the columns of a <c>.hgrm</c> file: nanoseconds, fraction, count so far, 1 / (1 − fraction).</summary>
    public static string Distribution(LatencyHistogram stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        StringBuilder text = new();
        text.AppendLine("       Value     Percentile TotalCount 1/(1-Percentile)").AppendLine();
        long seen = 0;
        foreach ((long nanos, long count) in stage.Buckets())
        {
            seen += count;
            double fraction = (double)seen / stage.Count;
            string rest = seen == stage.Count ? "" : (1 / (1 - fraction)).ToString("F2", CultureInfo.InvariantCulture);
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{nanos,12}.000 {fraction:F12} {seen,10} {rest,14}").TrimEnd());
        }

        LatencySnapshot summary = stage.Summarize();
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"#[Mean    = {summary.Mean,12:F3}, Total count    = {summary.Count,12}]"));
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"#[Max     = {summary.Max,12:F3}, Minimum        = {summary.Min,12}]"));
        return text.ToString();
    }

    /// <summary>Three significant digits and a unit: <c>950 ns</c>, <c>1.25 µs</c>, <c>12.5 ms</c>, <c>3 s</c>.</summary>
    public static string FormatNanos(double nanos)
    {
        (double value, string unit) = nanos switch
        {
            < 999.5 => (nanos, "ns"),
            < 999_500 => (nanos / 1e3, "µs"),
            < 999_500_000 => (nanos / 1e6, "ms"),
            _ => (nanos / 1e9, "s"),
        };
        string format = value switch
        {
            >= 99.95 => "0",
            >= 9.995 => "0.#",
            _ => "0.##",
        };
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + unit;
    }
}
