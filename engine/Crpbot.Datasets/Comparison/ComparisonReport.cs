using System.Text.Json;
using Crpbot.Messages;

namespace Crpbot.Datasets.Comparison;

/// <summary>A comparison as the document that <c>--json</c> prints.</summary>
internal static class ComparisonReport
{
    private static readonly (SourceDetail Detail, string Name)[] DetailNames =
    [
        (SourceDetail.Trades, "single trades"), (SourceDetail.TradeSide, "trade side"), (SourceDetail.Quotes, "best bid and ask"),
        (SourceDetail.BookDepth, "book depth"), (SourceDetail.TwoClocks, "receive time beside exchange time"),
    ];

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string ToJson(SourceComparison comparison) => JsonSerializer.Serialize(new
    {
        A = Side(comparison.A),
        B = Side(comparison.B),
        Candles = CandleInterval.Format(comparison.Interval),
        comparison.Tolerance,
        OffsetSeconds = comparison.Offset.OffsetNanos is { } offset ? (double?)offset / UnixNanos.PerSecond : null,
        OffsetEvidence = new
        {
            Correlation = Number(comparison.Offset.Correlation),
            Second = Number(comparison.Offset.Second),
            comparison.Offset.Pairs,
            Words = comparison.Offset.Evidence,
        },
        Overlap = new { From = comparison.From.ToString(), To = comparison.To.ToString() },
        Matched = comparison.Matches.Count,
        comparison.MissingInA,
        comparison.MissingInB,
        comparison.Differing,
        Fields = comparison.Fields.ToDictionary(field => field.Name, field => new
        {
            field.Differing,
            field.MaxRelative,
            field.MedianRelative,
            FirstTime = field.FirstTime == UnixNanos.None ? null : field.FirstTime.ToString(),
        }),
        comparison.Trades,
        PriceRatio = Number(comparison.PriceRatio),
        VolumeRatio = Number(comparison.VolumeRatio),
        Figure = new
        {
            MissingMinutes = comparison.Missing,
            comparison.Defects,
            EventsPerMinute = comparison.Detail,
            OnlyA = Only(comparison.A, comparison.B),
            OnlyB = Only(comparison.B, comparison.A),
        },
        Equal = comparison.AreEqual,
    }, Indented);

    /// <summary>What one has and the other lacks.</summary>
    public static IReadOnlyList<string> Only(ComparedSource one, ComparedSource other) =>
        [.. DetailNames.Where(entry => one.Detail.HasFlag(entry.Detail) && !other.Detail.HasFlag(entry.Detail)).Select(entry => entry.Name)];

    private static object Side(ComparedSource source) => new
    {
        source.Name,
        From = source.Candles.From.ToString(),
        To = source.Candles.To.ToString(),
        source.Rows,
        source.Candles.Missing,
        Interval = CandleInterval.Format(source.Candles.Interval),
        source.Notes,
    };

    private static double? Number(double value) => double.IsFinite(value) ? value : null;
}
