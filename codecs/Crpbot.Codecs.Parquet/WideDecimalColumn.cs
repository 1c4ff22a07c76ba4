using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Crpbot.Codecs.Parquet;

/// <summary>DECIMAL(38, 18) on 16 bytes, optional: values whose number of fraction digits changes from row to row.</summary>
internal sealed class WideDecimalColumn(string name) : ParquetColumn(name, isOptional: true)
{
    public const int Precision = 38;
    public const int Scale = 18;
    private const int Size = 16;
    private static readonly Int128[] PowersOfTen = [.. Enumerable.Range(0, Scale + 1).Select(n => Int128.Parse("1" + new string('0', n), System.Globalization.CultureInfo.InvariantCulture))];
    private readonly List<Int128?> _rows = [];
    private readonly byte[] _memory = GC.AllocateArray<byte>(BatchRows * Size, pinned: true);
    private readonly FixedLenByteArray[] _chunk = new FixedLenByteArray[BatchRows];
    private readonly short[] _defined = new short[BatchRows];
    private ColumnReader? _reader;

    public bool IsNull(int row) => _rows[row] is null;

    /// <summary>The value of a row that is not null, as mantissa × 10^-scale.</summary>
    public long MantissaAt(int row, int scale) => (long)(_rows[row]!.Value / PowersOfTen[Scale - scale]);

    public static bool Fits(int scale) => scale <= Scale;

    public void Append(long mantissa, int scale) => _rows.Add((Int128)mantissa * PowersOfTen[Scale - scale]);

    public void AppendNull() => _rows.Add(null);

    public override Node CreateNode()
    {
        using LogicalType logical = LogicalType.Decimal(Precision, Scale);
        return new PrimitiveNode(Name, Repetition, logical, PhysicalType.FixedLenByteArray, Size);
    }

    public override void Configure(WriterPropertiesBuilder builder) => builder.EnableDictionary(Name);

    public override string? Refuse(ColumnDescriptor found)
    {
        using LogicalType type = found.LogicalType;
        return found.PhysicalType == PhysicalType.FixedLenByteArray && found.TypeLength == Size && found.MaxDefinitionLevel == 1 && type is DecimalLogicalType { Scale: Scale }
            ? null
            : $"column '{Name}' is no optional DECIMAL({Precision}, {Scale})";
    }

    public override void Write(RowGroupWriter group)
    {
        using var writer = (ColumnWriter<FixedLenByteArray>)group.NextColumn();
        for (int start = 0; start < _rows.Count; start += BatchRows)
        {
            int rows = Math.Min(BatchRows, _rows.Count - start);
            int values = 0;
            for (int i = 0; i < rows; i++)
            {
                _defined[i] = _rows[start + i] is null ? (short)0 : (short)1;
                if (_rows[start + i] is not { } value)
                    continue;
                BinaryPrimitives.WriteInt128BigEndian(_memory.AsSpan(values * Size), value);
                _chunk[values] = new FixedLenByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(_memory, values * Size));
                values++;
            }

            writer.WriteBatch(rows, _defined.AsSpan(0, rows), [], _chunk.AsSpan(0, values));
        }

        _rows.Clear();
    }

    public override void Open(RowGroupReader group, int index)
    {
        Close();
        _reader = group.Column(index);
    }

    public override unsafe void Read(int rows)
    {
        var reader = (ColumnReader<FixedLenByteArray>)_reader!;
        _rows.Clear();
        while (_rows.Count < rows)
        {
            long read = reader.ReadBatch(rows - _rows.Count, _defined.AsSpan(0, rows - _rows.Count), [], _chunk, out _);
            if (read <= 0)
                throw new InvalidDataException($"column '{Name}' ends early");
            int value = 0;
            for (int i = 0; i < read; i++)
                _rows.Add(_defined[i] == 0 ? null : BinaryPrimitives.ReadInt128BigEndian(new ReadOnlySpan<byte>((void*)_chunk[value++].Pointer, Size)));
        }
    }

    public override void Close()
    {
        _reader?.Dispose();
        _reader = null;
    }
}
