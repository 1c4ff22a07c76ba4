using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Crpbot.MarketData;

/// <summary>Which of two prices is the better one, decided at compile time.</summary>
internal interface ISideOrder
{
    /// <summary>A price no better than any other: fills the slack before the worst level.</summary>
    static abstract long Worst { get; }

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

    public static bool IsBetter(long a, long b) => a > b;

    public static uint BetterMask(Vector512<long> levels, Vector512<long> ticks) => (uint)Vector512.GreaterThan(levels, ticks).ExtractMostSignificantBits();

    public static uint BetterMask(Vector256<long> levels, Vector256<long> ticks) => Vector256.GreaterThan(levels, ticks).ExtractMostSignificantBits();
}

/// <summary>Lower is better.</summary>
internal readonly struct AskOrder : ISideOrder
{
    public static long Worst => long.MaxValue;

    public static bool IsBetter(long a, long b) => a < b;

    public static uint BetterMask(Vector512<long> levels, Vector512<long> ticks) => (uint)Vector512.LessThan(levels, ticks).ExtractMostSignificantBits();

    public static uint BetterMask(Vector256<long> levels, Vector256<long> ticks) => Vector256.LessThan(levels, ticks).ExtractMostSignificantBits();
}

/// <summary>One side of an <see cref="L2Book"/>: two parallel arrays, worst level first, best level last, slack at both ends.</summary>
/// <remarks>
/// <code>
///  ticks   [ worst worst … worst | 59990 59995 60000 60001 | free free … ]
///           0                     start               best   end
/// </code>
/// Changes near the best move few entries towards the end; a snapshot that comes best level first grows into the slack before
/// start. That slack is never less than <see cref="Near"/> entries and holds the worst possible price, so the vector search of the
/// best levels needs no case for a short book. A mutable struct: lives in a field of the book, is never copied.
/// </remarks>
internal struct BookSide
{
    /// <summary>Levels searched by two or four vector compares before the binary search; more than 90 % of real changes fall here.</summary>
    public const int Near = 16;

    private long[] _ticks;
    private long[] _lots;
    private int _start;
    private int _end;

    public readonly int Capacity => _ticks.Length;

    public readonly int Count => _end - _start;

    public readonly ReadOnlySpan<long> Ticks => _ticks.AsSpan(_start, _end - _start);

    public readonly ReadOnlySpan<long> Lots => _lots.AsSpan(_start, _end - _start);

    public readonly long BestTicks => _ticks[_end - 1];

    public readonly long BestLots => _lots[_end - 1];

    /// <param name="capacity">A power of two, at least 4 × <see cref="Near"/>.</param>
    public void Allocate<TOrder>(int capacity)
        where TOrder : struct, ISideOrder
    {
        Debug.Assert(BitOperations.IsPow2(capacity) && capacity >= 4 * Near);
        _ticks = new long[capacity];
        _lots = new long[capacity];
        _start = _end = capacity / 2;
        _ticks.AsSpan(0, _start).Fill(TOrder.Worst);
    }

    public void Clear<TOrder>()
        where TOrder : struct, ISideOrder
    {
        _start = _end = _ticks.Length / 2;
        _ticks.AsSpan(0, _start).Fill(TOrder.Worst);
    }

    public readonly Level At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)(_end - _start), nameof(index));
        int at = _end - 1 - index;
        return new Level(new(_ticks[at]), new(_lots[at]));
    }

    /// <summary>Sets the level's quantity, adding or removing it; the number of better levels, or −1 where there was nothing to remove.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Set<TOrder>(long ticks, long lots)
        where TOrder : struct, ISideOrder
    {
        int better = CountBetterNear<TOrder>(ticks);
        if (better == Near)
            better = CountBetterFar<TOrder>(ticks);
        int at = _end - 1 - better;
        if (at >= _start && _ticks[at] == ticks)
        {
            if (lots > 0)
                _lots[at] = lots;
            else
                Remove<TOrder>(at);
            return better;
        }

        if (lots == 0)
            return -1;
        Insert<TOrder>(at + 1, ticks, lots);
        return better;
    }

    /// <summary>How many of the best <see cref="Near"/> levels are better than the price.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int CountBetterNear<TOrder>(long ticks)
        where TOrder : struct, ISideOrder
    {
        // The slack before start makes these loads stay inside the array, and start ≥ Near is kept by every change.
        ref long near = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_ticks), _end - Near);
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<long> wanted = Vector512.Create(ticks);
            return BitOperations.PopCount(
                TOrder.BetterMask(Vector512.LoadUnsafe(ref near), wanted) | TOrder.BetterMask(Vector512.LoadUnsafe(ref near, 8), wanted) << 8);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<long> wanted = Vector256.Create(ticks);
            return BitOperations.PopCount(
                TOrder.BetterMask(Vector256.LoadUnsafe(ref near), wanted) | TOrder.BetterMask(Vector256.LoadUnsafe(ref near, 4), wanted) << 4 |
                TOrder.BetterMask(Vector256.LoadUnsafe(ref near, 8), wanted) << 8 | TOrder.BetterMask(Vector256.LoadUnsafe(ref near, 12), wanted) << 12);
        }

        int better = 0;
        while (better < Near && TOrder.IsBetter(Unsafe.Add(ref near, Near - 1 - better), ticks))
            better++;
        return better;
    }

    /// <summary>The same over all levels, by bisection, given that at least <see cref="Near"/> are better.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly int CountBetterFar<TOrder>(long ticks)
        where TOrder : struct, ISideOrder
    {
        // Invariant: everything at or after high is better, everything before low is not.
        int low = _start;
        int high = _end - Near;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (TOrder.IsBetter(_ticks[middle], ticks))
                high = middle;
            else
                low = middle + 1;
        }

        return _end - high;
    }

    /// <summary>Opens a place before array index <paramref name="at"/>, moving the shorter part.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Insert<TOrder>(int at, long ticks, long lots)
        where TOrder : struct, ISideOrder
    {
        int before = at - _start;
        int after = _end - at;
        bool towardsEnd = after <= before;
        if (towardsEnd ? _end == _ticks.Length : _start == Near)
        {
            MakeRoom<TOrder>();
            at = _start + before;
        }

        if (towardsEnd)
        {
            Array.Copy(_ticks, at, _ticks, at + 1, after);
            Array.Copy(_lots, at, _lots, at + 1, after);
            _end++;
        }
        else
        {
            Array.Copy(_ticks, _start, _ticks, _start - 1, before);
            Array.Copy(_lots, _start, _lots, _start - 1, before);
            _start--;
            at--;
        }

        _ticks[at] = ticks;
        _lots[at] = lots;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Remove<TOrder>(int at)
        where TOrder : struct, ISideOrder
    {
        int before = at - _start;
        int after = _end - 1 - at;
        if (after <= before)
        {
            Array.Copy(_ticks, at + 1, _ticks, at, after);
            Array.Copy(_lots, at + 1, _lots, at, after);
            _end--;
        }
        else
        {
            Array.Copy(_ticks, _start, _ticks, _start + 1, before);
            Array.Copy(_lots, _start, _lots, _start + 1, before);
            _ticks[_start] = TOrder.Worst;
            _start++;
        }
    }

    /// <summary>Centres the levels again, in arrays of twice the length when they fill more than half.</summary>
    private void MakeRoom<TOrder>()
        where TOrder : struct, ISideOrder
    {
        int count = Count;
        int length = _ticks.Length >= 2 * (count + 2 * Near) ? _ticks.Length : _ticks.Length * 2;
        int start = (length - count) / 2;
        long[] ticks = length == _ticks.Length ? _ticks : new long[length];
        long[] lots = length == _lots.Length ? _lots : new long[length];
        Array.Copy(_ticks, _start, ticks, start, count);
        Array.Copy(_lots, _start, lots, start, count);
        ticks.AsSpan(0, start).Fill(TOrder.Worst);
        (_ticks, _lots, _start, _end) = (ticks, lots, start, start + count);
    }
}
