using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;

namespace Crpbot.Engine.Sources;

/// <summary>A capture: the ring that was saved, Timers and Gaps included, published as it is.</summary>
public sealed class CaptureSource : ReplaySource
{
    private const int BatchEvents = 256;

    private readonly string _path;
    private readonly CaptureReader _reader;
    private readonly ReadRange _range;
    private readonly InstrumentTable _instruments;
    private MarketEvent[] _filtered = [];
    private int _damageSeen;

    public CaptureSource(string path, InstrumentTable instruments, ReadRange range, DamageLog damage)
        : base(damage)
    {
        _path = path;
        _instruments = instruments;
        _range = range;
        _reader = CaptureReader.Open(path, instruments);
        SeekToBegin();
    }

    public override TextIdTable TextIds => _reader.TextIds;

    public override long Dropped => 0;

    /// <summary>One block.</summary>
    internal override int WarmupSteps => 1;

    internal override bool Next(FeedReceiver receiver)
    {
        if (!_reader.ReadBlock(out ReadOnlySpan<MarketEvent> events))
        {
            NoteDamage();
            Frames = receiver.RecordedMessages;
            return false;
        }

        Bytes += (long)events.Length * MarketEvent.SizeInBytes;
        NoteDamage();
        if (_range.Symbol is not null || events[0].ReceiveTime < _range.From || events[^1].ReceiveTime >= _range.To)
            events = Select(events);
        Publish(events, receiver);
        Frames = receiver.RecordedMessages;
        return true;
    }

    public override void Rewind()
    {
        base.Rewind();
        _damageSeen = 0;
        _reader.Reset();
        SeekToBegin();
    }

    public override void Dispose() => _reader.Dispose();

    /// <summary>Publishes up to each Timer, whose stamp then starts the way from bar close to order, and otherwise in batches.</summary>
    private void Publish(ReadOnlySpan<MarketEvent> events, FeedReceiver receiver)
    {
        int limit = Pacer is null ? BatchEvents : 1;
        while (!events.IsEmpty)
        {
            int count = 1;
            while (count < events.Length && count < limit && events[count - 1].Kind != MarketEventKind.Timer)
                count++;
            Pacer?.WaitFor(events[0].ReceiveTime);
            bool isTimer = events[count - 1].Kind == MarketEventKind.Timer;
            receiver.Replay(events[..count], isTimer ? System.Diagnostics.Stopwatch.GetTimestamp() : Sample());
            events = events[count..];
        }
    }

    private ReadOnlySpan<MarketEvent> Select(ReadOnlySpan<MarketEvent> events)
    {
        if (_filtered.Length < events.Length)
            _filtered = new MarketEvent[events.Length];
        int kept = 0;
        foreach (ref readonly MarketEvent e in events)
        {
            if (!_range.Contains(e.ReceiveTime))
                continue;
            if (_range.Symbol is null || e.Instrument == InstrumentId.All || _instruments[e.Instrument].Symbol == _range.Symbol)
                _filtered[kept++] = e;
        }

        return _filtered.AsSpan(0, kept);
    }

    private void SeekToBegin()
    {
        if (_range.From > ReadRange.All.From)
            _reader.SeekTo(_range.From);
    }

    private void NoteDamage()
    {
        for (; _damageSeen < _reader.Damage.Count; _damageSeen++)
            Damage.Add(_path, _reader.Damage[_damageSeen].ToString());
    }
}
