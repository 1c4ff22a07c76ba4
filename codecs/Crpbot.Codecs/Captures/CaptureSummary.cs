using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Captures;

/// <summary>What a capture holds: everything <c>capture inspect</c> and <c>verify</c> say.</summary>
/// <param name="Header">Who wrote it from what.</param>
/// <param name="Events">Events that could be read.</param>
/// <param name="EventsByKind">How many of each kind, in order of kind.</param>
/// <param name="EventsByInstrument">How many of each Instrument, in order of appearance; <c>*</c> stands for all Instruments.</param>
/// <param name="FirstReceiveTime">Of the first event; 0 when there is none.</param>
/// <param name="LastReceiveTime">Of the last event.</param>
/// <param name="Blocks">Intact blocks.</param>
/// <param name="FileBytes">Length of the file.</param>
/// <param name="IsComplete">The index at its end is intact.</param>
/// <param name="Damage">Everything found wrong.</param>
public sealed record CaptureSummary(
    CaptureHeader Header,
    long Events,
    IReadOnlyList<KeyValuePair<MarketEventKind, long>> EventsByKind,
    IReadOnlyList<KeyValuePair<string, long>> EventsByInstrument,
    UnixNanos FirstReceiveTime,
    UnixNanos LastReceiveTime,
    int Blocks,
    long FileBytes,
    bool IsComplete,
    IReadOnlyList<CaptureDamage> Damage)
{
    /// <summary>File bytes an event; 0 when there is none.</summary>
    public double BytesPerEvent => Events == 0 ? 0 : (double)FileBytes / Events;

    /// <summary>How many times smaller the file is than the events in memory; 0 when there is none.</summary>
    public double CompressionRatio => Events == 0 ? 0 : (double)Events * MarketEvent.SizeInBytes / FileBytes;

    /// <summary>Reads a whole capture and counts.</summary>
    /// <exception cref="InvalidDataException">No capture, or its header is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static CaptureSummary Read(string path)
    {
        var table = new InstrumentTable();
        using CaptureReader reader = CaptureReader.Open(path, table);
        long[] kinds = new long[256];
        List<long> instruments = [0];
        (UnixNanos first, UnixNanos last) = (UnixNanos.None, UnixNanos.None);
        while (reader.ReadBlock(out ReadOnlySpan<MarketEvent> events))
        {
            if (reader.EventsRead == events.Length)
                first = events[0].ReceiveTime;
            last = events[^1].ReceiveTime;
            while (instruments.Count <= table.All.Count)
                instruments.Add(0);
            foreach (ref readonly MarketEvent e in events)
            {
                kinds[(byte)e.Kind]++;
                instruments[e.Instrument.Value]++;
            }
        }

        return new CaptureSummary(
            reader.Header,
            reader.EventsRead,
            [.. kinds.Select((count, kind) => KeyValuePair.Create((MarketEventKind)kind, count)).Where(k => k.Value > 0)],
            [.. instruments.Select((count, id) => KeyValuePair.Create(id == 0 ? "*" : table[new(id)].Name, count)).Where(i => i.Value > 0)],
            first,
            last,
            reader.BlocksRead,
            reader.FileLength,
            reader.IsComplete,
            [.. reader.Damage]);
    }
}
