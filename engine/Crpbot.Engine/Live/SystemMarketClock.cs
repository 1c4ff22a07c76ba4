using System.Diagnostics;
using Crpbot.Messages;

namespace Crpbot.Engine.Live;

/// <summary>Market time of the real world: the system's UTC clock read once, carried on by the monotonic one.</summary>
/// <remarks>Steps of the system clock during a run do not reach the engine; its drift does, and the bar clock's offset shows it.</remarks>
public sealed class SystemMarketClock
{
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly UnixNanos _start = UnixNanos.FromDateTime(DateTime.UtcNow);

    /// <summary>Market time at a <see cref="Stopwatch"/> stamp.</summary>
    public UnixNanos At(long stamp) => _start + (long)((Int128)(stamp - _origin) * UnixNanos.PerSecond / Stopwatch.Frequency);
}
