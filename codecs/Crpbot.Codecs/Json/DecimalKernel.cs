using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Codecs.Json;

/// <summary>Reads a decimal of at most 15 characters, or an integer of at most 16 digits, from 16 bytes at once.</summary>
/// <remarks>
/// One load finds the point and the end; one shuffle drops the point, pads with zeros to the wanted scale and aligns right, so that
/// scaling costs no multiplication; two multiply chains turn 16 digits into a number (Lemire, “Quickly parsing eight digits”, 2018).
/// <code>
///  text     6 1 8 3 7 . 6 3 0 0 0 0 0 0 " ,     point = 5, end = 14
///  scale 2  0 0 0 0 0 0 0 0 0 6 1 8 3 7 6 3     the excess digits must be zero
/// </code>
/// Whatever does not fit this mould (signs, exponents, more digits, inexact values) is answered with false, and the caller asks
/// <see cref="DecimalParser"/>, which decides. Allocation-free, any thread, any instruction set.
/// </remarks>
internal static class DecimalKernel
{
    public const int Width = 16;

    private static readonly Vector128<byte> Lanes = Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    /// <summary>Finds the first run of digits, the point after it if there is one, and the byte that ends the number.</summary>
    /// <param name="text">16 bytes that begin with the number.</param>
    /// <param name="digits">Digit values; garbage at and after the point and the end.</param>
    /// <param name="point">Digits before the point, or before the end where there is none.</param>
    /// <param name="end">Characters up to the first byte that belongs to no number of the form 12.34.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMeasure(Vector128<byte> text, out Vector128<byte> digits, out int point, out int end)
    {
        digits = text - Vector128.Create((byte)'0');
        uint others = Vector128.GreaterThan(digits, Vector128.Create((byte)9)).ExtractMostSignificantBits();
        uint points = Vector128.Equals(text, Vector128.Create((byte)'.')).ExtractMostSignificantBits();
        point = BitOperations.TrailingZeroCount(others);
        uint rest = others & (others - 1);
        if ((points >> point & 1) == 0 || others == 0)
        {
            end = point;
            return others != 0 & point != 0;
        }

        end = BitOperations.TrailingZeroCount(rest);
        return rest != 0 & point != 0 & end > point + 1;
    }

    /// <summary>Turns measured digits into value × 10^scale, exactly.</summary>
    /// <returns>False when digits would be lost or more than 15 are needed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryConvert(Vector128<byte> digits, int point, int end, int scale, out long value)
    {
        int kept = point + scale;
        Vector128<byte> valid = digits & Vector128.LessThan(Lanes.AsSByte(), Vector128.Create((sbyte)end)).AsByte();
        uint nonzero = ~Vector128.Equals(valid, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF;
        if (kept > Width - 1 || nonzero >> (kept + 1) != 0)
        {
            value = 0;
            return false;
        }

        Vector128<sbyte> target = Lanes.AsSByte() + Vector128.Create((sbyte)(kept - Width));
        Vector128<sbyte> source = target - Vector128.GreaterThan(target, Vector128.Create((sbyte)(point - 1)));
        value = Combine(Gather(valid, source));
        return true;
    }

    /// <summary>The number that the first <paramref name="count"/> (1 to 16) digits make.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Integer(Vector128<byte> digits, int count) =>
        Combine(Gather(digits, Lanes.AsSByte() + Vector128.Create((sbyte)(count - Width))));

    /// <summary>The last 16 bytes of a longer text, shifted so that the byte at <paramref name="offset"/> from them comes first; zeros follow.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector128<byte> LoadShifted(ref byte lastWindow, int offset)
    {
        Vector128<byte> source = Lanes + Vector128.Create((byte)offset);
        Vector128<byte> beyond = Vector128.GreaterThan(source, Vector128.Create((byte)(Width - 1)));
        return Gather(Vector128.LoadUnsafe(ref lastWindow), (source | beyond).AsSByte());
    }

    /// <summary>Up to 16 bytes of any span, zero-padded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadWhole(ReadOnlySpan<byte> text)
    {
        ref byte start = ref MemoryMarshal.GetReference(text);
        if (text.Length == Width)
            return Vector128.LoadUnsafe(ref start);
        if (text.Length >= 8)
        {
            ulong first = Unsafe.ReadUnaligned<ulong>(ref start);
            ulong last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, text.Length - 8));
            return Vector128.Create(first, text.Length == 8 ? 0 : last >> ((Width - text.Length) * 8)).AsByte();
        }

        ulong low = 0;
        if (text.Length >= 4)
        {
            // The two halves overlap and agree where they do.
            low = Unsafe.ReadUnaligned<uint>(ref start)
                | (ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, text.Length - 4)) << ((text.Length - 4) * 8);
        }
        else
        {
            for (int i = text.Length - 1; i >= 0; i--)
                low = low << 8 | text[i];
        }

        return Vector128.Create(low, 0).AsByte();
    }

    /// <summary>Lane i takes source lane indices[i]; a negative index gives zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Gather(Vector128<byte> values, Vector128<sbyte> indices) =>
        Vector128.IsHardwareAccelerated ? Vector128.ShuffleNative(values, indices.AsByte()) : Vector128.Shuffle(values, indices.AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Combine(Vector128<byte> digits) =>
        (long)(EightDigits(digits.AsUInt64()[0]) * 100_000_000 + EightDigits(digits.AsUInt64()[1]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EightDigits(ulong digits)
    {
        digits = digits * (1 + (10 << 8)) >> 8 & 0x00FF00FF00FF00FF;
        digits = digits * (1 + (100 << 16)) >> 16 & 0x0000FFFF0000FFFF;
        return digits * (1 + (10_000UL << 32)) >> 32;
    }
}
