using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Collects findings: counts all, keeps the first of each code.</summary>
public sealed class FindingLog
{
    private readonly Finding?[] _findings = new Finding?[Enum.GetValues<FindingCode>().Length];
    private readonly List<MinuteRun> _runs = [];

    /// <summary>In the order of the codes.</summary>
    public IReadOnlyList<Finding> Findings =>
        [.. _findings.Where(finding => finding is not null).Select(finding => finding!.Code == FindingCode.MissingMinute ? finding with { Runs = [.. _runs] } : finding)];

    public long CountOf(FindingCode code) => _findings[(int)code]?.Count ?? 0;

    /// <summary>Whether a finding of a code would be its first: only then is its example worth wording.</summary>
    public bool IsFirst(FindingCode code) => _findings[(int)code] is null;

    /// <param name="code">What.</param>
    /// <param name="time">When; None where no time is known.</param>
    /// <param name="line">Line or row, 1 upwards; 0 where there is none.</param>
    /// <param name="example">In words; kept of the first only.</param>
    /// <param name="count">How many at once.</param>
    /// <param name="severity">Where the case weighs otherwise than its code does; of several, a code's findings have the gravest.</param>
    public void Add(FindingCode code, UnixNanos time, long line, string example, long count = 1, Severity? severity = null)
    {
        Severity weight = severity ?? code.SeverityOf();
        ref Finding? known = ref _findings[(int)code];
        known = known is null
            ? new Finding(code, count, time, line, example) { Severity = weight }
            : known with { Count = known.Count + count, Severity = known.Severity > weight ? known.Severity : weight };
    }

    /// <summary>Adds a run of absent minutes.</summary>
    public void AddMissing(MinuteRun run, string example)
    {
        Add(FindingCode.MissingMinute, run.From, 0, example, run.Minutes);
        _runs.Add(run);
    }

    /// <summary>Adds what another log found: later partitions, other files.</summary>
    public void Add(FindingLog other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Add(other.Findings);
    }

    /// <summary>Adds findings of another log.</summary>
    public void Add(IEnumerable<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        foreach (Finding finding in findings)
        {
            Add(finding.Code, finding.FirstTime, finding.FirstLine, finding.Example, finding.Count, finding.Severity);
            _runs.AddRange(finding.Runs);
        }
    }
}
