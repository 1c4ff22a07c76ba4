using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>How a row wrote its time.</summary>
public enum CandleTimeForm : byte
{
    Seconds = 0,
    Milliseconds,
    Microseconds,
    Nanoseconds,

    /// <summary>Date and time as text, read as UTC.</summary>
    Text,

    /// <summary>Date and time as text with its zone.</summary>
    ZonedText,

    /// <summary>Milliseconds since the midnight that the file's name gives.</summary>
    SinceMidnight,
}

/// <summary>One row of a candle file.</summary>
/// <param name="Line">1 upwards.</param>
/// <param name="Time">Begin of the candle.</param>
/// <param name="Form">How the time was written.</param>
public readonly record struct CandleRow(
    long Line, UnixNanos Time, CandleTimeForm Form, double Open, double High, double Low, double Close, double Volume)
{
    /// <summary>Low ≤ open, close ≤ high, all prices above 0, no negative volume.</summary>
    public bool IsPossible => Low > 0 && Low <= Math.Min(Open, Close) && High >= Math.Max(Open, Close) && Volume >= 0;

    /// <summary>Whether two rows say the same of their minute.</summary>
    public bool HasValuesOf(in CandleRow other) =>
        (Open, High, Low, Close, Volume) == (other.Open, other.High, other.Low, other.Close, other.Volume);
}

/// <summary>A row that cannot be read.</summary>
/// <param name="Line">1 upwards.</param>
/// <param name="Time">Of the row where at least that could be read, else None.</param>
/// <param name="Field">The column's role; empty where the whole row is meant.</param>
/// <param name="Reason">In words, with the text that was found.</param>
public sealed record CandleDamage(long Line, UnixNanos Time, string Field, string Reason)
{
    public override string ToString() => $"line {Line}: {Reason}";
}

/// <summary>What <see cref="CandleReader.Read"/> found.</summary>
public enum CandleReadStatus : byte
{
    End = 0,
    Candle,

    /// <summary>See <see cref="CandleReader.Damage"/>.</summary>
    Damaged,
}
