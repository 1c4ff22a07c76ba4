using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Datasets.Lake;
using Crpbot.Reports;

namespace Crpbot.Cli;

/// <summary>What a lake holds, as text, JSON and a page: a table of series and a calendar of their days.</summary>
internal sealed class LakeView
{
    private const char Converted = '#';
    private const char ConvertedEmpty = '-';
    private const char Raw = 'o';
    private const char Missing = '.';
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;
    private readonly string _location;
    private readonly IReadOnlyList<LakeSeries> _series;
    private readonly List<(string Name, SortedDictionary<DateOnly, char> Days)> _calendars = [];

    public LakeView(string location, IReadOnlyList<LakeSeries> series)
    {
        (_location, _series) = (location, series);
        foreach (IGrouping<string, LakeSeries> both in series.GroupBy(NameOf))
        {
            var days = new SortedDictionary<DateOnly, char>();
            // Converted goes over raw.
            foreach (LakeSeries form in both.OrderByDescending(form => form.IsRaw))
            {
                foreach (LakeDay day in form.Days)
                    days[day.Date] = form.IsRaw ? Raw : day.Rows == 0 ? ConvertedEmpty : Converted;
            }

            _calendars.Add((both.Key, days));
        }
    }

    public void Print(TextWriter writer)
    {
        if (_series.Count == 0)
        {
            writer.WriteLine($"{_location} holds nothing of that");
            return;
        }

        string[][] cells = [["series", "form", "days", "first", "last", "missing", "rows", "bytes"], .. _series.Select(CellsOf)];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(i => cells.Max(row => row[i].Length))];
        foreach (string[] row in cells)
            writer.WriteLine(string.Join("  ", row.Select((cell, i) => i is 0 or 1 or 3 or 4 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        writer.WriteLine();
        writer.WriteLine($"{Converted} converted  {ConvertedEmpty} converted, without rows  {Raw} downloaded only  {Missing} missing");
        foreach ((string name, SortedDictionary<DateOnly, char> days) in _calendars)
        {
            writer.WriteLine(name);
            (DateOnly first, DateOnly last) = (days.Keys.First(), days.Keys.Last());
            for (var month = new DateOnly(first.Year, first.Month, 1); month <= last; month = month.AddMonths(1))
                writer.WriteLine($"  {month.ToString("yyyy-MM", Culture)}  {MonthOf(month, days, first, last)}");
        }
    }

    public string ToJson() => JsonSerializer.Serialize(new
    {
        Lake = _location,
        Series = _series.Select(series => new
        {
            series.Venue,
            series.Symbol,
            series.Type,
            Form = FormOf(series),
            Days = series.Days.Count,
            First = DateText(series.First),
            Last = DateText(series.Last),
            Missing = series.Missing.Select(DateText),
            series.Rows,
            series.Bytes,
        }),
    }, Indented);

    public string ToHtml()
    {
        var page = new HtmlPage("Coverage", _location);
        page.Figures(
            ("series", _calendars.Count.ToString(Culture), Tone.Plain),
            ("days converted", Count(Converted, ConvertedEmpty), Tone.Good),
            ("days downloaded only", Count(Raw), Tone.Warning),
            ("bytes", _series.Sum(series => series.Bytes).ToString("N0", Culture), Tone.Plain));
        if (_calendars.Count > 0)
        {
            (DateOnly first, DateOnly last) = (_calendars.Min(entry => entry.Days.Keys.First()), _calendars.Max(entry => entry.Days.Keys.Last()));
            page.Picture(new CoverageCalendar(first, last.AddDays(1), [.. _calendars.Select(entry => RowOf(entry.Name, entry.Days, first, last))]).ToSvg(),
                "green: converted; amber: downloaded only; red: missing between the first and the last day");
        }

        page.BeginTable("series", "form", "days", "first", "last", "missing", "rows", "bytes");
        foreach (LakeSeries series in _series)
            page.Row(CellsOf(series));
        return page.EndTable().ToString();
    }

    private static (string, IReadOnlyList<(Tone, string)>) RowOf(string name, SortedDictionary<DateOnly, char> days, DateOnly first, DateOnly last)
    {
        (DateOnly from, DateOnly to) = (days.Keys.First(), days.Keys.Last());
        return (name, [.. Enumerable.Range(first.DayNumber, last.DayNumber - first.DayNumber + 1).Select(DateOnly.FromDayNumber).Select(day => days.TryGetValue(day, out char mark)
            ? mark switch { Converted => (Tone.Good, "converted"), ConvertedEmpty => (Tone.Good, "converted, without rows"), _ => (Tone.Warning, "downloaded only") }
            : day > from && day < to ? (Tone.Bad, "missing") : (Tone.Plain, "not asked for"))]);
    }

    private static string MonthOf(DateOnly month, SortedDictionary<DateOnly, char> days, DateOnly first, DateOnly last)
    {
        var text = new StringBuilder();
        for (DateOnly day = month; day.Month == month.Month; day = day.AddDays(1))
            text.Append(days.TryGetValue(day, out char mark) ? mark : day > first && day < last ? Missing : ' ');
        return text.ToString().TrimEnd();
    }

    private static string[] CellsOf(LakeSeries series) =>
    [
        NameOf(series), FormOf(series), series.Days.Count.ToString(Culture), DateText(series.First), DateText(series.Last), series.Missing.Count.ToString(Culture),
        series.Rows?.ToString("N0", Culture) ?? "", series.Bytes.ToString("N0", Culture),
    ];

    private static string NameOf(LakeSeries series) => $"{series.Venue}:{series.Symbol} {series.Type}";

    private static string FormOf(LakeSeries series) => series.IsRaw ? "raw" : "converted";

    private static string DateText(DateOnly day) => day.ToString("yyyy-MM-dd", Culture);

    private string Count(params char[] marks) => _calendars.Sum(entry => entry.Days.Values.Count(marks.Contains)).ToString("N0", Culture);
}
