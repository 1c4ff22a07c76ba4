using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Venues;

/// <summary>A book kept the plain way, to see whether the events make sense together.</summary>
public sealed class PlainBook
{
    private readonly SortedDictionary<long, long> _bids = new(Comparer<long>.Create((x, y) => y.CompareTo(x)));
    private readonly SortedDictionary<long, long> _asks = [];

    /// <summary>A snapshot arrived and nothing went missing since.</summary>
    public bool IsValid { get; private set; }

    public (long Ticks, long Lots) BestBid => First(_bids);

    public (long Ticks, long Lots) BestAsk => First(_asks);

    public bool IsCrossed => _bids.Count > 0 && _asks.Count > 0 && BestBid.Ticks >= BestAsk.Ticks;

    public void Apply(in MarketEvent e)
    {
        switch (e.Kind)
        {
            case MarketEventKind.BookClear:
                _bids.Clear();
                _asks.Clear();
                IsValid = true;
                break;
            case MarketEventKind.BookDelta:
                SortedDictionary<long, long> side = e.Side == Side.Buy ? _bids : _asks;
                if (e.Quantity.Lots == 0)
                    side.Remove(e.Price.Ticks);
                else
                    side[e.Price.Ticks] = e.Quantity.Lots;
                break;
            case MarketEventKind.Disconnect:
            case MarketEventKind.Gap when e.Channel is Channel.Book or Channel.All:
                IsValid = false;
                break;
        }
    }

    private static (long Ticks, long Lots) First(SortedDictionary<long, long> side)
    {
        foreach ((long ticks, long lots) in side)
            return (ticks, lots);
        return default;
    }
}
