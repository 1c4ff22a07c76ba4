using System.Numerics;
using System.Runtime.CompilerServices;

namespace Crpbot.Codecs.Captures;

/// <summary>Sorts 64-bit values by sign and bit length, so that a short code for the class and the low bits beneath the top one say a value.</summary>
/// <remarks>
/// The magnitude of a negative value v is ~v, so that every long has one. Class = 2 × bit length of the magnitude + (negative ? 1 : 0);
/// classes of more than <see cref="MaxExtraBits"/> low bits do not fit one 64-bit load and are escaped.
/// </remarks>
internal static class ValueClass
{
    public const int MaxExtraBits = 43;

    /// <summary>Classes below the escape: bit lengths 0 to 44, two signs.</summary>
    public const int Escape = 2 * (MaxExtraBits + 2);

    public const int Count = Escape + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(long value)
    {
        int length = 64 - BitOperations.LeadingZeroCount(Magnitude(value));
        return length > MaxExtraBits + 1 ? Escape : 2 * length + (int)((ulong)value >> 63);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Magnitude(long value) => (ulong)(value ^ (value >> 63));

    /// <summary>Low bits that follow the class's code.</summary>
    public static int ExtraBits(int valueClass) => valueClass == Escape ? 0 : Math.Max(0, (valueClass >> 1) - 1);

    /// <summary>The smallest magnitude of the class.</summary>
    public static ulong Base(int valueClass) => valueClass < 2 || valueClass == Escape ? 0 : 1UL << ((valueClass >> 1) - 1);
}
