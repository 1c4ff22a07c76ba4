using System.Globalization;
using Crpbot.Messages;

namespace Crpbot.Cli;

/// <summary>Reads money as people and programs write it, without rounding.</summary>
internal static class ExactAmount
{
    // More digits than an amount can hold, fewer than would take long to multiply.
    private const int MostDigits = 64;

    /// <summary>Reads <c>[+-]digits[.digits][e±digits]</c>; no separators of thousands, no currency.</summary>
    /// <returns>False for anything else, and for amounts that need more than 18 fraction digits or are out of range.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Notional amount)
    {
        amount = default;
        bool isNegative = text.StartsWith('-');
        if (isNegative || text.StartsWith('+'))
            text = text[1..];
        int exponent = 0, mark = text.IndexOfAny('e', 'E');
        if (mark >= 0 && !int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            return false;
        text = mark >= 0 ? text[..mark] : text;
        int point = text.IndexOf('.');
        ReadOnlySpan<char> whole = point >= 0 ? text[..point] : text, fraction = point >= 0 ? text[(point + 1)..] : default;
        if (whole.Length + fraction.Length is 0 or > MostDigits || exponent is < -MostDigits or > MostDigits
            || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        fraction = fraction.TrimEnd('0');
        var digits = Int128.Zero;
        try
        {
            foreach (char digit in string.Concat(whole, fraction))
                digits = checked(digits * 10 + (digit - '0'));
            int scale = Notional.Scale - fraction.Length + exponent;
            for (; scale > 0 && digits != 0; scale--)
                digits = checked(digits * 10);
            for (; scale < 0 && digits != 0; scale++)
            {
                (digits, Int128 rest) = Int128.DivRem(digits, 10);
                if (rest != 0)
                    return false;
            }
        }
        catch (OverflowException)
        {
            return false;
        }

        amount = new Notional(isNegative ? -digits : digits);
        return true;
    }
}
