using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Engine.Sources;

/// <summary>A capture: the ring that was saved, Timers and Gaps included, published as it is.</summary>
public sealed class CaptureSource : ReplaySource
{
    private const int BatchEvents = 256;

    private readonly string _path;
    private readonly CaptureReader _reader;
    private readonly UnixNanos _from;
    private readonly UnixNanos _to;
    private readonly InstrumentTable _instruments;
    private readonly string? _symbol;
    private MarketEvent[] _filtered = [];
    private int _damageSeen;

    public CaptureSource(string path, InstrumentTable instruments, string? symbol, UnixNanos from, UnixNanos to, DamageLog damage)
        : base(damage)
    {
        _path = path;
        _instruments = instruments;
        _symbol = symbol;
        _from = from;
        _to = to;
        _reader = CaptureReader.Open(path, instruments);
        if (from.Value > long.MinValue)
            _reader.SeekTo(from);
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
        if (_symbol is not null || events[0].ReceiveTime < _from || events[^1].ReceiveTime >= _to)
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
        if (_from.Value > long.MinValue)
            _reader.SeekTo(_from);
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
            if (!IsWithin(e.ReceiveTime, _from, _to))
                continue;
            if (_symbol is null || e.Instrument == InstrumentId.All || _instruments[e.Instrument].Symbol == _symbol)
                _filtered[kept++] = e;
        }

        return _filtered.AsSpan(0, kept);
    }

    private void NoteDamage()
    {
        for (; _damageSeen < _reader.Damage.Count; _damageSeen++)
            Damage.Add(_path, _reader.Damage[_damageSeen].ToString());
    }
}
