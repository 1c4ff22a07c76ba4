using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Codecs.WebSockets;

/// <summary>Kernel: XOR with a repeating four-byte key. Source: RFC 6455, section 5.3.</summary>
internal static class Masking
{
    /// <summary>destination[i] = source[i] ^ key byte (i + offset) mod 4.</summary>
    /// <param name="source">Any length.</param>
    /// <param name="destination">At least as long; may be the source itself, must not overlap otherwise.</param>
    /// <param name="key">The four key bytes as they stand on the wire, first byte lowest.</param>
    /// <param name="offset">Bytes of this payload already masked.</param>
    public static void Apply(ReadOnlySpan<byte> source, Span<byte> destination, uint key, int offset)
    {
        key = BitConverter.IsLittleEndian ? BitOperations.RotateRight(key, 8 * (offset & 3)) : throw new PlatformNotSupportedException();
        int i = 0;
        if (source.Length >= Vector<byte>.Count)
        {
            var keys = new Vector<uint>(key);
            ref byte from = ref MemoryMarshal.GetReference(source);
            ref byte to = ref MemoryMarshal.GetReference(destination[..source.Length]);
            for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                Vector<uint> block = Unsafe.ReadUnaligned<Vector<uint>>(ref Unsafe.Add(ref from, i));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, i), block ^ keys);
            }
        }

        ApplyPlain(source[i..], destination[i..], key);
    }

    /// <summary>The same, byte by byte: the judge, and the vector loop's remainder.</summary>
    public static void ApplyPlain(ReadOnlySpan<byte> source, Span<byte> destination, uint key)
    {
        for (int i = 0; i < source.Length; i++)
            destination[i] = (byte)(source[i] ^ (key >> (8 * (i & 3))));
    }
}
