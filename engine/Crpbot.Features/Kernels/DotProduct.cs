using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Features.Kernels;

/// <summary>Σ a·b, without fused multiply-add, so that every machine rounds alike.</summary>
internal static class DotProduct
{
    /// <summary>Returns Σ left[i]·right[i]; 0 for empty spans, which must be of equal length.</summary>
    public static double Of(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Debug.Assert(left.Length == right.Length);
        ref double a = ref MemoryMarshal.GetReference(left);
        ref double b = ref MemoryMarshal.GetReference(right);
        Vector256<double> low = Vector256<double>.Zero;
        Vector256<double> high = Vector256<double>.Zero;
        int i = 0;
        for (; i <= left.Length - 8; i += 8)
        {
            low += Vector256.LoadUnsafe(ref a, (nuint)i) * Vector256.LoadUnsafe(ref b, (nuint)i);
            high += Vector256.LoadUnsafe(ref a, (nuint)i + 4) * Vector256.LoadUnsafe(ref b, (nuint)i + 4);
        }

        if (i <= left.Length - 4)
        {
            low += Vector256.LoadUnsafe(ref a, (nuint)i) * Vector256.LoadUnsafe(ref b, (nuint)i);
            i += 4;
        }

        Vector256<double> both = low + high;
        double sum = both[0] + both[1] + (both[2] + both[3]);
        for (; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}
