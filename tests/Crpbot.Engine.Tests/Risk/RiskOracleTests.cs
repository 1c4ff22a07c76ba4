using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class RiskOracleTests
{
    private static readonly string[] Starts = ["2026-01-10", "2026-03-27", "2026-03-28", "2026-06-30", "2026-10-23", "2026-10-24", "2026-12-30"];

    [Fact]
    public void TenThousandRandomEquityPathsAreJudgedAsTheSlowOracleJudgesThem()
    {
        var seen = new HashSet<RefusalReason>();
        int breachesAtReset = 0;
        int resets = 0;
        for (int seed = 0; seed < 10_000; seed++)
            Path(seed, seen, ref breachesAtReset, ref resets);

        // The paths went where the rules bite.
        Assert.True(breachesAtReset > 20, $"{breachesAtReset} breaches at a reset");
        Assert.True(resets > 20_000);
        foreach (RefusalReason reason in (RefusalReason[])[
            RefusalReason.None, RefusalReason.LimitBreached, RefusalReason.ProfitTargetReached, RefusalReason.DailyMargin, RefusalReason.TotalMargin, RefusalReason.Leverage,
            RefusalReason.CostBudget, RefusalReason.DailyHeadroom, RefusalReason.TotalHeadroom, RefusalReason.NextResetHeadroom])
            Assert.Contains(reason, seen);
    }

    private static void Path(int seed, HashSet<RefusalReason> seen, ref int breachesAtReset, ref int resets)
    {
        var random = new Random(seed);
        RiskLimits limits = (seed % 2 == 0 ? RiskPresets.Ftmo2Step : RiskPresets.Ftmo1Step) with
        {
            RiskPerTrade = random.Next(3) == 0 ? 0.04m : 0.01m,
            MaxLeverage = random.Next(2) == 0 ? 3.3m : 30m,
            DailyCostBudget = random.Next(2) == 0 ? 0.015m : 0.2m,
            MaxOrdersPerHour = 10_000,
            MaxOrdersPerDay = 10_000,
            MinTradingDays = random.Next(3),
            Contracts = RiskPresets.FtmoCrypto.ToDictionary(c => c.Key, c => c.Value with { MaxLots = 1_000m }),
        };
        DateTime start = DateTime.SpecifyKind(DateTime.Parse(Starts[seed % Starts.Length], System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc).AddMinutes(random.Next(1440));
        var desk = new Desk(limits, start: UnixNanos.FromDateTime(start));
        var oracle = new RiskOracle(limits, start);
        DateTime now = start;
        var open = new List<Codecs.Instruments.Instrument>();
        decimal floating = 0;

        for (int step = 0; step < 40; step++)
        {
            bool wasBreached = oracle.IsBreached;
            int day = desk.Risk.State.Day;
            now = now.AddSeconds(random.Next(4) switch { 0 => random.Next(1, 60), 1 => random.Next(60, 3_600), _ => random.Next(3_600, 30_000) });
            if (random.Next(4) == 0)
                now = UnixNanosOf(PragueCalendar.NextReset(UnixNanos.FromDateTime(now))).AddSeconds(random.Next(-400, 3));
            if (now < oracle.Now)
                now = oracle.Now;
            oracle.Wait(now);
            desk.Wait(UnixNanos.FromDateTime(now));
            resets += desk.Risk.State.Day != day ? 1 : 0;
            breachesAtReset += oracle.IsBreached && !wasBreached ? 1 : 0;
            Compare(desk, oracle, limits, seed, step);

            switch (random.Next(5))
            {
                case 0: // prices move
                    floating = open.Count == 0 ? 0 : Cents(random, 3_500);
                    Book(oracle.Balance, floating);
                    break;
                case 1: // something is realised
                    Book(oracle.Balance + Cents(random, 2_500), floating);
                    break;
                case 2 when open.Count > 0: // everything is closed: what floated is realised
                    foreach (Codecs.Instruments.Instrument instrument in open)
                        desk.Risk.OnFlat(instrument.Id);
                    open.Clear();
                    oracle.Open.Clear();
                    Book(oracle.Balance + floating, floating = 0);
                    break;
                default:
                    if (open.Count < 3)
                        Order(open.Count == 0 ? desk.Btc : open.Count == 1 ? desk.Eth : desk.Sol);
                    break;
            }

            Compare(desk, oracle, limits, seed, step);
            desk.Notices();
        }

        void Book(decimal balance, decimal unrealized)
        {
            oracle.Account(balance, balance + unrealized);
            desk.Risk.OnAccount(Desk.Usd(balance), Desk.Usd(balance + unrealized));
        }

        void Order(Codecs.Instruments.Instrument instrument)
        {
            bool buy = random.Next(2) == 0;
            decimal bid = 1_000m + random.Next(100_000);
            decimal entry = buy ? bid + 0.01m : bid;
            decimal distance = Math.Ceiling(entry * (0.2m + random.Next(300) / 100m)) / 100m;
            decimal stop = buy ? entry - distance : entry + distance;
            decimal most = limits.ContractOf(instrument.Symbol)!.Size * 1_000m;
            RefusalReason expected = oracle.Check(entry, stop, 0.00000001m, most, out decimal quantity, out decimal headroom);
            OrderRequest request = buy ? desk.Buy(instrument, entry, stop, entry + 2 * distance) : desk.Sell(instrument, entry, stop, entry - 2 * distance);
            RiskVerdict verdict = desk.Check(request, desk.Market(bid, bid + 0.01m));
            Assert.True(expected == verdict.Reason, $"seed {seed}: oracle {expected}, checker {verdict.Reason}");
            seen.Add(expected);
            if (expected is RefusalReason.None or RefusalReason.DailyHeadroom or RefusalReason.TotalHeadroom or RefusalReason.NextResetHeadroom)
            {
                Assert.Equal(quantity, verdict.Quantity.Lots * 0.00000001m);
                Assert.Equal(headroom, Notional.Min(verdict.DailyHeadroom, Notional.Min(verdict.TotalHeadroom, verdict.NextResetHeadroom)).ToDecimal());
            }

            if (expected != RefusalReason.None)
                return;
            decimal paid = entry * quantity * limits.CommissionPerSide;
            decimal exit = Math.Max(entry, stop) * quantity * limits.CommissionPerSide;
            open.Add(instrument);
            oracle.Open.Add((distance * quantity, exit, entry * quantity));
            desk.Risk.OnExposure(instrument.Id, new Exposure { OpenRisk = Desk.Usd(distance * quantity), ExitCosts = Desk.Usd(exit), Value = Desk.Usd(entry * quantity) });
            oracle.Commission(paid);
            desk.Risk.OnCommission(Desk.Usd(paid));
            oracle.Opened();
            desk.Risk.OnPositionOpened();
            Book(oracle.Balance - paid, floating);
        }
    }

    private static void Compare(Desk desk, RiskOracle oracle, RiskLimits limits, int seed, int step)
    {
        string where = $"seed {seed} step {step} {limits.Name} {oracle.Now:O}";
        RiskSnapshot account = desk.Risk.Snapshot();
        Assert.True(oracle.DailyFloor == account.DailyFloor.ToDecimal(), $"{where}: daily floor {oracle.DailyFloor}, {account.DailyFloor}");
        Assert.True(oracle.TotalFloor == account.TotalFloor.ToDecimal(), $"{where}: total floor {oracle.TotalFloor}, {account.TotalFloor}");
        Assert.True(oracle.NextFloor == account.NextResetFloor.ToDecimal(), $"{where}: next floor {oracle.NextFloor}, {account.NextResetFloor}");
        Assert.True(oracle.Equity == account.Equity.ToDecimal(), $"{where}: equity {oracle.Equity}, {account.Equity}");
        Assert.True(oracle.IsBreached == account.IsBreached, $"{where}: breached {oracle.IsBreached}, {account.IsBreached}");
        Assert.True(oracle.MustFlatten == desk.Risk.MustFlatten, $"{where}: flatten {oracle.MustFlatten}, {desk.Risk.MustFlatten}");
    }

    private static decimal Cents(Random random, int dollars) => random.Next(-dollars * 100, dollars * 100) / 100m;

    private static DateTime UnixNanosOf(UnixNanos time) => time.ToDateTime();
}
