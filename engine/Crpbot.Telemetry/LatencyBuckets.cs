using System.Numerics;
using System.Runtime.CompilerServices;

namespace Crpbot.Telemetry;

/// <summary>The bucket layout of HdrHistogram for 1 ns to 60 s at three significant digits: exact up to 2,047 ns, within 0.1 % above.</summary>
/// <remarks>
/// <code>
/// value          width    index
/// 0 … 2047       1        0 … 2047
/// 2048 … 4095    2        2048 … 3071
/// 4096 … 8191    4        3072 … 4095       and so on, 1,024 buckets a doubling
/// </code>
/// Source: G. Tene, HdrHistogram. The tests hold it against that library, bucket for bucket.
/// </remarks>
internal static class LatencyBuckets
{
    public const long HighestNanos = 60_000_000_000;

    public const int SignificantDigits = 3;

    /// <summary>Buckets up to and including the one of <see cref="HighestNanos"/>.</summary>
    public static readonly int Count = IndexOf(HighestNanos) + 1;

    private const int HalfBits = 10;
    private const int Half = 1 << HalfBits;

    /// <param name="nanos">From 0 to <see cref="HighestNanos"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(long nanos)
    {
        int doubling = 63 - HalfBits - BitOperations.LeadingZeroCount((ulong)nanos | (2 * Half - 1));
        return (doubling << HalfBits) + (int)(nanos >> doubling);
    }

    /// <summary>The least value of a bucket.</summary>
    public static long LowestOf(int index)
    {
        int doubling = Math.Max(0, (index >> HalfBits) - 1);
        return (long)(index - (doubling << HalfBits)) << doubling;
    }

    /// <summary>The greatest value of a bucket; what percentiles report, so that they never flatter.</summary>
    public static long HighestOf(int index) => LowestOf(index) + WidthOf(index) - 1;

    /// <summary>The middle of a bucket; what the mean is made of.</summary>
    public static long MiddleOf(int index) => LowestOf(index) + (WidthOf(index) >> 1);

    private static long WidthOf(int index) => 1L << Math.Max(0, (index >> HalfBits) - 1);
}
