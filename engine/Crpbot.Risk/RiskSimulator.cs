using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>An account at one moment.</summary>
/// <param name="Balance">Closed results only.</param>
/// <param name="Equity">Balance + what closing everything would realise.</param>
public readonly record struct EquityPoint(UnixNanos Time, Notional Balance, Notional Equity);

/// <summary>Which floor was broken.</summary>
public enum FloorKind : byte
{
    Daily = 0,
    Total = 1,
}

/// <summary>The first point at which equity was below a floor.</summary>
public sealed record FloorBreach(FloorKind Kind, UnixNanos Time, Notional Floor, Notional Equity);

/// <summary>One day in Prague.</summary>
/// <param name="Date">Civil date in Prague.</param>
/// <param name="Start">Its midnight.</param>
/// <param name="StartBalance">Balance of the last point before midnight; the initial capital on day 1.</param>
/// <param name="Points">Points in the day; a day without any keeps the balance.</param>
/// <param name="LowestEquity">Null without points.</param>
/// <param name="EndBalance">Balance of the last point up to the day's end.</param>
public sealed record SimulatedDay(
    DateOnly Date, UnixNanos Start, Notional StartBalance, Notional DailyFloor, Notional TotalFloor, int Points, Notional? LowestEquity, Notional EndBalance);

/// <summary>What the loss limits say of an account's history.</summary>
/// <param name="Breach">Null when no floor was broken.</param>
/// <param name="Days">Every day from the first point's to the last point's, those after a breach and those without points included.</param>
public sealed record RiskSimulation(RiskLimits Limits, FloorBreach? Breach, IReadOnlyList<SimulatedDay> Days);

/// <summary>Judges a recorded account by the loss limits of a preset, with the arithmetic of the live checker (<see cref="LossLaw"/>).</summary>
/// <remarks>
/// Equity is looked at at the points only. Day 1 is the first point's, and starts with the initial capital whatever that point's balance is. A point at
/// midnight belongs to the day that begins, so the floors of that day come from the point before it. Where both floors are broken the daily one is told.
/// </remarks>
public static class RiskSimulator
{
    private static readonly int UnixEpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <param name="limits">Validated here.</param>
    /// <param name="points">In order of time; equal times are taken in the order given.</param>
    /// <exception cref="ArgumentException">A limit is out of range, a point is before the one before it, or there is none.</exception>
    public static RiskSimulation Run(RiskLimits limits, IEnumerable<EquityPoint> points)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(points);
        limits.Validate();
        var law = LossLaw.Of(limits);
        var days = new List<SimulatedDay>();
        FloorBreach? breach = null;
        Day day = default;
        var last = new EquityPoint(new UnixNanos(long.MinValue), law.Initial, law.Initial);
        bool isFirst = true;
        foreach (EquityPoint point in points)
        {
            if (point.Time < last.Time)
                throw new ArgumentException($"a point at {point.Time} follows one at {last.Time}", nameof(points));
            if (isFirst)
                day = new Day(PragueCalendar.DayNumber(point.Time), law.FirstDay, law);
            isFirst = false;
            while (point.Time >= day.End)
            {
                days.Add(day.Close(last.Balance));
                day = new Day(day.Number + 1, day.Start.AtMidnight(last.Balance), law);
            }

            day.Add(point.Equity);
            if (breach is null && day.Floors.AreBrokenBy(point.Equity))
            {
                FloorKind kind = day.Floors.IsDailyBrokenBy(point.Equity) ? FloorKind.Daily : FloorKind.Total;
                breach = new FloorBreach(kind, point.Time, kind == FloorKind.Daily ? day.Floors.Daily : day.Floors.Total, point.Equity);
            }

            last = point;
        }

        if (isFirst)
            throw new ArgumentException("there are no points to judge", nameof(points));
        days.Add(day.Close(last.Balance));
        return new RiskSimulation(limits, breach, days);
    }

    /// <summary>The day being walked through.</summary>
    private struct Day(int number, DayStart start, LossLaw law)
    {
        private int _points;
        private Notional? _lowest;

        public readonly int Number => number;

        public readonly DayStart Start => start;

        public LossFloors Floors { get; } = law.FloorsOf(start);

        /// <summary>The midnight that ends it.</summary>
        public UnixNanos End { get; } = PragueCalendar.DayStart(number + 1);

        public void Add(Notional equity)
        {
            _points++;
            _lowest = _lowest is { } lowest ? Notional.Min(lowest, equity) : equity;
        }

        public readonly SimulatedDay Close(Notional balance) => new(
            DateOnly.FromDayNumber(UnixEpochDay + number), PragueCalendar.DayStart(number), start.Balance, Floors.Daily, Floors.Total, _points, _lowest, balance);
    }
}
