using System.Globalization;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class RiskSimulatorOracleTests
{
    private const int Paths = 100_000;

    // The days of both changes, the days before them, and days without one.
    private static readonly string[] Starts =
        ["2026-03-26", "2026-03-28", "2026-03-29", "2026-10-23", "2026-10-24", "2026-10-25", "2026-01-12", "2026-07-01", "2025-12-30"];

    [Fact]
    public void AHundredThousandRandomAccountsAreJudgedAsTheSlowOracleJudgesThem()
    {
        var seen = new Seen();
        Parallel.For(0, Paths, () => new Seen(), (seed, _, local) => Judge(seed, local), local =>
        {
            lock (seen)
                seen.Add(local);
        });

        // The accounts went where the rules bite.
        Assert.True(seen.Unbroken > 10_000, $"{seen.Unbroken} accounts without a breach");
        Assert.True(seen.Daily > 10_000, $"{seen.Daily} breaches of the daily floor alone");
        Assert.True(seen.Total > 5_000, $"{seen.Total} breaches of the total floor alone");
        Assert.True(seen.AtReset > 1_000, $"{seen.AtReset} breaches at a reset");
        Assert.True(seen.At23HourDay > 40 && seen.At25HourDay > 40, $"{seen.At23HourDay} and {seen.At25HourDay} breaches at the resets that a change of the clock moves");
        Assert.True(seen.AtFloor > 10_000, $"{seen.AtFloor} rows with equity at a floor");
        Assert.True(seen.Trailed > 1_000, $"{seen.Trailed} breaches of a total floor that had risen");
    }

    private static Seen Judge(int seed, Seen seen)
    {
        var random = new Random(seed);
        bool is1Step = seed % 2 == 1;
        (DateTime Utc, decimal Balance, decimal Equity)[] rows = Account(random);
        var oracle = new FloorOracle(is1Step, 100_000m, rows);
        RiskSimulation simulation = RiskSimulator.Run(is1Step ? RiskPresets.Ftmo1Step : RiskPresets.Ftmo2Step,
            rows.Select(row => new EquityPoint(UnixNanos.FromDateTime(row.Utc), Notional.FromDecimal(row.Balance), Notional.FromDecimal(row.Equity))));

        int at = oracle.FirstBreach();
        Check(seed, at >= 0, simulation.Breach is not null);
        if (simulation.Breach is { } breach)
        {
            (decimal daily, decimal total) = (oracle.DailyFloor(oracle.DateOf(at)), oracle.TotalFloor(oracle.DateOf(at)));
            Check(seed, UnixNanos.FromDateTime(rows[at].Utc), breach.Time);
            Check(seed, rows[at].Equity, breach.Equity.ToDecimal());
            // Where both floors are broken either is right.
            Check(seed, breach.Kind == FloorKind.Daily ? daily : total, breach.Floor.ToDecimal());
            Check(seed, true, breach.Equity < breach.Floor);
        }

        int day = 0;
        for (DateTime date = oracle.FirstDate; date <= oracle.LastDate; date = date.AddDays(1))
        {
            SimulatedDay simulated = simulation.Days[day++];
            Check(seed, DateOnly.FromDateTime(date), simulated.Date);
            Check(seed, (oracle.DailyFloor(date), oracle.TotalFloor(date)), (simulated.DailyFloor.ToDecimal(), simulated.TotalFloor.ToDecimal()));
        }

        Check(seed, day, simulation.Days.Count);
        seen.Count(oracle, rows, at);
        return seen;
    }

    // Assert.Equal on millions of values costs more than the test.
    private static void Check<T>(int seed, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            Assert.Fail($"seed {seed}: expected {expected}, got {actual}");
    }

    /// <summary>5 to 60 rows. Money moves in round amounts as often as in cents, so that equity also stands at floors exactly.</summary>
    private static (DateTime Utc, decimal Balance, decimal Equity)[] Account(Random random)
    {
        var rows = new (DateTime Utc, decimal Balance, decimal Equity)[random.Next(5, 61)];
        DateTime date = DateTime.Parse(Starts[random.Next(Starts.Length)], CultureInfo.InvariantCulture);
        DateTime now = DateTime.SpecifyKind(date, DateTimeKind.Utc).AddMinutes(random.Next(1440));
        decimal balance = random.Next(3) == 0 ? 100_000m + 1_000m * random.Next(-3, 4) : 100_000m;
        decimal floating = 0;
        // A third of the accounts bleed a little every day: they come to the total floor before any daily one.
        bool bleeds = random.Next(3) == 0;
        int appetite = random.Next(2, 20), swing = bleeds ? 50_000 : 200_000;
        for (int i = 0; i < rows.Length; i++)
        {
            if (bleeds && random.Next(2) == 0)
                balance -= 500m * random.Next(0, 4);
            else if (random.Next(3) == 0)
                balance += random.Next(2) == 0 ? 500m * random.Next(-3, 12) : random.Next(-90_000, 100_000) / 100m;
            if (random.Next(3) == 0)
                floating = random.Next(4) switch { 0 => 0m, 1 => random.Next(-swing, swing) / 100m, _ => -500m * random.Next(0, bleeds ? 3 : appetite) };
            rows[i] = (now, balance, balance + floating);
            now = Next(random, now);
        }

        return rows;
    }

    /// <summary>Seconds to days later; often the second before, at or after 22:00 or 23:00 UTC, one of which is midnight in Prague.</summary>
    private static DateTime Next(Random random, DateTime now)
    {
        DateTime next = random.Next(8) switch
        {
            0 => now.AddSeconds(random.Next(0, 60)),
            1 => now.AddHours(random.Next(20, 90)),
            2 or 3 or 4 => now.Date.AddHours(random.Next(22, 24)).AddSeconds(random.Next(-1, 2)),
            _ => now.AddMinutes(random.Next(1, 600)),
        };
        return next < now ? next.AddDays(1) : next;
    }

    /// <summary>What the accounts ran into.</summary>
    private sealed class Seen
    {
        private static readonly DateTime After23Hours = new(2026, 3, 30), After25Hours = new(2026, 10, 26);

        public int Unbroken, Daily, Total, AtReset, At23HourDay, At25HourDay, AtFloor, Trailed;

        public void Count(FloorOracle oracle, (DateTime Utc, decimal Balance, decimal Equity)[] rows, int breach)
        {
            for (int i = 0; i < rows.Length; i++)
                AtFloor += rows[i].Equity == oracle.DailyFloor(oracle.DateOf(i)) ? 1 : 0;
            if (breach < 0)
            {
                Unbroken++;
                return;
            }

            DateTime date = oracle.DateOf(breach);
            (decimal daily, decimal total) = (oracle.DailyFloor(date), oracle.TotalFloor(date));
            decimal equity = rows[breach].Equity;
            Daily += equity >= total ? 1 : 0;
            Total += equity >= daily ? 1 : 0;
            Trailed += equity < total && total > 90_000m ? 1 : 0;
            // The row before it holds the same equity in the day before: only the floor has moved.
            bool isAtReset = breach > 0 && oracle.DateOf(breach - 1) < date && rows[breach - 1].Equity == equity;
            AtReset += isAtReset ? 1 : 0;
            At23HourDay += isAtReset && date == After23Hours ? 1 : 0;
            At25HourDay += isAtReset && date == After25Hours ? 1 : 0;
        }

        public void Add(Seen other)
        {
            (Unbroken, Daily, Total, AtReset) = (Unbroken + other.Unbroken, Daily + other.Daily, Total + other.Total, AtReset + other.AtReset);
            (At23HourDay, At25HourDay) = (At23HourDay + other.At23HourDay, At25HourDay + other.At25HourDay);
            (AtFloor, Trailed) = (AtFloor + other.AtFloor, Trailed + other.Trailed);
        }
    }
}
