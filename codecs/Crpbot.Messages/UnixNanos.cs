using System.Globalization;

namespace Crpbot.Messages;

/// <summary>An instant: nanoseconds since 1970-01-01T00:00:00Z.</summary>
/// <remarks>Blittable, 8 bytes. Covers 1677 to 2262.</remarks>
public readonly record struct UnixNanos(long Value) : IComparable<UnixNanos>
{
    public const long PerMicrosecond = 1_000;
    public const long PerMillisecond = 1_000_000;
    public const long PerSecond = 1_000_000_000;
    public const long PerMinute = 60 * PerSecond;
    public const long PerHour = 60 * PerMinute;
    public const long PerDay = 24 * PerHour;

    public static readonly UnixNanos None;

    public static UnixNanos FromMilliseconds(long value) => new(value * PerMillisecond);

    public static UnixNanos FromDateTime(DateTime utc) => new((utc.ToUniversalTime() - DateTime.UnixEpoch).Ticks * 100);

    /// <summary>The instant cut to 100 ns, the resolution of <see cref="DateTime"/>.</summary>
    public DateTime ToDateTime() => DateTime.UnixEpoch.AddTicks(FloorDivide(Value, 100));

    /// <summary>Rounds down to a multiple of <paramref name="span"/> nanoseconds, also before 1970.</summary>
    public UnixNanos Floor(long span) => new(FloorDivide(Value, span) * span);

    public static UnixNanos operator +(UnixNanos a, long nanos) => new(a.Value + nanos);

    public static UnixNanos operator -(UnixNanos a, long nanos) => new(a.Value - nanos);

    public static long operator -(UnixNanos a, UnixNanos b) => a.Value - b.Value;

    public static bool operator <(UnixNanos a, UnixNanos b) => a.Value < b.Value;

    public static bool operator >(UnixNanos a, UnixNanos b) => a.Value > b.Value;

    public static bool operator <=(UnixNanos a, UnixNanos b) => a.Value <= b.Value;

    public static bool operator >=(UnixNanos a, UnixNanos b) => a.Value >= b.Value;

    public int CompareTo(UnixNanos other) => Value.CompareTo(other.Value);

    /// <summary>ISO 8601 with nine fraction digits and Z.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{ToDateTime():yyyy-MM-ddTHH:mm:ss}.{Value - FloorDivide(Value, PerSecond) * PerSecond:D9}Z");

    private static long FloorDivide(long value, long divisor)
    {
        long quotient = value / divisor;
        return value % divisor < 0 ? quotient - 1 : quotient;
    }
}
