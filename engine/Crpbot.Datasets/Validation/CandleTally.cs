using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Counts findings that are not met in the order of the file, and keeps of each code the one with the lowest line.</summary>
internal sealed class CandleTally
{
    private readonly Finding?[] _findings = new Finding?[Enum.GetValues<FindingCode>().Length];

    /// <summary>In the order of the codes.</summary>
    public IReadOnlyList<Finding> Findings => [.. _findings.Where(finding => finding is not null).Select(finding => finding!)];

    /// <summary>Whether a finding would be the first of the file: only then is its example worth wording.</summary>
    public bool IsFirst(FindingCode code, long line) => _findings[(int)code] is not { } known || line < known.FirstLine;

    /// <param name="code">What.</param>
    /// <param name="time">When; None where no time is known.</param>
    /// <param name="line">Line, 1 upwards.</param>
    /// <param name="example">In words; not looked at unless it is the first.</param>
    public void Add(FindingCode code, UnixNanos time, long line, string example)
    {
        Finding? known = _findings[(int)code];
        _findings[(int)code] = IsFirst(code, line) ? new Finding(code, 1 + (known?.Count ?? 0), time, line, example) : known! with { Count = known.Count + 1 };
    }

    public void AddMissing(long candles, IReadOnlyList<MinuteRun> runs, string example) =>
        _findings[(int)FindingCode.MissingMinute] = new Finding(FindingCode.MissingMinute, candles, runs[0].From, 0, example) { Runs = runs };
}
