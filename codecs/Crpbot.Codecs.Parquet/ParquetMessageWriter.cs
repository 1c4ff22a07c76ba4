using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Crpbot.Codecs.Parquet;

/// <summary>Writes the events of one Instrument and type as a Parquet file that any engine can read.</summary>
/// <remarks>
/// Give it every event in order. Those that the type does not hold are counted in <see cref="Skipped"/>, those with a value that has no place in
/// <see cref="Refused"/>; nothing is rounded. A group of about a million rows is held in memory, 70 bytes a row at most. Equal events give equal bytes. The
/// file is whole only after <see cref="Close"/>. Layout: <c>codecs/docs/parquet.md</c>.
/// </remarks>
public sealed class ParquetMessageWriter : IDisposable
{
    /// <summary>A group ends with the first message after so many rows.</summary>
    public const int GroupRows = 1_000_000;

    /// <summary>A longer message is cut.</summary>
    private const int MaxGroupRows = GroupRows + (1 << 18);

    private readonly EventColumns _columns;
    private readonly Instrument _instrument;
    private readonly ParquetFileWriter _file;
    private readonly int _groupRows;

    /// <param name="path">Overwritten if it exists.</param>
    /// <param name="type">Which events to keep.</param>
    /// <param name="instrument">Whose; events of others are skipped, those that concern all Instruments are kept.</param>
    /// <param name="textIds">Holds the trade ids of events flagged TextId.</param>
    /// <param name="metadata">More keys for the footer: where the events came from.</param>
    /// <param name="groupRows">Rows a group, about.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public ParquetMessageWriter(
        string path, TardisCsvType type, Instrument instrument, TextIdTable textIds, IReadOnlyDictionary<string, string>? metadata = null, int groupRows = GroupRows)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(instrument);
        (_instrument, _groupRows) = (instrument, groupRows);
        _columns = EventColumns.Create(type, instrument, textIds);
        using WriterProperties properties = ParquetFile.PropertiesFor(_columns.All);
        using var schema = new GroupNode("market_data", Repetition.Required, [.. _columns.All.Select(column => column.CreateNode())]);
        try
        {
            _file = new ParquetFileWriter(path, schema, properties, ParquetFile.MetadataOf(type, instrument, metadata));
        }
        catch (ParquetException error)
        {
            throw new IOException($"{path}: {ParquetFile.OneLine(error)}", error);
        }
    }

    /// <summary>Rows taken so far.</summary>
    public long Rows => Written + _columns.Rows;

    /// <summary>Rows in finished groups.</summary>
    public long Written { get; private set; }

    /// <summary>Rows held in memory.</summary>
    public int Waiting => _columns.Rows;

    /// <summary>Events that this type does not hold, or of other Instruments.</summary>
    public long Skipped { get; private set; }

    /// <summary>Events with a value that has no place: more than 18 digits.</summary>
    public long Refused { get; private set; }

    /// <returns>False when the event was refused.</returns>
    public bool Write(in MarketEvent e)
    {
        if (e.Instrument != _instrument.Id && e.Instrument != InstrumentId.All)
        {
            Skipped++;
            return true;
        }

        switch (_columns.Append(e))
        {
            case Taken.Foreign:
                Skipped++;
                return true;
            case Taken.Unfit:
                Refused++;
                return false;
        }

        if (_columns.Rows >= _groupRows && (e.IsLastInMessage || _columns.Rows >= MaxGroupRows))
            EndGroup();
        return true;
    }

    /// <returns>How many were refused.</returns>
    public int Write(ReadOnlySpan<MarketEvent> events)
    {
        int refused = 0;
        foreach (ref readonly MarketEvent e in events)
            refused += Write(e) ? 0 : 1;
        return refused;
    }

    /// <summary>Ends the group early, to free its memory.</summary>
    public void EndGroup()
    {
        _columns.Settle();
        if (_columns.Rows == 0)
            return;
        using RowGroupWriter group = _file.AppendRowGroup();
        foreach (ParquetColumn column in _columns.All)
            column.Write(group);
        group.Close();
        Written += _columns.Rows;
        _columns.Clear();
    }

    /// <summary>Writes what is left and the footer.</summary>
    public void Close()
    {
        EndGroup();
        _file.Close();
    }

    public void Dispose() => _file.Dispose();
}
