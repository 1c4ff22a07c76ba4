using System.Globalization;
using Crpbot.Engine;

namespace Crpbot.Cli;

/// <summary>A replay report for people.</summary>
internal static class ReplayView
{
    public static void Print(ReplayReport report, TextWriter writer)
    {
        Row(writer, "messages", $"{report.Frames:N0} read, {report.Unknown:N0} of unknown types, {report.Refused:N0} refused, {report.Dropped:N0} deltas dropped");
        Row(writer, "events", $"{report.Events:N0}: {report.Trades:N0} trades, {report.BookDeltas:N0} book deltas, {report.Timers:N0} timers, {report.Gaps:N0} gaps");
        Row(writer, "decided", $"{report.Bars:N0} bars, {report.Predictions:N0} predictions, {report.Signals:N0} signals, {report.Orders:N0} orders, {report.Fills:N0} fills");
        if (report.Refusals.Count > 0)
            Row(writer, "refusals", string.Join(", ", report.Refusals.Select(refusal => $"{refusal.Key} {refusal.Value:N0}")));
        if (report.Equity is { } equity)
            Row(writer, "equity", equity.ToString("N2", CultureInfo.InvariantCulture));
        Row(writer, "speed", $"{report.Seconds:F3} s, {report.EventsPerSecond / 1e6:F2} M events/s, {report.FramesPerSecond / 1e6:F2} M messages/s");
        Row(writer, "memory", $"{report.AllocatedBytes:N0} bytes allocated, {report.Gen0:N0} collections");
        Row(writer, "decisions", report.DecisionHash);
        foreach ((string name, InstrumentReport instrument) in report.Instruments)
            Row(writer, name, $"{instrument.BestBid ?? "no bid"} / {instrument.BestAsk ?? "no ask"}, {instrument.Bars:N0} bars");
        if (report.Latency.Count > 0)
        {
            writer.WriteLine();
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"latency, µs",-20} {"p50",10} {"p90",10} {"p99",10} {"p99.9",10} {"p99.99",10} {"worst",10} {"count",10}"));
            foreach ((string stage, LatencyFigures l) in report.Latency)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{stage,-20} {l.P50 / 1e3,10:F2} {l.P90 / 1e3,10:F2} {l.P99 / 1e3,10:F2} {l.P999 / 1e3,10:F2} {l.P9999 / 1e3,10:F2} {l.Max / 1e3,10:F2} {l.Count,10:N0}"));
            }
        }

        foreach (string warning in report.Warnings)
            writer.WriteLine($"warning: {warning}");
    }

    private static void Row(TextWriter writer, string name, string text) => writer.WriteLine($"{name,-12} {text}");
}
