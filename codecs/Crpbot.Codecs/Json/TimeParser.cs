using Crpbot.Messages;

namespace Crpbot.Codecs.Json;

/// <summary>Turns ISO 8601 text and epoch numbers into Unix nanoseconds.</summary>
/// <remarks>Allocation-free, any thread. Digits past the ninth of a fraction are cut, not rounded; leap seconds are refused.</remarks>
public static class TimeParser
{
    private const int DateLength = 10;

    /// <summary>Length of <c>yyyy-MM-ddTHH:mm</c>.</summary>
    internal const int MinuteLength = 16;

    /// <summary>Parses <c>yyyy-MM-ddTHH:mm:ss[.digits](Z|±HH:mm)</c>, any number of fraction digits.</summary>
    /// <param name="nanos">Since 1970; times before 1677, such as the 0001-01-01 that Go programs send for “no time”, give long.MinValue.</param>
    /// <returns>False when the text is no time or lies after 2262.</returns>
    public static bool TryParseIso(ReadOnlySpan<byte> text, out long nanos)
    {
        nanos = 0;
        if (!TryParseMinute(text, out long minutes) || text.Length < MinuteLength + 4 || text[MinuteLength] != ':'
            || !TryTwoDigits(text[(MinuteLength + 1)..], out int seconds) || seconds > 59)
        {
            return false;
        }

        int at = MinuteLength + 3;
        long fraction = 0;
        if (text[at] == '.')
        {
            int start = ++at;
            for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++)
                fraction = at - start < 9 ? fraction * 10 + (text[at] - '0') : fraction;
            if (at == start)
                return false;
            for (int digits = at - start; digits < 9; digits++)
                fraction *= 10;
        }

        if (!TryParseZone(text[at..], out int offsetMinutes))
            return false;
        Int128 exact = ((Int128)(minutes - offsetMinutes) * 60 + seconds) * UnixNanos.PerSecond + fraction;
        if (exact > long.MaxValue)
            return false;
        nanos = exact < long.MinValue ? long.MinValue : (long)exact;
        return true;
    }

    /// <summary>Reads the whole minutes since 1970 from the first 16 characters.</summary>
    internal static bool TryParseMinute(ReadOnlySpan<byte> text, out long minutes)
    {
        minutes = 0;
        if (text.Length < MinuteLength || text[4] != '-' || text[7] != '-' || text[DateLength] != 'T' || text[DateLength + 3] != ':'
            || !TryTwoDigits(text, out int century) || !TryTwoDigits(text[2..], out int year) || !TryTwoDigits(text[5..], out int month)
            || !TryTwoDigits(text[8..], out int day) || !TryTwoDigits(text[11..], out int hour) || !TryTwoDigits(text[14..], out int minute))
        {
            return false;
        }

        year += century * 100;
        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59)
            return false;
        minutes = (new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber) * 1440L + hour * 60 + minute;
        return true;
    }

    /// <summary>Turns a venue's epoch number into an instant: above 10^15 it counts microseconds, below milliseconds.</summary>
    /// <returns>False when it is not positive or lies after 2262.</returns>
    public static bool TryFromEpoch(long value, out UnixNanos time)
    {
        const long microsecondsFrom = 1_000_000_000_000_000;
        long unit = value > microsecondsFrom ? UnixNanos.PerMicrosecond : UnixNanos.PerMillisecond;
        bool fits = value > 0 & value <= long.MaxValue / unit;
        time = new UnixNanos(fits ? value * unit : 0);
        return fits;
    }

    private static bool TryParseZone(ReadOnlySpan<byte> zone, out int offsetMinutes)
    {
        offsetMinutes = 0;
        if (zone.Length == 1)
            return zone[0] == 'Z';
        if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':'
            || !TryTwoDigits(zone[1..], out int hours) || !TryTwoDigits(zone[4..], out int minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        offsetMinutes = (hours * 60 + minutes) * (zone[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryTwoDigits(ReadOnlySpan<byte> text, out int value)
    {
        int tens = text[0] - '0', ones = text[1] - '0';
        value = tens * 10 + ones;
        return (uint)tens < 10 & (uint)ones < 10;
    }
}
