using System.Buffers.Binary;
using System.IO.Hashing;
using Crpbot.Messages;

namespace Crpbot.Codecs.Captures;

/// <summary>The 64 bytes before each block's body; drawn in <c>codecs/docs/capture-format.md</c>.</summary>
/// <param name="BodyLength">Bytes of the body before compression.</param>
/// <param name="StoredLength">Bytes that follow in the file; equal to BodyLength where LZ4 gained nothing and the body stands as it is.</param>
/// <param name="EventCount">1 upwards.</param>
/// <param name="InstrumentCount">Instruments the block defines.</param>
/// <param name="FirstReceiveTime">Of its first event.</param>
/// <param name="LastReceiveTime">Of its last event.</param>
/// <param name="FirstEvent">Events of the capture before this block: tells how many a lost block held.</param>
/// <param name="BodyHash">XxHash3-64 of the stored bytes.</param>
internal readonly record struct BlockHeader(
    int BodyLength,
    int StoredLength,
    int EventCount,
    int InstrumentCount,
    UnixNanos FirstReceiveTime,
    UnixNanos LastReceiveTime,
    long FirstEvent,
    ulong BodyHash)
{
    public const int Size = 64;

    /// <summary>More events than this are no block: a bound on what damage can ask for.</summary>
    public const int MaxEvents = 1 << 20;

    private const int MaxBodyLength = 1 << 28;

    /// <summary>What scanning for the next block looks for; no UTF-8 text holds it.</summary>
    public static ReadOnlySpan<byte> Magic => [0xF5, (byte)'C', (byte)'r', (byte)'p', (byte)'B', (byte)'l', (byte)'k', 0xFF];

    public void Write(Span<byte> target)
    {
        Magic.CopyTo(target);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], BodyLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], StoredLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], EventCount);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], InstrumentCount);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], FirstReceiveTime.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], LastReceiveTime.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], FirstEvent);
        BinaryPrimitives.WriteUInt64LittleEndian(target[48..], BodyHash);
        BinaryPrimitives.WriteUInt64LittleEndian(target[56..], XxHash3.HashToUInt64(target[..56]));
    }

    /// <summary>False where the bytes are no header or a damaged one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlockHeader header)
    {
        header = default;
        if (bytes.Length < Size || !bytes.StartsWith(Magic) || BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]) != XxHash3.HashToUInt64(bytes[..56]))
            return false;
        header = new BlockHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            new(BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])),
            new(BinaryPrimitives.ReadInt64LittleEndian(bytes[32..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]));
        return header is { StoredLength: > 0, BodyLength: <= MaxBodyLength, EventCount: > 0 and <= MaxEvents, InstrumentCount: >= 0, FirstEvent: >= 0 } &&
            header.BodyLength >= header.StoredLength;
    }
}
