using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>The balances that a day's floors are computed from: they change at midnight in Prague and at no other time.</summary>
/// <param name="Balance">At the last midnight; the initial capital on day 1.</param>
/// <param name="HighestEndOfDay">The highest balance at any midnight so far, the initial capital included.</param>
internal readonly record struct DayStart(Notional Balance, Notional HighestEndOfDay)
{
    /// <summary>The start of the day after a midnight at which the account holds this balance.</summary>
    public DayStart AtMidnight(Notional balance) => new(balance, Notional.Max(HighestEndOfDay, balance));
}

/// <summary>The two equities below which an account is lost.</summary>
internal readonly record struct LossFloors(Notional Daily, Notional Total)
{
    public Notional Higher => Notional.Max(Daily, Total);

    /// <summary>Equity at a floor has not broken it.</summary>
    public bool AreBrokenBy(Notional equity) => IsDailyBrokenBy(equity) || equity < Total;

    public bool IsDailyBrokenBy(Notional equity) => equity < Daily;
}

/// <summary>The arithmetic of the loss limits, for the live checker and for <see cref="RiskSimulator"/> alike.</summary>
/// <remarks>Source: FTMO, “Maximum Daily Loss”, “Maximum Loss”.</remarks>
/// <param name="Initial">Initial capital, the base of both limits on every day.</param>
/// <param name="MaxDailyLoss">An amount below the balance at midnight.</param>
/// <param name="MaxTotalLoss">An amount below the initial capital, or below the highest end of a day.</param>
/// <param name="IsTrailing">The total floor rises with the highest end-of-day balance.</param>
internal readonly record struct LossLaw(Notional Initial, Notional MaxDailyLoss, Notional MaxTotalLoss, bool IsTrailing)
{
    public static LossLaw Of(RiskLimits limits)
    {
        var initial = Notional.FromDecimal(limits.InitialCapital);
        return new LossLaw(initial, Part(limits.MaxDailyLoss), Part(limits.MaxTotalLoss), limits.TrailingTotalLoss);

        Notional Part(decimal fraction) => initial.TimesBillionthsDown(RiskLimits.Billionths(fraction));
    }

    /// <summary>The start of day 1.</summary>
    public DayStart FirstDay => new(Initial, Initial);

    public LossFloors FloorsOf(in DayStart day) =>
        new(day.Balance - MaxDailyLoss, (IsTrailing ? Notional.Max(Initial, day.HighestEndOfDay) : Initial) - MaxTotalLoss);
}
