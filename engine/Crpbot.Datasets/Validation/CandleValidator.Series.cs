using System.Globalization;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

// What only shows when rows are seen beside one another: order, repetition, holes, jumps.
public sealed partial class CandleValidator
{
    // A row that stands this far from both neighbours, which are near one another, has a wrong time: it says nothing about the span.
    private const long StrayDistance = UnixNanos.PerDay;
    private const long LongestShift = UnixNanos.PerDay;
    private const double LeastJump = 0.02, JumpFactor = 40, LeastWick = 0.10, WickFactor = 50, Isolated = 0.3;
    private const int VolatilityRows = 60;
    private const int VolumeDays = 7;
    private const double VolumeFactor = 50, WholeDay = 0.9;

    /// <summary>Rows against the file's own direction; marks those whose time is a stray as off the grid.</summary>
    private void JudgeOrder(Slot[] slots)
    {
        int sign = _reader.Shape.IsNewestFirst ? -1 : 1;
        for (int i = 1; i < slots.Length; i++)
        {
            long before = slots[i - 1].Time, time = slots[i].Time;
            if (i + 1 < slots.Length && Math.Abs(time - before) > StrayDistance && Math.Abs(slots[i + 1].Time - time) > StrayDistance
                && Math.Abs(slots[i + 1].Time - before) <= 2 * Math.Max(_interval, UnixNanos.PerHour))
            {
                Slot stray = slots[i];
                _tally.Add(FindingCode.OutOfOrder, new(time), stray.Line,
                    _tally.IsFirst(FindingCode.OutOfOrder, stray.Line) ? $"{new UnixNanos(time)} stands alone between rows of {new UnixNanos(before)}" : "");
                slots[i] = stray with { Time = before, IsOnGrid = false };
                continue;
            }

            if (sign * (time - before) >= 0)
                continue;
            long shift = _interval - sign * (time - before);
            if (shift % Quarter == 0 && shift <= LongestShift && ContradictsEarlier(slots, i))
                _tally.Add(FindingCode.ClockJump, new(time), slots[i].Line,
                    _tally.IsFirst(FindingCode.ClockJump, slots[i].Line)
                        ? $"the clock goes back by {CandleInterval.Format(shift)}: {new UnixNanos(time)} after {new UnixNanos(before)}" : "");
            else
                _tally.Add(FindingCode.OutOfOrder, new(time), slots[i].Line,
                    _tally.IsFirst(FindingCode.OutOfOrder, slots[i].Line) ? $"{new UnixNanos(time)} after {new UnixNanos(before)}" : "");
        }
    }

    /// <summary>Whether the rows from here on go over times again with other values: a clock that was set, not rows that were copied.</summary>
    private bool ContradictsEarlier(Slot[] slots, int at)
    {
        const int Looked = 5;
        int sign = _reader.Shape.IsNewestFirst ? -1 : 1, contradictions = 0;
        for (int i = at; i < Math.Min(slots.Length, at + Looked); i++)
        {
            if (i > at && slots[i].Time - slots[i - 1].Time != sign * _interval)
                return false;
            int earlier = at - 1;
            while (earlier >= 0 && sign * (slots[earlier].Time - slots[i].Time) > 0)
                earlier--;
            contradictions += earlier >= 0 && slots[earlier].Time == slots[i].Time && slots[earlier].Values != slots[i].Values ? 1 : 0;
        }

        return contradictions >= Looked - 1;
    }

    /// <summary>The first row of each time on the grid, oldest first; the others are duplicates or conflicts.</summary>
    private Slot[] SortUnique(Slot[] slots)
    {
        if (_reader.Shape.IsNewestFirst)
            Array.Reverse(slots);
        for (int i = 1; i < slots.Length; i++)
        {
            if (slots[i].Time < slots[i - 1].Time || (slots[i].Time == slots[i - 1].Time && slots[i].Line < slots[i - 1].Line))
            {
                Array.Sort(slots, (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Line.CompareTo(b.Line));
                break;
            }
        }

        var unique = new List<Slot>(slots.Length);
        for (int i = 0, group = 0; i < slots.Length; i++)
        {
            if (slots[i].Time != slots[group].Time)
                group = i;
            Slot slot = slots[i];
            if (!slot.IsOnGrid)
                continue;
            if (unique.Count == 0 || unique[^1].Time != slot.Time)
            {
                unique.Add(slot);
                continue;
            }

            bool isSame = false;
            for (int earlier = group; earlier < i; earlier++)
                isSame |= slots[earlier].Values == slot.Values && slots[earlier].IsOnGrid;
            FindingCode code = isSame ? FindingCode.Duplicate : FindingCode.Conflict;
            _tally.Add(code, new(slot.Time), slot.Line,
                _tally.IsFirst(code, slot.Line)
                    ? $"{new UnixNanos(slot.Time)} {(isSame ? "again with the same values" : "again with other values")}, first in line {unique[^1].Line}" : "");
        }

        return [.. unique];
    }

    private void CountDays(Slot[] present, List<CandleDay> days)
    {
        if (days.Count == 0)
            return;
        int first = days[0].Day.DayNumber;
        int epoch = new DateOnly(1970, 1, 1).DayNumber;
        var counts = new long[days.Count];
        foreach (Slot slot in present)
            counts[(int)(slot.Time / UnixNanos.PerDay) + epoch - first]++;
        for (int i = 0; i < days.Count; i++)
        {
            bool isKnown = _days.TryGetValue((days[i].Day.DayNumber - epoch) * UnixNanos.PerDay, out (double Close, long LastTime, double Volume) day);
            days[i] = days[i] with { Candles = counts[i], Close = isKnown ? day.Close : double.NaN, Volume = isKnown ? day.Volume : 0 };
        }
    }

    private void JudgeCoverage(Slot[] present, UnixNanos begin, UnixNanos end, List<CandleDay> days)
    {
        var runs = new List<MinuteRun>();
        long candles = 0;
        long phase = present.Length == 0 ? 0 : present[0].Time - new UnixNanos(present[0].Time).Floor(_interval).Value;
        // The first candle that begins inside the interval.
        long expected = (begin - phase + _interval - 1).Floor(_interval).Value + phase;
        for (int i = 0; i <= present.Length; i++)
        {
            long next = i < present.Length ? present[i].Time : (end - phase + _interval - 1).Floor(_interval).Value + phase;
            long missing = (next - expected) / _interval;
            if (missing > 0)
            {
                candles += missing;
                runs.Add(new MinuteRun(new(expected), (missing * _interval + UnixNanos.PerMinute - 1) / UnixNanos.PerMinute));
                SpreadMissing(expected, missing, days);
                JudgeClock(expected, missing, i < present.Length ? present[i].Line : 0);
            }

            expected = next + _interval;
        }

        if (candles > 0)
        {
            string example = runs[0].Minutes * UnixNanos.PerMinute == _interval
                ? $"no candle of {runs[0].From}"
                : $"no candle from {runs[0].From} to {new UnixNanos(runs[0].From.Value + runs[0].Minutes * UnixNanos.PerMinute)}";
            _tally.AddMissing(candles, runs, example);
        }
    }

    private void SpreadMissing(long from, long candles, List<CandleDay> days)
    {
        int first = (int)(new UnixNanos(from).Floor(UnixNanos.PerDay).Value / UnixNanos.PerDay) + new DateOnly(1970, 1, 1).DayNumber - days[0].Day.DayNumber;
        for (long time = from; candles > 0; first++)
        {
            long untilMidnight = Math.Max(1, (new UnixNanos(time).Floor(UnixNanos.PerDay).Value + UnixNanos.PerDay - time + _interval - 1) / _interval);
            long taken = Math.Min(candles, untilMidnight);
            days[first] = days[first] with { Missing = days[first].Missing + taken };
            time += taken * _interval;
            candles -= taken;
            // Candles over a day long skip days.
            first += (int)Math.Max(0, taken * _interval / UnixNanos.PerDay - 1);
        }
    }

    /// <summary>An hour that lacks where clocks are put forward: a local time was taken for UTC.</summary>
    private void JudgeClock(long from, long candles, long line)
    {
        if (candles * _interval != UnixNanos.PerHour || from % UnixNanos.PerHour != 0)
            return;
        DateTime start = new UnixNanos(from).ToDateTime();
        bool isLastSunday = start.Day > 24, isSecondSunday = start.Day is > 7 and <= 14;
        if (start is { Month: 3, DayOfWeek: DayOfWeek.Sunday, Hour: >= 1 and <= 3 } && (isLastSunday || isSecondSunday))
            _tally.Add(FindingCode.ClockJump, new(from), line,
                _tally.IsFirst(FindingCode.ClockJump, line)
                    ? $"the hour from {new UnixNanos(from)} lacks on the day that clocks are put forward: these may be local times" : "");
    }

    /// <summary>Isolated spikes of the close, or of a wick, against both neighbours and the volatility around.</summary>
    private void JudgePrices(Slot[] present)
    {
        for (int i = 1; i + 1 < present.Length; i++)
        {
            Slot slot = present[i];
            double before = Math.Log(slot.Close / present[i - 1].Close), after = Math.Log(present[i + 1].Close / slot.Close);
            double jump = Math.Min(Math.Abs(before), Math.Abs(after));
            bool isSpike = jump > LeastJump && before * after < 0 && Math.Abs(before + after) < Isolated * jump;
            bool isWick = slot.Wick > LeastWick && slot.Wick * Isolated > Math.Max(present[i - 1].Wick, present[i + 1].Wick);
            if (!isSpike && !isWick)
                continue;
            double usual = MedianMove(present, i);
            if (isSpike && jump > JumpFactor * usual)
                _tally.Add(FindingCode.PriceJump, new(slot.Time), slot.Line,
                    _tally.IsFirst(FindingCode.PriceJump, slot.Line)
                        ? string.Create(CultureInfo.InvariantCulture, $"close {slot.Close} between {present[i - 1].Close} and {present[i + 1].Close}") : "");
            else if (isWick && slot.Wick > WickFactor * usual)
                _tally.Add(FindingCode.PriceJump, new(slot.Time), slot.Line,
                    _tally.IsFirst(FindingCode.PriceJump, slot.Line)
                        ? string.Create(CultureInfo.InvariantCulture, $"high or low {100 * (Math.Exp(slot.Wick) - 1):F1} % away from open and close") : "");
        }
    }

    private static double MedianMove(Slot[] present, int at)
    {
        var moves = new List<double>(2 * VolatilityRows);
        for (int i = Math.Max(1, at - VolatilityRows); i < Math.Min(present.Length, at + VolatilityRows); i++)
        {
            double move = Math.Abs(Math.Log(present[i].Close / present[i - 1].Close));
            if (i != at && i != at + 1 && double.IsFinite(move))
                moves.Add(move);
        }

        moves.Sort();
        return moves.Count == 0 ? 0 : moves[moves.Count / 2];
    }

    /// <summary>Whole days whose volume is out of all proportion to the days around.</summary>
    private void JudgeDays(List<CandleDay> days)
    {
        if (_interval >= UnixNanos.PerDay)
            return;
        double whole = WholeDay * UnixNanos.PerDay / _interval;
        for (int i = 0; i < days.Count; i++)
        {
            if (days[i].Candles < whole)
                continue;
            double[] around = [.. days.Skip(Math.Max(0, i - VolumeDays)).Take(Math.Min(i, VolumeDays) + 1 + VolumeDays)
                .Where(day => day.Candles >= whole && day != days[i]).Select(day => day.Volume).Order()];
            if (around.Length < VolumeDays)
                continue;
            (double median, CandleDay day) = (around[around.Length / 2], days[i]);
            if (day.Volume * VolumeFactor < median || day.Volume > median * VolumeFactor)
            {
                _tally.Add(FindingCode.CountAnomaly, new((day.Day.DayNumber - new DateOnly(1970, 1, 1).DayNumber) * UnixNanos.PerDay), 0,
                    _tally.IsFirst(FindingCode.CountAnomaly, 0)
                        ? string.Create(CultureInfo.InvariantCulture, $"volume {day.Volume:G6} on {day.Day:yyyy-MM-dd}, {median:G6} is usual around it") : "");
            }
        }
    }
}
