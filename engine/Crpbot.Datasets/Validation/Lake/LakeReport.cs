using System.Globalization;
using System.Text.Json.Nodes;

namespace Crpbot.Datasets.Validation;

/// <summary>What was found in one symbol-day.</summary>
/// <param name="Trades">Trades, to compare days by.</param>
/// <param name="Updates">Level updates.</param>
public sealed record LakeDayReport(string Venue, string Symbol, DateOnly Date, ValidationReport Report, long Trades, long Updates)
{
    public string Name => FormattableString.Invariant($"{Venue}:{Symbol} {Date:yyyy-MM-dd}");
}

/// <summary>What was found in a lake: every symbol-day, and all of them together.</summary>
/// <param name="Total">Findings of all days; examples name the first day.</param>
/// <param name="Days">In order of venue, symbol and day.</param>
public sealed record LakeReport(ValidationReport Total, IReadOnlyList<LakeDayReport> Days)
{
    /// <summary>The document that <c>--json</c> prints: the totals, and <c>partitions</c>.</summary>
    public string ToJson()
    {
        JsonObject document = Total.ToJsonObject();
        document["partitions"] = new JsonArray([.. Days.Select(NodeOf)]);
        return ValidationReport.Write(document);
    }

    private static JsonObject NodeOf(LakeDayReport day)
    {
        var node = new JsonObject { ["venue"] = day.Venue, ["symbol"] = day.Symbol, ["date"] = day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
        foreach ((string name, JsonNode? value) in day.Report.ToJsonObject().ToArray())
            node[name] = value?.DeepClone();
        return node;
    }
}
