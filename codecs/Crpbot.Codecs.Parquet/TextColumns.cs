using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Crpbot.Codecs.Parquet;

/// <summary>STRING from a fixed vocabulary whose words differ in their first letter; dictionary encoded, about a bit a row.</summary>
/// <param name="words">Code i stands for word i.</param>
internal sealed class WordColumn(string name, bool isOptional, params string[] words) : ParquetColumn(name, isOptional)
{
    private const int Null = 255;

    /// <summary>Parquet takes words as pointers: each word's bytes stand still, once a process.</summary>
    private static readonly ConcurrentDictionary<string, byte[]> Memory = [];

    private readonly ByteArray[] _words = [.. words.Select(Point)];
    private readonly ByteArray[] _chunk = new ByteArray[BatchRows];
    private readonly short[] _defined = new short[BatchRows];
    private byte[] _codes = [];
    private int _rows;
    private ColumnReader? _reader;

    /// <summary>The code of a row; −1 for a null.</summary>
    public int this[int row] => _codes[row] == Null ? -1 : _codes[row];

    public void Append(int code)
    {
        if (_rows == _codes.Length)
            Array.Resize(ref _codes, Math.Max(1024, _rows * 2));
        _codes[_rows++] = (byte)code;
    }

    public void AppendNull() => Append(Null);

    public override Node CreateNode()
    {
        using LogicalType logical = LogicalType.String();
        return new PrimitiveNode(Name, Repetition, logical, PhysicalType.ByteArray);
    }

    public override void Configure(WriterPropertiesBuilder builder) => builder.EnableDictionary(Name);

    public override string? Refuse(ColumnDescriptor found) => TextColumn.Refuse(found, Name, IsOptional);

    public override void Write(RowGroupWriter group)
    {
        using var writer = (ColumnWriter<ByteArray>)group.NextColumn();
        for (int start = 0; start < _rows; start += BatchRows)
        {
            ReadOnlySpan<byte> codes = _codes.AsSpan(start, Math.Min(BatchRows, _rows - start));
            int values = 0;
            for (int i = 0; i < codes.Length; i++)
            {
                _defined[i] = codes[i] == Null ? (short)0 : (short)1;
                if (codes[i] != Null)
                    _chunk[values++] = _words[codes[i]];
            }

            if (IsOptional)
                writer.WriteBatch(codes.Length, _defined.AsSpan(0, codes.Length), [], _chunk.AsSpan(0, values));
            else
                writer.WriteBatch(_chunk.AsSpan(0, values));
        }

        _rows = 0;
    }

    public override void Open(RowGroupReader group, int index)
    {
        Close();
        _reader = group.Column(index);
        if (_codes.Length < BatchRows)
            _codes = new byte[BatchRows];
    }

    public override void Read(int rows)
    {
        var reader = (ColumnReader<ByteArray>)_reader!;
        for (int done = 0; done < rows;)
        {
            long read = IsOptional
                ? reader.ReadBatch(rows - done, _defined.AsSpan(0, rows - done), [], _chunk, out _)
                : reader.ReadBatch(rows - done, _chunk.AsSpan(0, rows - done), out _);
            if (read <= 0)
                throw new InvalidDataException($"column '{Name}' ends early");
            int value = 0;
            for (int i = 0; i < read; i++)
                _codes[done + i] = IsOptional && _defined[i] == 0 ? (byte)Null : CodeOf(_chunk[value++]);
            done += (int)read;
        }
    }

    public override void Close()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private static ByteArray Point(string word)
    {
        byte[] bytes = Memory.GetOrAdd(word, static text =>
        {
            byte[] pinned = GC.AllocateArray<byte>(text.Length, pinned: true);
            System.Text.Encoding.ASCII.GetBytes(text, pinned);
            return pinned;
        });
        return new ByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0), bytes.Length);
    }

    private unsafe byte CodeOf(ByteArray text)
    {
        for (int i = 0; i < words.Length; i++)
        {
            if (text.Length == words[i].Length && *(byte*)text.Pointer == words[i][0])
                return (byte)i;
        }

        throw new InvalidDataException($"column '{Name}' holds a word that is none of {string.Join(", ", words)}");
    }
}

/// <summary>STRING of any content, optional: ids that are no integers.</summary>
internal sealed class TextColumn(string name) : ParquetColumn(name, isOptional: true)
{
    private readonly List<(int Start, int Length)> _entries = [];
    private readonly ByteArray[] _chunk = new ByteArray[BatchRows];
    private readonly short[] _defined = new short[BatchRows];
    private byte[] _bytes = [];
    private int _used;
    private ColumnReader? _reader;

    /// <summary>Empty for a null.</summary>
    public ReadOnlySpan<byte> this[int row] => _bytes.AsSpan(_entries[row].Start, Math.Max(0, _entries[row].Length));

    public void AppendNull() => _entries.Add((_used, -1));

    public void Append(ReadOnlySpan<byte> text)
    {
        if (_used + text.Length > _bytes.Length)
        {
            byte[] grown = GC.AllocateUninitializedArray<byte>(Math.Max(4096, Math.Max(_bytes.Length * 2, _used + text.Length)), pinned: true);
            _bytes.AsSpan(0, _used).CopyTo(grown);
            _bytes = grown;
        }

        text.CopyTo(_bytes.AsSpan(_used));
        _entries.Add((_used, text.Length));
        _used += text.Length;
    }

    public override Node CreateNode()
    {
        using LogicalType logical = LogicalType.String();
        return new PrimitiveNode(Name, Repetition, logical, PhysicalType.ByteArray);
    }

    public override void Configure(WriterPropertiesBuilder builder) => builder.DisableDictionary(Name);

    public override string? Refuse(ColumnDescriptor found) => Refuse(found, Name, isOptional: true);

    public override void Write(RowGroupWriter group)
    {
        using var writer = (ColumnWriter<ByteArray>)group.NextColumn();
        for (int start = 0; start < _entries.Count; start += BatchRows)
        {
            int rows = Math.Min(BatchRows, _entries.Count - start);
            int values = 0;
            for (int i = 0; i < rows; i++)
            {
                (int at, int length) = _entries[start + i];
                _defined[i] = length < 0 ? (short)0 : (short)1;
                if (length >= 0)
                    _chunk[values++] = length == 0 ? default : new ByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, at), length);
            }

            writer.WriteBatch(rows, _defined.AsSpan(0, rows), [], _chunk.AsSpan(0, values));
        }

        _entries.Clear();
        _used = 0;
    }

    public override void Open(RowGroupReader group, int index)
    {
        Close();
        _reader = group.Column(index);
    }

    public override unsafe void Read(int rows)
    {
        var reader = (ColumnReader<ByteArray>)_reader!;
        _entries.Clear();
        _used = 0;
        while (_entries.Count < rows)
        {
            long read = reader.ReadBatch(rows - _entries.Count, _defined.AsSpan(0, rows - _entries.Count), [], _chunk, out _);
            if (read <= 0)
                throw new InvalidDataException($"column '{Name}' ends early");
            int value = 0;
            for (int i = 0; i < read; i++)
            {
                if (_defined[i] == 0)
                    AppendNull();
                else
                    Append(new ReadOnlySpan<byte>((void*)_chunk[value].Pointer, _chunk[value++].Length));
            }
        }
    }

    public override void Close()
    {
        _reader?.Dispose();
        _reader = null;
    }

    internal static string? Refuse(ColumnDescriptor found, string name, bool isOptional) =>
        found.PhysicalType != PhysicalType.ByteArray || found.MaxRepetitionLevel != 0 || found.MaxDefinitionLevel != (isOptional ? 1 : 0)
            ? $"column '{name}' is no {(isOptional ? "optional" : "required")} string"
            : null;
}
