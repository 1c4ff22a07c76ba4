using System.Runtime.InteropServices;

namespace Crpbot.Messages;

/// <summary>What is special about a Bar.</summary>
[Flags]
public enum BarFlags : ushort
{
    None = 0,

    /// <summary>The feed was healthy and nothing traded: prices repeat the previous close, volume is 0.</summary>
    NoTrades = 1,

    /// <summary>The first Bar after up to five missing ones.</summary>
    AfterGap = 2,

    /// <summary>Section 4's rolling state restarted before this Bar: more than five were missing.</summary>
    Restarted = 4,
}

/// <summary>One minute of one Instrument, named by its open time. It holds [OpenTime, OpenTime + 60 s) in ExchangeTime.</summary>
/// <remarks>Blittable; every field enters the decision hash. Source: features-33, section 2.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct Bar
{
    public UnixNanos OpenTime;
    public Price Open;
    public Price High;
    public Price Low;
    public Price Close;
    public Quantity Volume;
    public Quantity BuyVolume;
    public Quantity SellVolume;

    /// <summary>Best bid and ask at the close; zero when the book was not valid.</summary>
    public Price EndBid;
    public Price EndAsk;

    /// <summary>Σ price ticks × quantity lots, exact.</summary>
    public Int128 TickLots;
    public int Trades;
    public int LateEvents;
    public InstrumentId Instrument;
    public BarFlags Flags;
    private readonly ushort _reserved;
}
