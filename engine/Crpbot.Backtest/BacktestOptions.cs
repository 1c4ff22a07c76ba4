using Crpbot.Execution;
using Crpbot.Execution.Signals;

namespace Crpbot.Backtest;

/// <summary>What a bar backtest assumes beside the tape and the risk limits.</summary>
public sealed record BacktestOptions
{
    /// <summary>Bars after which a position is closed, the model's horizon.</summary>
    public required int HorizonBars { get; init; }

    /// <summary>Tiers and their hourly limits, as live.</summary>
    public SignalOptions Signals { get; init; } = new();

    /// <summary>Stops and targets, as live.</summary>
    public ExecutionOptions Execution { get; init; } = new();

    /// <summary>Billed on every market order, a fraction of its value: what walking the book would cost.</summary>
    public decimal Slippage { get; init; }

    /// <summary>Ask over bid where the tape has no quotes, a fraction of the price. Half of it is billed each time a market order crosses.</summary>
    public decimal StatedSpread { get; init; } = 0.0001m;

    /// <summary>From a Bar's end to the decision on it: the Timer's delay.</summary>
    public long DecisionDelayNanos { get; init; } = 250 * Messages.UnixNanos.PerMillisecond;

    /// <summary>Keep every step of the account, for tests against another judge.</summary>
    internal bool KeepsSteps { get; init; }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        Execution.Validate();
        if (HorizonBars is < 1 or > 10_080)
            throw new ArgumentException($"horizon of {HorizonBars} bars: expected 1 to 10080");
        if (Slippage is < 0 or >= 0.1m || StatedSpread is < 0 or >= 0.1m)
            throw new ArgumentException("slippage and spread must be fractions from 0 and below 0.1");
    }
}
