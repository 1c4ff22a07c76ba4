using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class RiskSimulatorTests
{
    [Fact]
    public void AFloatingLossThatAProfitHadCoveredBreaksTheNewDaysFloorWithoutAMove()
    {
        // +4,000 closed on day 1: 9,000 may be lost that day. The floating loss of 6,000 is allowed until midnight makes the floor 99,000.
        RiskSimulation simulation = Run(RiskPresets.Ftmo2Step,
            ("2026-01-12T10:00:00", 104_000m, 104_000m),
            ("2026-01-12T22:59:59", 104_000m, 98_000m),
            ("2026-01-12T23:00:00", 104_000m, 98_000m));
        Assert.Equal(new FloorBreach(FloorKind.Daily, Desk.At("2026-01-12T23:00:00"), Money(99_000m), Money(98_000m)), simulation.Breach);
        Assert.Equal([95_000m, 99_000m], simulation.Days.Select(day => day.DailyFloor.ToDecimal()));
    }

    [Fact]
    public void TheBreachAtTheResetIsToldAtTheFirstPointAfterIt()
    {
        RiskSimulation simulation = Run(RiskPresets.Ftmo2Step, ("2026-01-12T22:00:00", 104_000m, 98_000m), ("2026-01-14T09:30:00", 104_000m, 97_999m));
        Assert.Equal(Desk.At("2026-01-14T09:30:00"), simulation.Breach!.Time);
        Assert.Equal(Money(97_999m), simulation.Breach.Equity);
    }

    [Theory]
    [InlineData("2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00")] // 23 hours
    [InlineData("2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00")] // 25 hours
    [InlineData("2026-03-15T23:00:00", "2026-03-16T22:59:59", "2026-03-16T23:00:00")] // only the US has changed
    public void ADayThatTheClockChangesEndsAtPraguesMidnight(string begin, string last, string reset)
    {
        (string, decimal, decimal)[] before = [(begin, 100_000m, 100_000m), (last, 104_000m, 95_000m)];
        Assert.Null(Run(RiskPresets.Ftmo2Step, before).Breach);
        Assert.Single(Run(RiskPresets.Ftmo2Step, before).Days);
        RiskSimulation simulation = Run(RiskPresets.Ftmo2Step, [.. before, (reset, 104_000m, 95_000m)]);
        Assert.Equal(Desk.At(reset), simulation.Breach!.Time);
        Assert.Equal(Desk.At(reset), simulation.Days[1].Start);
    }

    [Fact]
    public void EquityAtTheFloorHasNotBrokenIt()
    {
        Assert.Null(Run(RiskPresets.Ftmo2Step, ("2026-01-12T10:00:00", 100_000m, 95_000m)).Breach);
        Assert.Equal(FloorKind.Daily, Run(RiskPresets.Ftmo2Step, ("2026-01-12T10:00:00", 100_000m, 94_999.99m)).Breach!.Kind);
        (string, decimal, decimal) down = ("2026-01-12T10:00:00", 95_000m, 95_000m);
        Assert.Null(Run(RiskPresets.Ftmo2Step, down, ("2026-01-13T10:00:00", 94_000m, 94_000m), ("2026-01-14T10:00:00", 94_000m, 90_000m)).Breach);
        FloorBreach total = Run(RiskPresets.Ftmo2Step, down, ("2026-01-13T10:00:00", 94_000m, 94_000m), ("2026-01-14T10:00:00", 94_000m, 89_999.999_999_999_999_999_999m)).Breach!;
        Assert.Equal((FloorKind.Total, Money(90_000m)), (total.Kind, total.Floor));
    }

    [Fact]
    public void TheDailyLossIsAPartOfTheInitialCapitalNotOfTheBalance()
    {
        RiskSimulation simulation = Run(RiskPresets.Ftmo2Step, ("2026-01-12T10:00:00", 120_000m, 120_000m), ("2026-01-13T10:00:00", 120_000m, 114_500m));
        Assert.Equal(Money(115_000m), simulation.Breach!.Floor);
    }

    [Fact]
    public void AFloatingProfitAtMidnightMovesNoFloor()
    {
        RiskSimulation simulation = Run(RiskPresets.Ftmo1Step, ("2026-01-12T10:00:00", 100_000m, 109_000m), ("2026-01-13T10:00:00", 100_000m, 97_000m));
        Assert.Null(simulation.Breach);
        Assert.Equal((Money(97_000m), Money(90_000m)), (simulation.Days[1].DailyFloor, simulation.Days[1].TotalFloor));
    }

    [Fact]
    public void TheTotalFloorOf1StepRisesWithTheHighestEndOfDayAndNeverFalls()
    {
        (string, decimal, decimal)[] account =
        [
            ("2026-01-12T10:00:00", 108_000m, 108_000m), // gone by the end of the day: moves nothing
            ("2026-01-12T20:00:00", 104_000m, 104_000m),
            ("2026-01-13T10:00:00", 103_000m, 103_000m),
            ("2026-01-14T10:00:00", 98_000m, 100_000m),
            ("2026-01-15T10:00:00", 98_000m, 98_000m),
        ];
        Assert.Equal([90_000m, 94_000m, 94_000m, 94_000m], Run(RiskPresets.Ftmo1Step, account).Days.Select(day => day.TotalFloor.ToDecimal()));
        Assert.Equal([90_000m, 90_000m, 90_000m, 90_000m], Run(RiskPresets.Ftmo2Step, account).Days.Select(day => day.TotalFloor.ToDecimal()));
        // 3 % of a balance of 96,500 would still allow 93,500.
        FloorBreach breach = Run(RiskPresets.Ftmo1Step, [.. account, ("2026-01-15T11:00:00", 96_500m, 96_500m), ("2026-01-16T10:00:00", 96_500m, 93_600m)]).Breach!;
        Assert.Equal((FloorKind.Total, Money(94_000m)), (breach.Kind, breach.Floor));
    }

    [Fact]
    public void Day1StartsWithTheInitialCapitalWhateverTheFirstBalanceIs()
    {
        SimulatedDay day = Assert.Single(Run(RiskPresets.Ftmo2Step, ("2026-01-12T10:00:00", 103_000m, 103_000m)).Days);
        Assert.Equal((Money(100_000m), Money(95_000m), Money(103_000m)), (day.StartBalance, day.DailyFloor, day.EndBalance));
    }

    [Fact]
    public void DaysWithoutPointsCarryTheBalanceAndAreListed()
    {
        RiskSimulation simulation = Run(RiskPresets.Ftmo2Step, ("2026-01-12T10:00:00", 102_000m, 101_000m), ("2026-01-12T11:00:00", 102_000m, 101_500m), ("2026-01-15T10:00:00", 101_000m, 101_000m));
        Assert.Equal(["2026-01-12", "2026-01-13", "2026-01-14", "2026-01-15"], simulation.Days.Select(day => day.Date.ToString("O", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal([95_000m, 97_000m, 97_000m, 97_000m], simulation.Days.Select(day => day.DailyFloor.ToDecimal()));
        Assert.Equal([2, 0, 0, 1], simulation.Days.Select(day => day.Points));
        Assert.Equal([Money(101_000m), null, null, Money(101_000m)], simulation.Days.Select(day => day.LowestEquity));
    }

    [Fact]
    public void OnlyTheFirstBreachIsToldAndTheDaysGoOn()
    {
        RiskSimulation simulation = Run(RiskPresets.Ftmo2Step, ("2026-01-12T10:00:00", 94_000m, 94_000m), ("2026-01-12T11:00:00", 80_000m, 80_000m), ("2026-01-13T10:00:00", 80_000m, 80_000m));
        Assert.Equal((Desk.At("2026-01-12T10:00:00"), 2), (simulation.Breach!.Time, simulation.Days.Count));
    }

    [Fact]
    public void PointsOutOfOrderAndNoPointsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Run(RiskPresets.Ftmo2Step, ("2026-01-12T10:00:00", 1m, 1m), ("2026-01-12T09:59:59", 1m, 1m)));
        Assert.Throws<ArgumentException>(() => Run(RiskPresets.Ftmo2Step));
    }

    private static RiskSimulation Run(RiskLimits limits, params (string Time, decimal Balance, decimal Equity)[] account) =>
        RiskSimulator.Run(limits, account.Select(row => new EquityPoint(Desk.At(row.Time), Money(row.Balance), Money(row.Equity))));

    private static Notional Money(decimal amount) => Notional.FromDecimal(amount);
}
