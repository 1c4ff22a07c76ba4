using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class RiskStateStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-risk").FullName;

    private string FilePath => Path.Combine(_folder, "risk.state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ARestartFindsTheBalanceTheFloorsAndTheKillSwitch()
    {
        var first = new Desk(store: new FileRiskStateStore(FilePath));
        first.Book(-2_000m);
        RiskVerdict verdict = first.BuyBtc();
        Assert.True(verdict.IsApproved);
        first.Risk.OnPositionOpened();
        first.StoppedOut(verdict, first.Btc);
        first.Risk.SaveAfterFills();
        Assert.True(first.Risk.Kill());

        var second = new Desk(store: new FileRiskStateStore(FilePath), open: false);
        Assert.Equal(RestoreStatus.Found, second.Risk.Restore(second.Now));
        Assert.Equal(first.Risk.State.Balance, second.Risk.State.Balance);
        Assert.Equal(first.Risk.State.DayCosts, second.Risk.State.DayCosts);
        Assert.Equal(1, second.Risk.State.TradingDays);
        Assert.Equal(Desk.Usd(95_000m), second.Risk.DailyFloor);
        Assert.Equal(RefusalReason.Killed, second.BuyBtc().Reason);
        Assert.True(second.Risk.Resume());
        Assert.True(second.BuyBtc().IsApproved);
    }

    [Fact]
    public void ARestartOnAnotherDayStartsFromTheBalanceAtMidnight()
    {
        var first = new Desk(store: new FileRiskStateStore(FilePath));
        first.Book(4_000m);
        first.Risk.SaveAfterFills();
        var second = new Desk(store: new FileRiskStateStore(FilePath), start: Desk.MondayNoon + UnixNanos.PerDay, open: false);
        Assert.Equal(RestoreStatus.Found, second.Risk.Restore(second.Now));
        Assert.Equal(Desk.Usd(99_000m), second.Risk.DailyFloor);
    }

    [Fact]
    public void AFileCutAnywhereOrWithOneBitFlippedMeansUnknownAndNeverAGuess()
    {
        var desk = new Desk(store: new FileRiskStateStore(FilePath));
        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = 0; length < whole.Length; length++)
            AssertRefused([.. whole.AsSpan(0, length)]);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i] ^= 0x10;
            AssertRefused(flipped);
        }

        File.WriteAllBytes(FilePath, whole);
        Assert.Equal(RestoreStatus.Found, new RiskChecker(desk.Limits, new FileRiskStateStore(FilePath)).Restore(Desk.MondayNoon));

        void AssertRefused(byte[] bytes)
        {
            File.WriteAllBytes(FilePath, bytes);
            var restarted = new Desk(store: new FileRiskStateStore(FilePath), open: false);
            Assert.Equal(RestoreStatus.Damaged, restarted.Risk.Restore(restarted.Now));
            restarted.Wait(Desk.MondayNoon);
            Assert.Equal(RefusalReason.UnknownBalance, restarted.BuyBtc().Reason);
        }
    }

    [Fact]
    public void PositionsThatWereOpenAtTheCrashLeaveTheBalanceUnknownUntilAnOperatorSettlesIt()
    {
        var first = new Desk(store: new FileRiskStateStore(FilePath));
        Assert.True(first.BuyBtc().IsApproved);

        var second = new Desk(store: new FileRiskStateStore(FilePath), open: false);
        Assert.Equal(RestoreStatus.Damaged, second.Risk.Restore(second.Now));
        Assert.Equal(RefusalReason.UnknownBalance, second.BuyBtc().Reason);
        Assert.True(second.Risk.Settle(second.Now, Desk.Usd(98_900m)));
        Assert.True(second.BuyBtc().IsApproved);
        Assert.Equal(Desk.Usd(95_000m), second.Risk.DailyFloor);
    }

    [Fact]
    public void LimitsOfAnotherAccountAreNotMixedIntoThisOne()
    {
        _ = new Desk(store: new FileRiskStateStore(FilePath));
        var other = new RiskChecker(RiskPresets.Ftmo2Step with { InitialCapital = 50_000m }, new FileRiskStateStore(FilePath));
        Assert.Throws<InvalidDataException>(() => other.Restore(Desk.MondayNoon));
    }

    [Fact]
    public void TheStateIsOnDiskBeforeTheApprovalIsInAnybodysHands()
    {
        var store = new RecordingStore();
        var desk = new Desk(store: store);
        RiskVerdict verdict = desk.BuyBtc();
        Assert.True(verdict.IsApproved);
        Assert.Equal(1, store.Saved.OpenPositions);
        Assert.Equal(1, store.Saved.OrdersToday);
        Assert.Equal(verdict.OwnRisk + verdict.OwnCosts, store.Saved.OpenRisk);
    }

    [Fact]
    public void AnOrderWhoseStateCannotBeSavedDoesNotLeaveAndHoldsNothing()
    {
        var store = new RecordingStore();
        var desk = new Desk(store: store);
        store.Fails = true;
        RiskVerdict verdict = desk.Check(desk.Buy(desk.Btc, 100_000m, 99_500m, 101_000m), desk.Market(99_999m, 100_000m), out RiskApproved<OrderRequest> approved);
        Assert.Equal(RefusalReason.StateNotSaved, verdict.Reason);
        Assert.False(approved.IsApproved);
        Assert.Contains(RiskNoticeKind.StateNotSaved, desk.Notices());
        store.Fails = false;
        Assert.True(desk.BuyBtc().IsApproved);
        Assert.Equal(1, desk.Risk.State.OrdersToday);
    }

    [Fact]
    public void AFolderThatIsGoneIsAnErrorAndNotASave()
    {
        var store = new FileRiskStateStore(Path.Combine(_folder, "missing", "risk.state"));
        Assert.False(store.TrySave(default));
        Assert.Contains("missing", store.LastError, StringComparison.Ordinal);
        Assert.Equal(RestoreStatus.None, store.Restore(out _));
    }
}
