using System.Runtime.CompilerServices;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

/// <summary>Refusals by <see cref="RefusalReason"/>; blittable.</summary>
[InlineArray(RefusalReasons.Count)]
public struct RefusalCounts
{
    private long _first;

    public readonly long Total
    {
        get
        {
            long total = 0;
            foreach (long count in this)
                total += count;
            return total;
        }
    }
}

/// <summary>The account, its orders and its refusals at one moment, whole; for displays and reports.</summary>
public struct AccountSnapshot
{
    public RiskSnapshot Risk;
    public Notional Cash;

    /// <summary>Before commissions.</summary>
    public Notional Realized;
    public Notional Unrealized;
    public Notional Commissions;

    /// <summary>Opening and closing orders that left.</summary>
    public long Orders;
    public long Fills;
    public long PositionsClosed;

    /// <summary>Closed positions that earned more than their commissions.</summary>
    public long PositionsWon;
    public int WorkingOrders;
    public RefusalCounts Refusals;
}
