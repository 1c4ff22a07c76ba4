using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>When the trading day of FTMO begins: midnight in Prague.</summary>
/// <remarks>
/// Pure arithmetic, no time zone data, no allocation: CET is UTC+1, CEST UTC+2 from 01:00 UTC on the last Sunday of March to 01:00 UTC on the
/// last Sunday of October (EU directive 2000/84/EC; in force in Prague since 1996). The change never falls on midnight, so a day has 23, 24 or
/// 25 hours. The platform's server clock follows the US dates and is not used. Source: FTMO, “Maximum Daily Loss”.
/// </remarks>
public static class PragueCalendar
{
    private const long Hour = UnixNanos.PerHour;

    /// <summary>Days since 1970-01-01 of the civil date in Prague.</summary>
    public static int DayNumber(UnixNanos time)
    {
        // The civil date is that of UTC+1, except in the summer hour before midnight UTC+1, when the next day has begun.
        int day = FloorDay(time.Value + Hour);
        return time.Value >= DayStart(day + 1).Value ? day + 1 : day;
    }

    /// <summary>The instant at which a civil date begins in Prague.</summary>
    public static UnixNanos DayStart(int dayNumber) =>
        new(dayNumber * UnixNanos.PerDay - (IsSummerAtMidnight(dayNumber) ? 2 * Hour : Hour));

    /// <summary>The first midnight after an instant.</summary>
    public static UnixNanos NextReset(UnixNanos time) => DayStart(DayNumber(time) + 1);

    /// <summary>Midnight comes before the change of its day: the March Sunday begins in winter, the October Sunday in summer.</summary>
    private static bool IsSummerAtMidnight(int dayNumber)
    {
        int year = YearOf(dayNumber);
        return dayNumber > LastSunday(year, 3) && dayNumber <= LastSunday(year, 10);
    }

    /// <summary>Day number of the last Sunday of March or October, both of which have 31 days.</summary>
    private static int LastSunday(int year, int month)
    {
        int last = DaysFromCivil(year, month, 31);
        return last - WeekDay(last);
    }

    /// <summary>0 on Sunday; 1970-01-01 was a Thursday.</summary>
    private static int WeekDay(int dayNumber) => (((dayNumber + 4) % 7) + 7) % 7;

    private static int FloorDay(long nanos)
    {
        long day = nanos / UnixNanos.PerDay;
        return (int)(nanos % UnixNanos.PerDay < 0 ? day - 1 : day);
    }

    /// <summary>Day number of a proleptic Gregorian date. Source: Howard Hinnant, “chrono-compatible low-level date algorithms”.</summary>
    private static int DaysFromCivil(int year, int month, int day)
    {
        int y = month <= 2 ? year - 1 : year;
        int era = (y >= 0 ? y : y - 399) / 400;
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
    }

    private static int YearOf(int dayNumber)
    {
        int z = dayNumber + 719_468;
        int era = (z >= 0 ? z : z - 146_096) / 146_097;
        int dayOfEra = z - era * 146_097;
        int yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        return yearOfEra + era * 400 + ((5 * dayOfYear + 2) / 153 >= 10 ? 1 : 0);
    }
}
