using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.Engine.Live;

/// <summary>An open position as a display shows it.</summary>
public struct OpenPosition
{
    public InstrumentId Instrument;
    public long Lots;
    public Price Mark;
    public Notional Unrealized;
}

/// <summary>The first positions of the account; blittable.</summary>
[InlineArray(Count)]
public struct OpenPositions
{
    public const int Count = 8;
    private OpenPosition _first;
}

/// <summary>What is open, as the execution stage shows it to displays.</summary>
public struct PositionsState
{
    public int Count;
    public OpenPositions Positions;
}

/// <summary>The latest signals, newest first; blittable.</summary>
[InlineArray(Count)]
public struct RecentSignals
{
    public const int Count = 6;
    private Signal _first;
}

/// <summary>What the last stage shows to displays at each Timer: whole, never torn, never waited for. The account is shown by the trader.</summary>
public struct LiveState
{
    public UnixNanos Time;
    public long Bars;
    public long Predictions;
    public long Signals;
    public long Orders;
    public long Fills;
    public RecentSignals Recent;
}
