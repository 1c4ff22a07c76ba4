using Crpbot.Messages;

namespace Crpbot.Datasets.Comparison;

/// <summary>Candles of one length, oldest first, each time once.</summary>
/// <param name="Interval">Length in nanoseconds.</param>
/// <param name="Times">Begins, ascending, length N; the arrays that follow have the same length.</param>
internal sealed record CandleTable(long Interval, long[] Times, double[] Open, double[] High, double[] Low, double[] Close, double[] Volume)
{
    public int Count => Times.Length;

    public UnixNanos From => Count == 0 ? UnixNanos.None : new(Times[0]);

    /// <summary>End of the last candle, exclusive.</summary>
    public UnixNanos To => Count == 0 ? UnixNanos.None : new(Times[^1] + Interval);

    /// <summary>Begins between the first and the last that have no candle.</summary>
    public long Missing => Count == 0 ? 0 : (Times[^1] - Times[0]) / Interval + 1 - Count;

    public static CandleTable Of(long interval, IReadOnlyList<CandleRow> rows)
    {
        double[] Column(Func<CandleRow, double> of) => [.. rows.Select(of)];
        return new CandleTable(interval, [.. rows.Select(row => row.Time.Value)],
            Column(row => row.Open), Column(row => row.High), Column(row => row.Low), Column(row => row.Close), Column(row => row.Volume));
    }

    /// <summary>Puts the candles of a longer interval together; those that the first or last candle only begins or ends are left out.</summary>
    /// <remarks>Inside the span a long candle is made of the short ones that are there: where a venue writes none for a minute without trades, that is all of it.</remarks>
    public CandleTable Resample(long interval)
    {
        if (interval == Interval || Count == 0)
            return this with { Interval = interval };
        var rows = new List<CandleRow>();
        long firstWhole = (From + (interval - 1)).Floor(interval).Value, end = To.Floor(interval).Value;
        for (int i = 0; i < Count; i++)
        {
            long begin = new UnixNanos(Times[i]).Floor(interval).Value;
            if (begin < firstWhole || begin >= end)
                continue;
            if (rows.Count == 0 || rows[^1].Time.Value != begin)
            {
                rows.Add(new CandleRow(0, new(begin), CandleTimeForm.Text, Open[i], High[i], Low[i], Close[i], Volume[i]));
                continue;
            }

            CandleRow last = rows[^1];
            rows[^1] = last with { High = Math.Max(last.High, High[i]), Low = Math.Min(last.Low, Low[i]), Close = Close[i], Volume = last.Volume + Volume[i] };
        }

        return Of(interval, rows);
    }

    /// <summary>The index of the first candle at or after a time.</summary>
    public int IndexOf(long time)
    {
        int at = Array.BinarySearch(Times, time);
        return at >= 0 ? at : ~at;
    }
}
