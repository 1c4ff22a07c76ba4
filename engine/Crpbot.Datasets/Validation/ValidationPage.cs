using System.Globalization;
using Crpbot.Messages;
using Crpbot.Reports;

namespace Crpbot.Datasets.Validation;

/// <summary>Validation as a page: scores, findings, coverage and what the data look like over time.</summary>
public static class ValidationPage
{
    private const int MaxPoints = 1500;
    private const int MaxInstruments = 8;
    private const int MaxDays = 2000;

    /// <param name="title">The file's or lake's name, without the machine's path.</param>
    /// <param name="report">What was found.</param>
    public static string Of(string title, MarketReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        HtmlPage page = Begin(title, report.Report, [("instruments", Text(report.Series.Count), Tone.Plain)]);
        AddFindings(page, report.Report);
        AddStream(page, report);
        foreach (InstrumentSeries series in report.Series.OrderByDescending(one => one.Trades + one.Updates).Take(MaxInstruments))
            AddInstrument(page, series);
        if (report.Series.Count > MaxInstruments)
            page.Paragraph($"{report.Series.Count - MaxInstruments} further instruments are judged but not drawn.");
        return page.ToString();
    }

    /// <inheritdoc cref="Of(string, MarketReport)"/>
    public static string Of(string title, LakeReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        HtmlPage page = Begin(title, report.Total, [("symbol-days", Text(report.Days.Count), Tone.Plain)]);
        AddFindings(page, report.Total);
        page.Heading("Coverage").Picture(Calendar(report.Days).ToSvg(), "Green: no finding above info. Yellow: warnings. Red: errors, missing days among them.");
        foreach (IGrouping<string, LakeDayReport> symbol in report.Days.GroupBy(day => $"{day.Venue}:{day.Symbol}"))
        {
            double[] days = [.. symbol.Select(day => day.Report.From.Value / 1e9)];
            Series[] lines = [new("trades", days, [.. symbol.Select(day => (double)day.Trades)]), new("level updates", days, [.. symbol.Select(day => (double)day.Updates)])];
            page.Heading(symbol.Key).Picture(new LineChart("day", "count", lines) { XIsTime = true }.ToSvg());
        }

        page.Heading("Symbol-days").BeginTable("symbol-day", "score", "rows", "trades", "level updates", "findings");
        foreach (LakeDayReport day in report.Days.Take(MaxDays))
        {
            string findings = string.Join(", ", day.Report.Findings.Select(finding => $"{finding.Code.NameOf()} {Text(finding.Count)}"));
            page.Row(ToneOf(day.Report), day.Name, Score(day.Report), Text(day.Report.Rows), Text(day.Trades), Text(day.Updates), findings);
        }

        page.EndTable();
        if (report.Days.Count > MaxDays)
            page.Paragraph($"{report.Days.Count - MaxDays} further symbol-days are in the JSON document.");
        return page.ToString();
    }

    /// <inheritdoc cref="Of(string, MarketReport)"/>
    /// <param name="summary">Of the candles.</param>
    public static string Of(string title, ValidationReport report, CandleSummary summary)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(summary);
        HtmlPage page = Begin(title, report,
            [("candles", Text(summary.Candles), Tone.Plain), ("missing", Text(summary.Missing), summary.Missing > 0 ? Tone.Warning : Tone.Good), ("interval", CandleInterval.Format(summary.Interval), Tone.Plain)]);
        page.Notes(summary.Notes);
        AddFindings(page, report);
        IReadOnlyList<CandleDay> days = summary.Days;
        if (days.Count == 0)
            return page.ToString();
        (Tone, string)[] cells = [.. days.Select(day => (day.Candles == 0 ? Tone.Bad : day.Missing > 0 ? Tone.Warning : Tone.Good, $"{day.Candles} candles, {day.Missing} missing"))];
        page.Heading("Coverage").Picture(new CoverageCalendar(days[0].Day, days[^1].Day.AddDays(1), [("candles", cells)]).ToSvg());
        double[] times = [.. days.Select(day => UnixNanos.FromDateTime(day.Day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)).Value / 1e9)];
        page.Picture(new LineChart("day", "close", [new Series("last close", times, [.. days.Select(day => day.Close)])]) { XIsTime = true }.ToSvg());
        page.Picture(new LineChart("day", "volume", [new Series("volume", times, [.. days.Select(day => day.Volume)])]) { XIsTime = true }.ToSvg());
        return page.ToString();
    }

    private static HtmlPage Begin(string title, ValidationReport report, IReadOnlyList<(string, string, Tone)> more) =>
        new HtmlPage($"Validation of {title}", $"{report.From} … {report.To}, end exclusive").Figures(
        [
            ("score of 100", Score(report), ToneOf(report)),
            ("rows", Text(report.Rows), Tone.Plain),
            .. more,
            ("errors", Text(Count(report, Severity.Error)), Count(report, Severity.Error) > 0 ? Tone.Bad : Tone.Good),
            ("warnings", Text(Count(report, Severity.Warning)), Count(report, Severity.Warning) > 0 ? Tone.Warning : Tone.Good),
        ]);

    private static void AddFindings(HtmlPage page, ValidationReport report)
    {
        page.Heading("Findings");
        if (report.Findings.Count == 0)
        {
            page.Paragraph("None.", Tone.Good);
            return;
        }

        page.BeginTable("code", "severity", "count", "first", "line", "first example");
        foreach (Finding finding in report.Findings)
        {
            page.Row(finding.Severity switch { Severity.Error => Tone.Bad, Severity.Warning => Tone.Warning, _ => Tone.Plain },
                finding.Code.NameOf(), finding.Severity.ToString().ToLowerInvariant(), Text(finding.Count),
                finding.FirstTime == UnixNanos.None ? "" : finding.FirstTime.ToString(), finding.FirstLine == 0 ? "" : Text(finding.FirstLine), finding.Example);
        }

        page.EndTable();
        Finding? missing = report.Findings.FirstOrDefault(finding => finding.Code == FindingCode.MissingMinute);
        if (missing is not null)
            page.Notes([.. missing.Runs.Take(50).Select(run => $"missing: {run.Minutes} minutes from {run.From}")]);
    }

    private static void AddStream(HtmlPage page, MarketReport report)
    {
        IReadOnlyList<MinuteRow> minutes = report.Minutes;
        if (minutes.Count == 0)
            return;
        page.Heading("Coverage").Picture(Calendar(report).ToSvg(), "Minutes of each day in which anything came.");
        (double[] times, double[] messages) = Cut(minutes, row => row.Count, sum: true);
        page.Picture(new LineChart("ReceiveTime", $"messages per {Unit(minutes)}", [new Series("messages", times, messages)]) { XIsTime = true }.ToSvg());
        (times, double[] offsets) = Cut(minutes, row => row.Value, sum: false);
        if (offsets.Any(double.IsFinite))
            page.Picture(new LineChart("ReceiveTime", "receive − exchange, ms", [new Series("smallest", times, offsets)]) { XIsTime = true }.ToSvg(), "The smallest offset of each minute; below 0 our clock trails the venue's.");
    }

    private static void AddInstrument(HtmlPage page, InstrumentSeries series)
    {
        page.Heading(series.Instrument.Name);
        if (series.Trades > 0)
        {
            (double[] times, double[] prices) = Cut(series.Minutes, row => row.Value, sum: false);
            var lines = new List<Series> { new("last price", times, prices) };
            if (series.Jumps.Count > 0)
                lines.Add(new Series("jump", [.. series.Jumps.Select(jump => jump.Time.Value / 1e9)], [.. series.Jumps.Select(jump => series.Instrument.PriceOf(new Price(jump.Ticks)))]) { IsScatter = true });
            page.Picture(new LineChart("ReceiveTime", "price", lines) { XIsTime = true }.ToSvg());
            (times, double[] trades) = Cut(series.Minutes, row => row.Count, sum: true);
            page.Picture(new LineChart("ReceiveTime", $"trades per {Unit(series.Minutes)}", [new Series("trades", times, trades)]) { XIsTime = true }.ToSvg());
        }

        if (series.Updates > 0)
        {
            (double[] times, double[] updates) = Cut(series.Minutes, row => row.Updates, sum: true);
            page.Picture(new LineChart("ReceiveTime", $"level updates per {Unit(series.Minutes)}", [new Series("level updates", times, updates)]) { XIsTime = true }.ToSvg());
        }
    }

    /// <summary>Minutes, or as many together as keep the points drawable: summed, or the last known value.</summary>
    private static (double[] Times, double[] Values) Cut(IReadOnlyList<MinuteRow> rows, Func<MinuteRow, double> value, bool sum)
    {
        int step = StepOf(rows);
        var times = new List<double>();
        var values = new List<double>();
        foreach (MinuteRow row in rows)
        {
            double time = row.Minute / step * step * 60.0, own = value(row);
            if (times.Count == 0 || times[^1] != time)
            {
                times.Add(time);
                values.Add(own);
            }
            else if (sum || double.IsFinite(own))
            {
                values[^1] = sum ? values[^1] + own : own;
            }
        }

        return ([.. times], [.. values]);
    }

    private static int StepOf(IReadOnlyList<MinuteRow> rows)
    {
        int step = 1;
        foreach (int larger in (ReadOnlySpan<int>)[60, 1440])
        {
            if ((rows[^1].Minute - rows[0].Minute) / step > MaxPoints)
                step = larger;
        }

        return step;
    }

    private static string Unit(IReadOnlyList<MinuteRow> rows) => rows.Count == 0 ? "minute" : StepOf(rows) switch { 1 => "minute", 60 => "hour", _ => "day" };

    private static CoverageCalendar Calendar(MarketReport report)
    {
        DateOnly from = DateOnly.FromDateTime(report.Report.From.ToDateTime()), to = DateOnly.FromDateTime((report.Report.To - 1).ToDateTime()).AddDays(1);
        Dictionary<DateOnly, int> present = report.Minutes.GroupBy(row => DateOnly.FromDateTime(DateTime.UnixEpoch.AddMinutes(row.Minute))).ToDictionary(day => day.Key, day => day.Count());
        var days = new List<(Tone, string)>();
        for (DateOnly day = from; day < to; day = day.AddDays(1))
        {
            int minutes = present.GetValueOrDefault(day);
            int wanted = WantedMinutes(report.Report, day);
            days.Add((minutes == 0 ? Tone.Bad : minutes < wanted ? Tone.Warning : Tone.Good, $"{minutes} of {wanted} minutes"));
        }

        return new CoverageCalendar(from, to, [("messages", days)]);
    }

    private static int WantedMinutes(ValidationReport report, DateOnly day)
    {
        UnixNanos start = UnixNanos.FromDateTime(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)), end = start + UnixNanos.PerDay;
        long from = Math.Max(start.Value, report.From.Value), to = Math.Min(end.Value, report.To.Value);
        return (int)((to - from) / UnixNanos.PerMinute);
    }

    private static CoverageCalendar Calendar(IReadOnlyList<LakeDayReport> days)
    {
        DateOnly from = days.Min(day => day.Date), to = days.Max(day => day.Date).AddDays(1);
        var rows = new List<(string, IReadOnlyList<(Tone, string)>)>();
        foreach (IGrouping<string, LakeDayReport> symbol in days.GroupBy(day => $"{day.Venue}:{day.Symbol}"))
        {
            Dictionary<DateOnly, LakeDayReport> known = symbol.ToDictionary(day => day.Date);
            var cells = new List<(Tone, string)>();
            for (DateOnly date = from; date < to; date = date.AddDays(1))
                cells.Add(known.TryGetValue(date, out LakeDayReport? day) ? (ToneOf(day.Report), $"score {Score(day.Report)}, {Text(day.Report.Rows)} rows") : (Tone.Plain, "not asked for"));
            rows.Add((symbol.Key, cells));
        }

        return new CoverageCalendar(from, to, rows);
    }

    private static Tone ToneOf(ValidationReport report) => report.Fails(Severity.Error) ? Tone.Bad : report.Fails(Severity.Warning) ? Tone.Warning : Tone.Good;

    private static long Count(ValidationReport report, Severity severity) => report.Findings.Where(finding => finding.Severity == severity).Sum(finding => finding.Count);

    private static string Score(ValidationReport report) => report.Score.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
