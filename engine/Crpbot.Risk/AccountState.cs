using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>What the limits depend on and a restart must not forget. Blittable: this is what <see cref="FileRiskStateStore"/> writes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct AccountState
{
    public Notional Initial;

    /// <summary>Initial + Σ realised profit and loss − Σ commissions, after the last fill.</summary>
    public Notional Balance;

    /// <summary>Balance at the last midnight in Prague.</summary>
    public Notional DayStartBalance;

    /// <summary>The highest balance at any midnight so far, the initial capital included.</summary>
    public Notional HighestEndOfDay;

    /// <summary>Commissions paid since midnight.</summary>
    public Notional DayCosts;

    /// <summary>Σ open risk and exit costs when this was written.</summary>
    public Notional OpenRisk;

    /// <summary>Largest gain of one finished day.</summary>
    public Notional BestDay;

    /// <summary>Market-clock time of the last change.</summary>
    public UnixNanos Time;

    /// <summary>Goes up by one with every save.</summary>
    public long Version;

    /// <summary>The trading day, as <see cref="PragueCalendar.DayNumber"/>.</summary>
    public int Day;

    /// <summary>Days in which a position was opened.</summary>
    public int TradingDays;

    /// <summary>The last such day; 0 before the first.</summary>
    public int LastTradingDay;

    public int OrdersToday;

    /// <summary>Positions held or on their way.</summary>
    public int OpenPositions;

    /// <summary>1 while the kill switch is on.</summary>
    public byte Killed;

    /// <summary>1 once a loss limit was broken.</summary>
    public byte Breached;
    private readonly ushort _reserved;
}
