using System.Diagnostics;
using Crpbot.Codecs;
using Crpbot.Codecs.Readers;
using Crpbot.Engine.Sources;
using Crpbot.MarketData.Feeds;
using Crpbot.Messages;

namespace Crpbot.Engine.Live;

/// <summary>The receiving thread's work on a live connection: stamp, parse, publish; publish Timers when nothing arrives.</summary>
/// <remarks>
/// ReceiveTime is market time at the moment the read returned; it is taken from the monotonic stamp, so a stepped system clock cannot
/// send it back. A replay over a connection has no such moment: its messages' own receive times count, and nothing is due between them.
/// Every message is measured: a live feed leaves time for two clock reads.
/// </remarks>
public sealed class LiveFeed : IFeedReceiver
{
    private const int WarmupFrames = 1000;

    private readonly FeedReceiver _receiver;
    private readonly IVenueParser _parser;
    private readonly Func<long, UnixNanos>? _marketTime;
    private readonly Func<bool> _goOn;
    private readonly MarketEventBuffer _message = new();
    private long _allocatedAtStart = -1;
    private int _gen0AtStart;
    private bool _hasData;

    /// <param name="engine">Receives the events.</param>
    /// <param name="parser">The venue's; one connection at a time.</param>
    /// <param name="marketTime">Market time at a <see cref="Stopwatch"/> stamp; null when the messages carry it.</param>
    /// <param name="goOn">Asked between reads; false ends the feed.</param>
    /// <param name="damage">Counts refused messages.</param>
    public LiveFeed(TradingEngine engine, IVenueParser parser, Func<long, UnixNanos>? marketTime, Func<bool> goOn, DamageLog damage)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _receiver = engine.Receiver;
        _parser = parser;
        _marketTime = marketTime;
        _goOn = goOn;
        Damage = damage;
    }

    /// <summary>What was refused.</summary>
    public DamageLog Damage { get; }

    public long Frames { get; private set; }

    public long Unknown { get; private set; }

    public long Bytes { get; private set; }

    public long Dropped => _parser.Dropped;

    /// <summary>Why the last connection ended; null while none has.</summary>
    public string? LastLoss { get; private set; }

    /// <summary>Told why a connection ended that had brought market data; attempts that failed are the connection's own affair.</summary>
    public Action<string>? Lost { get; init; }

    /// <summary>Bytes the receiving thread has allocated since its first thousand messages; with the inline layout that is the whole pipeline.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Collections of the process in the same span.</summary>
    public int Gen0 { get; private set; }

    public void OnConnected() => _hasData = false;

    public bool OnMessage(ReadOnlySpan<byte> payload, long wireStamp)
    {
        Frames++;
        Bytes += payload.Length;
        _message.Clear();
        ParseResult result = _parser.Parse(payload, _marketTime?.Invoke(wireStamp) ?? UnixNanos.None, _message);
        if (result.Status == ParseStatus.Unknown)
            Unknown++;
        else if (result.Status != ParseStatus.Done)
            Damage.Add("live feed", Frames, result);
        if (_message.Count == 0)
            return false;
        _receiver.Receive(_message, wireStamp, Stopwatch.GetTimestamp());
        return _hasData = true;
    }

    public void OnDisconnected(string reason)
    {
        LastLoss = reason;
        if (_hasData)
            Lost?.Invoke(reason);
        _hasData = false;
        _message.Clear();
        _parser.Disconnected(_marketTime?.Invoke(Stopwatch.GetTimestamp()) ?? _receiver.LastTime, _message);
        if (_message.Count > 0)
            _receiver.Receive(_message, 0, 0);
    }

    public bool OnIdle()
    {
        if (_marketTime is not null)
            _receiver.PublishTimers(_marketTime(Stopwatch.GetTimestamp()));
        if (Frames >= WarmupFrames)
            MeasureAllocation();
        return _goOn();
    }

    private void MeasureAllocation()
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        if (_allocatedAtStart < 0)
            (_allocatedAtStart, _gen0AtStart) = (allocated, GC.CollectionCount(0));
        AllocatedBytes = allocated - _allocatedAtStart;
        Gen0 = GC.CollectionCount(0) - _gen0AtStart;
    }
}
