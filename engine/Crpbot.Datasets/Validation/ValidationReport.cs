using System.Text.Json;
using System.Text.Json.Nodes;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>What validation found in one file, symbol-day or lake.</summary>
/// <param name="Rows">Rows or events looked at.</param>
/// <param name="From">Begin of the interval that was judged.</param>
/// <param name="To">Its end, exclusive.</param>
/// <param name="Findings">In the order of the codes.</param>
public sealed record ValidationReport(long Rows, UnixNanos From, UnixNanos To, IReadOnlyList<Finding> Findings)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Minutes that a row stands for, where a missing minute is to be weighed against rows: the length of a candle.</summary>
    public double MinutesARow { get; init; } = 1;

    /// <summary>Rows that a missing day stands for: of a lake, those of its average day.</summary>
    public double RowsADay { get; init; } = 1;

    /// <summary>0 to 100: the share of rows and minutes without fault, an error weighing 1, a warning ½, infos nothing.</summary>
    /// <remarks>The whole is every row there is and every minute and day there is not; a file that ends early or is corrupt never passes 50.</remarks>
    public double Score
    {
        get
        {
            double whole = Rows + Findings.Where(f => f.Code is FindingCode.MissingMinute or FindingCode.MissingDay).Sum(RowsOf);
            if (whole == 0)
                return 0;
            double lost = Findings.Sum(f => RowsOf(f) * (f.Severity switch { Severity.Error => 1.0, Severity.Warning => 0.5, _ => 0 }));
            double score = 100 * Math.Max(0, 1 - lost / whole);
            bool isBroken = Findings.Any(f => f.Code is FindingCode.Truncated or FindingCode.Corrupt);
            // Rounded down: only what has no fault has 100.
            return Math.Floor((isBroken ? Math.Min(50, score) : score) * 100 + 1e-6) / 100;
        }
    }

    public bool Fails(Severity failOn) => Findings.Any(finding => finding.Severity >= failOn);

    /// <summary>The document that <c>--json</c> prints.</summary>
    public string ToJson() => JsonSerializer.Serialize(ToDocument(), Indented);

    /// <summary>The same as a tree, for documents that hold more.</summary>
    internal JsonObject ToJsonObject() => JsonSerializer.SerializeToNode(ToDocument(), Indented)!.AsObject();

    internal static string Write(JsonNode document) => document.ToJsonString(Indented);

    /// <summary>For documents that hold several reports.</summary>
    internal object ToDocument() => new
    {
        Score,
        Rows,
        From = TextOf(From),
        To = TextOf(To),
        Findings = Findings.Select(finding => finding.Code == FindingCode.MissingMinute
            ? (object)new { Code = finding.Code.NameOf(), Severity = WordOf(finding), finding.Count, FirstTime = TextOf(finding.FirstTime), FirstLine = LineOf(finding), finding.Example, Runs = finding.Runs.Select(run => new { From = TextOf(run.From), run.Minutes }) }
            : new { Code = finding.Code.NameOf(), Severity = WordOf(finding), finding.Count, FirstTime = TextOf(finding.FirstTime), FirstLine = LineOf(finding), finding.Example }),
    };

    private static string WordOf(Finding finding) => finding.Severity.ToString().ToLowerInvariant();

    private static long? LineOf(Finding finding) => finding.FirstLine == 0 ? null : finding.FirstLine;

    private double RowsOf(Finding finding) => finding.Code switch
    {
        FindingCode.MissingMinute => finding.Count / MinutesARow,
        FindingCode.MissingDay => finding.Count * RowsADay,
        _ => finding.Count,
    };

    private static string? TextOf(UnixNanos time) => time == UnixNanos.None ? null : time.ToString();
}
