using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.Features.Kernels;

/// <summary>Natural logarithms of many values at once.</summary>
internal static class NaturalLog
{
    /// <summary>Values taken together; a block is padded with ones.</summary>
    public const int Lanes = 8;

    /// <summary>Replaces each value by its natural logarithm; exactly 0 for 1.</summary>
    /// <param name="values">Positive and finite; the length is a multiple of <see cref="Lanes"/>.</param>
    public static void InPlace(Span<double> values)
    {
        Debug.Assert(values.Length % Lanes == 0);
        ref double first = ref MemoryMarshal.GetReference(values);
        for (int i = 0; i < values.Length; i += Lanes)
            Vector512.Log(Vector512.LoadUnsafe(ref first, (nuint)i)).StoreUnsafe(ref first, (nuint)i);
    }
}
