using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest;

/// <summary>One position from its opening to its closing fill. Both prices stand in the tape: inside the range of their Bar, or its end quote.</summary>
public sealed record BacktestTrade
{
    public required Instrument Instrument { get; init; }

    public required Side Side { get; init; }

    public required SignalTier Tier { get; init; }

    public required ProbabilityUp ProbabilityUp { get; init; }

    public required Quantity Quantity { get; init; }

    public required UnixNanos EntryTime { get; init; }

    /// <summary>Row of the tape whose end was the entry.</summary>
    public required int EntryRow { get; init; }

    public required Price EntryPrice { get; init; }

    public required Price Stop { get; init; }

    public required Price Target { get; init; }

    /// <summary>Of a stop or target, the last moment of its minute: a Bar does not say when.</summary>
    public required UnixNanos ExitTime { get; init; }

    /// <summary>Row of the tape in which the position was closed.</summary>
    public required int ExitRow { get; init; }

    public required Price ExitPrice { get; init; }

    public required OrderPurpose ExitPurpose { get; init; }

    /// <summary>Before costs.</summary>
    public required Notional Gross { get; init; }

    /// <summary>Commission of both sides.</summary>
    public required Notional Fees { get; init; }

    /// <summary>Slippage, and half the stated spread where the tape has no quotes, of both sides.</summary>
    public required Notional Slippage { get; init; }

    public Notional Net => Gross - Fees - Slippage;
}

/// <summary>One day in Prague, midnight to midnight.</summary>
public sealed record BacktestDay
{
    /// <summary>As <see cref="PragueCalendar.DayNumber"/>.</summary>
    public required int Day { get; init; }

    /// <summary>Balance at midnight, from which the daily floor is counted.</summary>
    public required Notional StartBalance { get; init; }

    public required Notional StartEquity { get; init; }

    public required Notional EndEquity { get; init; }

    /// <summary>At the worst prices of each minute.</summary>
    public required Notional LowestEquity { get; init; }

    public required Notional DailyFloor { get; init; }

    public required Notional TotalFloor { get; init; }

    /// <summary>Positions opened.</summary>
    public required int Opened { get; init; }

    /// <summary>Fees and slippage.</summary>
    public required Notional Costs { get; init; }

    public Notional Profit => EndEquity - StartEquity;

    public DateOnly Date => DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(Day));
}
