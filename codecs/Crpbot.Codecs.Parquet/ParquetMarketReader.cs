using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;
using ParquetSharp;

namespace Crpbot.Codecs.Parquet;

/// <summary>A Parquet file of one Instrument and type, message by message.</summary>
/// <remarks>Groups whose ReceiveTimes lie outside the range are not read. A damaged group counts as one refusal and is left out from there on.</remarks>
public sealed class ParquetMarketReader : MarketReader
{
    /// <summary>Beyond it, nanoseconds do not fit.</summary>
    private const long MaxMicros = long.MaxValue / UnixNanos.PerMicrosecond - 1;

    private readonly string _path;
    private readonly ParquetFileReader _file;
    private readonly EventColumns _columns;
    private readonly int[] _indexes;
    private readonly (UnixNanos First, UnixNanos Last, long Rows)[] _groups;
    private RowGroupReader? _group;
    private int _nextGroup;
    private long _rowsLeft;
    private int _at;
    private int _count;
    private long _frames;
    private long _events;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">No Parquet, or none of market data, or with other columns, or its Instrument is known with other increments.</exception>
    public ParquetMarketReader(string path, InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
        : base(instruments, textIds, range, damage)
    {
        _path = path;
        _file = ParquetFile.Open(path);
        try
        {
            Summary = ParquetFile.Summarize(path, _file);
            Instrument = instruments.Define(Summary.Venue, Summary.Symbol, Summary.Tick, Summary.Lot, Summary.Assumed);
            _columns = EventColumns.Create(Summary.Type, Instrument, textIds);
            _indexes = [.. _columns.All.Select(FindColumn)];
            _groups = [.. Enumerable.Range(0, _file.FileMetaData.NumRowGroups).Select(SpanOf)];
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public ParquetSummary Summary { get; }

    public Instrument Instrument { get; }

    /// <summary>Groups opened since the start or the last seek.</summary>
    public int GroupsRead { get; private set; }

    public override long Frames => _frames;

    public override long Unknown => 0;

    public override long Dropped => 0;

    public override long Bytes => _events * MarketEvent.SizeInBytes;

    protected override bool ReadNext()
    {
        while (_at < _count || NextBatch())
        {
            int before = Message.Count;
            try
            {
                _columns.Read(_at++, Message);
            }
            catch (InvalidDataException error)
            {
                Message.Truncate(before);
                LeaveGroup(error);
                continue;
            }

            _events += Message.Count - before;
            if (Message.Count == 0 || !Message.Events[^1].IsLastInMessage)
                continue;
            _frames++;
            return true;
        }

        return Message.Count > 0;
    }

    protected override void Restart(UnixNanos time)
    {
        CloseGroup();
        (_nextGroup, _rowsLeft, _at, _count, _frames, _events, GroupsRead) = (0, 0, 0, 0, 0, 0, 0);
    }

    protected override void Dispose(bool disposing)
    {
        CloseGroup();
        _file.Dispose();
    }

    private bool NextBatch()
    {
        for (; ; )
        {
            while (_rowsLeft == 0)
            {
                CloseGroup();
                if (!OpenGroup())
                    return false;
            }

            (_at, _count) = (0, (int)Math.Min(_rowsLeft, ParquetColumn.BatchRows));
            try
            {
                foreach (ParquetColumn column in _columns.All)
                    column.Read(_count);
                _rowsLeft -= _count;
                return true;
            }
            catch (Exception error) when (error is ParquetException or InvalidDataException)
            {
                LeaveGroup(error);
            }
        }
    }

    private bool OpenGroup()
    {
        while (_nextGroup < _groups.Length && (_groups[_nextGroup].Last < Begin || _groups[_nextGroup].First >= Range.To))
            _nextGroup++;
        if (_nextGroup == _groups.Length)
            return false;
        int index = _nextGroup++;
        GroupsRead++;
        _rowsLeft = _groups[index].Rows;
        try
        {
            _group = _file.RowGroup(index);
            for (int i = 0; i < _indexes.Length; i++)
                _columns.All[i].Open(_group, _indexes[i]);
        }
        catch (ParquetException error)
        {
            LeaveGroup(error);
        }

        return true;
    }

    private void LeaveGroup(Exception error)
    {
        (_at, _count, _rowsLeft) = (0, 0, 0);
        Damage.Add(new Refusal(_path, 0, $"row group {_nextGroup} of {_groups.Length}: {ParquetFile.OneLine(error)}") { Kind = RefusalKind.Corrupt });
    }

    private void CloseGroup()
    {
        foreach (ParquetColumn column in _columns.All)
            column.Close();
        _group?.Dispose();
        _group = null;
    }

    private int FindColumn(ParquetColumn column)
    {
        SchemaDescriptor schema = _file.FileMetaData.Schema;
        for (int i = 0; i < schema.NumColumns; i++)
        {
            ColumnDescriptor found = schema.Column(i);
            if (found.Name != column.Name)
                continue;
            return column.Refuse(found) is { } reason ? throw new InvalidDataException($"{_path}: {reason}") : i;
        }

        throw new InvalidDataException($"{_path}: there is no column '{column.Name}'");
    }

    /// <summary>First and last ReceiveTime of a group, rounded outwards; everything where it has no statistics.</summary>
    private (UnixNanos First, UnixNanos Last, long Rows) SpanOf(int index)
    {
        using RowGroupReader group = _file.RowGroup(index);
        RowGroupMetaData meta = group.MetaData;
        using ColumnChunkMetaData chunk = meta.GetColumnChunkMetaData(_indexes[0]);
        using Statistics? statistics = chunk.Statistics;
        return statistics is Statistics<long> { HasMinMax: true } span && span.Min > -MaxMicros && span.Max < MaxMicros
            ? (new UnixNanos(span.Min * UnixNanos.PerMicrosecond), new UnixNanos(span.Max * UnixNanos.PerMicrosecond + UnixNanos.PerMicrosecond - 1), meta.NumRows)
            : (ReadRange.All.From, ReadRange.All.To, meta.NumRows);
    }
}
