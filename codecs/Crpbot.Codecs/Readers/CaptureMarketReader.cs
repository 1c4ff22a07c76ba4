using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>A capture, message by message. Its Timers are left out unless asked for: where streams are merged, the bar clock makes them anew.</summary>
public sealed class CaptureMarketReader : MarketReader
{
    private readonly string _path;
    private readonly CaptureReader _reader;
    private MarketEvent[] _batch = [];
    private int _at;
    private int _count;
    private int _damageSeen;
    private long _frames;
    private long _bytes;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="InvalidDataException">No capture, or one of a newer version.</exception>
    public CaptureMarketReader(string path, InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
        : base(instruments, textIds, range, damage)
    {
        _path = path;
        _reader = CaptureReader.Open(path, instruments);
        if (range.From > ReadRange.All.From)
            _reader.SeekTo(range.From);
    }

    /// <summary>Timers come too, each as a message of its own: for a capture read alone, whose Bars close when they closed.</summary>
    public bool KeepsTimers { get; init; }

    public override long Frames => _frames;

    public override long Unknown => 0;

    public override long Dropped => 0;

    public override long Bytes => _bytes;

    protected override bool ReadNext()
    {
        while (_at < _count || NextBlock())
        {
            ref readonly MarketEvent e = ref _batch[_at++];
            bool isTimer = e.Kind == MarketEventKind.Timer;
            if (isTimer && !KeepsTimers)
                continue;
            MarketEvent added = e;
            if ((e.Flags & MarketEventFlags.TextId) != 0)
                added.Sequence = TextIds.Add(_reader.TextIds.Get(e.Sequence));
            Message.Add() = added;
            if (!e.IsLastInMessage)
                continue;
            _frames += isTimer ? 0 : 1;
            return true;
        }

        return Message.Count > 0;
    }

    protected override void Restart(UnixNanos time)
    {
        _reader.SeekTo(time);
        (_at, _count, _damageSeen, _frames, _bytes) = (0, 0, 0, 0, 0);
    }

    protected override void Dispose(bool disposing) => _reader.Dispose();

    private bool NextBlock()
    {
        bool read = _reader.ReadBlock(out ReadOnlySpan<MarketEvent> events);
        for (; _damageSeen < _reader.Damage.Count; _damageSeen++)
        {
            CaptureDamage damage = _reader.Damage[_damageSeen];
            bool isCut = damage.Kind is CaptureDamageKind.CutBlock or CaptureDamageKind.NoFooter;
            Damage.Add(new Refusal(_path, 0, damage.ToString()) { Kind = isCut ? RefusalKind.Truncated : RefusalKind.Corrupt });
        }

        if (!read)
            return false;
        if (_batch.Length < events.Length)
            _batch = new MarketEvent[events.Length];
        events.CopyTo(_batch);
        (_at, _count) = (0, events.Length);
        _bytes += (long)events.Length * MarketEvent.SizeInBytes;
        return true;
    }
}
