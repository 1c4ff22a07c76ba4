using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Readers;

/// <summary>Messages from memory, each a few trades of one Instrument.</summary>
internal sealed class ListReader(IReadOnlyList<MarketEvent[]> messages, InstrumentTable instruments, ReadRange range)
    : MarketReader(instruments, new TextIdTable(2, TextIdTable.LengthMax), range, new DamageLog(strict: true))
{
    private int _next;

    public int Opened { get; private set; } = 1;

    public override long Frames => _next;

    public override long Unknown => 0;

    public override long Dropped => 0;

    public override long Bytes => 64L * _next;

    public static MarketEvent[] Trades(long time, Instrument instrument, long id, int count = 1)
    {
        var events = new MarketEvent[count];
        for (int i = 0; i < count; i++)
            events[i] = new MarketEvent { ReceiveTime = new(time), ExchangeTime = new(time), Instrument = instrument.Id, Sequence = id + i, Kind = MarketEventKind.Trade };
        events[^1].Flags = MarketEventFlags.LastInMessage;
        return events;
    }

    public static List<(long Time, long Id)> ReadAll(MarketReader reader)
    {
        var read = new List<(long, long)>();
        while (reader.Read())
        {
            foreach (ref readonly MarketEvent e in reader.Message.Events)
                read.Add((e.ReceiveTime.Value, e.Sequence));
        }

        return read;
    }

    protected override bool ReadNext()
    {
        if (_next == messages.Count)
            return false;
        foreach (MarketEvent e in messages[_next++])
            Message.Add() = e;
        return true;
    }

    protected override void Restart(UnixNanos time)
    {
        _next = 0;
        Opened++;
    }

    protected override void Dispose(bool disposing)
    {
    }
}
