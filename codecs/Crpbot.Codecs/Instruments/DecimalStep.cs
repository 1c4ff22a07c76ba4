using System.Globalization;
using System.Numerics;

namespace Crpbot.Codecs.Instruments;

/// <summary>An exact decimal increment, Mantissa × 10^-Scale: a tick or lot size.</summary>
/// <param name="Mantissa">Above 0 and not a multiple of 10 (normalised).</param>
/// <param name="Scale">0 to 18.</param>
public readonly record struct DecimalStep(long Mantissa, int Scale)
{
    private static readonly double[] PowersOfTen = [.. Enumerable.Range(0, 19).Select(n => Math.Pow(10, n))];

    /// <summary>The increment assumed for an Instrument nobody described.</summary>
    public static readonly DecimalStep Default = new(1, 8);

    /// <summary>Whole steps to a double; the one rounding is the division.</summary>
    public double ToDouble(long steps) => (double)((Int128)steps * Mantissa) / PowersOfTen[Scale];

    /// <summary>Parses "0.01", "5", "1e-8".</summary>
    /// <exception cref="FormatException">Not a positive decimal of at most 18 fraction digits.</exception>
    public static DecimalStep Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal value) || value <= 0)
            throw new FormatException($"'{text}' is no tick or lot size: expected a positive decimal such as 0.01");
        int scale = value.Scale;
        var mantissa = BigInteger.Parse(value.ToString(CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        while (scale > 0 && mantissa % 10 == 0)
        {
            mantissa /= 10;
            scale--;
        }

        if (scale > 18 || mantissa > long.MaxValue)
            throw new FormatException($"'{text}' is no tick or lot size: more than 18 digits");
        return new DecimalStep((long)mantissa, scale);
    }

    /// <summary>Exact decimal text of a number of steps, without trailing zeros.</summary>
    public string Format(long steps)
    {
        Int128 value = (Int128)steps * Mantissa;
        bool negative = value < 0;
        string digits = Int128.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
        string whole = digits[..^Scale];
        string fraction = Scale == 0 ? "" : digits[^Scale..].TrimEnd('0');
        return (negative ? "-" : "") + (fraction.Length == 0 ? whole : $"{whole}.{fraction}");
    }

    public override string ToString() => Format(1);
}
