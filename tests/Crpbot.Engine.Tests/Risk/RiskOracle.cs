using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Engine.Tests.Risk;

/// <summary>The rules again, slowly: decimals, the time zone database, and everything recomputed from the whole history at every question.</summary>
internal sealed class RiskOracle(RiskLimits limits, DateTime openedUtc)
{
    private static readonly TimeZoneInfo Prague = TimeZoneInfo.FindSystemTimeZoneById("Europe/Prague");
    private static readonly Dictionary<DateTime, DateTime> Midnights = [];
    private readonly List<(DateTime Time, decimal Balance)> _balances = [(openedUtc, limits.InitialCapital)];
    private readonly List<(DateTime Time, decimal Amount)> _commissions = [];
    private readonly List<DateTime> _opened = [];

    public DateTime Now { get; private set; } = openedUtc;

    public decimal Equity { get; private set; } = limits.InitialCapital;

    public bool IsBreached { get; private set; }

    /// <summary>Each position's risk to its stop, exit costs and value.</summary>
    public List<(decimal Risk, decimal Costs, decimal Value)> Open { get; } = [];

    public decimal Balance => _balances[^1].Balance;

    private decimal Initial => limits.InitialCapital;

    private DateTime Midnight => Start(DateIn(Now));

    private DateTime NextMidnight => Start(DateIn(Now).AddDays(1));

    public decimal DailyFloor => BalanceAt(Midnight) - limits.MaxDailyLoss * Initial;

    public decimal TotalFloor => TotalFrom(EndOfDays());

    public decimal NextFloor => Math.Max(Balance - limits.MaxDailyLoss * Initial, TotalFrom(EndOfDays().Append(Balance)));

    public bool MustFlatten
    {
        get
        {
            decimal floor = Math.Max(DailyFloor, TotalFloor);
            if ((NextMidnight - Now).TotalSeconds <= limits.ResetGuardSeconds)
                floor = Math.Max(floor, NextFloor);
            return IsBreached || Equity <= floor + limits.EmergencyMargin * Initial;
        }
    }

    public void Wait(DateTime now)
    {
        Now = now;
        Judge();
    }

    public void Account(decimal balance, decimal equity)
    {
        _balances.Add((Now, balance));
        Equity = equity;
        Judge();
    }

    public void Commission(decimal amount) => _commissions.Add((Now, amount));

    public void Opened() => _opened.Add(Now);

    public RefusalReason Check(decimal entry, decimal stop, decimal lot, decimal maxQuantity, out decimal quantity, out decimal headroom)
    {
        quantity = headroom = 0;
        if (IsBreached)
            return RefusalReason.LimitBreached;
        int tradingDays = _opened.Select(DateIn).Distinct().Count();
        if (limits.ProfitTarget > 0 && Balance - Initial >= limits.ProfitTarget * Initial && tradingDays >= limits.MinTradingDays)
            return RefusalReason.ProfitTargetReached;
        if (Equity - DailyFloor <= (limits.MaxDailyLoss - limits.StopOpeningDailyLoss) * Initial)
            return RefusalReason.DailyMargin;
        if (Equity - TotalFloor <= (limits.MaxTotalLoss - limits.StopOpeningTotalLoss) * Initial)
            return RefusalReason.TotalMargin;

        decimal distance = Math.Abs(entry - stop);
        decimal permitted = Math.Min(Equity, Initial) * limits.RiskPerTrade;
        quantity = Math.Min(Math.Floor(permitted / (distance * lot)) * lot, maxQuantity);
        if (quantity <= 0)
            return RefusalReason.BelowOneLot;
        decimal costs = (entry + Math.Max(entry, stop)) * quantity * limits.CommissionPerSide;
        if (Open.Sum(o => o.Value) + entry * quantity > limits.MaxLeverage * Equity)
            return RefusalReason.Leverage;
        if (_commissions.Where(c => c.Time >= Midnight).Sum(c => c.Amount) + Open.Sum(o => o.Costs) + costs > limits.DailyCostBudget * Initial)
            return RefusalReason.CostBudget;
        decimal free = Equity - Open.Sum(o => o.Risk) - Open.Sum(o => o.Costs);
        decimal own = distance * quantity + costs;
        headroom = free - Math.Max(Math.Max(DailyFloor, TotalFloor), NextFloor);
        if (free - DailyFloor < own)
            return RefusalReason.DailyHeadroom;
        if (free - TotalFloor < own)
            return RefusalReason.TotalHeadroom;
        return free - NextFloor < own ? RefusalReason.NextResetHeadroom : RefusalReason.None;
    }

    private void Judge() => IsBreached |= Equity < DailyFloor || Equity < TotalFloor;

    private decimal TotalFrom(IEnumerable<decimal> endOfDays) =>
        (limits.TrailingTotalLoss ? Math.Max(Initial, endOfDays.DefaultIfEmpty(Initial).Max()) : Initial) - limits.MaxTotalLoss * Initial;

    private decimal BalanceAt(DateTime midnight) => _balances.Where(b => b.Time < midnight).Select(b => b.Balance).DefaultIfEmpty(Initial).Last();

    private IEnumerable<decimal> EndOfDays()
    {
        for (DateTime date = DateIn(_balances[0].Time).AddDays(1); date <= DateIn(Now); date = date.AddDays(1))
            yield return BalanceAt(Start(date));
    }

    private static DateTime DateIn(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(utc, Prague).Date;

    // The database is slow to ask, and a midnight stays where it is.
    private static DateTime Start(DateTime date)
    {
        if (!Midnights.TryGetValue(date, out DateTime start))
            Midnights[date] = start = TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(date, DateTimeKind.Unspecified), Prague);
        return start;
    }
}
