using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest.Report;

/// <summary>One Instrument's part in a report.</summary>
/// <param name="Bars">On the tape.</param>
/// <param name="Skipped">Rows that were no possible Bar.</param>
/// <param name="Statuses">Bars by <see cref="PredictionStatus"/>.</param>
public sealed record BacktestSymbol(string Symbol, long Bars, long Skipped, IReadOnlyList<long> Statuses);

/// <summary>Everything a backtest has to say, for JSON and for the page.</summary>
public sealed record BacktestReport
{
    /// <summary><c>name/version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The dataset's own words.</summary>
    public required string Source { get; init; }

    public required UnixNanos From { get; init; }

    /// <summary>Exclusive.</summary>
    public required UnixNanos To { get; init; }

    public required RiskLimits Limits { get; init; }

    public required BacktestOptions Options { get; init; }

    public required IReadOnlyList<BacktestSymbol> Symbols { get; init; }

    public required BacktestResult Result { get; init; }

    public required PerformanceSummary Performance { get; init; }

    public required ChallengeSummary Challenge { get; init; }

    /// <summary>What a reader must know before believing a figure.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    public Notional Gross => Sum(trade => trade.Gross);

    public Notional Fees => Sum(trade => trade.Fees);

    public Notional Slippage => Sum(trade => trade.Slippage);

    /// <summary>Net profit by month of Prague, a fraction of the equity it began with.</summary>
    public IReadOnlyList<(string Month, double Return)> Months =>
        [.. Result.Days.GroupBy(day => FormattableString.Invariant($"{day.Date:yyyy-MM}"))
            .Select(month => (month.Key, month.Last().EndEquity.ToDouble() / month.First().StartEquity.ToDouble() - 1))];

    private Notional Sum(Func<BacktestTrade, Notional> of) => Result.Trades.Aggregate(Notional.Zero, (sum, trade) => sum + of(trade));
}
