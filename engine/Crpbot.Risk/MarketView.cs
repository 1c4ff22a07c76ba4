using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>What the risk check needs to know about one Instrument's market, at a message end.</summary>
public struct MarketView
{
    public Price BestBid;
    public Price BestAsk;

    /// <summary>ReceiveTime of the last sign of life of the book's channel: an event of it, or the venue's heartbeat.</summary>
    public UnixNanos LastAlive;

    /// <summary>The book follows a snapshot without a gap and has both sides.</summary>
    public bool IsReadable;

    /// <summary>The venue sends heartbeats, so silence is told sooner.</summary>
    public bool HasHeartbeats;

    /// <summary>The stream is still warm-up history.</summary>
    public bool IsHistory;
}
