using System.Globalization;
using Crpbot.Messages;
using Crpbot.Reports;

namespace Crpbot.Datasets.Comparison;

/// <summary>A comparison as a page with pictures.</summary>
internal static class ComparisonPage
{
    private const int Points = 1500;

    public static string Of(SourceComparison comparison)
    {
        (ComparedSource a, ComparedSource b) = (comparison.A, comparison.B);
        var page = new HtmlPage($"{a.Name} against {b.Name}", $"candles of {CandleInterval.Format(comparison.Interval)} from {comparison.From} to {comparison.To}");
        page.Figures(
            ("matched", Count(comparison.Matches.Count), Tone.Plain),
            ("missing in A", Count(comparison.MissingInA), comparison.MissingInA == 0 ? Tone.Good : Tone.Warning),
            ("missing in B", Count(comparison.MissingInB), comparison.MissingInB == 0 ? Tone.Good : Tone.Warning),
            ("differing", Count(comparison.Differing), comparison.Differing == 0 ? Tone.Good : Tone.Warning),
            ("clocks", comparison.Offset.OffsetNanos is { } offset ? OffsetSearch.Words(offset) : "unknown",
                comparison.Offset.OffsetNanos == 0 ? Tone.Good : Tone.Warning));
        page.Paragraph(comparison.Offset.Evidence + ".");
        page.Heading("Fields").BeginTable("field", "differing", "largest difference", "median difference", "first");
        foreach (FieldDifference field in comparison.Fields)
            page.Row(field.Name, Count(field.Differing), Percent(field.MaxRelative), Percent(field.MedianRelative),
                field.FirstTime == UnixNanos.None ? "" : field.FirstTime.ToString());
        page.EndTable();
        if (comparison.Trades is { } trades)
        {
            page.Heading("Trades").BeginTable("matched by id", "missing in A", "missing in B", "differing");
            page.Row(Count(trades.Matched), Count(trades.MissingInA), Count(trades.MissingInB), Count(trades.Differing)).EndTable();
            if (trades.Example is not null)
                page.Paragraph(trades.Example);
        }

        AddFigure(page, comparison);
        AddPictures(page, comparison);
        page.Heading("How they were read").Notes([.. a.Notes.Select(note => $"A, {a.Name}: {note}"), .. b.Notes.Select(note => $"B, {b.Name}: {note}")]);
        return page.ToString();
    }

    private static void AddFigure(HtmlPage page, SourceComparison comparison)
    {
        page.Heading("What A gives over B").BeginTable("", "A", "B", "times better");
        void Row(string name, Advantage advantage) => page.Row(name, Plain(advantage.A), Plain(advantage.B), advantage.Times is { } times ? Plain(times) : advantage.B > 0 ? "A has none" : "neither has any");
        Row("missing minutes", comparison.Missing);
        Row("defects", comparison.Defects);
        page.Row("events or rows a minute", Plain(comparison.Detail.A), Plain(comparison.Detail.B), comparison.Detail.Times is { } more ? Plain(more) : "");
        page.Row("has, and the other has not", string.Join(", ", ComparisonReport.Only(comparison.A, comparison.B)),
            string.Join(", ", ComparisonReport.Only(comparison.B, comparison.A)), "").EndTable();
    }

    private static void AddPictures(HtmlPage page, SourceComparison comparison)
    {
        if (comparison.Matches.Count > 0)
        {
            (double[] times, double[] worst, double[] basis) = Buckets(comparison);
            page.Heading("Difference of the close")
                .Picture(new LineChart("time (UTC)", "largest difference, bp", [new Series("close", times, worst)]) { XIsTime = true }.ToSvg());
            page.Heading("Basis")
                .Picture(new LineChart("time (UTC)", "B's close over A's, bp", [new Series("basis", times, basis)]) { XIsTime = true, Reference = 0 }.ToSvg());
        }

        if (comparison.Offset.Curve.Count > 1)
        {
            page.Heading("Clocks").Picture(new LineChart("hours by which B's times are ahead", "correlation of returns",
                [new Series("correlation", [.. comparison.Offset.Curve.Select(point => point.Hours)],
                    [.. comparison.Offset.Curve.Select(point => point.Correlation)])]).ToSvg(), comparison.Offset.Evidence);
        }

        page.Heading("Coverage").Picture(Calendar(comparison).ToSvg());
    }

    /// <summary>Of each of at most so many stretches of time: its middle, its largest difference and its mean basis, in basis points.</summary>
    private static (double[] Times, double[] Worst, double[] Basis) Buckets(SourceComparison comparison)
    {
        int size = (comparison.Matches.Count + Points - 1) / Points;
        var chunks = comparison.Matches.Chunk(size).ToArray();
        return
        (
            [.. chunks.Select(chunk => (double)chunk[chunk.Length / 2].Time / UnixNanos.PerSecond)],
            [.. chunks.Select(chunk => 1e4 * chunk.Max(match => TradeMatch.Relative(match.CloseA, match.CloseB)))],
            [.. chunks.Select(chunk => 1e4 * chunk.Average(match => Math.Log(match.CloseB / match.CloseA)))]
        );
    }

    private static CoverageCalendar Calendar(SourceComparison comparison)
    {
        CandleTable a = comparison.A.Candles, b = comparison.B.Candles;
        UnixNanos from = new UnixNanos(Math.Min(a.From.Value, b.From.Value)).Floor(UnixNanos.PerDay), to = new(Math.Max(a.To.Value, b.To.Value));
        DateOnly first = DateOnly.FromDateTime(from.ToDateTime()), last = DateOnly.FromDateTime((to + (UnixNanos.PerDay - 1)).ToDateTime());
        return new CoverageCalendar(first, last, [(comparison.A.Name, Days(a, from, to)), (comparison.B.Name, Days(b, from, to))]);
    }

    private static List<(Tone Tone, string Text)> Days(CandleTable table, UnixNanos from, UnixNanos to)
    {
        var days = new List<(Tone Tone, string Text)>();
        for (UnixNanos day = from; day < to; day += UnixNanos.PerDay)
        {
            int count = table.IndexOf((day + UnixNanos.PerDay).Value) - table.IndexOf(day.Value);
            // Of the first and last day only the part inside the source's span can be there.
            UnixNanos begin = new(Math.Max(day.Value, table.From.Value)), end = new(Math.Min((day + UnixNanos.PerDay).Value, table.To.Value));
            long whole = Math.Max(0, (end - begin) / table.Interval);
            Tone tone = count == 0 ? Tone.Plain : count >= whole ? Tone.Good : 10L * count >= 9 * whole ? Tone.Warning : Tone.Bad;
            days.Add((tone, count == 0 ? "nothing" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} of {whole:N0} candles")));
        }

        return days;
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Plain(double value) => value.ToString(value >= 100 || value == Math.Round(value) ? "N0" : "G4", CultureInfo.InvariantCulture);

    private static string Percent(double relative) => relative == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{100 * relative:G4} %");
}
