using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>Why an order is wanted.</summary>
public enum OrderPurpose : byte
{
    /// <summary>To open a position on a signal.</summary>
    Open = 0,

    /// <summary>The model's horizon has passed.</summary>
    HorizonExit = 1,

    /// <summary>The operator asked for everything to be closed.</summary>
    Flatten = 2,

    /// <summary>Equity came too near a floor.</summary>
    EmergencyFlatten = 3,

    /// <summary>The venue's own execution of an attached stop.</summary>
    Stop = 4,

    /// <summary>The venue's own execution of an attached target.</summary>
    Target = 5,
}

/// <summary>A wish: what the engine would like to send. Only <see cref="RiskChecker"/> can turn it into something a venue accepts.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OrderRequest
{
    /// <summary>Market-clock time of the decision.</summary>
    public UnixNanos Time;

    /// <summary>When the position is closed at the market, whatever it earned.</summary>
    public UnixNanos ExitTime;

    /// <summary>The price the decision was made on; the market must still be near it.</summary>
    public Price Reference;

    public Price Stop;
    public Price Target;

    /// <summary>Zero asks the check to size the order by the risk to its stop.</summary>
    public Quantity Quantity;
    public InstrumentId Instrument;
    public Side Side;
    public SignalTier Tier;
    public OrderPurpose Purpose;
    private readonly byte _reserved;
}

/// <summary>Proof that the risk check let something pass: outside this assembly it can be received, never made.</summary>
/// <remarks>The default value is no proof: reading its <see cref="Value"/> throws.</remarks>
public readonly struct RiskApproved<T>
    where T : struct
{
    private readonly T _value;

    internal RiskApproved(in T value) => (_value, IsApproved) = (value, true);

    public bool IsApproved { get; }

    /// <exception cref="InvalidOperationException">This is the default value, which no check has approved.</exception>
    public T Value => IsApproved ? _value : throw new InvalidOperationException("the order has not passed the risk check");
}
