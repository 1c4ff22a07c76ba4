using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

/// <summary>Scenarios a trader would sign.</summary>
public sealed class RiskCheckerTests
{
    [Fact]
    public void OnePercentIsRiskedToTheStopAndTheQuantityIsRoundedDown()
    {
        var desk = new Desk();
        // 1 % of 100,000 over a distance of 700.01: 1.42855102… coins, and a lot is 1e-8.
        RiskVerdict verdict = desk.Check(desk.Buy(desk.Btc, 100_000m, 99_299.99m, 102_000m), desk.Market(99_999m, 100_000m));
        Assert.True(verdict.IsApproved);
        Assert.Equal(SizedBy.Risk, verdict.SizedBy);
        Assert.Equal(Desk.Coins(1.42855102m), verdict.Quantity);
        Assert.True(verdict.OwnRisk <= Desk.Usd(1_000m));
        Assert.True(verdict.OwnRisk + Desk.Usd(700.01m * 0.00000001m) > Desk.Usd(1_000m));
    }

    [Fact]
    public void AfterLossesTheRiskIsOnePercentOfWhatIsLeftAndAfterGainsOfTheInitialCapital()
    {
        var desk = new Desk();
        desk.Book(-2_000m);
        Assert.Equal(Desk.Usd(980m), desk.BuyBtc().OwnRisk);
        desk = new Desk();
        desk.Book(3_000m);
        Assert.Equal(Desk.Usd(1_000m), desk.BuyBtc().OwnRisk);
    }

    [Fact]
    public void TheCostsOfARoundTripAreThirteenHundredthsOfAPercentAtTwiceTheNotional()
    {
        RiskVerdict verdict = new Desk().BuyBtc(0.005m);
        // 2 × 100,000 in at 0.0325 %, out at the stop at most the same.
        Assert.Equal(Desk.Usd(130m), verdict.OwnCosts);
    }

    [Fact]
    public void TheFifthFullLossOfADayIsRefusedBeforeItIsSent()
    {
        var desk = new Desk(Desk.Roomy);
        for (int i = 0; i < 4; i++)
        {
            RiskVerdict verdict = desk.BuyBtc();
            Assert.True(verdict.IsApproved, $"loss {i + 1}: {verdict.Reason}");
            desk.StoppedOut(verdict, desk.Btc);
            desk.Wait(desk.Now + UnixNanos.PerHour);
        }

        Assert.Equal(RefusalReason.DailyHeadroom, desk.BuyBtc().Reason);
        Assert.True(desk.Risk.Equity >= desk.Risk.DailyFloor);
        // The next day begins with a new floor.
        desk.Wait(PragueCalendar.NextReset(desk.Now));
        Assert.True(desk.BuyBtc().IsApproved);
    }

    [Fact]
    public void AStopNearerThanLeverageAllowsIsRefusedAndNotShrunk()
    {
        Assert.Equal(RefusalReason.Leverage, new Desk().BuyBtc(0.0030m).Reason);
        Assert.True(new Desk().BuyBtc(0.0031m).IsApproved);
    }

    [Fact]
    public void LeverageCountsEveryPositionTogether()
    {
        var desk = new Desk();
        Assert.True(desk.BuyBtc(0.005m).IsApproved);
        RiskVerdict second = desk.Check(desk.Sell(desk.Eth, 4_000m, 4_020m, 3_900m), desk.Market(4_000m, 4_000.01m));
        Assert.Equal(RefusalReason.Leverage, second.Reason);
    }

    [Fact]
    public void OpenRiskOfEveryPositionCountsEvenWhenOneIsLongAndOneShort()
    {
        var desk = new Desk(Desk.Roomy with { RiskPerTrade = 0.02m });
        Assert.True(desk.BuyBtc().IsApproved);
        Assert.True(desk.Check(desk.Sell(desk.Eth, 4_000m, 4_020m, 3_900m), desk.Market(4_000m, 4_000.01m)).IsApproved);
        RiskVerdict third = desk.Check(desk.Buy(desk.Sol, 200m, 199m, 203m), desk.Market(199.99m, 200m));
        Assert.Equal(RefusalReason.DailyHeadroom, third.Reason);
        Assert.True(third.DailyHeadroom < Desk.Usd(1_000m));
    }

    [Fact]
    public void AfterAGoodDayTheLossThatTodayAllowsIsRefusedForTheResetItCouldMeet()
    {
        var desk = new Desk(Desk.Roomy with { RiskPerTrade = 0.06m });
        desk.Book(4_000m);
        // Today 9,000 may be lost; after midnight only 5,000.
        RiskVerdict verdict = desk.BuyBtc();
        Assert.Equal(RefusalReason.NextResetHeadroom, verdict.Reason);
        Assert.Equal(Desk.Usd(9_000m), verdict.DailyHeadroom);
        Assert.Equal(Desk.Usd(5_000m), verdict.NextResetHeadroom);
    }

    [Fact]
    public void ALossCarriedOverMidnightBreachesAtTheResetWithoutAPriceMove()
    {
        var desk = new Desk(Desk.Roomy with { ResetGuardSeconds = 0 });
        desk.Book(4_000m);
        desk.Risk.OnExposure(desk.Btc.Id, default);
        desk.Float(-6_000m);
        Assert.False(desk.Risk.IsBreached);
        desk.Wait(Desk.At("2026-01-12T22:59:59"));
        Assert.False(desk.Risk.IsBreached);
        desk.Wait(Desk.At("2026-01-12T23:00:00"));
        Assert.True(desk.Risk.IsBreached);
        Assert.Contains(RiskNoticeKind.DailyBreach, desk.Notices());
        Assert.Equal(RefusalReason.LimitBreached, desk.Check(desk.Buy(desk.Eth, 4_000m, 3_980m, 4_100m), desk.Market(3_999m, 4_000m)).Reason);
    }

    [Fact]
    public void InTheLastMinutesOfTheDayAPositionThatTheResetWouldBreachIsClosed()
    {
        var desk = new Desk(Desk.Roomy);
        desk.Book(4_000m);
        desk.Risk.OnExposure(desk.Btc.Id, default);
        desk.Float(-4_900m);
        Assert.False(desk.Risk.MustFlatten);
        desk.Wait(Desk.At("2026-01-12T22:54:59"));
        Assert.False(desk.Risk.MustFlatten);
        desk.Wait(Desk.At("2026-01-12T22:55:00"));
        Assert.True(desk.Risk.MustFlatten);
        Assert.Contains(RiskNoticeKind.EmergencyFlatten, desk.Notices());
    }

    [Fact]
    public void TheDailyFloorIsTheBalanceAtMidnightLessFivePercentOfTheInitialCapital()
    {
        var desk = new Desk(Desk.Roomy);
        Assert.Equal(Desk.Usd(95_000m), desk.Risk.DailyFloor);
        desk.Book(4_000m);
        Assert.Equal(Desk.Usd(95_000m), desk.Risk.DailyFloor);
        desk.Float(-2_500m); // floating results do not set the floor
        desk.Wait(Desk.At("2026-01-12T23:00:00"));
        Assert.Equal(Desk.Usd(99_000m), desk.Risk.DailyFloor);
        Assert.Equal(Desk.Usd(90_000m), desk.Risk.TotalFloor);
    }

    [Fact]
    public void TheOneStepTotalFloorFollowsTheHighestEndOfDayAndNothingElse()
    {
        var desk = new Desk(RiskPresets.Ftmo1Step);
        desk.Book(7_000m);
        Assert.Equal(Desk.Usd(90_000m), desk.Risk.TotalFloor); // intraday profit does not move it
        desk.Book(-3_000m);
        desk.Wait(Desk.At("2026-01-12T23:00:00"));
        Assert.Equal(Desk.Usd(94_000m), desk.Risk.TotalFloor); // day 1 ended at 104,000
        desk.Book(-1_000m);
        desk.Wait(Desk.At("2026-01-13T23:00:00"));
        Assert.Equal(Desk.Usd(94_000m), desk.Risk.TotalFloor); // day 2 ended at 103,000
        Assert.Equal(Desk.Usd(100_000m), desk.Risk.DailyFloor);
    }

    [Fact]
    public void TheFloorIsReachedBelowItAndNotAtIt()
    {
        var desk = new Desk();
        desk.Float(-5_000m);
        Assert.False(desk.Risk.IsBreached);
        Assert.True(desk.Risk.MustFlatten);
        desk.Risk.OnAccount(desk.Risk.State.Balance, Desk.Usd(95_000m) - new Notional(1));
        Assert.True(desk.Risk.IsBreached);
    }

    [Fact]
    public void WarningsComeOnceADayAtFourAndEightPercent()
    {
        var desk = new Desk();
        desk.Float(-3_999.99m);
        Assert.Empty(desk.Notices());
        desk.Float(-4_000m);
        Assert.Equal([RiskNoticeKind.DailyWarning], desk.Notices());
        desk.Float(-3_000m);
        desk.Float(-4_100m);
        Assert.Empty(desk.Notices());
        desk.Book(-4_100m);
        desk.Wait(PragueCalendar.NextReset(desk.Now));
        desk.Notices();
        desk.Float(-3_900m);
        Assert.Equal([RiskNoticeKind.TotalWarning], desk.Notices());
    }

    [Fact]
    public void NothingIsOpenedInsideTheInternalMargins()
    {
        var desk = new Desk(Desk.Roomy with { RiskPerTrade = 0.0001m });
        desk.Float(-4_499.99m);
        Assert.True(desk.BuyBtc().IsApproved);
        desk = new Desk(Desk.Roomy with { RiskPerTrade = 0.0001m });
        desk.Float(-4_500m);
        Assert.Equal(RefusalReason.DailyMargin, desk.BuyBtc().Reason);

        desk = new Desk(Desk.Roomy with { RiskPerTrade = 0.0001m });
        desk.Book(-4_400m);
        desk.Wait(PragueCalendar.NextReset(desk.Now));
        desk.Book(-4_400m);
        desk.Wait(PragueCalendar.NextReset(desk.Now));
        desk.Book(-200m);
        Assert.Equal(RefusalReason.TotalMargin, desk.BuyBtc().Reason);
    }

    [Fact]
    public void EverythingIsClosedWithinAQuarterPercentOfAFloor()
    {
        var desk = new Desk();
        desk.Risk.OnExposure(desk.Btc.Id, default);
        desk.Float(-4_749.99m);
        Assert.False(desk.Risk.MustFlatten);
        desk.Float(-4_750m);
        Assert.True(desk.Risk.MustFlatten);
        desk.Float(-4_700m);
        Assert.False(desk.Risk.MustFlatten);
    }

    [Fact]
    public void TheDailyCostBudgetStopsAHyperactiveDay()
    {
        var desk = new Desk(RiskPresets.Ftmo2Step with { DailyCostBudget = 0.003m });
        for (int i = 0; i < 2; i++)
        {
            RiskVerdict verdict = desk.BuyBtc();
            Assert.True(verdict.IsApproved);
            desk.Risk.OnFlat(desk.Btc.Id);
            desk.Risk.OnCommission(verdict.OwnCosts);
            desk.Wait(desk.Now + UnixNanos.PerHour);
        }

        Assert.Equal(RefusalReason.CostBudget, desk.BuyBtc().Reason);
        desk.Wait(PragueCalendar.NextReset(desk.Now));
        Assert.True(desk.BuyBtc().IsApproved);
    }

    [Fact]
    public void TheOrderRateIsCappedInAnyHourAndInADay()
    {
        var desk = new Desk(Desk.Roomy with { MaxOrdersPerHour = 3, MaxOrdersPerDay = 5 });
        for (int i = 0; i < 3; i++)
        {
            Assert.True(desk.BuyBtc().IsApproved);
            desk.Risk.OnFlat(desk.Btc.Id);
            desk.Wait(desk.Now + UnixNanos.PerMinute);
        }

        Assert.Equal(RefusalReason.OrderRate, desk.BuyBtc().Reason);
        desk.Wait(Desk.MondayNoon + UnixNanos.PerHour - 1);
        Assert.Equal(RefusalReason.OrderRate, desk.BuyBtc().Reason);
        desk.Wait(Desk.MondayNoon + UnixNanos.PerHour);
        Assert.True(desk.BuyBtc().IsApproved);
        desk.Risk.OnFlat(desk.Btc.Id);
        desk.Wait(desk.Now + UnixNanos.PerHour);
        Assert.True(desk.BuyBtc().IsApproved);
        desk.Risk.OnFlat(desk.Btc.Id);
        desk.Wait(desk.Now + UnixNanos.PerHour);
        Assert.Equal(RefusalReason.OrderRate, desk.BuyBtc().Reason);
    }

    [Fact]
    public void TwoMinutesAroundNewsNothingIsOpenedAndNoHorizonCloses()
    {
        var desk = new Desk(Desk.Roomy with { News = [new DateTime(2026, 1, 12, 13, 30, 0, DateTimeKind.Utc)] });
        desk.Wait(Desk.At("2026-01-12T13:27:59"));
        Assert.True(desk.BuyBtc().IsApproved);
        desk.Risk.OnFlat(desk.Btc.Id);
        desk.Wait(Desk.At("2026-01-12T13:28:00"));
        Assert.Equal(RefusalReason.NewsBlackout, desk.BuyBtc().Reason);
        desk.Wait(Desk.At("2026-01-12T13:32:00"));
        Assert.Equal(RefusalReason.NewsBlackout, desk.BuyBtc().Reason);
        var close = new OrderRequest { Time = desk.Now, Instrument = desk.Btc.Id, Side = Side.Sell, Quantity = new(5), Purpose = OrderPurpose.HorizonExit };
        Assert.Equal(RefusalReason.NewsBlackout, desk.Risk.CheckClose(close, 5, 0, out _).Reason);
        close.Purpose = OrderPurpose.EmergencyFlatten;
        Assert.True(desk.Risk.CheckClose(close, 5, 0, out _).IsApproved);
        desk.Wait(Desk.At("2026-01-12T13:32:01"));
        Assert.True(desk.BuyBtc().IsApproved);
    }

    [Fact]
    public void TheTargetEndsTheTradingOnceTheDaysAreDone()
    {
        var desk = new Desk(Desk.Roomy);
        for (int day = 0; day < 4; day++)
        {
            Assert.Equal(day, desk.Risk.State.TradingDays);
            desk.Risk.OnPositionOpened();
            desk.Risk.OnPositionOpened(); // the second of a day does not count
            desk.Book(2_500m);
            if (day < 3)
                desk.Wait(PragueCalendar.NextReset(desk.Now));
        }

        Assert.Contains(RiskNoticeKind.ProfitTarget, desk.Notices());
        Assert.Equal(RefusalReason.ProfitTargetReached, desk.BuyBtc().Reason);
        Assert.Equal(Desk.Usd(2_500m), desk.Risk.State.BestDay);
    }

    [Fact]
    public void TheTargetReachedBeforeTheDaysAreDoneLetsTheRemainingDaysBeTraded()
    {
        var desk = new Desk(Desk.Roomy);
        desk.Risk.OnPositionOpened();
        desk.Book(10_000m);
        Assert.True(desk.BuyBtc().IsApproved);
    }

    [Fact]
    public void ATradeIsAtMostFiveContractLots()
    {
        var desk = new Desk(Desk.Roomy with { Contracts = RiskPresets.FtmoCrypto });
        // 1 % over 0.5 % of 4,000 would be 50.0…1 ETH at a stop slightly nearer; 5 lots of 10 ETH are the most.
        RiskVerdict sized = desk.Check(desk.Buy(desk.Eth, 4_000m, 3_990m, 4_050m), desk.Market(3_999m, 4_000m));
        Assert.True(sized.IsApproved);
        Assert.Equal(SizedBy.ContractLots, sized.SizedBy);
        Assert.Equal(Desk.Coins(50m), sized.Quantity);
        desk.Risk.OnFlat(desk.Eth.Id);

        OrderRequest asked = desk.Buy(desk.Eth, 4_000m, 3_990m, 4_050m);
        asked.Quantity = Desk.Coins(50m) + new Quantity(1);
        Assert.Equal(RefusalReason.ContractLots, desk.Check(asked, desk.Market(3_999m, 4_000m)).Reason);
        asked.Quantity = Desk.Coins(50m);
        Assert.True(desk.Check(asked, desk.Market(3_999m, 4_000m)).IsApproved);
    }

    [Fact]
    public void AnApprovalCannotBeMadeOutsideTheCheck()
    {
        RiskApproved<OrderRequest> forged = default;
        Assert.False(forged.IsApproved);
        Assert.Throws<InvalidOperationException>(() => forged.Value);
        Assert.Empty(typeof(RiskApproved<OrderRequest>).GetConstructors());
    }

    [Fact]
    public void AFlattenClosesWhileTheSwitchIsOnAndNothingElseDoes()
    {
        var desk = new Desk();
        var close = new OrderRequest { Time = desk.Now, Instrument = desk.Btc.Id, Side = Side.Sell, Quantity = new(5), Purpose = OrderPurpose.Flatten };
        desk.Risk.BeginFlatten();
        Assert.True(desk.Risk.CheckClose(close, 5, 0, out _).IsApproved);
        Assert.Equal(RefusalReason.Killed, desk.BuyBtc().Reason);
        close.Purpose = OrderPurpose.HorizonExit;
        Assert.Equal(RefusalReason.Killed, desk.Risk.CheckClose(close, 5, 0, out _).Reason);
        desk.Risk.EndFlatten();
        close.Purpose = OrderPurpose.Flatten;
        Assert.Equal(RefusalReason.Killed, desk.Risk.CheckClose(close, 5, 0, out _).Reason);
    }

    [Fact]
    public void CheckingAllocatesNothing()
    {
        var desk = new Desk(Desk.Roomy with { MaxOrdersPerDay = int.MaxValue });
        InstrumentTerms terms = desk.Terms(desk.Btc);
        MarketView market = desk.Market(99_999m, 100_000m);
        Run(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(100_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                desk.Wait(desk.Now + UnixNanos.PerMinute);
                OrderRequest request = desk.Buy(desk.Btc, 100_000m, 99_500m, 101_000m);
                market.LastAlive = desk.Now;
                if (desk.Risk.Check(request, terms, market, out _).IsApproved)
                    desk.Risk.OnFlat(desk.Btc.Id);
                Notional balance = desk.Risk.State.Balance;
                desk.Risk.OnAccount(balance, balance - Desk.Usd(i % 4_200));
                while (desk.Risk.TryTakeNotice(out _))
                {
                }

                desk.Risk.Publish();
            }
        }
    }
}
