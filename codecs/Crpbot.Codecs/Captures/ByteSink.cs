using System.Buffers.Binary;
using System.Numerics;

namespace Crpbot.Codecs.Captures;

/// <summary>A byte array that grows and is used again: what a block's body is put together in.</summary>
internal sealed class ByteSink(int capacity = 4096)
{
    private byte[] _bytes = new byte[capacity];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Room for at least <paramref name="length"/> bytes after those written; follow with <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_bytes.Length - Count < length)
            Array.Resize(ref _bytes, (int)Math.Min((uint)Array.MaxLength, BitOperations.RoundUpToPowerOf2((uint)(Count + length))));
        return _bytes.AsSpan(Count);
    }

    public void Advance(int length) => Count += length;

    public void Byte(byte value)
    {
        Reserve(1)[0] = value;
        Count++;
    }

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Count += 8;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Count += value.Length;
    }

    /// <summary>Seven bits a byte, lowest first, the top bit saying that another follows: 1 to 10 bytes.</summary>
    public void VarUInt(ulong value)
    {
        Span<byte> target = Reserve(10);
        int length = 0;
        for (; value >= 0x80; value >>= 7)
            target[length++] = (byte)(value | 0x80);
        target[length++] = (byte)value;
        Count += length;
    }

    /// <summary>Small magnitudes of either sign take few bytes.</summary>
    public void VarInt(long value) => VarUInt((ulong)(value << 1) ^ (ulong)(value >> 63));
}
