using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Features.Kernels;

/// <summary>Sums of short windows.</summary>
/// <remarks>
/// Eight running sums, always: the order of additions, and so the last bit, does not depend on the width of the machine's vectors.
/// </remarks>
internal static class WindowSum
{
    /// <summary>Returns Σ values; 0 for an empty span.</summary>
    public static double Of(ReadOnlySpan<double> values)
    {
        ref double first = ref MemoryMarshal.GetReference(values);
        Vector256<double> low = Vector256<double>.Zero;
        Vector256<double> high = Vector256<double>.Zero;
        int i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            low += Vector256.LoadUnsafe(ref first, (nuint)i);
            high += Vector256.LoadUnsafe(ref first, (nuint)i + 4);
        }

        if (i <= values.Length - 4)
        {
            low += Vector256.LoadUnsafe(ref first, (nuint)i);
            i += 4;
        }

        Vector256<double> both = low + high;
        double sum = both[0] + both[1] + (both[2] + both[3]);
        for (; i < values.Length; i++)
            sum += values[i];
        return sum;
    }
}
