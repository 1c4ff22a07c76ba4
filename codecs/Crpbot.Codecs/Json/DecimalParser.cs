using System.Runtime.CompilerServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Json;

/// <summary>Turns decimal text into whole ticks, whole lots or an exact mantissa and scale; nothing is ever rounded.</summary>
/// <remarks>
/// The text is <c>[-]digits[.digits][(e|E)[+|-]digits]</c>, of any length. Most prices and quantities are read by
/// <see cref="DecimalKernel"/> in a few nanoseconds, the others digit by digit. Allocation-free, any thread.
/// </remarks>
public static class DecimalParser
{
    /// <summary>38 significant digits hold every product of a long and a step's mantissa.</summary>
    private const int DigitsMax = 38;

    /// <summary>An exponent past this is out of range whatever its digits; keeps the sum of exponents far from overflow.</summary>
    private const int ExponentMax = 1_000_000;

    /// <summary>Parses a price in whole ticks.</summary>
    /// <returns>None, InvalidNumber, NotPositive, NumberOutOfRange or NotAWholeTick.</returns>
    public static ParseError ParsePrice(ReadOnlySpan<byte> text, DecimalStep tick, out Price price)
    {
        ParseError error = ParseSteps(text, tick, out long ticks);
        price = new Price(ticks);
        return error == ParseError.None && ticks <= 0 ? ParseError.NotPositive : error;
    }

    /// <summary>Parses a quantity in whole lots; zero is one, a negative number is not.</summary>
    /// <returns>None, InvalidNumber, NotPositive, NumberOutOfRange or NotAWholeLot.</returns>
    public static ParseError ParseQuantity(ReadOnlySpan<byte> text, DecimalStep lot, out Quantity quantity)
    {
        ParseError error = ParseSteps(text, lot, out long lots);
        quantity = new Quantity(lots);
        return error switch
        {
            ParseError.None when lots < 0 => ParseError.NotPositive,
            ParseError.NotAWholeTick => ParseError.NotAWholeLot,
            _ => error,
        };
    }

    /// <summary>Parses a decimal of either sign into whole steps.</summary>
    /// <returns>None, InvalidNumber, NumberOutOfRange (beyond 63 bits) or NotAWholeTick (not a multiple of the step).</returns>
    public static ParseError ParseSteps(ReadOnlySpan<byte> text, DecimalStep step, out long steps)
    {
        if (step.Mantissa == 1 & (uint)(text.Length - 1) < DecimalKernel.Width
            && DecimalKernel.TryMeasure(DecimalKernel.LoadWhole(text), out var digits, out int point, out int end)
            && end == text.Length
            && DecimalKernel.TryConvert(digits, point, end, step.Scale, out steps))
        {
            return ParseError.None;
        }

        return ParseStepsPlainly(text, step, out steps);
    }

    /// <summary>Parses a decimal into Mantissa × 10^-Scale without trailing zeros of the fraction; zero has scale 0.</summary>
    /// <returns>None, InvalidNumber or NumberOutOfRange: the mantissa needs more than 63 bits or the scale is over 255.</returns>
    public static ParseError ParseScaled(ReadOnlySpan<byte> text, out long mantissa, out byte scale)
    {
        (mantissa, scale) = (0, 0);
        if (!TryReadDigits(text, out bool negative, out UInt128 digits, out int exponent, out bool tooLong))
            return ParseError.InvalidNumber;
        if (tooLong | exponent < -byte.MaxValue)
            return ParseError.NumberOutOfRange;
        if (exponent > 0)
        {
            if (!TryScaleUp(ref digits, exponent))
                return ParseError.NumberOutOfRange;
            exponent = 0;
        }

        if (digits > (UInt128)long.MaxValue)
            return ParseError.NumberOutOfRange;
        mantissa = negative ? -(long)digits : (long)digits;
        scale = (byte)-exponent;
        return ParseError.None;
    }

    /// <summary>Every decimal that exists, digit by digit.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static ParseError ParseStepsPlainly(ReadOnlySpan<byte> text, DecimalStep step, out long steps)
    {
        steps = 0;
        if (!TryReadDigits(text, out bool negative, out UInt128 digits, out int exponent, out bool tooLong))
            return ParseError.InvalidNumber;
        exponent += step.Scale;
        // The last digit is not zero (unless all are), so a negative power of ten always leaves a fraction.
        if (exponent < 0 & (digits != 0 | tooLong))
            return ParseError.NotAWholeTick;
        if (tooLong || !TryScaleUp(ref digits, exponent))
            return ParseError.NumberOutOfRange;
        if (digits > (UInt128)long.MaxValue * (ulong)step.Mantissa)
            return ParseError.NumberOutOfRange;
        (UInt128 whole, UInt128 remainder) = step.Mantissa == 1 ? (digits, 0) : UInt128.DivRem(digits, (ulong)step.Mantissa);
        if (remainder != 0)
            return ParseError.NotAWholeTick;
        steps = negative ? -(long)whole : (long)whole;
        return ParseError.None;
    }

    /// <summary>Reads the whole text as ±digits × 10^exponent, without trailing zeros; zero is 0 × 10^0.</summary>
    private static bool TryReadDigits(ReadOnlySpan<byte> text, out bool negative, out UInt128 digits, out int exponent, out bool tooLong)
    {
        (digits, exponent, tooLong) = (0, 0, false);
        negative = text.Length > 0 && text[0] == '-';
        int i = negative ? 1 : 0;
        int significant = 0, zeros = 0, fraction = 0;
        UInt128 value = 0;
        int runStart = i;
        bool inFraction = false;
        while (true)
        {
            for (; i < text.Length && char.IsAsciiDigit((char)text[i]); i++)
            {
                if (inFraction)
                    fraction++;
                if (text[i] == '0')
                {
                    zeros += significant == 0 ? 0 : 1;
                    continue;
                }

                significant += zeros + 1;
                if (significant <= DigitsMax)
                {
                    for (; zeros > 0; zeros--)
                        value *= 10;
                    value = value * 10 + (uint)(text[i] - '0');
                }

                zeros = 0;
            }

            if (i == runStart)
                return false;
            if (inFraction || i == text.Length || text[i] != '.')
                break;
            (inFraction, runStart) = (true, ++i);
        }

        int power = 0;
        if (i < text.Length && (text[i] | 0x20) == 'e' && !TryReadExponent(text, ref i, out power))
            return false;
        if (i != text.Length)
            return false;
        if (significant == 0)
            return true;
        tooLong = significant > DigitsMax;
        digits = value;
        exponent = (int)Math.Clamp((long)power - fraction + zeros, -ExponentMax * 4L, ExponentMax * 4L);
        return true;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, ref int i, out int power)
    {
        power = 0;
        i++;
        bool negative = i < text.Length && text[i] == '-';
        if (i < text.Length && text[i] is (byte)'-' or (byte)'+')
            i++;
        int start = i;
        for (; i < text.Length && char.IsAsciiDigit((char)text[i]); i++)
            power = Math.Min(power * 10 + (text[i] - '0'), ExponentMax * 100);
        power = negative ? -power : power;
        return i > start;
    }

    private static bool TryScaleUp(ref UInt128 digits, int exponent)
    {
        if (digits == 0)
            return true;
        if (exponent > DigitsMax)
            return false;
        UInt128 limit = UInt128.MaxValue / 10;
        for (; exponent > 0; exponent--)
        {
            if (digits > limit)
                return false;
            digits *= 10;
        }

        return true;
    }
}
