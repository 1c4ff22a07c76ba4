using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Simulation;

/// <summary>The plain book of one Instrument: sorted dictionaries, one level at a time.</summary>
internal sealed class ReplayedBook
{
    public SortedDictionary<long, long> Bids { get; } = new(Comparer<long>.Create((a, b) => b.CompareTo(a)));

    public SortedDictionary<long, long> Asks { get; } = [];

    public (long Ticks, long Lots) Bid => Bids.First() is var best ? (best.Key, best.Value) : default;

    public (long Ticks, long Lots) Ask => Asks.First() is var best ? (best.Key, best.Value) : default;

    public double Imbalance => (double)(Bid.Lots - Ask.Lots) / (Bid.Lots + Ask.Lots);

    public void Apply(in MarketEvent change)
    {
        if (change.Kind == MarketEventKind.BookClear)
        {
            Bids.Clear();
            Asks.Clear();
        }
        else if (change.Kind == MarketEventKind.BookDelta)
        {
            SortedDictionary<long, long> side = change.Side == Side.Buy ? Bids : Asks;
            if (change.Quantity.Lots == 0)
                side.Remove(change.Price.Ticks);
            else
                side[change.Price.Ticks] = change.Quantity.Lots;
        }
    }
}
