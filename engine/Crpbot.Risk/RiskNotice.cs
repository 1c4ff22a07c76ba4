using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>What an operator should hear about.</summary>
public enum RiskNoticeKind : byte
{
    None = 0,

    /// <summary>Midnight in Prague: new floors.</summary>
    DayReset = 1,

    /// <summary>Today's loss reached the warning level.</summary>
    DailyWarning = 2,
    TotalWarning = 3,

    /// <summary>Equity is so near a floor that everything is being closed.</summary>
    EmergencyFlatten = 4,

    /// <summary>Equity fell below today's floor. The account is over.</summary>
    DailyBreach = 5,
    TotalBreach = 6,

    /// <summary>The kill switch took effect: nothing is on its way and nothing will leave. Written after the fact.</summary>
    Killed = 7,
    Resumed = 8,
    ProfitTarget = 9,

    /// <summary>The state could not be made durable.</summary>
    StateNotSaved = 10,

    /// <summary>An order was refused at the venue, or ended with a rest that nobody would sell.</summary>
    OrderCancelled = 11,
}

/// <summary>One thing that happened to the account, with the numbers of that moment.</summary>
public struct RiskNotice
{
    public UnixNanos Time;
    public Notional Equity;
    public Notional Balance;

    /// <summary>The floor or target it was compared with; zero where there is none.</summary>
    public Notional Level;
    public RiskNoticeKind Kind;
}

/// <summary>The account at one moment, for displays.</summary>
public struct RiskSnapshot
{
    public UnixNanos Time;
    public Notional Initial;
    public Notional Balance;
    public Notional Equity;
    public Notional DayStartBalance;
    public Notional DailyFloor;
    public Notional TotalFloor;

    /// <summary>The floor that a reset at this moment would set.</summary>
    public Notional NextResetFloor;
    public Notional DayCosts;
    public Notional OpenRisk;
    public Notional ExitCosts;
    public Notional BestDay;
    public UnixNanos NextReset;
    public int OpenPositions;
    public int TradingDays;
    public int OrdersToday;
    public byte KnownFlag;
    public byte KilledFlag;
    public byte BreachedFlag;

    public readonly bool IsKnown => KnownFlag != 0;

    public readonly bool IsKilled => KilledFlag != 0;

    public readonly bool IsBreached => BreachedFlag != 0;
}
