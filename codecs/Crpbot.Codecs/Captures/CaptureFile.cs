using System.Buffers.Binary;
using System.IO.Hashing;
using MessagePack;
using Microsoft.Win32.SafeHandles;

namespace Crpbot.Codecs.Captures;

/// <summary>The parts of a capture outside its blocks: how it begins, and how to know one.</summary>
/// <remarks>
/// <code>
///  magic 8 | length 4 | MessagePack header | XxHash3 of all before 8 | block … block | footer
/// </code>
/// </remarks>
public static class CaptureFile
{
    private const int MaxHeaderLength = 1 << 20;

    /// <summary>No shorter file is a capture.</summary>
    public static int MagicLength => Magic.Length;

    /// <summary>The first eight bytes. Like PNG's, they fail a text or 7-bit transfer at once.</summary>
    internal static ReadOnlySpan<byte> Magic => [0xF4, (byte)'C', (byte)'R', (byte)'P', (byte)'C', (byte)'\r', (byte)'\n', 0x1A];

    /// <summary>Whether the file begins as a capture does; false for files that are shorter.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static bool IsCapture(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        Span<byte> start = stackalloc byte[8];
        return RandomAccess.Read(file, start, 0) == start.Length && start.SequenceEqual(Magic);
    }

    /// <summary>Whether the bytes begin as a capture does.</summary>
    public static bool IsCapture(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    internal static byte[] FormatHeader(CaptureHeader header)
    {
        byte[] packed = header.ToMessagePack();
        byte[] bytes = new byte[packed.Length + 20];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), packed.Length);
        packed.CopyTo(bytes, 12);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12 + packed.Length), XxHash3.HashToUInt64(bytes.AsSpan(0, 12 + packed.Length)));
        return bytes;
    }

    /// <summary>Reads the header; <paramref name="length"/> is where the first block begins.</summary>
    /// <exception cref="InvalidDataException">No capture, a damaged header, or one of a newer version.</exception>
    internal static CaptureHeader ReadHeader(SafeFileHandle file, string path, out int length)
    {
        Span<byte> start = stackalloc byte[12];
        int read = RandomAccess.Read(file, start, 0);
        if (read < 8 || !IsCapture(start))
            throw new InvalidDataException($"{path}: not a capture; its first eight bytes are not a capture's");
        int packed = read < start.Length ? -1 : BinaryPrimitives.ReadInt32LittleEndian(start[8..]);
        byte[] bytes = new byte[packed is > 0 and <= MaxHeaderLength ? packed + 20 : 0];
        if (bytes.Length == 0 || RandomAccess.Read(file, bytes, 0) != bytes.Length ||
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(12 + packed)) != XxHash3.HashToUInt64(bytes.AsSpan(0, 12 + packed)))
        {
            throw new InvalidDataException($"{path}: the capture's header is cut or damaged; nothing can be read without it");
        }

        CaptureHeader header;
        try
        {
            header = CaptureHeader.FromMessagePack(bytes.AsMemory(12, packed));
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException)
        {
            throw new InvalidDataException($"{path}: the capture's header is no MessagePack map of a capture", e);
        }

        if (header.FormatVersion is < 1 or > CaptureHeader.CurrentFormatVersion)
            throw new InvalidDataException($"{path}: capture format version {header.FormatVersion}; this program reads 1 to {CaptureHeader.CurrentFormatVersion}");
        length = bytes.Length;
        return header;
    }
}
