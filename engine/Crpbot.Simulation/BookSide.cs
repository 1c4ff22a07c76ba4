using System.Diagnostics;
using System.Runtime.CompilerServices;
using Crpbot.Codecs;
using Crpbot.Messages;
using Crpbot.Simulation.Numerics;

namespace Crpbot.Simulation;

/// <summary>One side of a simulated book: a best level at any price, and a fixed number of levels behind it on a price grid.</summary>
/// <remarks>
/// <code>
///  touch     grid g    g+1     g+2            g+31
///    │         │        │       │      …        │        prices grow away from the touch:
///    ▼         ▼        ▼       ▼               ▼        the bid side counts in negated ticks
/// </code>
/// Every change is written to the message as the level's new absolute quantity. The grid stays where it is while the touch moves
/// through it, as resting orders do.
/// </remarks>
internal sealed class BookSide(Side side)
{
    /// <summary>Levels behind the touch.</summary>
    public const int GridLevels = 32;

    /// <summary>A market order takes at most this many levels.</summary>
    public const int DeepestTrade = 4;

    private const int Ring = 256;
    private readonly long[] _grid = new long[Ring];
    private readonly long _sign = side == Side.Sell ? 1 : -1;
    private long _step = 1;
    private long _touch;
    private long _touchLots;
    private long _first;

    /// <summary>Lots the touch is refilled to, before jitter.</summary>
    public double TouchTarget { get; set; }

    /// <summary>Lots a grid level is refilled to, before jitter.</summary>
    public double GridTarget { get; set; }

    /// <summary>Lots at the touch; 0 after a trade took it all and before the next quote.</summary>
    public long TouchLots => _touchLots;

    /// <summary>The touch's price in ticks, whether or not it was taken.</summary>
    public long TouchTicks => _sign * _touch;

    /// <summary>Best price and quantity in force.</summary>
    public (long Ticks, long Lots) Best
    {
        get
        {
            if (_touchLots > 0)
                return (_sign * _touch, _touchLots);
            long index = _first;
            while (At(index) == 0)
                index++;
            return (_sign * index * _step, At(index));
        }
    }

    /// <summary>Builds the side anew on a grid of <paramref name="step"/> ticks. Writes nothing.</summary>
    public void Reset(long touchTicks, long step, ref Xoshiro256 random)
    {
        _step = step;
        _touch = _sign * touchTicks;
        _touchLots = Draw(ref random, TouchTarget);
        _first = FirstBehind(_touch);
        Array.Clear(_grid);
        for (long index = _first; index < _first + GridLevels; index++)
            At(index) = Draw(ref random, GridTarget);
    }

    /// <summary>Moves the touch, refills it, and tidies the grid around it.</summary>
    public void Quote(long touchTicks, ref Xoshiro256 random, MarketEventBuffer message)
    {
        long touch = _sign * touchTicks;
        long first = FirstBehind(touch);
        Debug.Assert(Math.Abs(first - _first) < Ring - GridLevels - 1, "a quote jumped further than the ring reaches");
        if (touch > _touch)
        {
            if (_touchLots > 0)
                Write(message, _touch, 0);
            for (long index = _first; index < first; index++)
            {
                if (At(index) > 0 && index * _step != touch)
                    Write(message, index * _step, 0);
                At(index) = 0;
            }

            for (long index = Math.Max(first, _first + GridLevels); index < first + GridLevels; index++)
                Refill(index, ref random, message);
        }
        else if (touch < _touch)
        {
            bool onGrid = _touch % _step == 0;
            if (_touchLots > 0 && !onGrid)
                Write(message, _touch, 0);
            for (long index = Math.Max(first + GridLevels, _first); index < _first + GridLevels; index++)
            {
                if (At(index) > 0)
                    Write(message, index * _step, 0);
                At(index) = 0;
            }

            // The old touch itself is among these when it stands on the grid, unless it fell off the far end.
            for (long index = first; index < Math.Min(_first, first + GridLevels); index++)
                Refill(index, ref random, message);
            if (_touchLots > 0 && onGrid && _touch / _step >= first + GridLevels)
                Write(message, _touch, 0);
        }

        (_touch, _first) = (touch, first);
        _touchLots = Draw(ref random, TouchTarget);
        Write(message, _touch, _touchLots);
        for (long index = _first; index < _first + 2 * DeepestTrade; index++)
        {
            if (At(index) == 0)
                Refill(index, ref random, message);
        }
    }

    /// <summary>Redraws the quantity of the level <paramref name="depth"/> places behind the touch.</summary>
    public void RefillAt(int depth, ref Xoshiro256 random, MarketEventBuffer message) => Refill(_first + depth, ref random, message);

    /// <summary>Takes up to <paramref name="lots"/> from the best level.</summary>
    /// <returns>Price in ticks and lots taken.</returns>
    public (long Ticks, long Lots) Take(long lots)
    {
        if (_touchLots > 0)
        {
            long fromTouch = Math.Min(lots, _touchLots);
            _touchLots -= fromTouch;
            return (_sign * _touch, fromTouch);
        }

        long index = _first;
        while (At(index) == 0)
            index++;
        long taken = Math.Min(lots, At(index));
        At(index) -= taken;
        return (_sign * index * _step, taken);
    }

    /// <summary>Lots now standing at a price of this side.</summary>
    public long LotsAt(long ticks)
    {
        long price = _sign * ticks;
        return price == _touch ? _touchLots : At(price / _step);
    }

    /// <summary>Appends every level, best first, as snapshot levels.</summary>
    public void WriteAll(MarketEventBuffer message)
    {
        if (_touchLots > 0)
            Write(message, _touch, _touchLots);
        for (long index = _first; index < _first + GridLevels; index++)
        {
            if (At(index) > 0)
                Write(message, index * _step, At(index));
        }
    }

    /// <summary>Appends one level's absolute quantity.</summary>
    public void WriteLevel(long ticks, MarketEventBuffer message) => Write(message, _sign * ticks, LotsAt(ticks));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref long At(long index) => ref _grid[index & (Ring - 1)];

    private void Refill(long index, ref Xoshiro256 random, MarketEventBuffer message)
    {
        long lots = Draw(ref random, GridTarget);
        At(index) = lots;
        Write(message, index * _step, lots);
    }

    /// <summary>The first grid index strictly behind a price.</summary>
    private long FirstBehind(long price)
    {
        long quotient = price / _step;
        return (price % _step < 0 ? quotient - 1 : quotient) + 1;
    }

    private void Write(MarketEventBuffer message, long price, long lots)
    {
        ref MarketEvent written = ref message.Add();
        written.Kind = MarketEventKind.BookDelta;
        written.Channel = Channel.Book;
        written.Flags = MarketEventFlags.NoSequence;
        written.Side = side;
        written.Price = new Price(_sign * price);
        written.Quantity = new Quantity(lots);
    }

    private static long Draw(ref Xoshiro256 random, double target) => 1 + (long)(target * (0.85 + 0.3 * random.NextDouble()));
}
