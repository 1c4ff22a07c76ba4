using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Conversion;

/// <summary>The partitions that one job writes at once, by Instrument and type; none of them appears before <see cref="Commit"/>.</summary>
/// <remarks>Rows in memory are bounded over all of them: when they are too many, the partition with most ends its group early.</remarks>
internal sealed class PartitionWriters(ILakeStorage lake, InstrumentTable instruments, TextIdTable textIds, DateOnly day, RawSource source) : IDisposable
{
    /// <summary>About 150 MB.</summary>
    private const int MaxWaitingRows = 2 * ParquetMessageWriter.GroupRows;

    private readonly Dictionary<(int Instrument, TardisCsvType Type), Entry> _entries = [];
    private int _sinceCheck;

    public long Rows { get; private set; }

    /// <summary>Values that a file had no place for.</summary>
    public long Refused { get; private set; }

    /// <summary>Bytes of the committed files.</summary>
    public long Bytes { get; private set; }

    public IReadOnlyList<string> Keys => [.. _entries.Values.Select(entry => entry.Partition.Key).Order(StringComparer.Ordinal)];

    /// <summary>Makes a partition, though no event may come.</summary>
    public void Open(InstrumentId instrument, TardisCsvType type)
    {
        Instrument whose = instruments[instrument];
        var partition = new LakePartition(whose.Venue, type.NameOf(), whose.Symbol, day);
        LakeDraft draft = lake.Create(partition.Key);
        _entries.Add((instrument.Value, type), new Entry(partition, draft, new ParquetMessageWriter(draft.Path, type, whose, textIds, source.Metadata)));
    }

    /// <summary>Writes an event to the partition of its Instrument, which is open.</summary>
    public void Write(in MarketEvent e, TardisCsvType type) => Write(e, e.Instrument, type);

    /// <summary>Writes an event to an open partition that it concerns.</summary>
    public void Write(in MarketEvent e, InstrumentId instrument, TardisCsvType type) => Count(_entries[(instrument.Value, type)].Writer.Write(e));

    /// <summary>Gives the finished files their names.</summary>
    public void Commit()
    {
        foreach (Entry entry in _entries.Values)
        {
            entry.Writer.Close();
            Rows += entry.Writer.Rows;
            entry.Writer.Dispose();
            Bytes += new FileInfo(entry.Draft.Path).Length;
        }

        foreach (Entry entry in _entries.Values)
            entry.Draft.Commit();
    }

    public void Dispose()
    {
        foreach (Entry entry in _entries.Values)
        {
            entry.Writer.Dispose();
            entry.Draft.Dispose();
        }
    }

    private void Count(bool taken)
    {
        if (!taken)
            Refused++;
        if (_entries.Count < 2 || ++_sinceCheck < 1 << 16)
            return;
        _sinceCheck = 0;
        while (_entries.Values.Sum(entry => entry.Writer.Waiting) > MaxWaitingRows)
            _entries.Values.MaxBy(entry => entry.Writer.Waiting)!.Writer.EndGroup();
    }

    private sealed record Entry(LakePartition Partition, LakeDraft Draft, ParquetMessageWriter Writer);
}
