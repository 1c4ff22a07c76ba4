using System.Globalization;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Which part of a date such as 01/02/2024 comes first.</summary>
internal enum DateOrder : byte
{
    Unknown = 0,
    DayFirst,
    MonthFirst,
}

/// <summary>Reads the times that candle files write: epochs, ISO 8601 and its relatives, dates with slashes, 12-hour clocks.</summary>
internal static class CandleTimeText
{
    private const int FirstYear = 1970, LastYear = 2261;

    /// <summary>Reads a time; one without zone is UTC. The number of digits of an epoch tells its unit.</summary>
    /// <param name="text">Without blanks around it.</param>
    /// <param name="order">Of dates that end with the year; Unknown refuses them.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, DateOrder order, out UnixNanos time, out CandleTimeForm form)
    {
        int digits = LeadingDigits(text);
        if (digits == text.Length && digits != 8)
            return TryEpoch(text, out time, out form);
        form = CandleTimeForm.Text;
        if (TryDate(text, digits, order, out long days, out ReadOnlySpan<byte> rest))
        {
            time = default;
            if (!TryClock(TrimStart(rest), out long nanos, out bool hasZone))
                return false;
            form = hasZone ? CandleTimeForm.ZonedText : CandleTimeForm.Text;
            time = new UnixNanos(days * UnixNanos.PerDay + nanos);
            return true;
        }

        return TryDecimalEpoch(text, out time, out form);
    }

    /// <summary>Reads <c>H:mm[:ss[.f]]</c>: nanoseconds since midnight.</summary>
    public static bool TryTimeOfDay(ReadOnlySpan<byte> text, out long nanos) => TryClock(text, out nanos, out bool hasZone) && text.Length > 0 && !hasZone;

    /// <summary>The two numbers before the year of a date such as 13/02/2024.</summary>
    public static bool TryDayAndMonth(ReadOnlySpan<byte> text, out int first, out int second)
    {
        second = 0;
        if (!TryNumber(ref text, 1, 2, out first) || text.IsEmpty || text[0] is not ((byte)'/' or (byte)'-' or (byte)'.'))
            return false;
        byte separator = text[0];
        text = text[1..];
        return TryNumber(ref text, 1, 2, out second) && !text.IsEmpty && text[0] == separator && LeadingDigits(text[1..]) == 4;
    }

    private static bool TryEpoch(ReadOnlySpan<byte> digits, out UnixNanos time, out CandleTimeForm form)
    {
        (long unit, form) = digits.Length switch
        {
            9 or 10 => (UnixNanos.PerSecond, CandleTimeForm.Seconds),
            12 or 13 => (UnixNanos.PerMillisecond, CandleTimeForm.Milliseconds),
            15 or 16 => (UnixNanos.PerMicrosecond, CandleTimeForm.Microseconds),
            18 or 19 => (1, CandleTimeForm.Nanoseconds),
            _ => (0L, CandleTimeForm.Text),
        };
        time = default;
        if (unit == 0 || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value > long.MaxValue / unit)
            return false;
        time = new UnixNanos(value * unit);
        return true;
    }

    /// <summary>Epochs that went through a floating-point column: 1620000000.0, 1.62e9, 1620000000.25.</summary>
    private static bool TryDecimalEpoch(ReadOnlySpan<byte> text, out UnixNanos time, out CandleTimeForm form)
    {
        time = default;
        form = CandleTimeForm.Text;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out decimal value) || value is < 100_000_000 or >= 9_223_372_036_854_775_807m)
            return false;
        (long unit, form) = value switch
        {
            < 100_000_000_000 => (UnixNanos.PerSecond, CandleTimeForm.Seconds),
            < 100_000_000_000_000 => (UnixNanos.PerMillisecond, CandleTimeForm.Milliseconds),
            < 100_000_000_000_000_000 => (UnixNanos.PerMicrosecond, CandleTimeForm.Microseconds),
            _ => (1L, CandleTimeForm.Nanoseconds),
        };
        decimal nanos = decimal.Truncate(value * unit);
        if (nanos > long.MaxValue)
            return false;
        time = new UnixNanos((long)nanos);
        return true;
    }

    private static bool TryDate(ReadOnlySpan<byte> text, int digits, DateOrder order, out long days, out ReadOnlySpan<byte> rest)
    {
        days = 0;
        rest = text;
        int year, month, day;
        if (digits == 8)
        {
            if (!TryNumber(ref rest, 4, 4, out year) || !TryNumber(ref rest, 2, 2, out month) || !TryNumber(ref rest, 2, 2, out day))
                return false;
        }
        else if (digits == 4)
        {
            if (!TryNumber(ref rest, 4, 4, out year) || !TrySeparator(ref rest, out byte separator) || !TryNumber(ref rest, 1, 2, out month)
                || !TrySeparator(ref rest, out byte second) || second != separator || !TryNumber(ref rest, 1, 2, out day))
            {
                return false;
            }
        }
        else if (order != DateOrder.Unknown && TryDayAndMonth(text, out int first, out int next))
        {
            (day, month) = order == DateOrder.DayFirst ? (first, next) : (next, first);
            rest = text[(text.LastIndexOfAny("/-."u8, digits) + 1)..];
            if (!TryNumber(ref rest, 4, 4, out year))
                return false;
        }
        else
        {
            return false;
        }

        if (year is < FirstYear or > LastYear || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        days = new DateOnly(year, month, day).DayNumber - new DateOnly(FirstYear, 1, 1).DayNumber;
        return true;
    }

    /// <summary>Position of the second separator of a date that begins with one or two digits.</summary>
    private static int LastIndexOfAny(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> separators, int first) =>
        first + 1 + text[(first + 1)..].IndexOfAny(separators);

    /// <summary>Reads what follows a date: nothing, a clock of 24 or 12 hours, a zone.</summary>
    private static bool TryClock(ReadOnlySpan<byte> text, out long nanos, out bool hasZone)
    {
        (nanos, hasZone) = (0, false);
        if (text.IsEmpty)
            return true;
        if (!TryNumber(ref text, 1, 2, out int hours) || hours > 24)
            return false;
        int minutes = 0, seconds = 0;
        long fraction = 0;
        // "12-AM" is how one popular archive writes whole hours.
        bool isHourOnly = text.Length == 3 && text[0] == '-';
        if (isHourOnly)
            text = text[1..];
        else if (text.IsEmpty || text[0] != ':' || !TryPart(ref text, out minutes)
            || (text.Length > 0 && text[0] == ':' && !TryPart(ref text, out seconds)) || !TryFraction(ref text, out fraction))
            return false;
        text = TrimStart(text);
        if (text.Length >= 2 && (text[1] | 0x20) == 'm' && (text[0] | 0x20) is 'a' or 'p')
        {
            if (hours is < 1 or > 12)
                return false;
            hours = hours % 12 + ((text[0] | 0x20) == 'p' ? 12 : 0);
            text = TrimStart(text[2..]);
        }
        else if (isHourOnly || hours > 23)
        {
            return false;
        }

        if (minutes > 59 || seconds > 59 || !TryZone(text, out int offsetMinutes))
            return false;
        hasZone = !text.IsEmpty;
        nanos = ((hours * 60L + minutes - offsetMinutes) * 60 + seconds) * UnixNanos.PerSecond + fraction;
        return true;
    }

    private static bool TryPart(ref ReadOnlySpan<byte> text, out int value)
    {
        text = text[1..];
        return TryNumber(ref text, 2, 2, out value);
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> text, out long nanos)
    {
        nanos = 0;
        if (text.IsEmpty || text[0] is not ((byte)'.' or (byte)','))
            return true;
        int digits = LeadingDigits(text[1..]);
        for (int i = 0; i < 9; i++)
            nanos = nanos * 10 + (i < digits ? text[1 + i] - '0' : 0);
        text = text[(1 + digits)..];
        return digits > 0;
    }

    private static bool TryZone(ReadOnlySpan<byte> text, out int offsetMinutes)
    {
        offsetMinutes = 0;
        if (text.IsEmpty || text.SequenceEqual("Z"u8) || text.SequenceEqual("z"u8) || text.SequenceEqual("UTC"u8) || text.SequenceEqual("GMT"u8))
            return true;
        if (text[0] is not ((byte)'+' or (byte)'-'))
            return false;
        int sign = text[0] == '-' ? -1 : 1;
        text = text[1..];
        int minutes = 0;
        if (!TryNumber(ref text, 2, 2, out int hours))
            return false;
        if (text.Length > 0 && text[0] == ':')
            text = text[1..];
        if (text.Length > 0 && !TryNumber(ref text, 2, 2, out minutes))
            return false;
        offsetMinutes = sign * (hours * 60 + minutes);
        return text.IsEmpty && hours <= 18 && minutes <= 59;
    }

    private static bool TrySeparator(ref ReadOnlySpan<byte> text, out byte separator)
    {
        separator = text.IsEmpty ? (byte)0 : text[0];
        if (separator is not ((byte)'-' or (byte)'/' or (byte)'.'))
            return false;
        text = text[1..];
        return true;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> text, int least, int most, out int value)
    {
        value = 0;
        int count = 0;
        for (; count < text.Length && count < most && (uint)(text[count] - '0') <= 9; count++)
            value = value * 10 + (text[count] - '0');
        text = text[count..];
        return count >= least;
    }

    private static int LeadingDigits(ReadOnlySpan<byte> text)
    {
        int count = 0;
        while (count < text.Length && (uint)(text[count] - '0') <= 9)
            count++;
        return count;
    }

    private static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && text[0] is (byte)'T' or (byte)'t')
            text = text[1..];
        while (!text.IsEmpty && text[0] == ' ')
            text = text[1..];
        return text;
    }
}
