using System.Diagnostics;
using Crpbot.Messages;

namespace Crpbot.Simulation;

/// <summary>Market time of a scaled world: its start plus speed × the monotonic time gone by since it began.</summary>
/// <remarks>
/// The simulated exchange sends by it, and a receiver of that exchange stamps ReceiveTime by the same one. Any thread, no
/// allocation. It belongs to the outside world: stages never read it.
/// </remarks>
public sealed class MarketClock
{
    private const long NotBegun = long.MinValue;
    private readonly double _nanosPerTick;
    private long _origin = NotBegun;

    /// <summary>A clock that stands at <paramref name="start"/> until <see cref="Begin"/>.</summary>
    /// <exception cref="ArgumentException">The speed is not above 0 and at most 100,000.</exception>
    public MarketClock(UnixNanos start, double speed)
    {
        if (speed is not (> 0 and <= 100_000))
            throw new ArgumentException($"speed {speed} is outside 0 to 100,000");
        (Start, Speed) = (start, speed);
        _nanosPerTick = speed * UnixNanos.PerSecond / Stopwatch.Frequency;
    }

    /// <summary>Market time until the clock begins.</summary>
    public UnixNanos Start { get; }

    /// <summary>Market seconds a second.</summary>
    public double Speed { get; }

    public bool HasBegun => Volatile.Read(ref _origin) != NotBegun;

    public UnixNanos Now => At(Stopwatch.GetTimestamp());

    public static MarketClock StartNew(UnixNanos start, double speed)
    {
        var clock = new MarketClock(start, speed);
        clock.Begin();
        return clock;
    }

    /// <summary>Lets time pass. Only the first call counts.</summary>
    public void Begin() => Interlocked.CompareExchange(ref _origin, Stopwatch.GetTimestamp(), NotBegun);

    /// <summary>Market time at a <see cref="Stopwatch"/> stamp; the start for stamps before the beginning.</summary>
    public UnixNanos At(long timestamp)
    {
        long origin = Volatile.Read(ref _origin);
        return origin == NotBegun ? Start : Start + (long)(Math.Max(0, timestamp - origin) * _nanosPerTick);
    }

    /// <summary>Real time left until a market instant; zero or negative once it has come.</summary>
    public TimeSpan TimeUntil(UnixNanos time) => TimeSpan.FromSeconds((time - Now) / (Speed * UnixNanos.PerSecond));
}
