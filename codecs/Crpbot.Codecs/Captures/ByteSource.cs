using System.Buffers.Binary;

namespace Crpbot.Codecs.Captures;

/// <summary>Reads what <see cref="ByteSink"/> wrote; never past the end.</summary>
/// <exception cref="MalformedBlockException">From every method: the bytes end early or say something impossible.</exception>
internal ref struct ByteSource(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public byte Byte() => Bytes(1)[0];

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if ((uint)length > (uint)Remaining)
            throw new MalformedBlockException($"the body ends inside a field, at byte {Position}");
        ReadOnlySpan<byte> taken = _bytes.Slice(Position, length);
        Position += length;
        return taken;
    }

    public ulong VarUInt()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }

        throw new MalformedBlockException($"a number is longer than ten bytes, at byte {Position}");
    }

    public long VarInt()
    {
        ulong value = VarUInt();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Int32()
    {
        long value = VarInt();
        return value == (int)value ? (int)value : throw new MalformedBlockException($"{value} does not fit 32 bits, at byte {Position}");
    }

    /// <summary>A count of things; the bound keeps damage from asking for memory.</summary>
    public int Count(int limit)
    {
        ulong value = VarUInt();
        return value <= (ulong)limit ? (int)value : throw new MalformedBlockException($"a count of {value} is above {limit}, at byte {Position}");
    }
}
