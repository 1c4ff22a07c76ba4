using System.Text;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Which column holds the time, and how.</summary>
/// <param name="Column">Index.</param>
/// <param name="TimeOfDay">Index of the clock that belongs to a date; -1 for none.</param>
/// <param name="IsClose">It names the candles' ends.</param>
/// <param name="Order">Of dates with the year last.</param>
/// <param name="Form">Of most rows.</param>
/// <param name="FrequentStep">Nanoseconds; null without any step.</param>
internal sealed record CandleTimeColumn(int Column, int TimeOfDay, bool IsClose, DateOrder Order, CandleTimeForm Form, long? FrequentStep, bool IsNewestFirst);

/// <summary>The time cells of a file's first rows, from which its time column, date order and interval are told.</summary>
internal sealed class CandleTimeSample
{
    private readonly string _where;
    private readonly IReadOnlyList<string> _names;
    private readonly UnixNanos _midnight;
    private readonly int[] _begins;
    private readonly int[] _ends;
    private readonly List<byte[][]> _rows = [];
    private readonly bool _isOrderGiven;
    private DateOrder _order;
    private bool _hasOpenDate;
    private bool _hasOther;

    public CandleTimeSample(string where, IReadOnlyList<string> names, CandleFileOptions options, UnixNanos midnight)
    {
        (_where, _names, _midnight) = (where, names, midnight);
        (_order, _isOrderGiven) = (OrderOf(options.DateFormat), options.DateFormat is not null);
        if (options.TimeColumn is { } name)
        {
            int chosen = CandleColumnNames.Find(where, names, "--time-column", name);
            IsEndChosen = CandleColumnNames.IsCloseTime(name);
            _begins = IsEndChosen ? [] : [chosen];
            _ends = IsEndChosen ? [chosen] : [];
            return;
        }

        (_begins, _ends) = CandleColumnNames.FindTimes(names);
        if (_begins.Length == 0 && _ends.Length == 0)
            throw new InvalidDataException($"{where}: there is no column time in '{string.Join(',', names)}'");
        if (_begins.Length == 0)
            throw new InvalidDataException($"{where}: '{names[_ends[0]]}' is the end of a candle and nothing names its begin; --time-column {names[_ends[0]]} dates the candles back by their length");
    }

    /// <summary>Whether more rows would tell nothing new.</summary>
    public bool IsDecided => _order != DateOrder.Unknown || !_hasOpenDate || _hasOther;

    private bool IsEndChosen { get; }

    public void Add(CandleCells cells, ReadOnlySpan<byte> line)
    {
        var row = new byte[_begins.Length + _ends.Length][];
        for (int i = 0; i < row.Length; i++)
        {
            int column = i < _begins.Length ? _begins[i] : _ends[i - _begins.Length];
            row[i] = column < cells.Count ? cells.Of(line, column).ToArray() : [];
            if (_order == DateOrder.Unknown && CandleTimeText.TryDayAndMonth(row[i], out int first, out int second))
            {
                _hasOpenDate = true;
                _order = first > 12 ? DateOrder.DayFirst : second > 12 ? DateOrder.MonthFirst : DateOrder.Unknown;
            }
            else if (i < _begins.Length && CandleTimeText.TryParse(row[i], DateOrder.Unknown, out _, out _))
            {
                _hasOther = true;
            }
        }

        // Beyond it only a date that decides the order is looked for, if need be to the end of the file.
        if (_rows.Count < CandleProbe.SampleRows)
            _rows.Add(row);
    }

    /// <exception cref="InvalidDataException">Several columns say different times, or dates can be read in two ways.</exception>
    public CandleTimeColumn Choose(List<string> notes)
    {
        (int chosen, int timeOfDay) = ChooseColumn();
        RequireAgreement(chosen, timeOfDay);
        var steps = new Dictionary<long, int>();
        var forms = new int[Enum.GetValues<CandleTimeForm>().Length];
        long previous = long.MinValue;
        int up = 0, down = 0;
        bool hasDayMonth = false;
        for (int row = 0; row < _rows.Count; row++)
        {
            hasDayMonth |= CandleTimeText.TryDayAndMonth(_rows[row][chosen], out _, out _);
            if (!TryTime(row, chosen, timeOfDay, out UnixNanos time, out CandleTimeForm form))
                continue;
            forms[(int)form]++;
            long step = previous == long.MinValue ? 0 : time.Value - previous;
            previous = time.Value;
            if (step == 0)
                continue;
            (up, down) = step > 0 ? (up + 1, down) : (up, down + 1);
            steps[Math.Abs(step)] = steps.GetValueOrDefault(Math.Abs(step)) + 1;
        }

        CandleTimeForm most = (CandleTimeForm)Array.IndexOf(forms, forms.Max());
        int column = IsEndChosen ? _ends[0] : _begins[chosen];
        if (hasDayMonth && _order == DateOrder.Unknown)
        {
            throw new InvalidDataException($"{_where}: dates such as '{Encoding.UTF8.GetString(_rows.First(row => CandleTimeText.TryDayAndMonth(row[chosen], out _, out _))[chosen])}' "
                + "may begin with day or month and no row decides it; say --date-format dd/MM/yyyy or MM/dd/yyyy");
        }

        notes.Add($"time is column '{_names[column]}'{(timeOfDay < 0 ? "" : $" with '{_names[_begins[timeOfDay]]}'")}, {NameOf(most)}"
            + (IsEndChosen ? ", the end of each candle" : "") +
                (hasDayMonth ? $", {(_order == DateOrder.DayFirst ? "day" : "month")} first ({(_isOrderGiven ? "as given" : "a row decides it")})" : ""));
        return new CandleTimeColumn(column, timeOfDay < 0 ? -1 : _begins[timeOfDay], IsEndChosen, _order, most, FrequentStep(steps), down > up);
    }

    /// <summary>The most frequent step of which nearly all are multiples: in thin markets two neighbours are rarer than distances.</summary>
    private static long? FrequentStep(Dictionary<long, int> steps)
    {
        const int Candidates = 50;
        const double NearlyAll = 0.99;
        long all = steps.Values.Sum(count => (long)count);
        long[] frequent = [.. steps.OrderByDescending(step => step.Value).ThenBy(step => step.Key).Take(Candidates).Select(step => step.Key)];
        foreach (long step in frequent)
        {
            if (steps.Where(other => other.Key % step == 0).Sum(other => (long)other.Value) >= NearlyAll * all)
                return step;
        }

        return frequent.Length == 0 ? null : frequent[0];
    }

    private (int Chosen, int TimeOfDay) ChooseColumn()
    {
        if (IsEndChosen || _begins.Length == 1)
            return (0, -1);
        int[] readable = [.. Enumerable.Range(0, _begins.Length).Where(i => _rows.Any(row => IsTime(row[i])))];
        int clock = Enumerable.Range(0, _begins.Length)
            .FirstOrDefault(i => _rows.Count > 0 && _rows.TrueForAll(row => row[i].Length == 0 || CandleTimeText.TryTimeOfDay(row[i], out _)), -1);
        if (readable.Length == 0)
            return (0, -1);
        // An epoch cannot be misread for a local time, so it goes before text among names of equal rank.
        int chosen = readable.OrderBy(i => CandleColumnNames.IsOpenTime(_names[_begins[i]]) ? 0 : 1).ThenBy(i => IsEpoch(i) ? 0 : 1).ThenBy(i => i).First();
        bool isDateOnly = _rows.TrueForAll(row => !CandleTimeText.TryParse(row[chosen], Trial(row[chosen]), out UnixNanos time, out CandleTimeForm form)
            || (form == CandleTimeForm.Text && time.Floor(UnixNanos.PerDay) == time));
        return (chosen, isDateOnly && clock >= 0 && clock != chosen ? clock : -1);
    }

    private void RequireAgreement(int chosen, int timeOfDay)
    {
        for (int other = 0; other < _begins.Length + _ends.Length; other++)
        {
            bool isEnd = other >= _begins.Length;
            if (IsEndChosen || other == chosen || other == timeOfDay)
                continue;
            for (int row = 0; row < _rows.Count; row++)
            {
                if (!TryTime(row, chosen, timeOfDay, out UnixNanos time, out _) || !CandleTimeText.TryParse(_rows[row][other], _order, out UnixNanos second, out _))
                    continue;
                bool agrees = isEnd ? second > time : second == time || second == time.Floor(UnixNanos.PerHour) || second == time.Floor(UnixNanos.PerDay);
                if (agrees)
                    continue;
                string names = $"'{_names[_begins[chosen]]}' and '{_names[isEnd ? _ends[other - _begins.Length] : _begins[other]]}'";
                throw new InvalidDataException($"{_where}: columns {names} disagree, first {time} and {second}; choose with --time-column");
            }
        }
    }

    private bool TryTime(int row, int chosen, int timeOfDay, out UnixNanos time, out CandleTimeForm form)
    {
        if (_midnight != UnixNanos.None)
        {
            form = CandleTimeForm.SinceMidnight;
            bool isNumber = CandleNumber.TryParse(_rows[row][chosen], hasComma: false, out double millis);
            time = _midnight + (isNumber ? (long)(millis * UnixNanos.PerMillisecond) : 0);
            return isNumber;
        }

        long clock = 0;
        bool isTime = CandleTimeText.TryParse(_rows[row][chosen], _order, out time, out form)
            && (timeOfDay < 0 || CandleTimeText.TryTimeOfDay(_rows[row][timeOfDay], out clock));
        time += clock;
        return isTime;
    }

    private bool IsTime(byte[] cell) => CandleTimeText.TryParse(cell, Trial(cell), out _, out _);

    // Which of the two orders does not matter for telling that it is a date.
    private DateOrder Trial(byte[] cell) =>
        _order != DateOrder.Unknown || !CandleTimeText.TryDayAndMonth(cell, out int first, out _) ? _order : first > 12 ? DateOrder.DayFirst : DateOrder.MonthFirst;

    private bool IsEpoch(int begin) =>
        _rows.Exists(row => CandleTimeText.TryParse(row[begin], DateOrder.Unknown, out _, out CandleTimeForm form) && form < CandleTimeForm.Text);

    private static string NameOf(CandleTimeForm form) => form switch
    {
        CandleTimeForm.Text => "text without zone, read as UTC",
        CandleTimeForm.ZonedText => "text with its zone",
        CandleTimeForm.SinceMidnight => "milliseconds since the midnight in the file's name, UTC",
        _ => $"{form.ToString().ToLowerInvariant()} since 1970",
    };

    /// <exception cref="InvalidDataException">It names no order.</exception>
    private static DateOrder OrderOf(string? format) => format is null ? DateOrder.Unknown : string.Concat(format.ToLowerInvariant().Where(char.IsLetter).Distinct()) switch
    {
        "dmy" => DateOrder.DayFirst,
        "mdy" => DateOrder.MonthFirst,
        "ymd" => DateOrder.Unknown,
        _ => throw new InvalidDataException($"--date-format {format} names no order; expected dd/MM/yyyy or MM/dd/yyyy"),
    };
}
