using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest;

/// <summary>The bar engine: one account over years of minutes, and the same rules begun on many dates.</summary>
public sealed class BarBacktest
{
    private readonly BarTimeline _line;
    private readonly RiskLimits _limits;
    private readonly BacktestOptions _options;

    /// <param name="tapes">One an Instrument, in the order in which their signals are ruled on.</param>
    /// <param name="limits">The phase's rules, with the commission that is to be billed.</param>
    /// <param name="options">What the tape does not say.</param>
    /// <exception cref="ArgumentException">A tape, limit or option is not what it should be.</exception>
    public BarBacktest(IReadOnlyList<BarTape> tapes, RiskLimits limits, BacktestOptions options)
    {
        ArgumentNullException.ThrowIfNull(tapes);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        limits.Validate();
        _line = new BarTimeline(tapes, options.Signals.LowConfidence);
        if (_line.Minutes.Length == 0)
            throw new ArgumentException("a backtest needs at least one bar");
        (_limits, _options) = (limits, options);
    }

    /// <summary>The whole tape on a funded account: every rule, except that reaching the profit target does not end it.</summary>
    public BacktestResult Run() => new BarRun(_line, _limits with { ProfitTarget = 0 }, _options).Run();

    /// <summary>The phase with its target, begun at every n-th midnight of the tape. Parallel; the result does not depend on it.</summary>
    public ChallengeSummary Challenge(int everyDays = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(everyDays, 1);
        var starts = new List<int>();
        int last = PragueCalendar.DayNumber(_line.Minutes[^1]);
        for (int day = PragueCalendar.DayNumber(_line.Minutes[0]); day <= last; day += everyDays)
        {
            int first = starts.Count == 0 ? 0 : _line.FirstFrom(PragueCalendar.DayStart(day));
            if (first < _line.Minutes.Length)
                starts.Add(first);
        }

        var attempts = new ChallengeAttempt[starts.Count];
        Parallel.For(0, attempts.Length, i =>
        {
            BacktestResult result = new BarRun(_line, _limits, _options).Run(starts[i]);
            attempts[i] = new ChallengeAttempt(result.Days[0].Date, result.End, result.Days.Count, result.WorstDailyLoss);
        });
        return new ChallengeSummary(attempts);
    }
}

/// <summary>One begun phase.</summary>
/// <param name="Start">Its first day in Prague.</param>
/// <param name="End">Passed, breached, or cut off by the end of the tape.</param>
/// <param name="Days">Calendar days it took, the first and last included.</param>
/// <param name="WorstDailyLoss">A fraction of the initial capital.</param>
public sealed record ChallengeAttempt(DateOnly Start, RunEnd End, int Days, double WorstDailyLoss);

/// <summary>The phase begun on many dates. Attempts overlap, so they are far from independent.</summary>
public sealed record ChallengeSummary(IReadOnlyList<ChallengeAttempt> Attempts)
{
    public int Starts => Attempts.Count;

    public int Passed => Attempts.Count(a => a.End == RunEnd.Passed);

    public int Failed => Attempts.Count(a => a.End == RunEnd.Breached);

    public int Undecided => Starts - Passed - Failed;

    public double WorstDailyLoss => Attempts.Select(a => a.WorstDailyLoss).DefaultIfEmpty(0).Max();

    /// <summary>Of those that passed; null when none did.</summary>
    public double? MedianDays
    {
        get
        {
            int[] days = [.. Attempts.Where(a => a.End == RunEnd.Passed).Select(a => a.Days).Order()];
            return days.Length == 0 ? null : (days[(days.Length - 1) / 2] + days[days.Length / 2]) / 2.0;
        }
    }
}
