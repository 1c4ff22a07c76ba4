using System.Runtime.Intrinsics;

namespace Crpbot.MarketData;

/// <summary>Which of two prices is the better one, decided at compile time.</summary>
internal interface ISideOrder
{
    /// <summary>A price no better than any other: fills the slack before the worst level.</summary>
    static abstract long Worst { get; }

    /// <summary>A price no worse than any other: fills the slack after the best level.</summary>
    static abstract long Best { get; }

    static abstract bool IsBetter(long a, long b);

    /// <summary>Bit i is set where lane i is better than <paramref name="ticks"/>.</summary>
    static abstract uint BetterMask(Vector512<long> levels, Vector512<long> ticks);

    /// <inheritdoc cref="BetterMask(Vector512{long}, Vector512{long})"/>
    static abstract uint BetterMask(Vector256<long> levels, Vector256<long> ticks);
}

/// <summary>Higher is better.</summary>
internal readonly struct BidOrder : ISideOrder
{
    public static long Worst => long.MinValue;

    public static long Best => long.MaxValue;

    public static bool IsBetter(long a, long b) => a > b;

    public static uint BetterMask(Vector512<long> levels, Vector512<long> ticks) => (uint)Vector512.GreaterThan(levels, ticks).ExtractMostSignificantBits();

    public static uint BetterMask(Vector256<long> levels, Vector256<long> ticks) => Vector256.GreaterThan(levels, ticks).ExtractMostSignificantBits();
}

/// <summary>Lower is better.</summary>
internal readonly struct AskOrder : ISideOrder
{
    public static long Worst => long.MaxValue;

    public static long Best => long.MinValue;

    public static bool IsBetter(long a, long b) => a < b;

    public static uint BetterMask(Vector512<long> levels, Vector512<long> ticks) => (uint)Vector512.LessThan(levels, ticks).ExtractMostSignificantBits();

    public static uint BetterMask(Vector256<long> levels, Vector256<long> ticks) => Vector256.LessThan(levels, ticks).ExtractMostSignificantBits();
}
