using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Features.Kernels;

/// <summary>Order flow between two states of one side of a book, level by level.</summary>
/// <remarks>
/// <c>[new at least as good]·new − [new at most as good]·old</c>, where good means high for bids and low for asks. A missing level has
/// quantity 0 and the worst price there is. Source: Cont, Kukanov, Stoikov (2014); Xu, Gould, Howison (2018).
/// </remarks>
internal static class OrderFlow
{
    /// <summary>Returns Σ over the levels, in lots. The four spans have one length, a multiple of 4.</summary>
    public static long Bids(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, ReadOnlySpan<long> oldTicks, ReadOnlySpan<long> oldLots) =>
        Sum(ticks, lots, oldTicks, oldLots);

    /// <inheritdoc cref="Bids"/>
    public static long Asks(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, ReadOnlySpan<long> oldTicks, ReadOnlySpan<long> oldLots) =>
        // A new ask is as good where the old one is at least as high: the roles of the prices swap, those of the quantities do not.
        Sum(oldTicks, lots, ticks, oldLots);

    private static long Sum(ReadOnlySpan<long> high, ReadOnlySpan<long> lots, ReadOnlySpan<long> low, ReadOnlySpan<long> oldLots)
    {
        Debug.Assert(high.Length % 4 == 0 && high.Length == lots.Length && high.Length == low.Length && high.Length == oldLots.Length);
        ref long highs = ref MemoryMarshal.GetReference(high);
        ref long lows = ref MemoryMarshal.GetReference(low);
        ref long gained = ref MemoryMarshal.GetReference(lots);
        ref long lost = ref MemoryMarshal.GetReference(oldLots);
        Vector256<long> sum = Vector256<long>.Zero;
        for (nuint i = 0; i < (nuint)high.Length; i += 4)
        {
            Vector256<long> a = Vector256.LoadUnsafe(ref highs, i);
            Vector256<long> b = Vector256.LoadUnsafe(ref lows, i);
            sum += Vector256.AndNot(Vector256.LoadUnsafe(ref gained, i), Vector256.LessThan(a, b));
            sum -= Vector256.AndNot(Vector256.LoadUnsafe(ref lost, i), Vector256.GreaterThan(a, b));
        }

        return sum[0] + sum[1] + sum[2] + sum[3];
    }
}
