using System.Globalization;
using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>A number of a venue's message as exact decimal text, with the double that tardis-dev would have made of it.</summary>
/// <param name="Text">A JSON number without trailing zeros or exponent, e.g. <c>4.978</c>; null where it is not a number.</param>
/// <param name="Value">The nearest double; NaN where it is not a number.</param>
internal readonly record struct DecimalText(string? Text, double Value)
{
    // Beyond this many zeros an exponent is shorter and still exact.
    private const int MaxPaddedZeros = 40;

    public static readonly DecimalText NotANumber = new(null, double.NaN);

    /// <summary>Follows JavaScript's Number(): text is trimmed, empty text and null are 0, what is no decimal is not a number.</summary>
    public static DecimalText Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => Of(value.GetRawText()),
        JsonValueKind.String => Of(value.GetString()!.Trim()),
        JsonValueKind.True => new DecimalText("1", 1),
        JsonValueKind.False or JsonValueKind.Null => new DecimalText("0", 0),
        _ => NotANumber,
    };

    public static DecimalText Of(string text)
    {
        if (text.Length == 0)
            return new DecimalText("0", 0);
        int at = text[0] is '+' or '-' ? 1 : 0;
        bool negative = text[0] == '-';
        int wholeStart = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        string whole = text[wholeStart..at];
        string fraction = "";
        if (at < text.Length && text[at] == '.')
        {
            int fractionStart = ++at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
            fraction = text[fractionStart..at];
        }

        if (whole.Length + fraction.Length == 0)
            return NotANumber;
        int exponent = 0;
        if (at < text.Length && text[at] is 'e' or 'E'
            && !int.TryParse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            return NotANumber;
        if (exponent == 0 && at < text.Length && text[at] is not ('e' or 'E'))
            return NotANumber;
        double value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? new DecimalText(Format(negative, whole + fraction, whole.Length + exponent), value) : NotANumber with { Value = value };
    }

    /// <summary>Writes 0.digits × 10^point.</summary>
    private static string Format(bool negative, string digits, int point)
    {
        string significant = digits.TrimStart('0');
        point -= digits.Length - significant.Length;
        significant = significant.TrimEnd('0');
        if (significant.Length == 0)
            return "0";
        string sign = negative ? "-" : "";
        if (point > significant.Length + MaxPaddedZeros || point < -MaxPaddedZeros)
        {
            string tail = significant.Length > 1 ? "." + significant[1..] : "";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{significant[0]}{tail}e{point - 1}");
        }

        if (point <= 0)
            return $"{sign}0.{new string('0', -point)}{significant}";
        return point >= significant.Length
            ? sign + significant + new string('0', point - significant.Length)
            : $"{sign}{significant[..point]}.{significant[point..]}";
    }
}
