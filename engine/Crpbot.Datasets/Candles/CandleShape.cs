using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Where the length of a file's candles comes from.</summary>
public enum IntervalSource : byte
{
    /// <summary>The user said it.</summary>
    Given = 0,

    /// <summary>The most frequent step of the file.</summary>
    Found,

    /// <summary>The file has no step: one minute.</summary>
    Assumed,
}

/// <summary>How a candle file is written, found from its header and first rows.</summary>
public sealed record CandleShape
{
    /// <summary>Length of a candle in nanoseconds.</summary>
    public required long Interval { get; init; }

    public required IntervalSource IntervalSource { get; init; }

    /// <summary>Rows go back in time.</summary>
    public required bool IsNewestFirst { get; init; }

    /// <summary>How most rows write their time.</summary>
    public required CandleTimeForm TimeForm { get; init; }

    /// <summary>What the reader decided, in words, one sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    internal CandleColumns Columns { get; init; } = CandleColumns.None;

    internal byte Separator { get; init; }

    internal bool HasDecimalComma { get; init; }

    /// <summary>Line of the header, and of whatever stands before it; 0 without one.</summary>
    internal long HeaderLine { get; init; }

    /// <summary>Names in the header; 0 without one.</summary>
    internal int HeaderWidth { get; init; }

    internal DateOrder DateOrder { get; init; }

    /// <summary>The day that times of a LEAN file count from.</summary>
    internal UnixNanos Midnight { get; init; }
}
