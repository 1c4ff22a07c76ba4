using System.Globalization;

namespace Crpbot.Datasets;

/// <summary>Decimal text to the nearest double.</summary>
internal static class CandleNumber
{
    // Both the digits and the power of ten are exact doubles up to here, so that one division rounds correctly.
    private const int ExactDigits = 15, LongestText = 64;
    private static readonly double[] PowersOfTen = [.. Enumerable.Range(0, ExactDigits + 1).Select(n => Math.Pow(10, n))];

    /// <param name="text">Digits with an optional point, or a comma where the file writes it so; exponents are read too.</param>
    /// <param name="hasComma">The file's decimal sign is a comma.</param>
    /// <returns>False when it is no finite number.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, bool hasComma, out double value)
    {
        byte point = hasComma ? (byte)',' : (byte)'.';
        long digits = 0;
        int count = 0, fraction = -1;
        foreach (byte b in text)
        {
            uint digit = (uint)(b - '0');
            if (digit <= 9)
            {
                digits = digits * 10 + digit;
                fraction += fraction >= 0 ? 1 : 0;
                if (++count > ExactDigits)
                    return TryParseLong(text, hasComma, out value);
            }
            else if (b == point && fraction < 0)
            {
                fraction = 0;
            }
            else
            {
                return TryParseLong(text, hasComma, out value);
            }
        }

        value = digits / PowersOfTen[Math.Max(fraction, 0)];
        return count > 0;
    }

    private static bool TryParseLong(ReadOnlySpan<byte> text, bool hasComma, out double value)
    {
        value = double.NaN;
        if (text.Length > LongestText || (hasComma && text.Contains((byte)'.')))
            return false;
        Span<byte> plain = stackalloc byte[LongestText];
        text.CopyTo(plain);
        plain = plain[..text.Length];
        if (hasComma)
            plain.Replace((byte)',', (byte)'.');
        return double.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }
}
