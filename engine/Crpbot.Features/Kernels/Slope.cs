namespace Crpbot.Features.Kernels;

/// <summary>Least-squares slope of 20 values on 0…19.</summary>
internal static class Slope
{
    /// <summary>The only length there is: the volume window.</summary>
    public const int Length = 20;

    /// <summary>Σ (i − 9.5)².</summary>
    private const double SumOfSquares = 665;

    private static readonly double[] Weights = [.. Enumerable.Range(0, Length).Select(i => i - 9.5)];

    /// <summary>Returns the slope per step of exactly <see cref="Length"/> values, oldest first.</summary>
    public static double Of(ReadOnlySpan<double> values) => DotProduct.Of(values, Weights) / SumOfSquares;
}
