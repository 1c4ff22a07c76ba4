using System.Buffers.Binary;
using System.Text;

namespace Crpbot.Training.Torch;

/// <summary>Reads the symbol versions an ELF64 library needs, and can mark one of them optional.</summary>
/// <remarks>
/// The loader refuses a library whose <c>.gnu.version_r</c> names a version that a dependency lacks, used or not. VER_FLG_WEAK in
/// <c>vna_flags</c> turns that check off for one version. Source: System V ABI, Linux Standard Base 5, "Symbol Versioning".
/// <code>
///  Verneed 16 B: version:2 count:2 file:4 aux:4 next:4        Vernaux 16 B: hash:4 flags:2 other:2 name:4 next:4
/// </code>
/// </remarks>
internal sealed class SymbolVersions
{
    private const uint VersionNeedSection = 0x6ffffffe;
    private const ushort Weak = 2;

    private readonly byte[] _file;

    private SymbolVersions(byte[] file, List<NeededVersion> needed) => (_file, Needed) = (file, needed);

    /// <summary>One version the library needs of one of its dependencies.</summary>
    public readonly record struct NeededVersion(string Library, string Version, bool IsWeak, int FlagsOffset);

    public IReadOnlyList<NeededVersion> Needed { get; }

    /// <exception cref="InvalidDataException">Not a 64-bit little-endian ELF file.</exception>
    public static SymbolVersions Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.Length < 64 || !file.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException($"{path}: not a 64-bit little-endian ELF file");
        var needed = new List<NeededVersion>();
        int sections = checked((int)U64(file, 0x28));
        int size = U16(file, 0x3A), count = U16(file, 0x3C);
        for (int i = 0; i < count; i++)
        {
            int section = sections + i * size;
            if (U32(file, section + 4) != VersionNeedSection)
                continue;
            int strings = checked((int)U64(file, sections + (int)U32(file, section + 40) * size + 24));
            ReadNeeds(file, checked((int)U64(file, section + 24)), (int)U32(file, section + 44), strings, needed);
        }

        return new SymbolVersions(file, needed);
    }

    /// <summary>A copy of the file's bytes with one version marked weak, or not.</summary>
    public byte[] WithWeak(NeededVersion version, bool weak)
    {
        byte[] copy = [.. _file];
        ushort flags = U16(copy, version.FlagsOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(version.FlagsOffset), (ushort)(weak ? flags | Weak : flags & ~Weak));
        return copy;
    }

    private static void ReadNeeds(byte[] file, int offset, int count, int strings, List<NeededVersion> needed)
    {
        for (int i = 0; i < count; i++)
        {
            string library = Text(file, strings + (int)U32(file, offset + 4));
            int aux = offset + (int)U32(file, offset + 8);
            for (int j = U16(file, offset + 2); j > 0; j--)
            {
                needed.Add(new NeededVersion(library, Text(file, strings + (int)U32(file, aux + 8)), (U16(file, aux + 4) & Weak) != 0, aux + 4));
                aux += (int)U32(file, aux + 12);
            }

            offset += (int)U32(file, offset + 12);
        }
    }

    private static string Text(byte[] file, int offset) => Encoding.ASCII.GetString(file.AsSpan(offset, file.AsSpan(offset).IndexOf((byte)0)));

    private static ushort U16(byte[] file, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(offset));

    private static uint U32(byte[] file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(offset));

    private static ulong U64(byte[] file, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(offset));
}
