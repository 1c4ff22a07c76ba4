using System.Buffers.Binary;
using System.Numerics;
using K4os.Compression.LZ4;

namespace Crpbot.Codecs.Captures;

/// <summary>Writes columns of 64-bit numbers in the smallest of the <see cref="ColumnEncoding"/>s. Reuses its arrays.</summary>
internal sealed class ColumnWriter
{
    private readonly PackedColumnWriter _packed = new();
    private readonly ByteSink _bytes = new();
    private readonly ByteSink _trial = new();
    private long[] _scaled = [];

    public void Write(ReadOnlySpan<long> values, ByteSink output)
    {
        if (!values.ContainsAnyExcept(values.Length == 0 ? 0 : values[0]))
        {
            output.Byte((byte)ColumnEncoding.Constant);
            output.VarInt(values.Length == 0 ? 0 : values[0]);
            return;
        }

        ulong scale = CommonFactor(values);
        if (_scaled.Length < values.Length)
            _scaled = new long[BitOperations.RoundUpToPowerOf2((uint)values.Length)];
        Span<long> scaled = _scaled.AsSpan(0, values.Length);
        if (scale == 1)
        {
            values.CopyTo(scaled);
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
                scaled[i] = values[i] / (long)scale;
        }

        WriteBytes(scaled);
        int packed = _packed.Prepare(scaled);
        bool isPacked = packed < CompressedLength(_bytes.Written);
        output.Byte((byte)(isPacked ? ColumnEncoding.Packed : ColumnEncoding.Bytes));
        output.VarUInt(scale);
        if (isPacked)
            _packed.Write(scaled, output);
        else
            output.Bytes(_bytes.Written);
    }

    /// <summary>The largest number that divides every value, so that nanoseconds of a millisecond clock cost no zeros.</summary>
    private static ulong CommonFactor(ReadOnlySpan<long> values)
    {
        ulong factor = 0;
        foreach (long value in values)
        {
            factor = CommonFactor(factor, value);
            if (factor == 1)
                break;
        }

        return factor;
    }

    /// <summary>The common factor once <paramref name="value"/> joins; 0 so far means nothing but zeros.</summary>
    public static ulong CommonFactor(ulong factor, long value)
    {
        if (value == long.MinValue)
            return 1;
        ulong a = (ulong)Math.Abs(value);
        if (factor == 1 || (factor != 0 && a % factor == 0))
            return factor;
        while (a != 0)
            (factor, a) = (a, factor % a);
        return factor;
    }

    private void WriteBytes(ReadOnlySpan<long> values)
    {
        long minimum = values[0], maximum = values[0];
        foreach (long value in values)
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        int bits = 64 - BitOperations.LeadingZeroCount((ulong)(maximum - minimum));
        int width = bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
        _bytes.Clear();
        _bytes.Byte((byte)width);
        _bytes.VarInt(minimum);
        Span<byte> target = _bytes.Reserve(values.Length * width);
        for (int i = 0; i < values.Length; i++)
        {
            ulong above = (ulong)(values[i] - minimum);
            switch (width)
            {
                case 1:
                    target[i] = (byte)above;
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt16LittleEndian(target[(2 * i)..], (ushort)above);
                    break;
                case 4:
                    BinaryPrimitives.WriteUInt32LittleEndian(target[(4 * i)..], (uint)above);
                    break;
                default:
                    BinaryPrimitives.WriteUInt64LittleEndian(target[(8 * i)..], above);
                    break;
            }
        }

        _bytes.Advance(values.Length * width);
    }

    private int CompressedLength(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 64)
            return bytes.Length;
        _trial.Clear();
        int length = LZ4Codec.Encode(bytes, _trial.Reserve(LZ4Codec.MaximumOutputSize(bytes.Length)), LZ4Level.L00_FAST);
        return length <= 0 ? bytes.Length : Math.Min(length, bytes.Length);
    }
}
