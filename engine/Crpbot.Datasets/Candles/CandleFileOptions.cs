using System.Globalization;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>What a candle file cannot say itself; everything may be left out where it can.</summary>
public sealed record CandleFileOptions
{
    public static readonly CandleFileOptions Default = new();

    /// <summary>Length of a candle in nanoseconds; null: the most frequent step of the file.</summary>
    public long? Interval { get; init; }

    /// <summary>Names of the columns of a file without a header, in order: time, open, high, low, close, volume; others are not read.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Which of several time columns; one that names a close dates its candles back by the interval.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>Which of several volume columns.</summary>
    public string? VolumeColumn { get; init; }

    /// <summary>Order of dates such as 01/02/2024: <c>dd/MM/yyyy</c> or <c>MM/dd/yyyy</c>.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Which rows of a file with a symbol column; also tells base from quote volume.</summary>
    public string? Symbol { get; init; }

    /// <summary>Reads <c>--columns</c>.</summary>
    public static IReadOnlyList<string>? ColumnsOf(string? text) => text?.Split(',', StringSplitOptions.TrimEntries);
}

/// <summary>Lengths of candles as text: 1s, 1m, 15m, 1h, 1d, 1w.</summary>
public static class CandleInterval
{
    private static readonly (char Unit, long Nanos)[] Units =
    [
        ('w', 7 * UnixNanos.PerDay), ('d', UnixNanos.PerDay), ('h', UnixNanos.PerHour), ('m', UnixNanos.PerMinute), ('s', UnixNanos.PerSecond),
    ];

    /// <exception cref="FormatException">Not a number and a unit.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach ((char unit, long nanos) in Units)
        {
            if (text.EndsWith(unit) && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                && count is > 0 and < 10_000)
                return count * nanos;
        }

        throw new FormatException($"'{text}' is no length of a candle; expected 1m, 3m, 5m, 15m, 1h or 1d");
    }

    public static string Format(long interval)
    {
        foreach ((char unit, long nanos) in Units)
        {
            // A week is written as one, but 14 days as days: nobody says 2w.
            if (interval % nanos == 0 && (unit != 'w' || interval == nanos))
                return string.Create(CultureInfo.InvariantCulture, $"{interval / nanos}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{interval / 1e9:0.#########}s");
    }
}
