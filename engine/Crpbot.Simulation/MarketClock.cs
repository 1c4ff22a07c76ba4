using System.Diagnostics;
using Crpbot.Messages;

namespace Crpbot.Simulation;

/// <summary>Market time of a scaled world: its start plus speed × the monotonic time gone by.</summary>
/// <remarks>
/// The simulated exchange sends by it, and a receiver of that exchange stamps ReceiveTime by the same one. Immutable, any thread, no
/// allocation. It is outside the engine: stages never read it.
/// </remarks>
public sealed class MarketClock
{
    private readonly long _origin;
    private readonly double _nanosPerTick;

    private MarketClock(UnixNanos start, double speed, long origin)
    {
        if (speed is not (> 0 and <= 100_000))
            throw new ArgumentException($"speed {speed} is outside 0 to 100,000");
        (Start, Speed, _origin) = (start, speed, origin);
        _nanosPerTick = speed * UnixNanos.PerSecond / Stopwatch.Frequency;
    }

    /// <summary>Market time when the clock was started.</summary>
    public UnixNanos Start { get; }

    /// <summary>Market seconds a second.</summary>
    public double Speed { get; }

    public UnixNanos Now => At(Stopwatch.GetTimestamp());

    public static MarketClock StartNew(UnixNanos start, double speed) => new(start, speed, Stopwatch.GetTimestamp());

    /// <summary>Market time at a <see cref="Stopwatch"/> stamp.</summary>
    public UnixNanos At(long timestamp) => Start + (long)((timestamp - _origin) * _nanosPerTick);

    /// <summary>Real time left until a market instant; zero or negative once it has come.</summary>
    public TimeSpan TimeUntil(UnixNanos time) => TimeSpan.FromSeconds((time - Now) / (Speed * UnixNanos.PerSecond));
}
