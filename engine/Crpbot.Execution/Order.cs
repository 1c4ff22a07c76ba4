using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

/// <summary>An instruction that the risk check approved, or an attached stop or target that the market triggered.</summary>
public struct Order
{
    /// <summary>1 upwards, in order of sending.</summary>
    public long Id;
    public UnixNanos SentTime;

    /// <summary>Sent + latency: it matches at the first market event that is not earlier.</summary>
    public UnixNanos ActiveTime;

    /// <summary>When a cancellation reaches the venue; <see cref="NeverCancelled"/> when none was sent.</summary>
    public UnixNanos CancelTime;

    /// <summary>Of a target: the worst price it takes. Zero: any price.</summary>
    public Price Limit;

    /// <summary>Attached to the position that an opening order makes.</summary>
    public Price Stop;
    public Price Target;
    public Quantity Quantity;
    public Quantity Filled;
    public InstrumentId Instrument;
    public Side Side;
    public OrderPurpose Purpose;
    public OrderState State;
    public SignalTier Tier;

    public static readonly UnixNanos NeverCancelled = new(long.MaxValue);

    /// <summary>An opening order takes what is there and ends; every other order only reduces a position, and waits until it has.</summary>
    public readonly bool Opens => Purpose == OrderPurpose.Open;

    public readonly Quantity Remaining => Quantity - Filled;
}
