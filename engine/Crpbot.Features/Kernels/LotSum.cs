using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Features.Kernels;

/// <summary>Exact sums of quantities.</summary>
internal static class LotSum
{
    /// <summary>Returns Σ lots; the caller keeps it below 2^63.</summary>
    public static long Of(ReadOnlySpan<long> lots)
    {
        ref long first = ref MemoryMarshal.GetReference(lots);
        Vector256<long> sums = Vector256<long>.Zero;
        int i = 0;
        for (; i <= lots.Length - 4; i += 4)
            sums += Vector256.LoadUnsafe(ref first, (nuint)i);
        long sum = sums[0] + sums[1] + sums[2] + sums[3];
        for (; i < lots.Length; i++)
            sum += lots[i];
        return sum;
    }
}
