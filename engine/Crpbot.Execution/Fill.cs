using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

/// <summary>One execution at one price.</summary>
public struct Fill
{
    /// <summary>Price × Quantity, exact.</summary>
    public Notional Value;
    public Notional Commission;

    /// <summary>ReceiveTime of the market event it was made from.</summary>
    public UnixNanos Time;
    public long OrderId;
    public Price Price;
    public Quantity Quantity;
    public InstrumentId Instrument;
    public Side Side;
    public OrderPurpose Purpose;
}
