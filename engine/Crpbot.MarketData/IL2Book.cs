using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>What <see cref="L2Book"/> and its judge have in common. Only tests and benchmarks see both; nothing hot calls through it.</summary>
internal interface IL2Book
{
    int BidCount { get; }

    int AskCount { get; }

    bool IsTwoSided { get; }

    bool IsCrossed { get; }

    Level BestBid { get; }

    Level BestAsk { get; }

    Level Bid(int index);

    Level Ask(int index);

    int Set(Side side, Price price, Quantity quantity);

    bool Change(Side side, Price price, Quantity quantity);

    void Clear();
}
