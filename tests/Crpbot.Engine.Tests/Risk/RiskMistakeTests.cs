using System.Reflection;
using Crpbot.Engine.Tests.Execution;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

/// <summary>Mistakes seen in systems of this kind, each with the scenario in which it costs the account.</summary>
public sealed class RiskMistakeTests
{
    [Fact]
    public void LimitsCountFloatingLossesAndNotOnlyRealisedOnes()
    {
        var desk = new Desk();
        desk.Float(-5_000.01m);
        Assert.Equal(Desk.Usd(100_000m), desk.Risk.State.Balance);
        Assert.True(desk.Risk.IsBreached);
    }

    [Fact]
    public void LimitsAreFractionsOfTheInitialAndNotOfTheCurrentBalance()
    {
        var desk = new Desk(Desk.Roomy);
        desk.Book(8_000m);
        desk.Wait(PragueCalendar.NextReset(desk.Now));
        Assert.Equal(Desk.Usd(103_000m), desk.Risk.DailyFloor); // 5 % of 108,000 would be 102,600
        Assert.Equal(Desk.Usd(90_000m), desk.Risk.TotalFloor);
    }

    [Theory]
    [InlineData("2026-07-01T22:00:00")] // summer: two hours before midnight UTC
    [InlineData("2026-01-12T23:00:00")]
    public void TheDayEndsInPragueAndNotAtMidnightUtc(string reset)
    {
        var desk = new Desk(Desk.Roomy, start: Desk.At(reset) - UnixNanos.PerHour);
        desk.Book(-3_000m);
        desk.Wait(Desk.At(reset) - 1);
        Assert.Equal(Desk.Usd(95_000m), desk.Risk.DailyFloor);
        desk.Wait(Desk.At(reset));
        Assert.Equal(Desk.Usd(92_000m), desk.Risk.DailyFloor);
        desk.Book(-1_000m);
        desk.Wait(desk.Now.Floor(UnixNanos.PerDay) + UnixNanos.PerDay); // midnight UTC changes nothing
        Assert.Equal(Desk.Usd(92_000m), desk.Risk.DailyFloor);
    }

    [Fact]
    public void FillsChangeTheBalanceTheLimitsAreComparedWith()
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        desk.Touch(desk.Btc, 100_000m);
        desk.Touch(desk.Btc, 99_000m);
        Assert.True(desk.Trader.Risk.State.Balance < Desk.Usd(98_000m));
        Assert.Equal(desk.Trader.Portfolio.Balance, desk.Trader.Risk.State.Balance);
        Assert.Equal(desk.Trader.Portfolio.Commissions, desk.Trader.Risk.State.DayCosts);
    }

    [Fact]
    public void TheVenueHasOneWayInAndItTakesOnlyApprovals()
    {
        Type venue = typeof(PaperTrader).Assembly.GetType("Crpbot.Execution.Paper.PaperVenue", throwOnError: true)!;
        MethodInfo[] taking = [.. venue.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => m.GetParameters().Any(p => (p.ParameterType.IsByRef ? p.ParameterType.GetElementType()! : p.ParameterType) is var t
                && (t == typeof(OrderRequest) || t == typeof(Order) || t == typeof(RiskApproved<OrderRequest>))))];
        MethodInfo submit = Assert.Single(taking);
        Assert.Equal(typeof(RiskApproved<OrderRequest>).MakeByRefType(), submit.GetParameters()[0].ParameterType);
    }

    [Fact]
    public void ExitsPassTheSameGatewayAsEntries()
    {
        var desk = new PaperDesk();
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m, horizon: 1);
        desk.Touch(desk.Btc, 100_000m);
        desk.Now += UnixNanos.PerMinute;
        desk.Touch(desk.Btc, 100_000m);
        Assert.Equal(desk.Count(ExecutionRecordKind.Order), desk.Records.Count(r => r is { Kind: ExecutionRecordKind.Verdict, Reason: RefusalReason.None }));
        Assert.Equal(2, desk.Count(ExecutionRecordKind.Order));
    }

    [Fact]
    public void DollarsAreNotComparedWithCoins()
    {
        // The same dollars at risk buy very different numbers of coins.
        var desk = new Desk(Desk.Roomy);
        RiskVerdict btc = desk.BuyBtc(0.01m);
        RiskVerdict sol = desk.Check(desk.Buy(desk.Sol, 200m, 198m, 205m), desk.Market(199.99m, 200m));
        Assert.Equal(Desk.Coins(1m), btc.Quantity);
        Assert.Equal(Desk.Coins(500m), sol.Quantity);
        Assert.Equal(btc.OwnRisk, sol.OwnRisk);
        // Types say which is which: none of the three converts into another.
        Assert.DoesNotContain(new[] { typeof(Price), typeof(Quantity), typeof(Notional) }.SelectMany(t => t.GetMethods()), m => m.Name is "op_Implicit" or "op_Explicit");
    }

    [Fact]
    public void AnUnknownBalanceStopsAndIsNeverReplacedByAConstant()
    {
        var store = new RecordingStore { Status = RestoreStatus.Damaged };
        var desk = new PaperDesk(store: store);
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        Assert.Equal(RefusalReason.UnknownBalance, desk.Last(ExecutionRecordKind.Verdict).Reason);
        Assert.False(desk.Trader.Account.Read().Risk.IsKnown);
        Assert.Equal(0, store.Saves); // and what is on disk is left for the operator
    }

    [Theory]
    [InlineData(Side.Buy, 100_500, 102_000, RefusalReason.StopOnWrongSide)]
    [InlineData(Side.Sell, 99_500, 98_000, RefusalReason.StopOnWrongSide)]
    [InlineData(Side.Buy, 99_500, 99_000, RefusalReason.TargetOnWrongSide)]
    [InlineData(Side.Sell, 100_500, 101_000, RefusalReason.TargetOnWrongSide)]
    [InlineData(Side.Buy, 99_500, 102_000, RefusalReason.None)]
    [InlineData(Side.Sell, 100_500, 98_000, RefusalReason.None)]
    public void AStopIsOnTheLosingSideAndATargetOnTheWinningOne(Side side, int stop, int target, RefusalReason reason)
    {
        var desk = new Desk();
        OrderRequest request = desk.Buy(desk.Btc, 100_000m, stop, target);
        request.Side = side;
        Assert.Equal(reason, desk.Check(request, desk.Market(99_999.99m, 100_000m)).Reason);
    }

    [Fact]
    public void AStopBetweenTheTouchesWouldBeHitAtOnceAndIsOnTheWrongSide()
    {
        var desk = new Desk();
        Assert.Equal(RefusalReason.StopOnWrongSide, desk.Check(desk.Buy(desk.Btc, 100_000m, 99_950m, 102_000m), desk.Market(99_900m, 100_000m)).Reason);
        Assert.Equal(RefusalReason.StopOnWrongSide, desk.Check(desk.Sell(desk.Btc, 100_000m, 100_050m, 98_000m), desk.Market(100_000m, 100_100m)).Reason);
    }

    [Fact]
    public void TheKillSwitchIsOnDiskAndInForceBeforeItIsAcknowledged()
    {
        var store = new RecordingStore();
        var desk = new PaperDesk(options: new ExecutionOptions { OrderLatencyNanos = UnixNanos.PerSecond }, store: store);
        desk.Touch(desk.Btc, 100_000m);
        desk.Signal(desk.Btc, Side.Buy, 100_000m);
        desk.Command(OperatorCommand.Kill);
        Assert.Equal(1, store.Saved.Killed);
        Assert.DoesNotContain(desk.Records, r => r.Notice == RiskNoticeKind.Killed);
        desk.Now += 2 * UnixNanos.PerSecond;
        desk.Timer();
        Assert.Contains(desk.Records, r => r.Notice == RiskNoticeKind.Killed);
        Assert.Equal(0, desk.Trader.WorkingOrders);
    }
}
