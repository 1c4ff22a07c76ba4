using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Crpbot.Telemetry;

/// <summary>Monotonic stamps for latencies. They say how long, never when; they are neither recorded in captures nor hashed.</summary>
/// <remarks>A stamp costs some 20 ns where the processor's counter is readable from user space. Any thread; stamps of different threads compare.</remarks>
public static class MonotonicClock
{
    private const long NanosPerSecond = 1_000_000_000;

    // Constants once compiled: on Linux a tick is a nanosecond and the conversion vanishes.
    private static readonly long Frequency = Stopwatch.Frequency;
    private static readonly bool IsWholeNanos = NanosPerSecond % Stopwatch.Frequency == 0;
    private static readonly long NanosPerTick = NanosPerSecond / Stopwatch.Frequency;

    /// <summary>The stamp of this moment, in ticks of <see cref="Stopwatch"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Now() => Stopwatch.GetTimestamp();

    /// <summary>Ticks as nanoseconds, exact and rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ToNanos(long ticks) => IsWholeNanos ? ticks * NanosPerTick : ToNanos(ticks, Frequency);

    /// <summary>Nanoseconds between two stamps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long NanosBetween(long start, long end) => ToNanos(end - start);

    internal static long ToNanos(long ticks, long frequency)
    {
        (long seconds, long rest) = Math.DivRem(ticks, frequency);
        if (rest < 0)
        {
            seconds--;
            rest += frequency;
        }

        // The rest is below the frequency, so the product fits for every clock below 9.2 GHz.
        return seconds * NanosPerSecond + rest * NanosPerSecond / frequency;
    }
}
