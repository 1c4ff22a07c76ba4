using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Features.Kernels;

/// <summary>Mean and population deviation in two passes, relative to the oldest value.</summary>
internal static class Deviation
{
    /// <summary>Computes the mean of values − values[0] and the population deviation; equal values give exactly 0 and 0.</summary>
    /// <param name="values">At least one value, oldest first.</param>
    /// <param name="deviation">sqrt(Σ (x − mean)² / N).</param>
    /// <returns>Mean − values[0]; add values[0] for the mean.</returns>
    public static double ShiftedMean(ReadOnlySpan<double> values, out double deviation)
    {
        double shift = values[0];
        double mean = Sum(values, shift, 0, squares: false) / values.Length;
        deviation = Math.Sqrt(Sum(values, shift, mean, squares: true) / values.Length);
        return mean;
    }

    /// <summary>Σ (x − shift − mean), or of its squares.</summary>
    private static double Sum(ReadOnlySpan<double> values, double shift, double mean, bool squares)
    {
        ref double first = ref MemoryMarshal.GetReference(values);
        Vector256<double> shifts = Vector256.Create(shift);
        Vector256<double> means = Vector256.Create(mean);
        Vector256<double> total = Vector256<double>.Zero;
        int i = 0;
        for (; i <= values.Length - 4; i += 4)
        {
            Vector256<double> a = Vector256.LoadUnsafe(ref first, (nuint)i) - shifts - means;
            total += squares ? a * a : a;
        }

        double sum = total[0] + total[1] + (total[2] + total[3]);
        for (; i < values.Length; i++)
        {
            double a = values[i] - shift - mean;
            sum += squares ? a * a : a;
        }

        return sum;
    }
}
