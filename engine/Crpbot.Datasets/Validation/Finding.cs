using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>How much a finding matters.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Info = 0,

    /// <summary>Something is missing or odd; what is left can be used.</summary>
    Warning,

    /// <summary>What is concerned cannot be believed.</summary>
    Error,
}

/// <summary>What can be found wrong with market data. Written in kebab case.</summary>
public enum FindingCode
{
    MissingDay,
    MissingMinute,
    NoTrades,
    FeedDown,
    SequenceGap,
    Duplicate,
    Conflict,
    OutOfOrder,
    ClockJump,
    CrossedBook,
    UnknownLevel,
    BadValue,
    OffTick,
    PriceJump,
    SideInverted,
    CountAnomaly,
    CandleMismatch,
    Truncated,
    Corrupt,
}

/// <summary>Names and severities.</summary>
public static class FindingCodes
{
    private static readonly (string Name, Severity Severity)[] Table =
    [
        ("missing-day", Severity.Error),
        ("missing-minute", Severity.Warning),
        ("no-trades", Severity.Info),
        ("feed-down", Severity.Warning),
        ("sequence-gap", Severity.Error),
        ("duplicate", Severity.Warning),
        ("conflict", Severity.Error),
        ("out-of-order", Severity.Warning),
        ("clock-jump", Severity.Warning),
        ("crossed-book", Severity.Warning),
        ("unknown-level", Severity.Info),
        ("bad-value", Severity.Error),
        ("off-tick", Severity.Error),
        ("price-jump", Severity.Info),
        ("side-inverted", Severity.Error),
        ("count-anomaly", Severity.Info),
        ("candle-mismatch", Severity.Error),
        ("truncated", Severity.Error),
        ("corrupt", Severity.Error),
    ];

    public static string NameOf(this FindingCode code) => Table[(int)code].Name;

    public static Severity SeverityOf(this FindingCode code) => Table[(int)code].Severity;
}

/// <summary>A run of absent minutes.</summary>
public readonly record struct MinuteRun(UnixNanos From, long Minutes);

/// <summary>All findings of one code, with the first of them.</summary>
/// <param name="Code">What.</param>
/// <param name="Count">How often.</param>
/// <param name="FirstTime">When it happened first; <see cref="UnixNanos.None"/> where no time is known.</param>
/// <param name="FirstLine">Line or row of the file, 1 upwards; 0 where there is none.</param>
/// <param name="Example">The first, in words.</param>
public sealed record Finding(FindingCode Code, long Count, UnixNanos FirstTime, long FirstLine, string Example)
{
    public Severity Severity { get; init; } = Code.SeverityOf();

    /// <summary>Of <c>missing-minute</c>: the runs, in order.</summary>
    public IReadOnlyList<MinuteRun> Runs { get; init; } = [];
}
