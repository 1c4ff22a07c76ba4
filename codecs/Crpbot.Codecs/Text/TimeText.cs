using Crpbot.Messages;

namespace Crpbot.Codecs.Text;

/// <summary>Reads the written times of recordings exactly, without floating point.</summary>
public static class TimeText
{
    private const long MaxSeconds = long.MaxValue / UnixNanos.PerSecond;
    private const int MaxFractionDigits = 9;

    /// <summary>Reads an integer epoch, whose number of digits tells s (to 11), ms (to 14), µs (to 17) or ns (to 19).</summary>
    public static bool TryParseEpoch(ReadOnlySpan<byte> digits, out UnixNanos time)
    {
        time = default;
        if (!TryParseDigits(digits, out long value))
            return false;
        long unit = digits.Length switch
        {
            <= 11 => UnixNanos.PerSecond,
            <= 14 => UnixNanos.PerMillisecond,
            <= 17 => UnixNanos.PerMicrosecond,
            _ => 1,
        };
        if (value > long.MaxValue / unit)
            return false;
        time = new UnixNanos(value * unit);
        return true;
    }

    /// <summary>Reads decimal seconds such as <c>1633998512.0633569</c>; digits past the nanosecond are cut.</summary>
    public static bool TryParseSeconds(ReadOnlySpan<byte> text, out UnixNanos time)
    {
        time = default;
        int point = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = point < 0 ? text : text[..point];
        if (!TryParseDigits(whole, out long seconds) || seconds >= MaxSeconds)
            return false;
        long nanos = 0;
        if (point >= 0 && !TryParseFraction(text[(point + 1)..], out nanos))
            return false;
        time = new UnixNanos(seconds * UnixNanos.PerSecond + nanos);
        return true;
    }

    /// <summary>Reads ISO 8601 <c>yyyy-MM-ddTHH:mm:ss[.f…](Z|±HH:mm)</c> of any number of fraction digits.</summary>
    /// <returns>False when it is malformed or outside 1677 to 2262.</returns>
    public static bool TryParseIso(ReadOnlySpan<byte> text, out UnixNanos time)
    {
        time = default;
        if (!TryParseIsoParts(text, out long seconds, out int nanos) || seconds >= MaxSeconds || seconds <= -MaxSeconds)
            return false;
        time = new UnixNanos(seconds * UnixNanos.PerSecond + nanos);
        return true;
    }

    /// <summary>As <see cref="TryParseIso"/>, for any year from 1 to 9999: whole seconds since 1970 and the nanoseconds after them.</summary>
    internal static bool TryParseIsoParts(ReadOnlySpan<byte> text, out long seconds, out int nanos)
    {
        seconds = 0;
        nanos = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':'
            || !TryParseDigits(text[..4], out long year) || !TryParseDigits(text[5..7], out long month) || !TryParseDigits(text[8..10], out long day)
            || !TryParseDigits(text[11..13], out long hour) || !TryParseDigits(text[14..16], out long minute) || !TryParseDigits(text[17..19], out long second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth((int)year, (int)month) || hour > 23 || minute > 59 || second > 59)
            return false;
        ReadOnlySpan<byte> rest = text[19..];
        long fraction = 0;
        if (rest[0] == '.')
        {
            int digits = 1;
            while (digits < rest.Length && char.IsAsciiDigit((char)rest[digits]))
                digits++;
            if (!TryParseFraction(rest[1..digits], out fraction))
                return false;
            rest = rest[digits..];
        }

        if (!TryParseOffset(rest, out long offsetSeconds))
            return false;
        long days = (new DateTime((int)year, (int)month, (int)day) - DateTime.UnixEpoch).Days;
        seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offsetSeconds;
        nanos = (int)fraction;
        return true;
    }

    private static bool TryParseOffset(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        if (text.SequenceEqual("Z"u8))
            return true;
        if (text.Length != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':'
            || !TryParseDigits(text[1..3], out long hours) || !TryParseDigits(text[4..6], out long minutes) || hours > 23 || minutes > 59)
            return false;
        seconds = (hours * 3_600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryParseFraction(ReadOnlySpan<byte> digits, out long nanos)
    {
        nanos = 0;
        if (digits.IsEmpty)
            return false;
        for (int i = 0; i < digits.Length; i++)
        {
            uint digit = (uint)(digits[i] - '0');
            if (digit > 9)
                return false;
            if (i < MaxFractionDigits)
                nanos = nanos * 10 + digit;
        }

        for (int i = digits.Length; i < MaxFractionDigits; i++)
            nanos *= 10;
        return true;
    }

    private static bool TryParseDigits(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > 19)
            return false;
        ulong sum = 0;
        foreach (byte b in text)
        {
            uint digit = (uint)(b - '0');
            if (digit > 9)
                return false;
            sum = sum * 10 + digit;
        }

        value = (long)sum;
        return sum <= long.MaxValue;
    }
}
