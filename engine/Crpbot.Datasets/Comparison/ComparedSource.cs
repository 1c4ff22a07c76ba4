using System.Globalization;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;

namespace Crpbot.Datasets.Comparison;

/// <summary>What a source tells besides candles.</summary>
[Flags]
public enum SourceDetail
{
    None = 0,
    Trades = 1,
    TradeSide = 2,
    Quotes = 4,
    BookDepth = 8,
    TwoClocks = 16,
}

/// <summary>One trade of a source, to be found again in another.</summary>
/// <param name="Id">The venue's id, or a hash of one that is text.</param>
internal readonly record struct ComparedTrade(long Id, long Time, double Price, double Quantity, Side Side);

/// <summary>One of the two sides of a comparison.</summary>
internal sealed record ComparedSource
{
    /// <summary>Shown in reports: the file's name.</summary>
    public required string Name { get; init; }

    public required CandleTable Candles { get; init; }

    /// <summary>Rows or events that were read.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that are not to be believed or used: repeated, contradicting, impossible, refused, lost.</summary>
    public required long Defects { get; init; }

    public SourceDetail Detail { get; init; }

    /// <summary>In order of arrival; null where there are none, none with ids, or too many.</summary>
    public IReadOnlyList<ComparedTrade>? Trades { get; init; }

    /// <summary>How it was read, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Reads a candle file; rows that validation faults are left out.</summary>
    /// <param name="name">Shown in reports.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="from">Begin, inclusive.</param>
    /// <param name="to">End, exclusive.</param>
    /// <exception cref="InvalidDataException">The file is no candle file, may be read in two ways, or has no candle in the interval.</exception>
    public static ComparedSource OfCandleFile(string name, string path, CandleFileOptions options, UnixNanos? from, UnixNanos? to)
    {
        ValidationReport report = CandleValidator.Validate(path, options, from, to);
        using CandleReader reader = CandleReader.Open(path, options);
        var rows = new List<CandleRow>();
        while (reader.Read(out CandleRow row) is not CandleReadStatus.End and var status)
        {
            bool isInside = row.Time >= (from ?? new(long.MinValue)) && row.Time < (to ?? new(long.MaxValue));
            if (status == CandleReadStatus.Candle && isInside && row.IsPossible && row.Time >= report.From && row.Time < report.To)
                rows.Add(row);
        }

        if (rows.Count == 0)
            throw new InvalidDataException($"{path}: no candle of the compared interval");
        long interval = reader.Shape.Interval;
        long phase = rows.GroupBy(row => row.Time - row.Time.Floor(interval)).MaxBy(group => group.Count())!.Key;
        CandleRow[] unique = [.. rows.Where(row => row.Time - row.Time.Floor(interval) == phase)
            .OrderBy(row => row.Time).ThenBy(row => row.Line).DistinctBy(row => row.Time)];
        long defects = report.Findings.Where(finding => finding.Severity > Severity.Info && finding.Code != FindingCode.MissingMinute).Sum(finding => finding.Count);
        return new ComparedSource
        {
            Name = name,
            Candles = CandleTable.Of(interval, unique),
            Rows = report.Rows,
            Defects = defects,
            Notes =
            [
                .. reader.Shape.Notes,
                .. report.Findings.Select(finding => string.Create(CultureInfo.InvariantCulture, $"{finding.Code.NameOf()} {finding.Count:N0}, first: {finding.Example}")),
            ],
        };
    }
}
