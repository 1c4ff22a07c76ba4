using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Crpbot.Engine.Tests.Risk;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Execution;

public sealed class PaperTraderTests
{
    [Fact]
    public void ALongIsBoughtAtTheAskSizedToItsStopAndValuedAtTheBid()
    {
        PaperDesk desk = Opened(Side.Buy);
        ExecutionRecord verdict = desk.Last(ExecutionRecordKind.Verdict);
        Assert.Equal(RefusalReason.None, verdict.Reason);
        Assert.Equal(Desk.Px(100_000.01m), verdict.Price);
        Assert.Equal(Desk.Px(99_500.01m), verdict.Stop); // two average true ranges of 250
        Assert.Equal(Desk.Px(100_750.01m), verdict.Target);
        Assert.Equal(Desk.Coins(2m), verdict.Quantity);

        ExecutionRecord fill = desk.Last(ExecutionRecordKind.Fill);
        Assert.Equal((Desk.Px(100_000.01m), Desk.Coins(2m), Side.Buy), (fill.Price, fill.Quantity, fill.Side));
        Assert.Equal(Desk.Usd(2m * 100_000.01m), fill.Amount1);
        Assert.Equal(Desk.Usd(2m * 100_000.01m * 0.000325m), fill.Amount2);
        // The spread of a cent on two coins and the commission: that is what opening costs.
        Assert.Equal(Desk.Usd(100_000m - 0.02m - 2m * 100_000.01m * 0.000325m), desk.Equity);
    }

    [Fact]
    public void AShortIsSoldAtTheBidWithItsStopAboveAndItsTargetBelow()
    {
        PaperDesk desk = Opened(Side.Sell);
        ExecutionRecord verdict = desk.Last(ExecutionRecordKind.Verdict);
        Assert.Equal(Desk.Px(100_000m), verdict.Price);
        Assert.Equal(Desk.Px(100_500m), verdict.Stop);
        Assert.Equal(Desk.Px(99_250m), verdict.Target);
        Assert.Equal(Side.Sell, desk.Last(ExecutionRecordKind.Fill).Side);
        Assert.Equal(-Desk.Coins(2m).Lots, desk.Trader.Portfolio[desk.Btc.Id].Lots);
    }

    [Fact]
    public void AQuietMarketSetsTheStopAtThirtyFiveHundredthsOfAPercent()
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Sell, 100_000m, atr: 10);
        Assert.Equal(Desk.Px(100_350m), desk.Last(ExecutionRecordKind.Verdict).Stop);
    }

    [Fact]
    public void TheStopClosesAtTheMarketWhenTheBidReachesItAndTheLossIsTheRiskAndTheCosts()
    {
        PaperDesk desk = Opened(Side.Buy);
        ExecutionRecord verdict = desk.Records.First(r => r.Kind == ExecutionRecordKind.Verdict);
        desk.Touch(desk.Btc, 99_500.02m);
        Assert.Equal(0, desk.Count(ExecutionRecordKind.PositionClosed));
        desk.Touch(desk.Btc, 99_500.01m);
        ExecutionRecord closed = desk.Last(ExecutionRecordKind.PositionClosed);
        Assert.Equal(OrderPurpose.Stop, closed.Purpose);
        Assert.Equal(-verdict.Amount1, closed.Amount1);
        Assert.True(closed.Amount2 <= verdict.Amount2);
        Assert.Equal(Desk.Usd(100_000m) + closed.Amount1 - closed.Amount2, desk.Equity);
        Assert.Equal(1, desk.Trader.Risk.State.TradingDays);
        Assert.Equal(0, desk.Trader.WorkingOrders);
    }

    [Fact]
    public void AStopInAGapIsFilledWhereTheMarketIsAndNotAtTheStop()
    {
        PaperDesk desk = Opened(Side.Buy);
        desk.Touch(desk.Btc, 99_000m);
        Assert.Equal(Desk.Px(99_000m), desk.Last(ExecutionRecordKind.PositionClosed).Price);
        Assert.Equal(Desk.Usd(-2m * 1_000.01m), desk.Last(ExecutionRecordKind.PositionClosed).Amount1);
    }

    [Fact]
    public void TheTargetTakesItsPriceOrBetter()
    {
        PaperDesk desk = Opened(Side.Buy);
        desk.Book(desk.Btc, [(100_751m, 0.5m), (100_750.01m, 0.5m), (100_750m, 10m)], [(100_752m, 1m)]);
        Assert.Equal(2, desk.Records.Count(r => r.Kind == ExecutionRecordKind.Fill && r.Purpose == OrderPurpose.Target));
        Assert.Equal(Desk.Coins(1m).Lots, desk.Trader.Portfolio[desk.Btc.Id].Lots);
        Assert.Equal(0, desk.Count(ExecutionRecordKind.PositionClosed));
        desk.Level(desk.Btc, Side.Buy, 100_750.02m, 3m);
        Assert.Equal(Desk.Px(100_750.02m), desk.Last(ExecutionRecordKind.PositionClosed).Price);
        Assert.Equal(1, desk.Trader.Account.Read().PositionsWon);
    }

    [Fact]
    public void TheHorizonClosesAtTheMarket()
    {
        PaperDesk desk = Opened(Side.Buy, horizon: 15);
        UnixNanos opened = desk.Records.First(r => r.Kind == ExecutionRecordKind.Order).Time;
        desk.Now = opened + 15 * UnixNanos.PerMinute - 2 * UnixNanos.PerMillisecond;
        desk.Timer();
        Assert.Equal(1, desk.Count(ExecutionRecordKind.Order));
        desk.Now = opened + 15 * UnixNanos.PerMinute - UnixNanos.PerMillisecond;
        desk.Timer();
        Assert.Equal(OrderPurpose.HorizonExit, desk.Last(ExecutionRecordKind.Order).Purpose);
        Assert.Equal(0, desk.Count(ExecutionRecordKind.PositionClosed)); // a Timer is no market: nothing fills on it
        desk.Trade(desk.Btc, 100_000m);
        Assert.Equal(OrderPurpose.HorizonExit, desk.Last(ExecutionRecordKind.PositionClosed).Purpose);
        Assert.Equal(Desk.Px(100_000m), desk.Last(ExecutionRecordKind.PositionClosed).Price);
    }

    [Fact]
    public void OnePositionAnInstrument()
    {
        PaperDesk desk = Opened(Side.Buy);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.PositionOpen, desk.Last(ExecutionRecordKind.Verdict).Reason);
        Assert.Equal(1, desk.Trader.Account.Read().Refusals[(int)RefusalReason.PositionOpen]);
    }

    [Fact]
    public void AnOrderOnItsWayIsAPositionAlready()
    {
        var desk = new PaperDesk(options: new ExecutionOptions { OrderLatencyNanos = UnixNanos.PerSecond });
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.PositionOpen, desk.Last(ExecutionRecordKind.Verdict).Reason);
    }

    [Fact]
    public void AnOrderMeetsTheMarketOfItsArrivalAndNotTheOneItWasDecidedOn()
    {
        var desk = new PaperDesk(options: new ExecutionOptions { OrderLatencyNanos = 50 * UnixNanos.PerMillisecond });
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        UnixNanos sent = desk.Now;
        desk.Touch(desk.Btc, 100_010m);
        Assert.Equal(0, desk.Count(ExecutionRecordKind.Fill));
        desk.Now = sent + 60 * UnixNanos.PerMillisecond;
        desk.Touch(desk.Eth, 4_000m); // any message's end is a moment of the market
        Assert.Equal(Desk.Px(100_010.01m), desk.Last(ExecutionRecordKind.Fill).Price);
    }

    [Fact]
    public void NothingIsFilledInsideAMessage()
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        desk.Level(desk.Btc, Side.Sell, 100_000.01m, 0m, flags: default);
        Assert.Equal(0, desk.Count(ExecutionRecordKind.Fill));
        desk.Level(desk.Btc, Side.Sell, 100_000.02m, 50m);
        Assert.Equal(Desk.Px(100_000.02m), desk.Last(ExecutionRecordKind.Fill).Price);
    }

    [Fact]
    public void AnOpeningOrderTakesWhatIsThereAndEnds()
    {
        var desk = new PaperDesk();
        desk.Book(desk.Btc, [(100_000m, 10m)], [(100_000.01m, 0.5m), (100_001m, 0.25m)]);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        desk.Trade(desk.Btc, 100_000m);
        Assert.Equal(2, desk.Count(ExecutionRecordKind.Fill));
        Assert.Equal((OrderState.Cancelled, Desk.Coins(0.75m)), (desk.Last(ExecutionRecordKind.OrderEnded).State, desk.Last(ExecutionRecordKind.OrderEnded).Quantity));
        Assert.Equal(Desk.Coins(0.75m).Lots, desk.Trader.Portfolio[desk.Btc.Id].Lots);
    }

    [Fact]
    public void WhatWasTakenIsNotThereAgainUntilTheLevelChanges()
    {
        var desk = new PaperDesk();
        desk.Book(desk.Btc, [(100_000m, 0.5m), (99_990m, 0.5m)], [(100_000.01m, 10m)]);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        desk.Trade(desk.Btc, 100_000m);
        desk.Command(OperatorCommand.Flatten);
        desk.Trade(desk.Btc, 100_000m);
        Assert.Equal(Desk.Coins(1m).Lots, desk.Trader.Portfolio[desk.Btc.Id].Lots);
        desk.Level(desk.Btc, Side.Buy, 100_000m, 0.5m); // the same quantity again: nothing new
        desk.Book(desk.Btc, [(100_000m, 0.5m), (99_990m, 0.5m)], [(100_000.01m, 10m)]); // nor is a snapshot of the same
        Assert.Equal(Desk.Coins(1m).Lots, desk.Trader.Portfolio[desk.Btc.Id].Lots);
        desk.Level(desk.Btc, Side.Buy, 100_000m, 0.6m);
        Assert.Equal(Desk.Coins(0.4m).Lots, desk.Trader.Portfolio[desk.Btc.Id].Lots);
    }

    [Fact]
    public void WithoutAReadableBookThereIsNoOrder()
    {
        var desk = new PaperDesk();
        desk.Timer();
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.NoBook, desk.Last(ExecutionRecordKind.Verdict).Reason);
        desk.Touch(desk.Btc, 100_000m);
        desk.Send(new MarketEvent { Kind = MarketEventKind.Gap, Instrument = desk.Btc.Id, Channel = Channel.Book });
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.NoBook, desk.Last(ExecutionRecordKind.Verdict).Reason);
        desk.Touch(desk.Btc, 100_000m);
        desk.Send(new MarketEvent { Kind = MarketEventKind.Disconnect, Instrument = InstrumentId.All });
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.NoBook, desk.Last(ExecutionRecordKind.Verdict).Reason);
        Assert.Equal(3, desk.Trader.Account.Read().Refusals.Total);
    }

    [Fact]
    public void HistoryBuildsBooksAndDecidesNothing()
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m, MarketEventFlags.History);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.History, desk.Last(ExecutionRecordKind.Verdict).Reason);
        desk.Timer();
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.None, desk.Last(ExecutionRecordKind.Verdict).Reason);
    }

    [Fact]
    public void ASuppressedSignalLeavesNoVerdict()
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m, suppression: SignalSuppression.TotalLimit);
        Assert.Empty(desk.Records);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    [InlineData(60_000)]
    public void AnAverageTrueRangeThatGivesNoStopGivesNoOrder(double atr)
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m, atr);
        Assert.Equal(RefusalReason.StopOnWrongSide, desk.Last(ExecutionRecordKind.Verdict).Reason);
    }

    [Fact]
    public void AfterKillNoOrderLeavesAndTheAcknowledgementComesWhenNothingIsOnItsWay()
    {
        var desk = new PaperDesk(options: new ExecutionOptions { OrderLatencyNanos = 50 * UnixNanos.PerMillisecond }, store: new RecordingStore());
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        desk.Command(OperatorCommand.Kill);
        Assert.True(desk.Trader.Risk.IsKilled);
        Assert.DoesNotContain(desk.Records, r => r.Notice == RiskNoticeKind.Killed); // an order is still on its way
        desk.Signal(desk.Eth, Side.Buy, 4_000m);
        Assert.Equal(RefusalReason.Killed, desk.Last(ExecutionRecordKind.Verdict).Reason);
        int acknowledged = desk.Records.Count;
        desk.Now += 100 * UnixNanos.PerMillisecond;
        desk.Timer();
        Assert.Equal(RiskNoticeKind.Killed, desk.Records[^1].Notice);
        Assert.Contains(desk.Records.Skip(acknowledged), r => r is { Kind: ExecutionRecordKind.OrderEnded, State: OrderState.Cancelled });
        desk.Touch(desk.Btc, 100_000m);
        Assert.Equal(0, desk.Count(ExecutionRecordKind.Fill));
        desk.Command(OperatorCommand.Resume);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.None, desk.Last(ExecutionRecordKind.Verdict).Reason);
    }

    [Fact]
    public void AfterKillTheHorizonClosesNothingAndTheStopAtTheVenueStillHolds()
    {
        PaperDesk desk = Opened(Side.Buy, horizon: 1);
        desk.Command(OperatorCommand.Kill);
        Assert.Equal(RiskNoticeKind.Killed, desk.Records[^1].Notice);
        int orders = desk.Count(ExecutionRecordKind.Order);
        for (int i = 0; i < 10; i++)
        {
            desk.Now += UnixNanos.PerMinute / 2;
            desk.Timer();
            desk.Touch(desk.Btc, 100_000m);
        }

        Assert.Equal(orders, desk.Count(ExecutionRecordKind.Order));
        Assert.Equal(RefusalReason.Killed, desk.Last(ExecutionRecordKind.Verdict).Reason);
        desk.Touch(desk.Btc, 99_400m);
        Assert.Equal(OrderPurpose.Stop, desk.Last(ExecutionRecordKind.PositionClosed).Purpose);
    }

    [Fact]
    public void FlattenClosesEverythingThenAcknowledgesThenRefuses()
    {
        PaperDesk desk = Opened(Side.Buy);
        desk.Command(OperatorCommand.Flatten);
        Assert.Equal(OrderPurpose.Flatten, desk.Last(ExecutionRecordKind.Order).Purpose);
        Assert.DoesNotContain(desk.Records, r => r.Notice == RiskNoticeKind.Killed);
        desk.Trade(desk.Btc, 100_000m);
        Assert.Equal(OrderPurpose.Flatten, desk.Last(ExecutionRecordKind.PositionClosed).Purpose);
        Assert.Equal(RiskNoticeKind.Killed, desk.Records[^1].Notice);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.Killed, desk.Last(ExecutionRecordKind.Verdict).Reason);
    }

    [Fact]
    public void AKillSurvivesTheRestart()
    {
        var store = new RecordingStore();
        var first = new PaperDesk(store: store);
        first.Touch(first.Btc, 100_000m);
        first.Command(OperatorCommand.Kill);
        var second = new PaperDesk(store: store);
        second.Touch(second.Btc, 100_000m);
        second.Signal(second.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.Killed, second.Last(ExecutionRecordKind.Verdict).Reason);
    }

    [Fact]
    public void LossesSurviveTheRestart()
    {
        var store = new RecordingStore();
        var first = new PaperDesk(store: store);
        first.Touch(first.Btc, 100_000m);
        first.Signal(first.Btc, Side.Buy, 100_000m);
        first.Touch(first.Btc, 100_000m);
        first.Touch(first.Btc, 99_000m);
        var second = new PaperDesk(store: store);
        second.Touch(second.Btc, 100_000m);
        Assert.Equal(first.Equity, second.Equity);
        Assert.Equal(Desk.Usd(95_000m), second.Trader.Account.Read().Risk.DailyFloor);
    }

    [Fact]
    public void NearTheFloorEverythingIsClosedAtTheMarket()
    {
        // The stop at 99,000.01 would leave 199 above the floor, less than the quarter percent of 250.
        var desk = new PaperDesk(Desk.Roomy with { RiskPerTrade = 0.0465m });
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m, atr: 500);
        desk.Touch(desk.Btc, 100_000m);
        Assert.Equal(1, desk.Trader.Portfolio.OpenPositions);
        desk.Touch(desk.Btc, 99_005m);
        Assert.Equal(OrderPurpose.EmergencyFlatten, desk.Last(ExecutionRecordKind.Order).Purpose);
        desk.Trade(desk.Btc, 99_005m);
        Assert.Equal(0, desk.Trader.Portfolio.OpenPositions);
        Assert.False(desk.Trader.Risk.IsBreached);
        Assert.True(desk.Equity >= desk.Trader.Risk.DailyFloor);
    }

    [Fact]
    public void ACloseThatIsStillOnItsWayNeverMeetsTheNextPosition()
    {
        var desk = new PaperDesk(options: new ExecutionOptions { OrderLatencyNanos = 10 * UnixNanos.PerSecond });
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m, horizon: 1);
        desk.Now += 11 * UnixNanos.PerSecond;
        desk.Touch(desk.Btc, 100_000m);
        Assert.Equal(1, desk.Trader.Portfolio.OpenPositions);
        desk.Now += 50 * UnixNanos.PerSecond;
        desk.Touch(desk.Btc, 100_000m); // the horizon's order leaves
        Assert.Equal(OrderPurpose.HorizonExit, desk.Last(ExecutionRecordKind.Order).Purpose);
        desk.Touch(desk.Btc, 99_000m); // and the stop is hit before it arrives
        Assert.Equal(0, desk.Trader.Portfolio.OpenPositions);
        desk.Trade(desk.Btc, 99_000m);
        Assert.Equal(0, desk.Trader.WorkingOrders);
        desk.Signal(desk.Btc, Side.Buy, 99_000m);
        desk.Now += 11 * UnixNanos.PerSecond;
        desk.Touch(desk.Btc, 99_000m);
        Assert.Equal(1, desk.Trader.Portfolio.OpenPositions);
    }

    [Fact]
    public void TheSnapshotTellsTheAccountWhole()
    {
        PaperDesk desk = Opened(Side.Buy);
        AccountSnapshot account = desk.Trader.Account.Read();
        Assert.True(account.Risk.IsKnown);
        Assert.Equal(desk.Equity, account.Risk.Equity);
        Assert.Equal((1L, 1L, 1, 0L), (account.Orders, account.Fills, account.Risk.OpenPositions, account.PositionsClosed));
        Assert.Equal(Desk.Usd(95_000m), account.Risk.DailyFloor);
        Assert.Equal(Desk.Usd(90_000m), account.Risk.TotalFloor);
        Assert.Equal(desk.Trader.Portfolio.Commissions, account.Commissions);
        Assert.Equal(Desk.At("2026-01-12T23:00:00"), account.Risk.NextReset);
    }

    [Fact]
    public void ARecordIsTwoCacheLinesWithNothingUndefined()
    {
        Assert.Equal(ExecutionRecord.SizeInBytes, Unsafe.SizeOf<ExecutionRecord>());
        PaperDesk desk = Opened(Side.Buy);
        foreach (ExecutionRecord record in desk.Records)
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<ExecutionRecord>(in record));
            Assert.True(bytes[124..].IndexOfAnyExcept((byte)0) < 0);
        }
    }

    private static PaperDesk Opened(Side side, int horizon = 15)
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, side, 100_000m, horizon: horizon);
        Assert.Equal(0, desk.Count(ExecutionRecordKind.Fill));
        desk.Trade(desk.Btc, 100_000m);
        Assert.Equal(1, desk.Trader.Portfolio.OpenPositions);
        return desk;
    }
}
