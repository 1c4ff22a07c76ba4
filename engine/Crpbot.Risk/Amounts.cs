using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>The limits as money and integers, computed once.</summary>
internal sealed class Amounts
{
    public Amounts(RiskLimits limits)
    {
        Law = LossLaw.Of(limits);
        DailyMargin = Of(limits.MaxDailyLoss - limits.StopOpeningDailyLoss);
        TotalMargin = Of(limits.MaxTotalLoss - limits.StopOpeningTotalLoss);
        DailyWarning = Of(limits.MaxDailyLoss - limits.WarnDailyLoss);
        TotalWarning = Of(limits.MaxTotalLoss - limits.WarnTotalLoss);
        Emergency = Of(limits.EmergencyMargin);
        ProfitTarget = Of(limits.ProfitTarget);
        DailyCostBudget = Of(limits.DailyCostBudget);
        RiskPerTrade = RiskLimits.Billionths(limits.RiskPerTrade);
        Leverage = RiskLimits.Billionths(limits.MaxLeverage);
        Commission = RiskLimits.Billionths(limits.CommissionPerSide);
        PriceDeviation = RiskLimits.Billionths(limits.MaxPriceDeviation);
        ResetGuardNanos = limits.ResetGuardSeconds * UnixNanos.PerSecond;
        SignalAgeNanos = limits.MaxSignalAgeSeconds * UnixNanos.PerSecond;
        QuietNanos = limits.QuietSeconds * UnixNanos.PerSecond;
        QuietWithHeartbeatsNanos = limits.QuietSecondsWithHeartbeats * UnixNanos.PerSecond;

        Notional Of(decimal fraction) => Initial.TimesBillionthsDown(RiskLimits.Billionths(fraction));
    }

    public readonly LossLaw Law;

    public Notional Initial => Law.Initial;

    // Distances above a floor.
    public readonly Notional DailyMargin;
    public readonly Notional TotalMargin;
    public readonly Notional DailyWarning;
    public readonly Notional TotalWarning;
    public readonly Notional Emergency;

    public readonly Notional ProfitTarget;
    public readonly Notional DailyCostBudget;

    // Parts per billion.
    public readonly long RiskPerTrade;
    public readonly long Leverage;
    public readonly long Commission;
    public readonly long PriceDeviation;

    public readonly long ResetGuardNanos;
    public readonly long SignalAgeNanos;
    public readonly long QuietNanos;
    public readonly long QuietWithHeartbeatsNanos;
}
