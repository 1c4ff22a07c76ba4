using Crpbot.Messages;

namespace Crpbot.Codecs.Text;

/// <summary>Reads epochs written as decimal digits exactly, without floating point; ISO 8601 is <see cref="Json.TimeParser"/>'s.</summary>
public static class EpochText
{
    private const long MaxSeconds = long.MaxValue / UnixNanos.PerSecond;
    private const int MaxFractionDigits = 9;

    /// <summary>Reads an integer epoch, whose number of digits tells s (to 11), ms (to 14), µs (to 17) or ns (to 19).</summary>
    public static bool TryParseInteger(ReadOnlySpan<byte> digits, out UnixNanos time)
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
