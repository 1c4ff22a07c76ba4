using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>All price levels of one Instrument, best levels hot: a change near the best costs two vector compares and a short move.</summary>
/// <remarks>
/// Owned by one stage. Allocates only while growing; capacity doubles and is kept across <see cref="Clear"/>. Says nothing about
/// whether it may be read: that is <see cref="BookBuilder"/>'s knowledge. <see cref="NaiveL2Book"/> is its judge.
/// </remarks>
public sealed class L2Book : IL2Book
{
    private BookSide _bids;
    private BookSide _asks;

    /// <param name="capacity">Levels a side to be ready for; grows by doubling.</param>
    public L2Book(int capacity = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        int length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 4 * BookSide.Near));
        _bids.Allocate<BidOrder>(length);
        _asks.Allocate<AskOrder>(length);
    }

    /// <summary>Levels the fuller side has room for.</summary>
    public int Capacity => Math.Max(_bids.Capacity, _asks.Capacity);

    public int BidCount => _bids.Count;

    public int AskCount => _asks.Count;

    public bool IsTwoSided => _bids.Count > 0 && _asks.Count > 0;

    /// <summary>Both sides have levels and the best bid is at or above the best ask.</summary>
    public bool IsCrossed => IsTwoSided && _bids.BestTicks >= _asks.BestTicks;

    /// <summary>The highest bid; zeros when there is none.</summary>
    public Level BestBid => _bids.Count == 0 ? default : new(new(_bids.BestTicks), new(_bids.BestLots));

    /// <summary>The lowest ask; zeros when there is none.</summary>
    public Level BestAsk => _asks.Count == 0 ? default : new(new(_asks.BestTicks), new(_asks.BestLots));

    /// <summary>Prices of all bids, ascending: the best is last. Valid until the next change.</summary>
    public ReadOnlySpan<long> BidTicks => Bids.Ticks;

    /// <summary>Quantities parallel to <see cref="BidTicks"/>.</summary>
    public ReadOnlySpan<long> BidLots => Bids.Lots;

    /// <summary>Prices of all asks, descending: the best is last. Valid until the next change.</summary>
    public ReadOnlySpan<long> AskTicks => Asks.Ticks;

    /// <summary>Quantities parallel to <see cref="AskTicks"/>.</summary>
    public ReadOnlySpan<long> AskLots => Asks.Lots;

    /// <summary>The bid <paramref name="index"/> levels below the best; 0 is the best.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many.</exception>
    public Level Bid(int index) => Bids.At(index);

    /// <summary>The ask <paramref name="index"/> levels above the best; 0 is the best.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many.</exception>
    public Level Ask(int index) => Asks.At(index);

    /// <summary>Makes a level's absolute quantity known; zero removes it.</summary>
    /// <returns>False when an unknown level was to be removed: nothing changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The quantity is negative, or the side neither Buy nor Sell.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Change(Side side, Price price, Quantity quantity)
    {
        if (quantity.Lots < 0)
            ThrowNegative(quantity);
        if (side == Side.Buy)
            return ChangeBid(price.Ticks, quantity.Lots, out _);
        if (side == Side.Sell)
            return ChangeAsk(price.Ticks, quantity.Lots, out _);
        ThrowSide(side);
        return false;
    }

    /// <summary>As <see cref="Change"/>, and says where. Costs more after removals, whose holes it closes first.</summary>
    /// <returns>The number of better levels on its side, which is the level's index; −1 when an unknown level was to be removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The quantity is negative, or the side neither Buy nor Sell.</exception>
    public int Set(Side side, Price price, Quantity quantity)
    {
        if (quantity.Lots < 0)
            ThrowNegative(quantity);
        if (side is not (Side.Buy or Side.Sell))
            ThrowSide(side);
        bool isChanged = side == Side.Buy
            ? Bids.Change<BidOrder>(price.Ticks, quantity.Lots, out int better)
            : Asks.Change<AskOrder>(price.Ticks, quantity.Lots, out better);
        return isChanged ? better : -1;
    }

    /// <summary>Removes every level and keeps the capacity.</summary>
    public void Clear()
    {
        _bids.Clear<BidOrder>();
        _asks.Clear<AskOrder>();
    }

    private ref BookSide Bids
    {
        get
        {
            _bids.CloseHoles<BidOrder>();
            return ref _bids;
        }
    }

    private ref BookSide Asks
    {
        get
        {
            _asks.CloseHoles<AskOrder>();
            return ref _asks;
        }
    }

    private bool ChangeBid(long ticks, long lots, out int better) => _bids.Change<BidOrder>(ticks, lots, out better);

    private bool ChangeAsk(long ticks, long lots, out int better) => _asks.Change<AskOrder>(ticks, lots, out better);

    private static void ThrowNegative(Quantity quantity) =>
        throw new ArgumentOutOfRangeException(nameof(quantity), quantity.Lots, "a level's quantity is absolute and not negative");

    private static void ThrowSide(Side side) =>
        throw new ArgumentOutOfRangeException(nameof(side), side, "a level is a bid (Buy) or an ask (Sell)");
}
