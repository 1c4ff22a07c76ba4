using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>The book written plainly on sorted dictionaries: the judge of <see cref="L2Book"/> and the baseline of its benchmark.</summary>
internal sealed class NaiveL2Book : IL2Book
{
    private readonly SortedDictionary<long, long> _bids = new(Comparer<long>.Create((a, b) => b.CompareTo(a)));
    private readonly SortedDictionary<long, long> _asks = [];

    public int BidCount => _bids.Count;

    public int AskCount => _asks.Count;

    public bool IsTwoSided => _bids.Count > 0 && _asks.Count > 0;

    public bool IsCrossed => IsTwoSided && BestBid.Price >= BestAsk.Price;

    public Level BestBid => _bids.Count == 0 ? default : Bid(0);

    public Level BestAsk => _asks.Count == 0 ? default : Ask(0);

    public Level Bid(int index) => At(_bids, index);

    public Level Ask(int index) => At(_asks, index);

    public int Set(Side side, Price price, Quantity quantity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantity.Lots);
        SortedDictionary<long, long> levels = side switch
        {
            Side.Buy => _bids,
            Side.Sell => _asks,
            _ => throw new ArgumentOutOfRangeException(nameof(side)),
        };
        int better = levels.Keys.TakeWhile(ticks => ticks != price.Ticks && levels.Comparer.Compare(ticks, price.Ticks) < 0).Count();
        if (quantity.Lots == 0)
            return levels.Remove(price.Ticks) ? better : -1;
        levels[price.Ticks] = quantity.Lots;
        return better;
    }

    public bool Change(Side side, Price price, Quantity quantity) => Set(side, price, quantity) >= 0;

    public void Clear()
    {
        _bids.Clear();
        _asks.Clear();
    }

    private static Level At(SortedDictionary<long, long> levels, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)levels.Count, nameof(index));
        KeyValuePair<long, long> level = levels.ElementAt(index);
        return new Level(new Price(level.Key), new Quantity(level.Value));
    }
}
