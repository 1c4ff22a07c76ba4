using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>What decided an order's quantity.</summary>
public enum SizedBy : byte
{
    None = 0,

    /// <summary>The request named it.</summary>
    Request = 1,

    /// <summary>The permitted risk divided by the distance to the stop.</summary>
    Risk = 2,

    /// <summary>The venue's largest trade, which is less than the permitted risk would buy.</summary>
    ContractLots = 3,
}

/// <summary>The ruling on one <see cref="OrderRequest"/>, with the numbers it was made from.</summary>
public struct RiskVerdict
{
    /// <summary>Loss if the entry fills at the touch and the stop at its price.</summary>
    public Notional OwnRisk;

    /// <summary>Commission of both sides, the exit priced at the stop or the entry, whichever costs more.</summary>
    public Notional OwnCosts;

    /// <summary>Equity − today's floor − Σ open risk − Σ exit costs, before this order.</summary>
    public Notional DailyHeadroom;

    public Notional TotalHeadroom;
    public Notional NextResetHeadroom;
    public Quantity Quantity;

    /// <summary>The touch the order would cross.</summary>
    public Price Entry;
    public RefusalReason Reason;
    public SizedBy SizedBy;

    public readonly bool IsApproved => Reason == RefusalReason.None;
}

/// <summary>What one open position, or one order on its way, can still cost.</summary>
public struct Exposure
{
    /// <summary>From the price one could close at down to the stop; never below zero.</summary>
    public Notional OpenRisk;

    /// <summary>Commission still to pay: of the exit, and of the entry while it is on its way.</summary>
    public Notional ExitCosts;

    /// <summary>Gross value, never netted against another Instrument's.</summary>
    public Notional Value;
}
