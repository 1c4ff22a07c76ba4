using ParquetSharp;
using ParquetSharp.Schema;

namespace Crpbot.Codecs.Parquet;

/// <summary>One column of a file: rows that wait to be written as a group, or the batch of rows read last.</summary>
/// <remarks>Arrays grow to the largest group once. Integers are delta packed unless said otherwise and never go through a dictionary.</remarks>
internal abstract class ParquetColumn(string name, bool isOptional)
{
    /// <summary>Rows read at once.</summary>
    public const int BatchRows = 4096;

    public string Name => name;

    public bool IsOptional => isOptional;

    protected Repetition Repetition => isOptional ? Repetition.Optional : Repetition.Required;

    public abstract Node CreateNode();

    public virtual void Configure(WriterPropertiesBuilder builder) => builder.DisableDictionary(name).Encoding(name, Encoding.DeltaBinaryPacked);

    /// <summary>Says why a file's column is not this one; null when it is.</summary>
    public abstract string? Refuse(ColumnDescriptor found);

    /// <summary>Writes the waiting rows as the group's next column and forgets them.</summary>
    public abstract void Write(RowGroupWriter group);

    /// <summary>Begins reading a group's column.</summary>
    public abstract void Open(RowGroupReader group, int index);

    /// <summary>Reads the next rows, at most <see cref="BatchRows"/>.</summary>
    public abstract void Read(int rows);

    public abstract void Close();
}

/// <summary>A column of one physical type.</summary>
/// <typeparam name="T">As Parquet stores it.</typeparam>
internal abstract class ParquetColumn<T>(string name, bool isOptional) : ParquetColumn(name, isOptional)
    where T : unmanaged
{
    private T[] _values = [];
    private short[] _defined = [];
    private int _rows;
    private int _count;
    private ColumnReader? _reader;

    protected abstract PhysicalType Physical { get; }

    public T this[int row] => _values[row];

    public bool IsNull(int row) => IsOptional && _defined[row] == 0;

    public void Append(T value)
    {
        if (_rows == _values.Length)
            Grow();
        if (IsOptional)
            _defined[_rows] = 1;
        _rows++;
        _values[_count++] = value;
    }

    public void AppendNull()
    {
        if (_rows == _values.Length)
            Grow();
        _defined[_rows++] = 0;
    }

    public override string? Refuse(ColumnDescriptor found) =>
        found.PhysicalType != Physical || found.MaxRepetitionLevel != 0 || found.MaxDefinitionLevel != (IsOptional ? 1 : 0)
            ? $"column '{Name}' is {(found.MaxDefinitionLevel == 0 ? "a required" : "an optional")} {found.PhysicalType}, not {(IsOptional ? "an optional" : "a required")} {Physical}"
            : null;

    public override void Write(RowGroupWriter group)
    {
        using var writer = (ColumnWriter<T>)group.NextColumn();
        if (IsOptional)
            writer.WriteBatch(_rows, _defined.AsSpan(0, _rows), [], _values.AsSpan(0, _count));
        else
            writer.WriteBatch(_values.AsSpan(0, _count));
        (_rows, _count) = (0, 0);
    }

    public override void Open(RowGroupReader group, int index)
    {
        Close();
        _reader = group.Column(index);
        if (_values.Length < BatchRows)
            (_values, _defined) = (new T[BatchRows], IsOptional ? new short[BatchRows] : []);
    }

    public override void Read(int rows)
    {
        var reader = (ColumnReader<T>)_reader!;
        for (int done = 0; done < rows;)
        {
            long read = IsOptional
                ? reader.ReadBatch(rows - done, _defined.AsSpan(done, rows - done), [], _values.AsSpan(done), out long values)
                : reader.ReadBatch(rows - done, _values.AsSpan(done), out values);
            if (read <= 0)
                throw new InvalidDataException($"column '{Name}' ends early");
            if (values < read)
                Spread(done, (int)read, (int)values);
            done += (int)read;
        }
    }

    public override void Close()
    {
        _reader?.Dispose();
        _reader = null;
    }

    /// <summary>Moves each value to its row: Parquet stores no value for a null.</summary>
    private void Spread(int start, int rows, int values)
    {
        int from = start + values;
        for (int row = start + rows - 1; from > start && row >= start; row--)
        {
            if (_defined[row] != 0)
                _values[row] = _values[--from];
        }
    }

    private void Grow()
    {
        int length = Math.Max(1024, _values.Length * 2);
        Array.Resize(ref _values, length);
        if (IsOptional)
            Array.Resize(ref _defined, length);
    }
}
