using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>One UTC day of candles, for pictures.</summary>
/// <param name="Close">Of the day's last candle.</param>
/// <param name="Volume">Sum, in base units.</param>
/// <param name="Candles">Different ones that are there.</param>
/// <param name="Missing">Candles of the judged interval that are not.</param>
public sealed record CandleDay(DateOnly Day, double Close, double Volume, long Candles, long Missing);

/// <summary>What a report shows of a candle file besides its findings.</summary>
/// <param name="Interval">Length of a candle in nanoseconds.</param>
/// <param name="Notes">How the file was read, one sentence each.</param>
/// <param name="Days">Every day of the judged interval, in order; Close is NaN where there is no candle.</param>
public sealed record CandleSummary(long Interval, IReadOnlyList<string> Notes, IReadOnlyList<CandleDay> Days)
{
    /// <summary>Candles that exist once, without those of impossible time.</summary>
    public long Candles => Days.Sum(day => day.Candles);

    /// <summary>Candles that are not there.</summary>
    public long Missing => Days.Sum(day => day.Missing);

    internal static List<CandleDay> DaysOf(UnixNanos from, UnixNanos to)
    {
        var days = new List<CandleDay>();
        for (UnixNanos day = from.Floor(UnixNanos.PerDay); day < to; day += UnixNanos.PerDay)
            days.Add(new CandleDay(DateOnly.FromDateTime(day.ToDateTime()), double.NaN, 0, 0, 0));
        return days;
    }
}
