using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>One accepted Trade of a Bar, its time never before the Trade ahead of it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BarTrade
{
    /// <summary>ExchangeTime, or that of the Trade ahead where its own is earlier.</summary>
    public UnixNanos Time;
    public Price Price;
    public Quantity Quantity;

    /// <summary>Twice the mid strictly before <see cref="Time"/>, in ticks; 0 where the book was not valid. Filled in when the Bar closes.</summary>
    public long MidTicksTwice;

    /// <summary>The aggressor's; one that the venue left Unknown may be resolved when the Bar closes.</summary>
    public Side Side;
}
