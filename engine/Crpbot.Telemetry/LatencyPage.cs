using System.Globalization;
using System.Text;
using Crpbot.Reports;

namespace Crpbot.Telemetry;

/// <summary>Latencies of all stages as one HTML page that needs nothing else: a percentile plot, a table, the machine.</summary>
/// <remarks>Both axes are logarithmic: each step to the right is another nine of the percentile, so the tail has the room it deserves.</remarks>
public static class LatencyPage
{
    private const int Width = 960, Height = 440, Left = 76, Right = 24, Top = 18, Bottom = 46;
    private const int Colours = 10;

    /// <summary>The whole document.</summary>
    public static string Render(LatencyReportHeader header, IReadOnlyList<LatencyHistogram> stages)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(stages);
        var page = new HtmlPage(header.Title, header.Machine);
        LatencyHistogram[] filled = [.. stages.Where(stage => stage.Count > 0)];
        if (filled.Length > 0)
            page.Picture(Plot(filled));
        AddTable(page, stages);
        return page.Notes(header.Notes).ToString();
    }

    private static string Plot(LatencyHistogram[] stages)
    {
        StringBuilder html = new();
        double nines = Math.Clamp(Math.Ceiling(Math.Log10(stages.Max(stage => stage.Count))), 2, 7);
        int lowDecade = (int)Math.Floor(Math.Log10(Math.Max(1, stages.Min(stage => stage.ValueAt(0)))));
        int highDecade = Math.Max(lowDecade + 1, (int)Math.Ceiling(Math.Log10(stages.Max(stage => stage.ValueAt(1)))));
        double X(double atNines) => Left + (Width - Left - Right) * Math.Min(atNines, nines) / nines;
        double Y(double nanos) =>
            Height - Bottom - (Height - Top - Bottom) * (Math.Log10(Math.Max(1, nanos)) - lowDecade) / (highDecade - lowDecade);

        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"latency by percentile\">\n");
        for (int decade = lowDecade; decade <= highDecade; decade++)
        {
            double y = Y(Math.Pow(10, decade));
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\"/>")
                .Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{Left - 10}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{LatencyReport.FormatNanos(Math.Pow(10, decade))}</text>\n");
            for (int step = 2; step <= 9 && decade < highDecade; step++)
            {
                double minor = Y(step * Math.Pow(10, decade));
                html.Append(CultureInfo.InvariantCulture, $"<line class=\"minor\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{minor:F1}\" y2=\"{minor:F1}\"/>");
            }
        }

        for (int nine = 0; nine <= nines; nine++)
        {
            AppendPercentile(html, X(nine), PercentileName(nine));
            if (nine == 0)
                AppendPercentile(html, X(Math.Log10(2)), "50 %");
        }

        html.Append(CultureInfo.InvariantCulture, $"<text class=\"axis\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">percentile</text>\n");
        for (int i = 0; i < stages.Length; i++)
            AppendCurve(html, stages[i], i, X, Y);
        html.Append("</svg>\n");
        Legend.Append(html, [.. stages.Select(stage => stage.Stage)]);
        return html.ToString();
    }

    private static void AppendPercentile(StringBuilder html, double x, string name) => html
        .Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{x:F1}\" x2=\"{x:F1}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/>")
        .Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{x:F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{name}</text>\n");

    /// <summary>A step line: a value holds from the first to the last of its ranks. Steps below half a pixel are merged.</summary>
    private static void AppendCurve(StringBuilder html, LatencyHistogram stage, int colour, Func<double, double> x, Func<double, double> y)
    {
        html.Append(CultureInfo.InvariantCulture, $"<path class=\"curve c{colour % Colours}\" d=\"");
        long seen = 0;
        double fromX = x(0), lastX = double.NegativeInfinity, lastY = double.NegativeInfinity;
        char command = 'M';
        foreach ((long nanos, long count) in stage.Buckets())
        {
            seen += count;

            // The worst value's own rank stands one nine-step beyond the rank before it.
            double toX = x(seen == stage.Count ? Math.Log10(2.0 * stage.Count) : -Math.Log10(1 - (double)seen / stage.Count));
            double atY = y(nanos);
            if (toX - lastX >= .5 || Math.Abs(atY - lastY) >= .5 || seen == stage.Count)
            {
                html.Append(CultureInfo.InvariantCulture, $"{command}{fromX:F1} {atY:F1}H{toX:F1}");
                command = 'L';
                lastX = toX;
                lastY = atY;
            }

            fromX = toX;
        }

        LatencySnapshot s = stage.Summarize();
        html.Append("\"><title>").Append(HtmlPage.Escape(stage.Stage)).Append(": p50 ").Append(LatencyReport.FormatNanos(s.P50)).Append(", p99 ")
            .Append(LatencyReport.FormatNanos(s.P99)).Append(", worst ").Append(LatencyReport.FormatNanos(s.Max)).Append("</title></path>\n");
    }

    private static void AddTable(HtmlPage page, IReadOnlyList<LatencyHistogram> stages)
    {
        page.BeginTable("stage", "count", "p50", "p90", "p99", "p99.9", "p99.99", "worst", "mean");
        foreach (LatencyHistogram stage in stages)
        {
            LatencySnapshot s = stage.Summarize();
            IEnumerable<string> nanos = new[] { s.P50, s.P90, s.P99, s.P999, s.P9999, s.Max, s.Mean }.Select(value => s.Count == 0 ? "–" : LatencyReport.FormatNanos(value));
            page.Row([stage.Stage, s.Count.ToString("N0", CultureInfo.InvariantCulture), .. nanos]);
        }

        page.EndTable();
    }

    private static string PercentileName(int nines) => nines switch
    {
        0 => "0 %",
        1 => "90 %",
        2 => "99 %",
        _ => "99." + new string('9', nines - 2) + " %",
    };
}
