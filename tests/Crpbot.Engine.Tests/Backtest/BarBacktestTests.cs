using Crpbot.Backtest;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Backtest;

public sealed class BarBacktestTests
{
    private static readonly RiskLimits NoFees = TapeScript.Roomy with { CommissionPerSide = 0m };

    // An average true range of 100: the stop stands max(200, 0.35 % of 100,000.01) = 350.01 below the ask, the target 525.02 above it.
    private static readonly (decimal, decimal, decimal, decimal) Quiet = (100_000m, 100_010m, 99_990m, 100_000m);

    [Fact]
    public void ABuyIsFilledAtTheCloseItWasDecidedOnAndSoldAtItsHorizon()
    {
        BarTape tape = TapeScript.Of(Quiet, Quiet, (100_000m, 100_100m, 99_990m, 100_050m), Quiet);
        tape.ProbabilityUp[0] = 0.8;
        BacktestTrade trade = Assert.Single(Run(tape, horizon: 2).Trades);
        Assert.Equal((Side.Buy, OrderPurpose.HorizonExit), (trade.Side, trade.ExitPurpose));
        Assert.Equal((10_000_000, 10_005_000), (trade.EntryPrice.Ticks, trade.ExitPrice.Ticks));
        Assert.Equal((0, 2), (trade.EntryRow, trade.ExitRow));
        // 1 % of 100,000 over 350.01 a coin, rounded down to 1e-8: 2.85706122 coins, 50 dollars each.
        Assert.Equal(2.85706122m, trade.Quantity.Lots / 100_000_000m);
        Assert.Equal(142.853061m, trade.Net.ToDecimal());
    }

    [Fact]
    public void TheStopComesBeforeTheTargetWhenOneBarHoldsBoth()
    {
        BarTape tape = TapeScript.Of(Quiet, (100_000m, 101_000m, 99_000m, 100_000m), Quiet);
        tape.ProbabilityUp[0] = 0.8;
        BacktestTrade trade = Assert.Single(Run(tape).Trades);
        Assert.Equal((OrderPurpose.Stop, 9_965_000), (trade.ExitPurpose, trade.ExitPrice.Ticks));
    }

    [Fact]
    public void ABarThatOpensBeyondTheStopFillsAtItsOpen()
    {
        BarTape tape = TapeScript.Of(Quiet, (99_000m, 99_100m, 98_900m, 99_050m), Quiet);
        tape.ProbabilityUp[0] = 0.8;
        BacktestTrade trade = Assert.Single(Run(tape).Trades);
        Assert.Equal((OrderPurpose.Stop, 9_900_000), (trade.ExitPurpose, trade.ExitPrice.Ticks));
    }

    [Fact]
    public void AShortIsStoppedAboveAndPaidBelow()
    {
        BarTape tape = TapeScript.Of(Quiet, (100_000m, 100_010m, 99_400m, 99_500m), Quiet, Quiet, (100_000m, 100_400m, 99_990m, 100_000m));
        tape.ProbabilityUp[0] = tape.ProbabilityUp[3] = 0.2;
        IReadOnlyList<BacktestTrade> trades = Run(tape).Trades;
        Assert.Equal([OrderPurpose.Target, OrderPurpose.Stop], trades.Select(t => t.ExitPurpose));
        // From the bid, 99,999.99: the target 524.99 × … rounded away from the entry, the stop 350 above it.
        Assert.Equal([9_947_499L, 10_034_999L], trades.Select(t => t.ExitPrice.Ticks));
        Assert.True(trades[0].Net > Notional.Zero && trades[1].Net < Notional.Zero);
    }

    [Fact]
    public void QuotesAreCrossedAndSlippageIsBilledBesideThePrice()
    {
        BarTape tape = TapeScript.Of(Quiet, Quiet);
        for (int i = 0; i < tape.Count; i++)
            (tape.EndBid[i], tape.EndAsk[i]) = (9_999_900, 10_000_100);
        tape.ProbabilityUp[0] = 0.8;
        BacktestOptions options = TapeScript.Options(horizon: 1) with { Slippage = 0.0001m };
        BacktestResult result = new BarBacktest([tape], TapeScript.Roomy, options).Run();
        BacktestTrade trade = Assert.Single(result.Trades);
        Assert.Equal((10_000_100, 9_999_900), (trade.EntryPrice.Ticks, trade.ExitPrice.Ticks));
        decimal coins = trade.Quantity.Lots / 100_000_000m;
        Assert.Equal(-2m * coins, trade.Gross.ToDecimal());
        Assert.Equal(200_000m * coins * 0.000325m, trade.Fees.ToDecimal());
        Assert.Equal(200_000m * coins * 0.0001m, trade.Slippage.ToDecimal());
        Assert.Equal(trade.Net, result.NetProfit);
    }

    [Fact]
    public void WithoutQuotesHalfTheStatedSpreadIsBilledAtEachCrossing()
    {
        BarTape tape = TapeScript.Of(Quiet, Quiet);
        tape.ProbabilityUp[0] = 0.8;
        BacktestTrade trade = Assert.Single(new BarBacktest([tape], NoFees, TapeScript.Options(horizon: 1) with { StatedSpread = 0.0002m }).Run().Trades);
        Assert.Equal(200_000m * (trade.Quantity.Lots / 100_000_000m) * 0.0001m, trade.Slippage.ToDecimal());
    }

    [Fact]
    public void AMinuteWithoutAValidBookNeitherOpensNorClosesWhereTheTapeHasQuotes()
    {
        BarTape tape = TapeScript.Of(Quiet, Quiet, Quiet, Quiet, Quiet);
        foreach (int row in (int[])[0, 1, 3, 4])
            (tape.EndBid[row], tape.EndAsk[row]) = (9_999_900, 10_000_100);
        tape.ProbabilityUp[1] = tape.ProbabilityUp[2] = 0.8;
        BacktestResult result = Run(tape, horizon: 1);
        Assert.Equal(3, Assert.Single(result.Trades).ExitRow);
        Assert.Equal(1, result.Refusals[(int)RefusalReason.NoBook]);
    }

    [Fact]
    public void ASecondSignalIsRefusedWhileThePositionIsOpenAlsoInTheMinuteThatClosesIt()
    {
        BarTape tape = TapeScript.Of(Quiet, Quiet, Quiet, Quiet, Quiet, Quiet);
        for (int i = 0; i < 4; i++)
            tape.ProbabilityUp[i] = 0.8;
        BacktestResult result = Run(tape, horizon: 2);
        Assert.Equal([0, 3], result.Trades.Select(t => t.EntryRow));
        Assert.Equal(2, result.Refusals[(int)RefusalReason.PositionOpen]);
    }

    [Fact]
    public void TiersAndHourlyLimitsAreTheLiveOnes()
    {
        BarTape tape = TapeScript.Of([.. Enumerable.Repeat(Quiet, 40)]);
        for (int i = 0; i < 30; i++)
            tape.ProbabilityUp[i] = i % 3 == 0 ? 0.6 : 0.9;
        BacktestResult result = Run(tape, horizon: 1);
        Assert.Equal(10, result.Signals[(int)SignalTier.Low]);
        Assert.Equal(20, result.Signals[(int)SignalTier.High]);
        Assert.Equal(15, result.Suppressed[(int)SignalTier.High]);
        Assert.All(result.Trades, trade => Assert.Equal(SignalTier.High, trade.Tier));
    }

    [Fact]
    public void AFallThroughTheFloorEndsTheAccount()
    {
        // No stop can help: each minute opens 3 % lower, and the risk is 4 % a trade.
        (decimal, decimal, decimal, decimal) Bar(int i) => (100_000m * (1 - 0.03m * i), 100_000m * (1 - 0.03m * i), 100_000m * (1 - 0.03m * i), 100_000m * (1 - 0.03m * i));
        BarTape tape = TapeScript.Of([.. Enumerable.Range(0, 6).Select(Bar)]);
        Array.Fill(tape.ProbabilityUp, 0.9);
        BacktestResult result = new BarBacktest([tape], NoFees with { RiskPerTrade = 0.04m }, TapeScript.Options()).Run();
        Assert.Equal(RunEnd.Breached, result.End);
        Assert.Single(result.Trades);
        Assert.Equal(tape.OpenTimes[2] - 1, result.BreachTime);
        Assert.True(result.WorstDailyLoss > 0.05 && result.MaxDrawdown > 0.05);
    }

    [Fact]
    public void WhatIsHeldWhenTheTapeEndsIsSoldAtItsLastPrice()
    {
        BarTape tape = TapeScript.Of(Quiet, Quiet, (100_000m, 100_010m, 99_990m, 99_995m));
        tape.ProbabilityUp[1] = 0.8;
        BacktestTrade trade = Assert.Single(Run(tape).Trades);
        Assert.Equal((OrderPurpose.Flatten, 9_999_500), (trade.ExitPurpose, trade.ExitPrice.Ticks));
    }

    [Fact]
    public void AChallengePassesAtItsTargetWithItsTradingDaysAndNotBefore()
    {
        // Up 1 % a minute for a while each day: every trade earns its target.
        var bars = new List<(decimal, decimal, decimal, decimal)>();
        for (int day = 0; day < 6; day++)
        {
            for (int minute = 0; minute < 1_440; minute++)
                bars.Add(minute % 2 == 0 ? (100_000m, 100_000m, 100_000m, 100_000m) : (100_000m, 101_000m, 100_000m, 100_000m));
        }

        BarTape tape = TapeScript.Of(bars);
        for (int i = 0; i < tape.Count; i += 360)
            tape.ProbabilityUp[i] = 0.9;
        ChallengeSummary challenge = new BarBacktest([tape], NoFees, TapeScript.Options()).Challenge();
        Assert.Equal(7, challenge.Starts);
        // Four trades of 1.5 % a day reach 10 % on the second day; four trading days make it the fourth.
        Assert.Equal(4, challenge.MedianDays);
        Assert.Equal((4, 0, 3), (challenge.Passed, challenge.Failed, challenge.Undecided));
        // The account that is past its challenge goes on.
        Assert.True(new BarBacktest([tape], NoFees, TapeScript.Options()).Run().NetProfit > Notional.FromWhole(30_000));
    }

    [Fact]
    public void DaysAreThoseOfPragueAndHaveNoHoles()
    {
        BarTape tape = TapeScript.Random(3, 20_000, opinions: 0.001, gaps: 0.01);
        BacktestResult result = new BarBacktest([tape], TapeScript.Roomy, TapeScript.Options()).Run();
        Assert.Equal(Enumerable.Range(PragueCalendar.DayNumber(tape.OpenTimes[0]), result.Days.Count), result.Days.Select(day => day.Day));
        Assert.Equal(PragueCalendar.DayNumber(tape.OpenTimes[^1] + UnixNanos.PerMinute - 1), result.Days[^1].Day);
        Assert.Equal(result.NetProfit, result.Days.Aggregate(Notional.Zero, (sum, day) => sum + day.Profit));
        Assert.Equal(result.Trades.Count, result.Days.Sum(day => day.Opened));
    }

    private static BacktestResult Run(BarTape tape, int horizon = 15) => new BarBacktest([tape], NoFees, TapeScript.Options(horizon)).Run();
}
