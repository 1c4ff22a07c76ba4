using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crpbot.Datasets;
using Crpbot.Features;

namespace Crpbot.Cli;

/// <summary>What a build did, for people and as JSON.</summary>
internal static class FeatureBuildView
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Print(FeatureBuildReport report, IReadOnlyList<(string Name, long Bytes)> written, long events, string unit, double seconds, TextWriter writer)
    {
        foreach ((string name, long bytes) in written)
            writer.WriteLine($"{name}: {bytes:N0} bytes");
        Row(writer, "rows", $"{report.Rows:N0} from {events:N0} {unit} in {seconds:F2} s, {events / seconds / 1e6:F2} M/s");
        if (report.Frames > 0)
        {
            Row(writer, "messages", $"{report.Frames:N0} read, {report.Unknown:N0} of unknown types, {report.Refused:N0} refused, {report.Dropped:N0} deltas dropped");
            Row(writer, "events", $"{report.Trades:N0} trades, {report.BookDeltas:N0} book deltas, {report.Gaps:N0} gaps, {report.ClampedTimes:N0} receive times clamped");
        }

        foreach ((string name, FeatureSymbolReport symbol) in report.Symbols)
            Print(name, symbol, writer);
        foreach (string warning in report.Warnings)
            writer.WriteLine($"warning: {warning}");
    }

    public static string ToJson(FeatureBuildReport report)
    {
        var symbols = new JsonObject();
        foreach ((string name, FeatureSymbolReport symbol) in report.Symbols)
            symbols[name] = ToJson(symbol);
        return new JsonObject
        {
            ["rows"] = report.Rows,
            ["candles"] = report.Candles,
            ["frames"] = report.Frames,
            ["events"] = report.Events,
            ["trades"] = report.Trades,
            ["bookDeltas"] = report.BookDeltas,
            ["gaps"] = report.Gaps,
            ["unknown"] = report.Unknown,
            ["dropped"] = report.Dropped,
            ["refused"] = report.Refused,
            ["clampedTimes"] = report.ClampedTimes,
            ["schemaVersion"] = FeatureSchema.Version,
            ["schemaHash"] = FeatureSchema.Hash,
            ["symbols"] = symbols,
            ["warnings"] = new JsonArray([.. report.Warnings.Select(warning => (JsonNode)warning)]),
        }.ToJsonString(Indented);
    }

    private static JsonObject ToJson(FeatureSymbolReport symbol)
    {
        var missing = new JsonObject();
        for (int i = 0; i < FeatureSchema.Count; i++)
        {
            if (symbol.MissingOf(i) == 0)
                continue;
            var reasons = new JsonObject { ["share"] = (double)symbol.MissingOf(i) / symbol.Rows };
            foreach (MissingReason reason in Enum.GetValues<MissingReason>())
            {
                if (reason != MissingReason.Present && symbol.MissingOf(i, reason) > 0)
                    reasons[reason.ToString()] = symbol.MissingOf(i, reason);
            }

            missing[FeatureSchema.Names[i]] = reasons;
        }

        return new JsonObject
        {
            ["rows"] = symbol.Rows,
            ["from"] = symbol.Rows == 0 ? null : symbol.From.ToString(),
            ["to"] = symbol.Rows == 0 ? null : symbol.To.ToString(),
            ["missingMinutes"] = symbol.MissingMinutes,
            ["warmupRows"] = symbol.WarmupRows,
            ["rowsWithoutTrades"] = symbol.RowsWithoutTrades,
            ["restarts"] = symbol.Restarts,
            ["refused"] = symbol.Refused,
            ["lateEvents"] = symbol.LateEvents,
            ["sideHoursWarned"] = symbol.SideHoursWarned,
            ["sideHoursRefused"] = symbol.SideHoursRefused,
            ["missing"] = missing,
        };
    }

    private static void Print(string name, FeatureSymbolReport symbol, TextWriter writer)
    {
        string span = symbol.Rows == 0 ? "" : $" {symbol.From.ToDateTime():yyyy-MM-dd HH:mm} … {symbol.To.ToDateTime():yyyy-MM-dd HH:mm}";
        Row(writer, name, string.Create(CultureInfo.InvariantCulture,
            $"{symbol.Rows:N0} rows{span}, {symbol.MissingMinutes:N0} minutes without a bar, {symbol.WarmupRows:N0} warm-up rows, {symbol.RowsWithoutTrades:N0} without trades"));
        if (symbol.Refused + symbol.LateEvents > 0)
            writer.WriteLine($"  {symbol.Refused:N0} values refused, {symbol.LateEvents:N0} events later than their bar");
        if (symbol.SideHoursWarned > 0)
            writer.WriteLine($"  warning: in {symbol.SideHoursWarned:N0} hours fewer than 90 % of the trades printed on their side of the mid");
        if (symbol.SideHoursRefused > 0)
            writer.WriteLine($"  refused: in {symbol.SideHoursRefused:N0} hours fewer than 60 % did; the hour after each has no rows");
        var groups = Enumerable.Range(0, FeatureSchema.Count).Where(i => symbol.MissingOf(i) > 0)
            .GroupBy(i => (Missing: symbol.MissingOf(i), Reason: symbol.MainReasonOf(i)))
            .OrderByDescending(group => group.Key.Missing);
        foreach (var group in groups)
        {
            string names = string.Join(' ', group.Select(i => FeatureSchema.Names[i]));
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  missing {100.0 * group.Key.Missing / symbol.Rows,6:F2} % {group.Key.Reason}: {names}"));
        }
    }

    private static void Row(TextWriter writer, string name, string text) => writer.WriteLine($"{name,-12} {text}");
}
