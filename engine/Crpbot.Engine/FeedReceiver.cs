using Crpbot.Codecs;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Engine;

/// <summary>What the receiving thread does with a parsed message: keeps time from going back, publishes due Timers, then the message.</summary>
/// <remarks>Live feeds, raw recordings and CSV all come this way, so they close their Bars alike. A capture holds its own Timers.</remarks>
internal sealed class FeedReceiver(TradingPipeline pipeline, BarClock clock)
{
    private readonly long[] _kinds = new long[16];
    private MarketEventFlags _flags;

    public BarClock Clock => clock;

    /// <summary>ReceiveTime of what was published last.</summary>
    public UnixNanos LastTime { get; private set; }

    /// <summary>Published events, history left out.</summary>
    public long Events { get; private set; }

    /// <summary>Messages seen in captures: events that end one, Timers left out.</summary>
    public long RecordedMessages { get; private set; }

    public long CountOf(MarketEventKind kind) => _kinds[(int)kind];

    /// <summary>From now on events build state only.</summary>
    public bool IsHistory
    {
        get => _flags != MarketEventFlags.None;
        set => _flags = value ? MarketEventFlags.History : MarketEventFlags.None;
    }

    /// <summary>Publishes one venue message.</summary>
    /// <param name="message">Its events; ReceiveTime is corrected in place where it went backwards.</param>
    /// <param name="wireStamp">Monotonic; 0 leaves the message out of the latency figures.</param>
    /// <param name="parsedStamp">As <paramref name="wireStamp"/>.</param>
    public void Receive(MarketEventBuffer message, long wireStamp, long parsedStamp)
    {
        Span<MarketEvent> events = message.Writable;
        if (events.IsEmpty)
            return;
        PublishTimers(clock.Clamp(events));
        Publish(events, wireStamp, parsedStamp);
        clock.Observe(events);
    }

    /// <summary>Publishes the Timers due at or before an instant: live, also when nothing arrives.</summary>
    public void PublishTimers(UnixNanos time)
    {
        while (clock.TryTakeTimer(time, out MarketEvent timer))
        {
            long stamp = _flags == MarketEventFlags.None ? System.Diagnostics.Stopwatch.GetTimestamp() : 0;
            Publish(new ReadOnlySpan<MarketEvent>(ref timer), stamp, stamp);
        }
    }

    /// <summary>Publishes recorded events as they are.</summary>
    public void Replay(ReadOnlySpan<MarketEvent> events, long wireStamp)
    {
        foreach (ref readonly MarketEvent e in events)
        {
            if (e.Kind == MarketEventKind.Timer)
                clock.Adopt(e);
            else if (e.IsLastInMessage && _flags == MarketEventFlags.None)
                RecordedMessages++;
        }

        Publish(events, wireStamp, wireStamp);
    }

    /// <summary>Forgets counts and time. The pipeline must be idle.</summary>
    public void Reset()
    {
        clock.Reset();
        Array.Clear(_kinds);
        Events = RecordedMessages = 0;
        _flags = MarketEventFlags.None;
    }

    private void Publish(ReadOnlySpan<MarketEvent> events, long wireStamp, long parsedStamp)
    {
        pipeline.Publish(events, _flags, wireStamp, parsedStamp);
        LastTime = events[^1].ReceiveTime;
        if (_flags != MarketEventFlags.None)
            return;
        Events += events.Length;
        long[] kinds = _kinds;
        foreach (ref readonly MarketEvent e in events)
            kinds[(int)e.Kind & 15]++;
    }
}
