using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class PragueCalendarTests
{
    [Theory]
    [InlineData("2026-01-12T22:59:59", "2026-01-12T23:00:00")] // winter: 23:00 UTC
    [InlineData("2026-01-12T23:00:00", "2026-01-13T23:00:00")] // midnight belongs to the new day
    [InlineData("2026-07-01T12:00:00", "2026-07-01T22:00:00")] // summer: 22:00 UTC
    [InlineData("2026-03-28T23:00:00", "2026-03-29T22:00:00")] // the 23-hour day
    [InlineData("2026-10-24T22:00:00", "2026-10-25T23:00:00")] // the 25-hour day
    [InlineData("2026-03-15T12:00:00", "2026-03-15T23:00:00")] // the US changed on 2026-03-08, Prague has not
    [InlineData("2026-10-28T12:00:00", "2026-10-28T23:00:00")] // Prague has changed, the US has not
    public void TheNextResetIsMidnightInPrague(string now, string reset) =>
        Assert.Equal(Desk.At(reset), PragueCalendar.NextReset(Desk.At(now)));

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    [InlineData("2026-03-30", 24)]
    [InlineData("2026-10-26", 24)]
    public void ADayHasAsManyHoursAsTheClockInPragueShows(string date, int hours)
    {
        int day = DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        Assert.Equal(hours * UnixNanos.PerHour, PragueCalendar.DayStart(day + 1) - PragueCalendar.DayStart(day));
    }

    [Fact]
    public void TheRuleAgreesWithTheTimeZoneDatabaseAtEveryHourOfSixtyYears()
    {
        TimeZoneInfo prague = TimeZoneInfo.FindSystemTimeZoneById("Europe/Prague");
        var epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var utc = new DateTime(1997, 1, 1, 0, 0, 0, DateTimeKind.Utc); utc.Year < 2057; utc = utc.AddMinutes(59.5))
        {
            DateTime local = utc + prague.GetUtcOffset(utc);
            int day = (int)Math.Floor((local - epoch).TotalDays);
            Assert.Equal(day, PragueCalendar.DayNumber(UnixNanos.FromDateTime(utc)));
        }

        for (var date = new DateTime(1997, 1, 1); date.Year < 2057; date = date.AddDays(1))
        {
            DateTime start = TimeZoneInfo.ConvertTimeToUtc(date, prague);
            Assert.Equal(UnixNanos.FromDateTime(start), PragueCalendar.DayStart((int)(date - epoch).TotalDays));
        }
    }
}
