using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Codecs.Captures;

/// <summary>Reads one <see cref="ColumnEncoding.Packed"/> column in chunks. Reuses its tables.</summary>
/// <remarks>
/// Each value is one load, one table look-up, one shift and mask; what must wait for what is only the position within a stream, so
/// four streams side by side keep the core busy. Loads may run past a stream's end into <see cref="Slack"/>; the end of every chunk
/// compares the positions with the streams' lengths, so damage is noticed before a value leaves.
/// </remarks>
internal sealed class PackedColumnReader
{
    /// <summary>Bytes that must be readable after the body: four streams, a chunk of 55-bit values, one load.</summary>
    public const int Slack = ColumnReader.Chunk / PackedColumn.Streams * 7 + 16;

    private readonly uint[] _table = new uint[1 << PackedColumn.MaxCodeBits];
    private readonly ulong[] _bases = new ulong[PackedColumn.MaxExact + ValueClass.Count];
    private readonly byte[] _lengths = new byte[PackedColumn.MaxExact + ValueClass.Count];
    private readonly ushort[] _codes = new ushort[PackedColumn.MaxExact + ValueClass.Count];
    private readonly byte[] _extra = new byte[PackedColumn.MaxExact + ValueClass.Count];
    private readonly bool[] _negative = new bool[PackedColumn.MaxExact + ValueClass.Count];
    private int _escapeSymbol;
    private int _codeBits;

    // Bit positions from the body's first byte, and where each stream ends.
    private readonly long[] _positions = new long[PackedColumn.Streams];
    private readonly long[] _ends = new long[PackedColumn.Streams];
    private int _escapeAt;
    private int _escapeEnd;

    /// <summary>Reads the symbols and finds the streams; the source stands after the column then.</summary>
    /// <param name="source">Stands at the first byte after the scale.</param>
    /// <param name="count">Values in the column.</param>
    public void Open(ref ByteSource source, int count)
    {
        int symbols = ReadSymbols(ref source);
        FillTable(symbols);
        int escapes = source.Count(count);
        _escapeAt = source.Position;
        source.Bytes(checked(escapes * 8));
        _escapeEnd = source.Position;
        for (int stream = 0; stream < PackedColumn.Streams; stream++)
        {
            int length = source.Count(int.MaxValue);
            _positions[stream] = source.Position * 8L;
            source.Bytes(length);
            _ends[stream] = source.Position * 8L;
        }
    }

    /// <summary>Decodes the next values; all but the last call take a multiple of four.</summary>
    public void Read(byte[] body, Span<long> values, long scale)
    {
        ref byte start = ref MemoryMarshal.GetArrayDataReference(body);
        ref uint table = ref MemoryMarshal.GetArrayDataReference(_table);
        ref ulong bases = ref MemoryMarshal.GetArrayDataReference(_bases);
        ulong mask = (1UL << _codeBits) - 1;
        long p0 = _positions[0], p1 = _positions[1], p2 = _positions[2], p3 = _positions[3];
        int i = 0;
        for (; i <= values.Length - PackedColumn.Streams; i += PackedColumn.Streams)
        {
            long v0 = Next(ref start, ref table, ref bases, mask, ref p0, out uint e0);
            long v1 = Next(ref start, ref table, ref bases, mask, ref p1, out uint e1);
            long v2 = Next(ref start, ref table, ref bases, mask, ref p2, out uint e2);
            long v3 = Next(ref start, ref table, ref bases, mask, ref p3, out uint e3);
            values[i] = v0 * scale;
            values[i + 1] = v1 * scale;
            values[i + 2] = v2 * scale;
            values[i + 3] = v3 * scale;
            if (((e0 | e1 | e2 | e3) & PackedColumn.EscapeBit) != 0)
                ReadEscapes(body, values.Slice(i, 4), scale, [e0, e1, e2, e3]);
        }

        _positions[0] = p0;
        _positions[1] = p1;
        _positions[2] = p2;
        _positions[3] = p3;
        for (int stream = 0; i < values.Length; i++, stream++)
        {
            values[i] = Next(ref start, ref table, ref bases, mask, ref _positions[stream], out uint entry) * scale;
            if ((entry & PackedColumn.EscapeBit) != 0)
                ReadEscapes(body, values.Slice(i, 1), scale, [entry]);
        }

        for (int stream = 0; stream < PackedColumn.Streams; stream++)
        {
            if (_positions[stream] > _ends[stream])
                throw new MalformedBlockException("a packed column ends early");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Next(ref byte start, ref uint table, ref ulong bases, ulong mask, ref long position, out uint entry)
    {
        ulong bits = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, (nint)(position >> 3))) >> (int)(position & 7);
        entry = Unsafe.Add(ref table, (nint)(bits & mask));
        int total = (int)(entry & PackedColumn.TotalMask);
        ulong low = (bits & ((1UL << total) - 1)) >> (int)((entry >> PackedColumn.CodeShift) & 0xF);
        position += total;
        ulong magnitude = Unsafe.Add(ref bases, (nint)(entry >> PackedColumn.SymbolShift)) + low;
        return (long)magnitude ^ -(long)((entry >> PackedColumn.NegativeShift) & 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadEscapes(byte[] body, Span<long> values, long scale, ReadOnlySpan<uint> entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            if ((entries[i] & PackedColumn.EscapeBit) == 0)
                continue;
            if (_escapeAt + 8 > _escapeEnd)
                throw new MalformedBlockException("a packed column lacks an escaped value");
            values[i] = BitConverter.ToInt64(body, _escapeAt) * scale;
            _escapeAt += 8;
        }
    }

    private int ReadSymbols(ref ByteSource source)
    {
        int classes = source.Count(ValueClass.Count);
        _escapeSymbol = -1;
        for (int i = 0; i < classes; i++)
        {
            int valueClass = source.Byte();
            if (valueClass >= ValueClass.Count)
                throw new MalformedBlockException($"value class {valueClass} is unknown");
            if (valueClass == ValueClass.Escape)
                _escapeSymbol = i;
            AddSymbol(i, ValueClass.Base(valueClass), ValueClass.ExtraBits(valueClass), valueClass != ValueClass.Escape && (valueClass & 1) != 0, source.Byte());
        }

        int exacts = source.Count(PackedColumn.MaxExact);
        long value = 0;
        for (int i = 0; i < exacts; i++)
        {
            value += source.VarInt();
            AddSymbol(classes + i, ValueClass.Magnitude(value), 0, value < 0, source.Byte());
        }

        return classes + exacts;
    }

    private void AddSymbol(int symbol, ulong magnitude, int extra, bool negative, byte length)
    {
        if (length > PackedColumn.MaxCodeBits)
            throw new MalformedBlockException($"a code of {length} bits is too long");
        (_bases[symbol], _extra[symbol], _negative[symbol], _lengths[symbol]) = (magnitude, (byte)extra, negative, length);
    }

    private void FillTable(int symbols)
    {
        ReadOnlySpan<byte> lengths = _lengths.AsSpan(0, symbols);
        _codeBits = 0;
        long kraft = 0;
        foreach (byte length in lengths)
        {
            _codeBits = Math.Max(_codeBits, length);
            kraft += 1L << (PackedColumn.MaxCodeBits - length);
        }

        // Complete codes only: then every table entry is written, and whatever the bits are, they mean something.
        if (kraft != 1L << PackedColumn.MaxCodeBits || (symbols > 1 && lengths.Contains((byte)0)))
            throw new MalformedBlockException("the code lengths of a packed column are no prefix code");
        PackedColumnWriter.AssignCodes(lengths, _codes);
        for (int symbol = 0; symbol < symbols; symbol++)
        {
            uint entry = (uint)(lengths[symbol] + _extra[symbol]) | (uint)lengths[symbol] << PackedColumn.CodeShift |
                (_negative[symbol] ? 1u << PackedColumn.NegativeShift : 0) | (symbol == _escapeSymbol ? PackedColumn.EscapeBit : 0) |
                (uint)symbol << PackedColumn.SymbolShift;
            for (int at = _codes[symbol]; at < 1 << _codeBits; at += 1 << lengths[symbol])
                _table[at] = entry;
        }
    }
}
