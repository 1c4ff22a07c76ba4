using System.Diagnostics;
using Crpbot.Codecs;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;

namespace Crpbot.Engine.Sources;

/// <summary>Recorded market data in ring order, message by message or block by block.</summary>
/// <remarks>Belongs to the receiving thread. Nothing is allocated once the largest message was seen.</remarks>
public abstract class ReplaySource : IDisposable
{
    /// <summary>One message in so many carries latency stamps when a replay runs unpaced: two clock reads cost as much as an event.</summary>
    internal const int SampleInterval = 64;

    private int _untilSample;

    protected ReplaySource(DamageLog damage) => Damage = damage;

    public DamageLog Damage { get; }

    /// <summary>Input messages, REST snapshots included.</summary>
    public long Frames { get; protected set; }

    /// <summary>Messages of a type nobody reads.</summary>
    public long Unknown { get; protected set; }

    /// <summary>Bytes of the messages read.</summary>
    public long Bytes { get; protected set; }

    /// <summary>Trade ids that are no integers; null where the source has none.</summary>
    public virtual TextIdTable? TextIds => null;

    /// <summary>Deltas before their snapshot and the like.</summary>
    public abstract long Dropped { get; }

    /// <summary>Calls of <see cref="Next"/> after which a pass counts allocations: by then the file is open and the books have grown.</summary>
    internal virtual int WarmupSteps => 1000;

    /// <summary>Set to slow a replay down to a multiple of recorded time.</summary>
    internal ReplayPacer? Pacer { get; set; }

    /// <summary>Reads on and publishes what comes next; false at the end.</summary>
    internal abstract bool Next(FeedReceiver receiver);

    /// <summary>Back to the first message, counts included.</summary>
    public virtual void Rewind()
    {
        Frames = Unknown = Bytes = 0;
        Damage.Reset();
        Pacer?.Reset();
    }

    public abstract void Dispose();

    /// <summary>A monotonic stamp for a sampled message, else 0.</summary>
    private protected long Sample()
    {
        if (Pacer is null && --_untilSample > 0)
            return 0;
        _untilSample = SampleInterval;
        return Stopwatch.GetTimestamp();
    }
}

/// <summary>Holds a replay back to recorded time × speed.</summary>
internal sealed class ReplayPacer(double speed)
{
    private UnixNanos _first;
    private long _start;

    public void WaitFor(UnixNanos receiveTime)
    {
        if (_start == 0)
            (_first, _start) = (receiveTime, Stopwatch.GetTimestamp());
        double due = (receiveTime - _first) / speed / UnixNanos.PerSecond;
        while (true)
        {
            double remaining = due - Stopwatch.GetElapsedTime(_start).TotalSeconds;
            if (remaining <= 0)
                return;
            if (remaining > 0.002)
                Thread.Sleep(TimeSpan.FromSeconds(Math.Min(remaining - 0.001, 1)));
            else
                Thread.Yield();
        }
    }

    public void Reset() => _start = 0;
}
