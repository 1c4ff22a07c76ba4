using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

/// <summary>Every reason has a scenario that leads to it, next to one that differs in one thing and is approved.</summary>
public sealed class RefusalReasonTests
{
    private static readonly Dictionary<RefusalReason, Func<RefusalReason>> Scenarios = new()
    {
        [RefusalReason.None] = () => new Desk().BuyBtc().Reason,
        [RefusalReason.Killed] = () => With(d => d.Risk.Kill()).BuyBtc().Reason,
        [RefusalReason.History] = () => Market((ref MarketView m) => m.IsHistory = true),
        [RefusalReason.UnknownBalance] = () => new Desk(open: false).BuyBtc().Reason,
        [RefusalReason.LimitBreached] = () => With(d => d.Float(-5_000.01m)).BuyBtc().Reason,
        [RefusalReason.ClockJump] = () => Request((ref OrderRequest r) => r.Time += 1),
        [RefusalReason.StaleSignal] = () => Request((ref OrderRequest r) => r.Time -= 5 * UnixNanos.PerSecond + 1),
        [RefusalReason.UnknownInstrument] = Unknown,
        [RefusalReason.NoBook] = () => Market((ref MarketView m) => m.IsReadable = false),
        [RefusalReason.StaleData] = () => Market((ref MarketView m) => m.LastAlive -= 60 * UnixNanos.PerSecond + 1),
        [RefusalReason.PriceDeviation] = () => Request((ref OrderRequest r) => r.Reference = Desk.Px(99_000m)),
        [RefusalReason.InvalidSide] = () => Request((ref OrderRequest r) => r.Side = Side.Unknown),
        [RefusalReason.StopOnWrongSide] = () => Request((ref OrderRequest r) => r.Stop = Desk.Px(99_999m)),
        [RefusalReason.TargetOnWrongSide] = () => Request((ref OrderRequest r) => r.Target = Desk.Px(100_000m)),
        [RefusalReason.TierNotTradable] = () => Request((ref OrderRequest r) => r.Tier = SignalTier.Low),
        [RefusalReason.PositionOpen] = () => With(d => d.BuyBtc()).BuyBtc().Reason,
        [RefusalReason.OrderRate] = Rate,
        [RefusalReason.NewsBlackout] = () => new Desk(RiskPresets.Ftmo2Step with { News = [Desk.MondayNoon.ToDateTime()] }).BuyBtc().Reason,
        [RefusalReason.ProfitTargetReached] = () => With(d => d.Book(10_000m), RiskPresets.Ftmo1Step).BuyBtc().Reason,
        [RefusalReason.DailyMargin] = () => With(d => d.Float(-4_500m)).BuyBtc().Reason,
        [RefusalReason.TotalMargin] = () => TwoBadDays(-4_500m, 0.01m),
        [RefusalReason.BelowOneLot] = () => new Desk(RiskPresets.Ftmo2Step with { InitialCapital = 0.0001m }).BuyBtc().Reason,
        [RefusalReason.RiskPerTrade] = () => Request((ref OrderRequest r) => r.Quantity = Desk.Coins(2.00000001m)),
        [RefusalReason.ContractLots] = () => Request((ref OrderRequest r) => r.Quantity = Desk.Coins(5.00000001m), RiskPresets.Ftmo2Step with { RiskPerTrade = 0.03m }),
        [RefusalReason.Leverage] = () => new Desk().BuyBtc(0.0029m).Reason,
        [RefusalReason.CostBudget] = () => With(d => d.Risk.OnCommission(Desk.Usd(1_370.01m))).BuyBtc().Reason,
        [RefusalReason.DailyHeadroom] = () => With(d => d.Float(-4_000m)).BuyBtc().Reason,
        [RefusalReason.TotalHeadroom] = () => TwoBadDays(-4_400m, 0.015m),
        [RefusalReason.NextResetHeadroom] = () => With(d => Win(d, 3_000m), Desk.Roomy).BuyBtc(0.01m).Reason,
        [RefusalReason.StateNotSaved] = NotSaved,
        [RefusalReason.NothingToClose] = () => Close(0, 5, Side.Sell),
        [RefusalReason.NotReducing] = () => Close(5, 6, Side.Sell),
    };

    private delegate void Change<T>(ref T value);

    public static TheoryData<RefusalReason> Reasons => [.. Enum.GetValues<RefusalReason>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void EveryReasonHasItsScenario(RefusalReason reason) => Assert.Equal(reason, Scenarios[reason]());

    [Fact]
    public void ACountByReasonHasAPlaceForEach() => Assert.Equal(RefusalReasons.Count, Enum.GetValues<RefusalReason>().Max(r => (int)r) + 1);

    [Fact]
    public void TheOtherWaysToAReasonAreRefusedToo()
    {
        Assert.Equal(RefusalReason.NoBook, Market((ref MarketView m) => m.BestBid = m.BestAsk));
        Assert.Equal(RefusalReason.NoBook, Market((ref MarketView m) => m.BestBid = default));
        Assert.Equal(RefusalReason.StopOnWrongSide, Request((ref OrderRequest r) => r.Stop = default));
        Assert.Equal(RefusalReason.StopOnWrongSide, Request((ref OrderRequest r) => r.Stop = Desk.Px(100_500m)));
        Assert.Equal(RefusalReason.TargetOnWrongSide, Request((ref OrderRequest r) => r.Target = default));
        Assert.Equal(RefusalReason.TierNotTradable, Request((ref OrderRequest r) => r.Tier = SignalTier.None));
        Assert.Equal(RefusalReason.PriceDeviation, Request((ref OrderRequest r) => r.Reference = default));
        Assert.Equal(RefusalReason.BelowOneLot, Request((ref OrderRequest r) => r.Quantity = new Quantity(-1)));
        Assert.Equal(RefusalReason.NotReducing, Close(5, 5, Side.Buy));
        Assert.Equal(RefusalReason.NotReducing, Close(5, 0, Side.Sell));
        Assert.Equal(RefusalReason.NotReducing, Close(5, 4, Side.Sell, onItsWay: 2));
        Assert.Equal(RefusalReason.None, Close(5, 4, Side.Sell, onItsWay: 1));
        Assert.Equal(RefusalReason.None, Close(-5, 5, Side.Buy));
    }

    [Fact]
    public void AVenueWithHeartbeatsIsStaleAfterFiveSecondsAndOneWithoutAfterSixty()
    {
        Assert.Equal(RefusalReason.None, Market((ref MarketView m) => m.LastAlive -= 60 * UnixNanos.PerSecond));
        Assert.Equal(RefusalReason.None, Market((ref MarketView m) => (m.HasHeartbeats, m.LastAlive) = (true, m.LastAlive - 5 * UnixNanos.PerSecond)));
        Assert.Equal(RefusalReason.StaleData, Market((ref MarketView m) => (m.HasHeartbeats, m.LastAlive) = (true, m.LastAlive - 5 * UnixNanos.PerSecond - 1)));
    }

    private static Desk With(Action<Desk> before, RiskLimits? limits = null)
    {
        var desk = new Desk(limits);
        before(desk);
        return desk;
    }

    private static RefusalReason Market(Change<MarketView> change)
    {
        var desk = new Desk();
        MarketView market = desk.Market(99_999.99m, 100_000m);
        change(ref market);
        return desk.Check(desk.Buy(desk.Btc, 100_000m, 99_500m, 102_000m), market).Reason;
    }

    private static RefusalReason Request(Change<OrderRequest> change, RiskLimits? limits = null)
    {
        var desk = new Desk(limits);
        OrderRequest request = desk.Buy(desk.Btc, 100_000m, 99_500m, 102_000m);
        change(ref request);
        return desk.Check(request, desk.Market(99_999m, 100_000m)).Reason;
    }

    private static RefusalReason Unknown()
    {
        var desk = new Desk();
        Instrument doge = desk.Table.GetOrAdd("coinbase", "DOGE-USD");
        return desk.Check(desk.Buy(doge, 100_000m, 99_500m, 102_000m), desk.Market(99_999m, 100_000m)).Reason;
    }

    private static RefusalReason Rate()
    {
        var desk = new Desk(Desk.Roomy with { MaxOrdersPerHour = 1 });
        desk.BuyBtc();
        desk.Risk.OnFlat(desk.Btc.Id);
        return desk.BuyBtc().Reason;
    }

    private static RefusalReason TwoBadDays(decimal each, decimal risk)
    {
        var desk = new Desk(Desk.Roomy with { RiskPerTrade = risk });
        for (int i = 0; i < 2; i++)
        {
            desk.Book(each);
            desk.Wait(PragueCalendar.NextReset(desk.Now));
        }

        return desk.BuyBtc(0.01m).Reason;
    }

    /// <summary>A gain, and then a floating loss that today's floor would allow and tomorrow's would not.</summary>
    private static void Win(Desk desk, decimal gain)
    {
        desk.Book(gain);
        desk.Float(-4_200m);
    }

    private static RefusalReason NotSaved()
    {
        var store = new RecordingStore();
        var desk = new Desk(store: store);
        store.Fails = true;
        return desk.BuyBtc().Reason;
    }

    private static RefusalReason Close(long held, long lots, Side side, long onItsWay = 0)
    {
        var desk = new Desk();
        var request = new OrderRequest { Time = desk.Now, Instrument = desk.Btc.Id, Side = side, Quantity = new Quantity(lots), Purpose = OrderPurpose.HorizonExit };
        return desk.Risk.CheckClose(request, held, onItsWay, out RiskApproved<OrderRequest> _).Reason;
    }
}
