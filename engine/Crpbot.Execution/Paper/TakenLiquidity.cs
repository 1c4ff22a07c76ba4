using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Execution.Paper;

/// <summary>What our fills have taken from displayed levels: it is not there again until the level's quantity changes.</summary>
/// <remarks>A recorded market does not know our fills, so it goes on displaying what we took. Usually empty; one short scan when not.</remarks>
internal sealed class TakenLiquidity
{
    private Entry[] _entries = new Entry[64];
    private int _count;

    public bool IsEmpty => _count == 0;

    /// <summary>A level was set to a quantity: one it did not have before displays something new.</summary>
    public void OnLevel(Side side, Price price, Quantity quantity)
    {
        int i = Find(side, price);
        if (i >= 0 && _entries[i].Displayed != quantity.Lots)
            Remove(i);
    }

    /// <summary>The book was replaced whole: levels that show the same quantity as before are taken to be the same.</summary>
    public void OnSnapshot(L2Book book)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (DisplayedAt(book, _entries[i].Side, _entries[i].Price) != _entries[i].Displayed)
                Remove(i);
        }
    }

    /// <summary>Lots of a level that are still to be had.</summary>
    public long Available(Side side, in Level level)
    {
        int i = _count == 0 ? -1 : Find(side, level.Price);
        return i < 0 ? level.Quantity.Lots : level.Quantity.Lots - _entries[i].Taken;
    }

    public void Take(Side side, in Level level, long lots)
    {
        int i = Find(side, level.Price);
        if (i < 0)
        {
            if (_count == _entries.Length)
                Array.Resize(ref _entries, _count * 2);
            i = _count++;
            _entries[i] = new Entry { Price = level.Price, Displayed = level.Quantity.Lots, Side = side };
        }

        _entries[i].Taken += lots;
    }

    public void Clear() => _count = 0;

    private int Find(Side side, Price price)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_entries[i].Price == price && _entries[i].Side == side)
                return i;
        }

        return -1;
    }

    private void Remove(int i) => _entries[i] = _entries[--_count];

    private static long DisplayedAt(L2Book book, Side side, Price price)
    {
        ReadOnlySpan<long> ticks = side == Side.Buy ? book.BidTicks : book.AskTicks;
        int i = ticks.IndexOf(price.Ticks);
        return i < 0 ? 0 : (side == Side.Buy ? book.BidLots : book.AskLots)[i];
    }

    private struct Entry
    {
        public Price Price;
        public long Displayed;
        public long Taken;
        public Side Side;
    }
}
