using Crpbot.Backtest;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Backtest;

public sealed class BarBacktestPropertyTests
{
    [Fact]
    public void FillsMakeUpTheWholeChangeOfEquityAndEveryPriceStandsInTheTape()
    {
        var purposes = new HashSet<OrderPurpose>();
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            RiskLimits limits = (seed % 3 == 0 ? RiskPresets.Ftmo1Step : seed % 3 == 1 ? RiskPresets.Ftmo2Step : TapeScript.Roomy) with { RiskPerTrade = seed % 2 == 0 ? 0.01m : 0.03m };
            BarTape[] tapes = [.. Enumerable.Range(0, 1 + seed % 3).Select(i => TapeScript.Random(seed, 1_500, i, quoted: seed % 4 < 2, volatility: 0.001 * (1 + seed % 5)))];
            BacktestOptions options = TapeScript.Options(1 + random.Next(40)) with { Slippage = seed % 2 * 0.00013m, StatedSpread = seed % 5 * 0.00007m };
            BacktestResult result = new BarBacktest(tapes, limits, options).Run();

            decimal net = 0;
            foreach (BacktestTrade trade in result.Trades)
            {
                purposes.Add(trade.ExitPurpose);
                BarTape tape = tapes.Single(t => t.Instrument.Id == trade.Instrument.Id);
                Assert.True(Exists(tape, trade.EntryRow, trade.EntryPrice.Ticks), $"seed {seed}: entry of {trade}");
                Assert.True(Exists(tape, trade.ExitRow, trade.ExitPrice.Ticks), $"seed {seed}: exit of {trade}");
                Assert.True(trade.EntryRow < trade.ExitRow || trade.ExitPurpose == OrderPurpose.Flatten);
                bool buy = trade.Side == Side.Buy;
                Assert.True(buy ? trade.Stop < trade.EntryPrice && trade.Target > trade.EntryPrice : trade.Stop > trade.EntryPrice && trade.Target < trade.EntryPrice);

                // The ledger again, in decimals.
                decimal coins = trade.Quantity.Lots / 100_000_000m, entry = trade.EntryPrice.Ticks / 100m * coins, exit = trade.ExitPrice.Ticks / 100m * coins;
                decimal gross = buy ? exit - entry : entry - exit;
                Assert.Equal(gross, trade.Gross.ToDecimal());
                Assert.Equal((entry + exit) * limits.CommissionPerSide, trade.Fees.ToDecimal());
                net += gross - trade.Fees.ToDecimal() - trade.Slippage.ToDecimal();
            }

            Assert.Equal(net, result.NetProfit.ToDecimal());
            Assert.Equal(result.NetProfit, result.Days.Aggregate(Notional.Zero, (sum, day) => sum + day.Profit));
        }

        Assert.Superset(new HashSet<OrderPurpose> { OrderPurpose.Stop, OrderPurpose.Target, OrderPurpose.HorizonExit, OrderPurpose.EmergencyFlatten, OrderPurpose.Flatten }, purposes);
    }

    [Fact]
    public void OnAConstantPriceTradersWithoutAnOpinionLoseExactlyTheirCosts()
    {
        foreach (bool alwaysUp in (bool[])[false, true])
        {
            var random = new Random(5);
            BarTape tape = TapeScript.Of([.. Enumerable.Repeat((50_000m, 50_000m, 50_000m, 50_000m), 3_000)]);
            for (int i = 0; i < tape.Count; i++)
                tape.ProbabilityUp[i] = alwaysUp || random.Next(2) == 0 ? 0.9 : 0.1;
            BacktestOptions options = TapeScript.Options() with { Slippage = 0.0001m };
            BacktestResult result = new BarBacktest([tape], TapeScript.Roomy, options).Run();
            Assert.True(result.Trades.Count > 25);
            Assert.All(result.Trades, trade => Assert.True(trade.Gross.IsZero));
            decimal traded = result.Trades.Sum(trade => 2 * 50_000m * (trade.Quantity.Lots / 100_000_000m));
            Assert.Equal(-traded * (0.000325m + 0.0001m), result.NetProfit.ToDecimal());
        }
    }

    [Fact]
    public void OnADriftlessMarketTradersWithoutAnOpinionLoseTheirCostsInExpectation()
    {
        foreach (bool alwaysUp in (bool[])[false, true])
        {
            var gross = new List<double>();
            double costs = 0;
            for (int seed = 0; seed < 60; seed++)
            {
                var random = new Random(seed);
                BarTape tape = TapeScript.Random(seed, 4_000, gaps: 0);
                for (int i = 0; i < tape.Count; i++)
                    tape.ProbabilityUp[i] = alwaysUp || random.Next(2) == 0 ? 0.9 : 0.1;
                BacktestResult result = new BarBacktest([tape], TapeScript.Roomy, TapeScript.Options()).Run();
                gross.AddRange(result.Trades.Select(trade => trade.Gross.ToDouble()));
                costs += result.Trades.Sum(trade => trade.Fees.ToDouble());
            }

            // Gross is noise around nothing, so net is the costs; and the noise is small beside them.
            double mean = gross.Average();
            double error = Math.Sqrt(gross.Average(g => (g - mean) * (g - mean)) / gross.Count);
            Assert.True(gross.Count > 2_000);
            Assert.True(Math.Abs(mean) < 3.5 * error, $"{mean} ± {error} over {gross.Count} trades");
            Assert.True(4 * error < costs / gross.Count);
        }
    }

    [Fact]
    public void AReflectedMarketWithReversedOpinionsGivesTheSameProfit()
    {
        // Equal where costs do not depend on the level of the price: no fees, and stops set by the average true range.
        RiskLimits limits = TapeScript.Roomy with { CommissionPerSide = 0m };
        BacktestOptions options = TapeScript.Options();
        options = options with { Execution = options.Execution with { MinStopFraction = 0.000_001 } };
        int trades = 0, sells = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            BarTape tape = TapeScript.Random(seed, 2_000, quoted: seed % 2 == 0);
            BacktestResult there = new BarBacktest([tape], limits, options).Run();
            BacktestResult back = new BarBacktest([Reflect(tape, 20_000_000)], limits, options).Run();
            trades += there.Trades.Count;
            sells += there.Trades.Count(trade => trade.Side == Side.Sell);
            Assert.Equal(there.NetProfit, back.NetProfit);
            Assert.Equal(there.Trades.Select(t => (t.EntryRow, t.ExitRow, t.Side, t.Net)), back.Trades.Select(t => (t.EntryRow, t.ExitRow, t.Side == Side.Buy ? Side.Sell : Side.Buy, t.Net)));
        }

        Assert.True(sells > 300 && trades - sells > 300, $"{sells} sells of {trades} trades");
    }

    [Fact]
    public void AnotherFutureLeavesThePastAsItWas()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            BarTape[] tapes = [.. Enumerable.Range(0, 3).Select(i => TapeScript.Random(seed, 1_000, i))];
            UnixNanos cut = tapes[0].OpenTimes[300 + seed * 5];
            BacktestResult known = new BarBacktest(tapes, RiskPresets.Ftmo2Step, TapeScript.Options()).Run();
            BacktestResult other = new BarBacktest([.. tapes.Select((tape, i) => Splice(tape, TapeScript.Random(seed + 1_000, 1_000, i, start: cut), cut))], RiskPresets.Ftmo2Step, TapeScript.Options()).Run();
            Assert.NotEqual(known.NetProfit, other.NetProfit);
            Assert.Equal(Before(known), Before(other));
            Assert.True(known.Trades.Any(t => t.ExitTime < cut), $"seed {seed}");

            // A close decides at its own end, never earlier: entries at the ends of bars that lie before the cut are all the past.
            List<object> Before(BacktestResult result) =>
            [
                .. result.Trades.Where(t => t.EntryTime < cut).OrderBy(t => t.EntryTime).ThenBy(t => t.Instrument.Id.Value).Select(t => (object)(t.Instrument.Name, t.EntryTime, t.EntryPrice, t.Quantity, t.Stop)),
                .. result.Trades.Where(t => t.ExitTime < cut).Select(t => (object)(t.Instrument.Name, t.ExitTime, t.ExitPrice, t.Net)),
            ];
        }
    }

    [Fact]
    public void EqualInputsGiveEqualChallengesHoweverManyThreadsThereAre()
    {
        BarTape tape = TapeScript.Random(9, 30_000, volatility: 0.002, opinions: 0.02);
        var engine = new BarBacktest([tape], RiskPresets.Ftmo2Step, TapeScript.Options());
        Assert.Equal(engine.Challenge().Attempts, engine.Challenge().Attempts);
    }

    private static bool Exists(BarTape tape, int row, long price) =>
        (price >= tape.Low[row] && price <= tape.High[row]) || (tape.IsQuoted(row) && (price == tape.EndBid[row] || price == tape.EndAsk[row]));

    private static BarTape Reflect(BarTape tape, long sum) => new()
    {
        Instrument = tape.Instrument,
        OpenTimes = tape.OpenTimes,
        Open = [.. tape.Open.Select(p => sum - p)],
        High = [.. tape.Low.Select(p => sum - p)],
        Low = [.. tape.High.Select(p => sum - p)],
        Close = [.. tape.Close.Select(p => sum - p)],
        EndBid = [.. tape.EndAsk.Select(p => p == 0 ? 0 : sum - p)],
        EndAsk = [.. tape.EndBid.Select(p => p == 0 ? 0 : sum - p)],
        Atr = tape.Atr,
        ProbabilityUp = [.. tape.ProbabilityUp.Select(p => 1 - p)],
    };

    private static BarTape Splice(BarTape past, BarTape future, UnixNanos cut)
    {
        int kept = past.OpenTimes.Count(time => time < cut);
        T[] Join<T>(Func<BarTape, T[]> of) => [.. of(past)[..kept], .. of(future)];
        return new BarTape
        {
            Instrument = past.Instrument,
            OpenTimes = Join(t => t.OpenTimes), Open = Join(t => t.Open), High = Join(t => t.High), Low = Join(t => t.Low), Close = Join(t => t.Close),
            EndBid = Join(t => t.EndBid), EndAsk = Join(t => t.EndAsk), Atr = Join(t => t.Atr), ProbabilityUp = Join(t => t.ProbabilityUp),
        };
    }
}
