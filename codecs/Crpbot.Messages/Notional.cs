using System.Globalization;

namespace Crpbot.Messages;

/// <summary>An amount of quote currency, exact: whole units of 10^-18.</summary>
/// <remarks>
/// Blittable, 16 bytes. 18 digits hold price × quantity of every Instrument whose tick and lot have at most 18 fraction digits together, and
/// the commission of most of them, without rounding; the range is ±1.7 × 10^20. Operators are checked: money that overflows is a defect.
/// </remarks>
public readonly record struct Notional(Int128 Units) : IComparable<Notional>
{
    public const int Scale = 18;

    /// <summary>Units in one whole of the quote currency.</summary>
    public const long UnitsPerOne = 1_000_000_000_000_000_000;

    public static readonly Notional Zero;

    public static readonly Notional MaxValue = new(Int128.MaxValue);

    public bool IsZero => Units == Int128.Zero;

    public static Notional FromWhole(long quote) => new((Int128)quote * UnitsPerOne);

    /// <summary>Converts exactly.</summary>
    /// <exception cref="ArgumentException">More than 18 fraction digits are needed.</exception>
    public static Notional FromDecimal(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        UInt128 mantissa = new((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        int scale = (parts[3] >> 16) & 0xFF;
        for (; scale > Scale; scale--)
        {
            (mantissa, UInt128 digit) = UInt128.DivRem(mantissa, 10);
            if (digit != 0)
                throw new ArgumentException($"{value.ToString(CultureInfo.InvariantCulture)} has more than {Scale} fraction digits", nameof(value));
        }

        Int128 units = (Int128)mantissa;
        for (; scale < Scale; scale++)
            units = checked(units * 10);
        return new Notional(parts[3] < 0 ? -units : units);
    }

    /// <summary>The exact decimal.</summary>
    /// <exception cref="OverflowException">The amount needs more than a decimal's 96 bits; <see cref="ToString"/> has no such limit.</exception>
    public decimal ToDecimal()
    {
        UInt128 magnitude = (UInt128)Int128.Abs(Units);
        int scale = Scale;
        while (scale > 0 && magnitude > MaxDecimalMantissa)
        {
            (UInt128 quotient, UInt128 digit) = UInt128.DivRem(magnitude, 10);
            if (digit != 0)
                throw new OverflowException($"{this} does not fit a decimal exactly");
            (magnitude, scale) = (quotient, scale - 1);
        }

        ulong low = (ulong)magnitude;
        return new decimal((int)(uint)low, (int)(uint)(low >> 32), (int)(uint)(ulong)(magnitude >> 64), Units < 0, (byte)scale);
    }

    /// <summary>The nearest double: for displays and statistics, never for a limit.</summary>
    public double ToDouble() => (double)Units / 1e18;

    public static Notional operator +(Notional a, Notional b) => new(checked(a.Units + b.Units));

    public static Notional operator -(Notional a, Notional b) => new(checked(a.Units - b.Units));

    public static Notional operator -(Notional a) => new(-a.Units);

    public static bool operator <(Notional a, Notional b) => a.Units < b.Units;

    public static bool operator >(Notional a, Notional b) => a.Units > b.Units;

    public static bool operator <=(Notional a, Notional b) => a.Units <= b.Units;

    public static bool operator >=(Notional a, Notional b) => a.Units >= b.Units;

    public static Notional Max(Notional a, Notional b) => a >= b ? a : b;

    public static Notional Min(Notional a, Notional b) => a <= b ? a : b;

    /// <summary>The amount × parts per billion, rounded towards negative infinity to the unit.</summary>
    public Notional TimesBillionthsDown(long partsPerBillion)
    {
        Int128 product = checked(Units * partsPerBillion);
        (Int128 quotient, Int128 rest) = Int128.DivRem(product, Billion);
        return new Notional(rest < 0 ? quotient - 1 : quotient);
    }

    /// <summary>The amount × parts per billion, rounded towards positive infinity to the unit: what a cost or a risk is billed as.</summary>
    public Notional TimesBillionthsUp(long partsPerBillion)
    {
        Int128 product = checked(Units * partsPerBillion);
        (Int128 quotient, Int128 rest) = Int128.DivRem(product, Billion);
        return new Notional(rest > 0 ? quotient + 1 : quotient);
    }

    public int CompareTo(Notional other) => Units.CompareTo(other.Units);

    /// <summary>Exact decimal text without trailing zeros.</summary>
    public override string ToString()
    {
        string digits = Int128.Abs(Units).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
        string fraction = digits[^Scale..].TrimEnd('0');
        string whole = digits[..^Scale];
        return (Units < 0 ? "-" : "") + (fraction.Length == 0 ? whole : $"{whole}.{fraction}");
    }

    private static readonly UInt128 MaxDecimalMantissa = new(uint.MaxValue, ulong.MaxValue);

    private static readonly Int128 Billion = 1_000_000_000;
}
