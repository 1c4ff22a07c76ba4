using System.Buffers.Binary;
using System.IO.Hashing;
using Crpbot.Messages;
using Microsoft.Win32.SafeHandles;

namespace Crpbot.Codecs.Captures;

/// <summary>Where one block stands.</summary>
internal readonly record struct CaptureIndexEntry(long Offset, UnixNanos FirstReceiveTime, UnixNanos LastReceiveTime, long FirstEvent);

/// <summary>The footer: one entry a block, and how many events there are in all.</summary>
/// <remarks>
/// <code>
///  magic 8 | blocks 4 | zero 4 | entry 32 … entry 32 | events 8 | XxHash3 of all before 8 | footer length 4 | end magic 8
/// </code>
/// </remarks>
internal sealed class CaptureIndex
{
    private const int EntrySize = 32;
    private const int FixedSize = 8 + 4 + 4 + 8 + 8 + 4 + 8;

    /// <summary>Ready for a week of a block a minute, so that a live recording does not allocate.</summary>
    public List<CaptureIndexEntry> Blocks { get; } = new(10_080);

    public long EventCount { get; set; }

    /// <summary>Where the blocks end; set when read.</summary>
    public long Offset { get; private init; }

    /// <summary>Begins unlike a block, so that one byte of a cut footer tells it from a cut block.</summary>
    public static ReadOnlySpan<byte> Magic => [0xF6, (byte)'C', (byte)'r', (byte)'p', (byte)'I', (byte)'d', (byte)'x', 0xFF];

    private static ReadOnlySpan<byte> EndMagic => [0xF7, (byte)'C', (byte)'r', (byte)'p', (byte)'E', (byte)'n', (byte)'d', 0xFF];

    public byte[] Format()
    {
        byte[] bytes = new byte[FixedSize + Blocks.Count * EntrySize];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Blocks.Count);
        Span<byte> target = bytes.AsSpan(16);
        foreach (CaptureIndexEntry block in Blocks)
        {
            BinaryPrimitives.WriteInt64LittleEndian(target, block.Offset);
            BinaryPrimitives.WriteInt64LittleEndian(target[8..], block.FirstReceiveTime.Value);
            BinaryPrimitives.WriteInt64LittleEndian(target[16..], block.LastReceiveTime.Value);
            BinaryPrimitives.WriteInt64LittleEndian(target[24..], block.FirstEvent);
            target = target[EntrySize..];
        }

        BinaryPrimitives.WriteInt64LittleEndian(target, EventCount);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], XxHash3.HashToUInt64(bytes.AsSpan(0, bytes.Length - 20)));
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], bytes.Length);
        EndMagic.CopyTo(target[20..]);
        return bytes;
    }

    /// <summary>Reads the footer at the file's end.</summary>
    /// <returns>None when it is intact; NoFooter when the file does not end with one; BadFooter when it does and is damaged.</returns>
    public static CaptureDamageKind Read(SafeFileHandle file, long blocksStart, out CaptureIndex? index)
    {
        index = null;
        long fileLength = RandomAccess.GetLength(file);
        Span<byte> end = stackalloc byte[12];
        if (fileLength - blocksStart < FixedSize || RandomAccess.Read(file, end, fileLength - end.Length) != end.Length || !end[4..].SequenceEqual(EndMagic))
            return CaptureDamageKind.NoFooter;
        int length = BinaryPrimitives.ReadInt32LittleEndian(end);
        if (length < FixedSize || length > fileLength - blocksStart || (length - FixedSize) % EntrySize != 0)
            return CaptureDamageKind.BadFooter;
        byte[] bytes = new byte[length];
        if (RandomAccess.Read(file, bytes, fileLength - length) != length || !bytes.AsSpan().StartsWith(Magic) ||
            BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) != (length - FixedSize) / EntrySize ||
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(length - 20)) != XxHash3.HashToUInt64(bytes.AsSpan(0, length - 20)))
        {
            return CaptureDamageKind.BadFooter;
        }

        index = new CaptureIndex { Offset = fileLength - length, EventCount = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(length - 28)) };
        for (int at = 16; at < length - 28; at += EntrySize)
        {
            ReadOnlySpan<byte> entry = bytes.AsSpan(at, EntrySize);
            index.Blocks.Add(new CaptureIndexEntry(
                BinaryPrimitives.ReadInt64LittleEndian(entry),
                new(BinaryPrimitives.ReadInt64LittleEndian(entry[8..])),
                new(BinaryPrimitives.ReadInt64LittleEndian(entry[16..])),
                BinaryPrimitives.ReadInt64LittleEndian(entry[24..])));
        }

        return CaptureDamageKind.None;
    }
}
