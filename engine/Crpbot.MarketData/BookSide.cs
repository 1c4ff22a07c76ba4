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

/// <summary>One side of an <see cref="L2Book"/>: two parallel arrays, worst level first, best level last, slack at both ends.</summary>
/// <remarks>
/// <code>
///  ticks   [ worst worst … worst | 59990 59995 60000 60001 | best best … best ]
///           0         Near or more ↑ start        ↑ finger  ↑ end      Near or more
/// </code>
/// A venue sends the levels of a message in order of price, so the next change is usually close to the last one: the finger. In six
/// minutes of Binance futures 68 % of changes lie within 16 levels of the one before, and only 10 % within 16 of the best. One window
/// of 16 levels around the finger, two vector compares, finds most; then the best levels, then growing steps and bisection.
/// The slack holds the worst and the best possible price, so that no window needs a case for a short book. Changes move the shorter
/// part, so a snapshot loads from either end. A mutable struct: lives in a field of the book, is never copied.
/// </remarks>
internal struct BookSide
{
    /// <summary>Levels in a window, and the least slack at both ends.</summary>
    public const int Near = 16;

    private long[] _ticks;
    private long[] _lots;
    private int _start;
    private int _end;

    /// <summary>Array index of the last change, from start to end.</summary>
    private int _finger;

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
        (_ticks, _lots) = (new long[capacity], new long[capacity]);
        _start = _end = _finger = capacity / 2;
        FillSlack<TOrder>();
    }

    public void Clear<TOrder>()
        where TOrder : struct, ISideOrder
    {
        _ticks.AsSpan(_start, _end - _start).Fill(TOrder.Worst);
        _start = _finger = _end;
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
        Debug.Assert(_start >= Near && _end <= _ticks.Length - Near && _finger >= _start && _finger <= _end);
        int better = CountBetter<TOrder>(_finger - Near / 2, ticks);
        int at = _finger + Near / 2 - 1 - better;
        if (better is 0 or Near)
            at = FindFar<TOrder>(better, ticks);
        // A price equal to the slack's stops short of it.
        at = Math.Min(at, _end - 1);
        _finger = Math.Max(at, _start);
        better = _end - 1 - at;
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

    /// <summary>How many of the <see cref="Near"/> levels from array index <paramref name="from"/> are better than the price.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int CountBetter<TOrder>(int from, long ticks)
        where TOrder : struct, ISideOrder
    {
        // The slack keeps these loads inside the array.
        ref long near = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_ticks), from);
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

    /// <summary>Array index of the best level that is not better than the price, outside the finger's window; start − 1 or less when there is none.</summary>
    /// <param name="betterAtFinger">0 when it lies towards the best, <see cref="Near"/> when towards the worst.</param>
    /// <param name="ticks">The price.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly int FindFar<TOrder>(int betterAtFinger, long ticks)
        where TOrder : struct, ISideOrder
    {
        // Everything at or after high is better, everything before low is not.
        int low, high, step = Near;
        if (betterAtFinger == 0)
        {
            int better = CountBetter<TOrder>(_end - Near, ticks);
            if (better < Near)
                return _end - 1 - better;
            low = _finger + Near / 2;
            high = Math.Min(low + step, _end - Near);
            while (high < _end - Near && !TOrder.IsBetter(_ticks[high], ticks))
            {
                step *= 4;
                low = high + 1;
                high = Math.Min(low + step, _end - Near);
            }
        }
        else
        {
            high = _finger - Near / 2;
            low = Math.Max(high - step, _start);
            while (low > _start && TOrder.IsBetter(_ticks[low - 1], ticks))
            {
                step *= 4;
                high = low - 1;
                low = Math.Max(high - step, _start);
            }
        }

        // Without branches that nobody could predict; what is left is one window.
        int length = high - low;
        ref long first = ref MemoryMarshal.GetArrayDataReference(_ticks);
        while (length > Near)
        {
            int half = length >> 1;
            bool isBetter = TOrder.IsBetter(Unsafe.Add(ref first, low + half - 1), ticks);
            low += half & (Unsafe.BitCast<bool, byte>(isBetter) - 1);
            length -= half;
        }

        // The window ends where the bracket does; the slack before start makes it whole.
        return low + length - 1 - CountBetter<TOrder>(low + length - Near, ticks);
    }

    /// <summary>Opens a place before array index <paramref name="at"/>, moving the shorter part.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Insert<TOrder>(int at, long ticks, long lots)
        where TOrder : struct, ISideOrder
    {
        int before = at - _start;
        int after = _end - at;
        bool towardsEnd = after <= before;
        if (towardsEnd ? _end == _ticks.Length - Near : _start == Near)
        {
            MakeRoom<TOrder>();
            at = _start + before;
        }

        if (towardsEnd)
        {
            _ticks.AsSpan(at, after).CopyTo(_ticks.AsSpan(at + 1));
            _lots.AsSpan(at, after).CopyTo(_lots.AsSpan(at + 1));
            _end++;
        }
        else
        {
            _ticks.AsSpan(_start, before).CopyTo(_ticks.AsSpan(_start - 1));
            _lots.AsSpan(_start, before).CopyTo(_lots.AsSpan(_start - 1));
            _start--;
            at--;
        }

        _ticks[at] = ticks;
        _lots[at] = lots;
        _finger = at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Remove<TOrder>(int at)
        where TOrder : struct, ISideOrder
    {
        int before = at - _start;
        int after = _end - 1 - at;
        if (after <= before)
        {
            _ticks.AsSpan(at + 1, after).CopyTo(_ticks.AsSpan(at));
            _lots.AsSpan(at + 1, after).CopyTo(_lots.AsSpan(at));
            _end--;
            _ticks[_end] = TOrder.Best;
        }
        else
        {
            _ticks.AsSpan(_start, before).CopyTo(_ticks.AsSpan(_start + 1));
            _lots.AsSpan(_start, before).CopyTo(_lots.AsSpan(_start + 1));
            _ticks[_start] = TOrder.Worst;
            _start++;
            _finger = Math.Max(_finger, _start);
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
        _ticks.AsSpan(_start, count).CopyTo(ticks.AsSpan(start));
        _lots.AsSpan(_start, count).CopyTo(lots.AsSpan(start));
        (_ticks, _lots, _start, _end) = (ticks, lots, start, start + count);
        FillSlack<TOrder>();
    }

    private readonly void FillSlack<TOrder>()
        where TOrder : struct, ISideOrder
    {
        _ticks.AsSpan(0, _start).Fill(TOrder.Worst);
        _ticks.AsSpan(_end).Fill(TOrder.Best);
    }
}
