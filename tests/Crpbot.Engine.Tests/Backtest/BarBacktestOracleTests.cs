using Crpbot.Backtest;
using Crpbot.Engine.Tests.Risk;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Backtest;

public sealed class BarBacktestOracleTests
{
    /// <summary>What the slow oracle rules on, in its own order; what comes before it is decided without money.</summary>
    private static readonly RefusalReason[] OfMoney =
    [
        RefusalReason.None, RefusalReason.LimitBreached, RefusalReason.DailyMargin, RefusalReason.TotalMargin, RefusalReason.BelowOneLot, RefusalReason.Leverage, RefusalReason.CostBudget,
        RefusalReason.DailyHeadroom, RefusalReason.TotalHeadroom, RefusalReason.NextResetHeadroom,
    ];

    [Fact]
    public void FloorsBreachesAndApprovalsAreWhatTheSlowOracleSays()
    {
        var seen = new HashSet<RefusalReason>();
        int breaches = 0, days = 0;
        for (int seed = 0; seed < 72; seed++)
        {
            RiskLimits limits = (seed % 2 == 0 ? RiskPresets.Ftmo2Step : RiskPresets.Ftmo1Step) with
            {
                RiskPerTrade = seed % 3 == 0 ? 0.02m : seed % 3 == 1 ? 0.04m : 0.01m,
                MaxLeverage = seed / 6 % 4 == 0 ? 3.3m : 60m,
                DailyCostBudget = seed / 6 % 5 == 1 ? 0.015m : 0.2m,
                Contracts = TapeScript.Roomy.Contracts,
            };
            // Around the change of the clocks in half of the runs.
            UnixNanos start = seed % 2 == 0 ? TapeScript.Start : Desk.At("2026-03-28T05:00:00");
            // A third jumps over its stops.
            bool wild = seed % 3 == 0;
            BarTape[] tapes = [.. Enumerable.Range(0, 3).Select(i => TapeScript.Random(seed, 2_500, i, volatility: wild ? 0.015 : 0.002, opinions: 0.01, start: start))];
            foreach (BarTape tape in tapes)
                tape.Atr.AsSpan().Fill(wild ? 0 : tape.Atr[0]);
            BacktestResult result = new BarBacktest(tapes, limits, TapeScript.Options(30) with { KeepsSteps = true }).Run();
            Replay(result, tapes, limits, start, seed, seen);
            breaches += result.BreachTime is null ? 0 : 1;
            days += result.Days.Count;
        }

        Assert.True(breaches > 5 && days > 200, $"{breaches} breaches in {days} days");
        foreach (RefusalReason reason in (RefusalReason[])[RefusalReason.None, RefusalReason.DailyMargin, RefusalReason.Leverage, RefusalReason.CostBudget, RefusalReason.DailyHeadroom])
            Assert.Contains(reason, seen);
    }

    private static void Replay(BacktestResult result, BarTape[] tapes, RiskLimits limits, UnixNanos start, int seed, HashSet<RefusalReason> seen)
    {
        var oracle = new RiskOracle(limits with { ProfitTarget = 0 }, start.ToDateTime());
        var held = new Dictionary<InstrumentId, (long Lots, long Stop)>();
        var days = result.Days.ToDictionary(day => day.Day);
        foreach (AccountStep step in result.Steps)
        {
            string where = $"seed {seed} {step}";
            switch (step.Kind)
            {
                case AccountStepKind.Time:
                    oracle.Wait(step.Time.ToDateTime());
                    BacktestDay day = days[PragueCalendar.DayNumber(step.Time)];
                    Assert.True(oracle.DailyFloor == day.DailyFloor.ToDecimal() && oracle.TotalFloor == day.TotalFloor.ToDecimal(), where);
                    break;
                case AccountStepKind.Account:
                    oracle.Account(step.Balance.ToDecimal(), step.Equity.ToDecimal());
                    // Several steps share a moment; of the others the answer is certain.
                    Assert.True(oracle.IsBreached == (result.BreachTime <= step.Time) || result.BreachTime == step.Time, where);
                    break;
                case AccountStepKind.Fill:
                    oracle.Commission(step.Amount.ToDecimal());
                    if (step.Purpose == OrderPurpose.Open)
                    {
                        oracle.Opened();
                        held.Add(step.Instrument, (step.Side == Side.Buy ? step.Quantity.Lots : -step.Quantity.Lots, step.Stop.Ticks));
                    }
                    else
                    {
                        held.Remove(step.Instrument);
                    }

                    break;
                case AccountStepKind.Verdict when OfMoney.Contains(step.Reason):
                    Judge(oracle, held, tapes, limits, step, where);
                    seen.Add(step.Reason);
                    break;
            }
        }

        Assert.Equal(result.BreachTime is not null, oracle.IsBreached);
    }

    private static void Judge(RiskOracle oracle, Dictionary<InstrumentId, (long Lots, long Stop)> held, BarTape[] tapes, RiskLimits limits, AccountStep step, string where)
    {
        oracle.Open.Clear();
        foreach ((InstrumentId id, (long lots, long stop)) in held)
        {
            // Without quotes and with no stated spread the market is one tick to either side of the last close.
            BarTape tape = tapes.Single(t => t.Instrument.Id == id);
            int row = Array.FindLastIndex(tape.OpenTimes, time => time + UnixNanos.PerMinute <= step.Time);
            decimal mark = (tape.Close[row] + (lots > 0 ? -1 : 1)) / 100m, level = stop / 100m, coins = Math.Abs(lots) / 100_000_000m;
            oracle.Open.Add((Math.Max(0, lots > 0 ? mark - level : level - mark) * coins, Math.Max(mark, level) * coins * limits.CommissionPerSide, mark * coins));
        }

        decimal most = limits.ContractOf(tapes.Single(t => t.Instrument.Id == step.Instrument).Instrument.Symbol)!.Size * 100_000m;
        RefusalReason expected = oracle.Check(step.Price.Ticks / 100m, step.Stop.Ticks / 100m, 0.00000001m, most, out decimal quantity, out _);
        Assert.True(expected == step.Reason, $"{where}: oracle {expected}");
        if (expected == RefusalReason.None)
            Assert.Equal(quantity, step.Quantity.Lots / 100_000_000m);
    }
}
