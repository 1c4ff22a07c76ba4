using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest;

/// <summary>How a run ended.</summary>
public enum RunEnd : byte
{
    /// <summary>The tape ended first.</summary>
    EndOfTape = 0,

    /// <summary>The profit target was reached with the trading days it needs, and nothing is open.</summary>
    Passed = 1,

    /// <summary>Equity fell below a floor.</summary>
    Breached = 2,
}

/// <summary>What one run over a tape decided and what became of it.</summary>
public sealed class BacktestResult
{
    public required RunEnd End { get; init; }

    public required Notional Initial { get; init; }

    public required Notional FinalEquity { get; init; }

    public required IReadOnlyList<BacktestTrade> Trades { get; init; }

    public required IReadOnlyList<BacktestDay> Days { get; init; }

    /// <summary>Time and equity after each closed position.</summary>
    public required IReadOnlyList<(UnixNanos Time, Notional Equity)> Curve { get; init; }

    /// <summary>Largest fall from the running peak of equity, a fraction of the peak; within minutes at their worst prices.</summary>
    public required double MaxDrawdown { get; init; }

    /// <summary>When a floor was broken; null when none was.</summary>
    public required UnixNanos? BreachTime { get; init; }

    /// <summary>Minutes of the tape, and those in which something was held.</summary>
    public required long Minutes { get; init; }

    public required long MinutesHeld { get; init; }

    /// <summary>By <see cref="SignalTier"/>: signals of any kind, and those a tier's limit held back.</summary>
    public required IReadOnlyList<long> Signals { get; init; }

    public required IReadOnlyList<long> Suppressed { get; init; }

    public required RefusalCounts Refusals { get; init; }

    public required int TradingDays { get; init; }

    internal IReadOnlyList<AccountStep> Steps { get; init; } = [];

    public Notional NetProfit => FinalEquity - Initial;

    /// <summary>Largest loss of a day against its opening balance, a fraction of the initial capital.</summary>
    public double WorstDailyLoss => Days.Select(day => (day.StartBalance - day.LowestEquity).ToDouble() / Initial.ToDouble()).DefaultIfEmpty(0).Max(loss => Math.Max(loss, 0));
}

/// <summary>What an <see cref="AccountStep"/> tells.</summary>
internal enum AccountStepKind : byte
{
    /// <summary>Time passed.</summary>
    Time,

    /// <summary>A mark or a fill moved balance or equity.</summary>
    Account,

    /// <summary>The risk check ruled on an opening order.</summary>
    Verdict,

    /// <summary>A fill; Amount is its commission without slippage.</summary>
    Fill,
}

/// <summary>One thing the risk checker was told or asked.</summary>
internal readonly record struct AccountStep(
    AccountStepKind Kind, UnixNanos Time, Notional Balance, Notional Equity, InstrumentId Instrument, Side Side, Price Price, Price Stop, Quantity Quantity,
    RefusalReason Reason, OrderPurpose Purpose, Notional Amount);
