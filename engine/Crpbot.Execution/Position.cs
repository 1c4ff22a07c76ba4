using Crpbot.Messages;
using Crpbot.Risk;

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

    /// <summary>What an open position can still cost: from its mark down to its stop, and the commission of the way out.</summary>
    /// <param name="stop">The attached stop.</param>
    /// <param name="terms">Of the position's Instrument.</param>
    /// <param name="commissionBillionths">One side's commission in parts per billion of its value.</param>
    public readonly Exposure ExposureTo(Price stop, InstrumentTerms terms, long commissionBillionths)
    {
        ArgumentNullException.ThrowIfNull(terms);
        long away = Lots > 0 ? Mark.Ticks - stop.Ticks : stop.Ticks - Mark.Ticks;
        var lots = new Quantity(Math.Abs(Lots));
        Notional worst = terms.Value(new Price(Math.Max(Mark.Ticks, stop.Ticks)), lots);
        return new Exposure
        {
            OpenRisk = terms.Value(new Price(Math.Max(away, 0)), lots),
            ExitCosts = worst.TimesBillionthsUp(commissionBillionths),
            Value = terms.Value(Mark, lots),
        };
    }
}
