using Crpbot.Messages;

namespace Crpbot.Execution;

/// <summary>What is held of one Instrument, and what it has cost so far.</summary>
public struct Position
{
    /// <summary>What the lots held were bought for, or sold for when short; at average cost.</summary>
    public Notional Cost;

    /// <summary>Of this position since it was opened, closed parts only, before commissions.</summary>
    public Notional Realized;

    /// <summary>Commissions of this position since it was opened.</summary>
    public Notional Commission;

    /// <summary>What closing at the mark would add to Realized.</summary>
    public Notional Unrealized;

    /// <summary>Signed lots × mark.</summary>
    public Notional MarketValue;
    public UnixNanos OpenedTime;

    /// <summary>Positive when long.</summary>
    public long Lots;

    /// <summary>Best price on the side that closing would cross, when it was last readable.</summary>
    public Price Mark;

    public readonly bool IsFlat => Lots == 0;
}
