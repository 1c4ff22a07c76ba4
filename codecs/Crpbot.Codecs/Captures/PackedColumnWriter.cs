using System.Buffers.Binary;
using System.Numerics;

namespace Crpbot.Codecs.Captures;

/// <summary>Writes one <see cref="ColumnEncoding.Packed"/> column: first <see cref="Prepare"/> for its size, then <see cref="Write"/>.</summary>
internal sealed class PackedColumnWriter
{
    private readonly ValueCounts _counts = new();
    private readonly HuffmanLengths _huffman = new();
    private readonly ByteSink _stream = new();
    private readonly long[] _exact = new long[PackedColumn.MaxExact];
    private readonly int[] _exactSlots = new int[PackedColumn.MaxExact];
    private readonly int[] _symbolCounts = new int[PackedColumn.MaxExact + ValueClass.Count];
    private readonly byte[] _lengths = new byte[PackedColumn.MaxExact + ValueClass.Count];
    private readonly ushort[] _codes = new ushort[PackedColumn.MaxExact + ValueClass.Count];
    private readonly int[] _classCounts = new int[ValueClass.Count];
    private readonly short[] _classSymbols = new short[ValueClass.Count];
    private readonly int[] _exactCounts = new int[PackedColumn.MaxExact];
    private short[] _slotSymbols = [];
    private int _classes;
    private int _exacts;

    private int Symbols => _classes + _exacts;

    /// <summary>Chooses symbols and codes; the length in bytes that <see cref="Write"/> will take, within a few.</summary>
    public int Prepare(ReadOnlySpan<long> values)
    {
        _counts.Count(values);
        if (_slotSymbols.Length < _counts.Slots)
            _slotSymbols = new short[_counts.Slots];
        ChooseExact(values.Length);

        _classes = 0;
        for (int c = 0; c < ValueClass.Count; c++)
        {
            if (_classCounts[c] == 0)
                continue;
            _symbolCounts[_classes] = _classCounts[c];
            _classSymbols[c] = (short)_classes++;
        }

        for (int i = 0; i < _counts.Distinct; i++)
        {
            (int slot, long value, _) = _counts.At(i);
            _slotSymbols[slot] = _slotSymbols[slot] < 0 ? _classSymbols[ValueClass.Of(value)] : (short)0;
        }

        for (int i = 0; i < _exacts; i++)
        {
            _slotSymbols[_exactSlots[i]] = (short)(_classes + i);
            _symbolCounts[_classes + i] = _exactCounts[i];
        }

        _huffman.Compute(_symbolCounts.AsSpan(0, Symbols), _lengths, PackedColumn.MaxCodeBits);
        AssignCodes(_lengths.AsSpan(0, Symbols), _codes);
        return EstimatedLength();
    }

    public void Write(ReadOnlySpan<long> values, ByteSink output)
    {
        output.VarUInt((ulong)_classes);
        for (int c = 0; c < ValueClass.Count; c++)
        {
            if (_classCounts[c] == 0)
                continue;
            output.Byte((byte)c);
            output.Byte(_lengths[_classSymbols[c]]);
        }

        output.VarUInt((ulong)_exacts);
        long previous = 0;
        for (int i = 0; i < _exacts; i++)
        {
            output.VarInt(_exact[i] - previous);
            output.Byte(_lengths[_classes + i]);
            previous = _exact[i];
        }

        WriteEscapes(values, output);
        for (int stream = 0; stream < PackedColumn.Streams; stream++)
        {
            _stream.Clear();
            WriteStream(values, stream);
            output.VarUInt((ulong)_stream.Count);
            output.Bytes(_stream.Written);
        }
    }

    /// <summary>Canonical codes, shortest first and in order of symbol, bit-reversed because streams are read from the lowest bit.</summary>
    public static void AssignCodes(ReadOnlySpan<byte> lengths, Span<ushort> codes)
    {
        int code = 0;
        for (int length = 1; length <= PackedColumn.MaxCodeBits; length++)
        {
            for (int symbol = 0; symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] == length)
                    codes[symbol] = Reverse(code++, length);
            }

            code <<= 1;
        }

        if (lengths.Length == 1)
            codes[0] = 0;
    }

    private static ushort Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++)
            reversed |= ((code >> i) & 1) << (length - 1 - i);
        return (ushort)reversed;
    }

    /// <summary>Gives values a symbol of their own where that saves more bits than saying so costs.</summary>
    private void ChooseExact(int total)
    {
        Array.Clear(_classCounts);
        for (int i = 0; i < _counts.Distinct; i++)
        {
            (int slot, long value, int count) = _counts.At(i);
            _classCounts[ValueClass.Of(value)] += count;
            _slotSymbols[slot] = -1;
        }

        // The threshold rises until the frequent values fit; few steps, since counts fall off quickly.
        int least = Math.Max(4, total >> PackedColumn.MaxCodeBits);
        do
        {
            _exacts = 0;
            for (int i = 0; i < _counts.Distinct && _exacts <= PackedColumn.MaxExact; i++)
            {
                (int slot, long value, int count) = _counts.At(i);
                if (count < least || !Pays(value, count))
                    continue;
                if (_exacts < PackedColumn.MaxExact)
                    (_exact[_exacts], _exactSlots[_exacts]) = (value, slot);
                _exacts++;
            }

            least += 1 + least / 4;
        }
        while (_exacts > PackedColumn.MaxExact);

        _exact.AsSpan(0, _exacts).Sort(_exactSlots.AsSpan(0, _exacts));
        for (int i = 0; i < _exacts; i++)
        {
            int count = _counts.CountOf(_exactSlots[i]);
            _exactCounts[i] = count;
            _classCounts[ValueClass.Of(_exact[i])] -= count;
            _slotSymbols[_exactSlots[i]] = 0;
        }
    }

    private bool Pays(long value, int count)
    {
        int valueClass = ValueClass.Of(value);
        int classCount = _classCounts[valueClass];
        int extra = valueClass == ValueClass.Escape ? 64 : ValueClass.ExtraBits(valueClass);
        // Bits a value saved: its low bits, less the longer code that a rarer symbol gets.
        double saved = count * (extra - Math.Log2((double)classCount / count));
        return saved > 20;
    }

    private int EstimatedLength()
    {
        long bits = 0;
        for (int c = 0; c < ValueClass.Count; c++)
        {
            if (_classCounts[c] != 0)
                bits += (long)_classCounts[c] * (_lengths[_classSymbols[c]] + (c == ValueClass.Escape ? 64 : ValueClass.ExtraBits(c)));
        }

        for (int i = 0; i < _exacts; i++)
            bits += (long)_symbolCounts[_classes + i] * _lengths[_classes + i];
        return (int)Math.Min(int.MaxValue, bits / 8 + 12 + 2 * _classes + 3 * _exacts);
    }

    private void WriteEscapes(ReadOnlySpan<long> values, ByteSink output)
    {
        int escapes = _classCounts[ValueClass.Escape];
        output.VarUInt((ulong)escapes);
        if (escapes == 0)
            return;
        short escape = _classSymbols[ValueClass.Escape];
        for (int i = 0; i < values.Length; i++)
        {
            if (_slotSymbols[_counts.SlotOf(i)] == escape)
                output.UInt64((ulong)values[i]);
        }
    }

    private void WriteStream(ReadOnlySpan<long> values, int stream)
    {
        // At most 12 bits of code and 43 low bits a value; 8 bytes are stored at a time.
        Span<byte> target = _stream.Reserve(values.Length / PackedColumn.Streams * 7 + 24);
        int at = 0, held = 0;
        ulong bits = 0;
        for (int i = stream; i < values.Length; i += PackedColumn.Streams)
        {
            int symbol = _slotSymbols[_counts.SlotOf(i)];
            int length = _lengths[symbol];
            bits |= (ulong)_codes[symbol] << held;
            held += length;
            if (symbol < _classes)
            {
                int extra = ValueClass.ExtraBits(ValueClass.Of(values[i]));
                bits |= (ValueClass.Magnitude(values[i]) & ((1UL << extra) - 1)) << held;
                held += extra;
            }

            BinaryPrimitives.WriteUInt64LittleEndian(target[at..], bits);
            at += held >> 3;
            bits >>= held & ~7;
            held &= 7;
        }

        if (held > 0)
            target[at++] = (byte)bits;
        _stream.Advance(at);
    }
}
