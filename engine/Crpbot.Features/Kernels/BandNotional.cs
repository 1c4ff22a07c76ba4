using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Features.Kernels;

/// <summary>Notional resting within a band of prices, on sides whose best level is last.</summary>
internal static class BandNotional
{
    /// <summary>Returns Σ ticks·lots over the bids at or above a price; ticks ascend.</summary>
    public static double Bids(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, long lowest)
    {
        // The first level in the band, by bisection: everything from high on is inside.
        int low = 0, high = ticks.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ticks[middle] >= lowest)
                high = middle;
            else
                low = middle + 1;
        }

        return Of(ticks[high..], lots[high..]);
    }

    /// <summary>Returns Σ ticks·lots over the asks at or below a price; ticks descend.</summary>
    public static double Asks(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, long highest)
    {
        int low = 0, high = ticks.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ticks[middle] <= highest)
                high = middle;
            else
                low = middle + 1;
        }

        return Of(ticks[high..], lots[high..]);
    }

    /// <summary>Returns Σ ticks·lots in double, in one order on every machine.</summary>
    public static double Of(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots)
    {
        ref long prices = ref MemoryMarshal.GetReference(ticks);
        ref long quantities = ref MemoryMarshal.GetReference(lots);
        Vector256<double> even = Vector256<double>.Zero;
        Vector256<double> odd = Vector256<double>.Zero;
        int i = 0;
        for (; i <= ticks.Length - 8; i += 8)
        {
            even += Product(ref prices, ref quantities, i);
            odd += Product(ref prices, ref quantities, i + 4);
        }

        if (i <= ticks.Length - 4)
        {
            even += Product(ref prices, ref quantities, i);
            i += 4;
        }

        Vector256<double> both = even + odd;
        double sum = both[0] + both[1] + (both[2] + both[3]);
        for (; i < ticks.Length; i++)
            sum += (double)ticks[i] * lots[i];
        return sum;
    }

    private static Vector256<double> Product(ref long prices, ref long quantities, int at) =>
        Vector256.ConvertToDouble(Vector256.LoadUnsafe(ref prices, (nuint)at)) *
        Vector256.ConvertToDouble(Vector256.LoadUnsafe(ref quantities, (nuint)at));
}
