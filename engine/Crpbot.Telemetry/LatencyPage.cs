using System.Globalization;
using System.Net;
using System.Text;

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
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<title>").Append(Escape(header.Title)).Append("</title>\n<style>\n").Append(Style).Append("</style>\n</head>\n<body>\n<main>\n<h1>")
            .Append(Escape(header.Title)).Append("</h1>\n<p class=\"machine\">").Append(Escape(header.Machine)).Append("</p>\n");
        LatencyHistogram[] filled = [.. stages.Where(stage => stage.Count > 0)];
        if (filled.Length > 0)
        {
            html.Append("<figure>\n");
            AppendPlot(html, filled);
            AppendLegend(html, filled);
            html.Append("</figure>\n");
        }

        AppendTable(html, stages);
        if (header.Notes.Count > 0)
        {
            html.Append("<ul>\n");
            foreach (string note in header.Notes)
                html.Append("<li>").Append(Escape(note)).Append("</li>\n");
            html.Append("</ul>\n");
        }

        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void AppendPlot(StringBuilder html, LatencyHistogram[] stages)
    {
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
        html.Append("\"><title>").Append(Escape(stage.Stage)).Append(": p50 ").Append(LatencyReport.FormatNanos(s.P50)).Append(", p99 ")
            .Append(LatencyReport.FormatNanos(s.P99)).Append(", worst ").Append(LatencyReport.FormatNanos(s.Max)).Append("</title></path>\n");
    }

    private static void AppendLegend(StringBuilder html, LatencyHistogram[] stages)
    {
        html.Append("<figcaption>");
        for (int i = 0; i < stages.Length; i++)
            html.Append(CultureInfo.InvariantCulture, $"<span><i class=\"c{i % Colours}\"></i>{Escape(stages[i].Stage)}</span>");
        html.Append("</figcaption>\n");
    }

    private static void AppendTable(StringBuilder html, IReadOnlyList<LatencyHistogram> stages)
    {
        html.Append("<table>\n<thead><tr><th>stage</th><th>count</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>p99.99</th><th>worst</th><th>mean</th></tr></thead>\n<tbody>\n");
        foreach (LatencyHistogram stage in stages)
        {
            LatencySnapshot s = stage.Summarize();
            html.Append("<tr><td>").Append(Escape(stage.Stage)).Append("</td><td>").Append(s.Count.ToString("N0", CultureInfo.InvariantCulture)).Append("</td>");
            foreach (double nanos in (double[])[s.P50, s.P90, s.P99, s.P999, s.P9999, s.Max, s.Mean])
                html.Append("<td>").Append(s.Count == 0 ? "–" : LatencyReport.FormatNanos(nanos)).Append("</td>");
            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table>\n");
    }

    private static string PercentileName(int nines) => nines switch
    {
        0 => "0 %",
        1 => "90 %",
        2 => "99 %",
        _ => "99." + new string('9', nines - 2) + " %",
    };

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7c; --paper: #fbfcfd; --card: #ffffff; --rule: #dfe5ec; --faint: #eff2f6;
          --c0: #2563eb; --c1: #d9480f; --c2: #0f8a5f; --c3: #9c36b5; --c4: #b88608; --c5: #0b8ba5; --c6: #c2255c; --c7: #5c7c0f; --c8: #6b5bd6; --c9: #7a5a43; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8edf3; --soft: #93a1b3; --paper: #11151b; --card: #181e27; --rule: #2c3644; --faint: #202833;
            --c0: #6ea8fe; --c1: #ff9254; --c2: #4cd4a0; --c3: #d58cf0; --c4: #f0c64a; --c5: #4fd0e8; --c6: #ff7fae; --c7: #b3d64f; --c8: #a99cff; --c9: #cfa98c; }
        }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { max-width: 1020px; margin: 0 auto; padding: 32px 24px 48px; }
        h1 { margin: 0; font-size: 25px; font-weight: 650; letter-spacing: -.01em; }
        .machine { margin: 4px 0 20px; color: var(--soft); }
        figure { margin: 0 0 24px; padding: 16px 16px 12px; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
        svg { display: block; width: 100%; height: auto; }
        .grid { stroke: var(--rule); } .minor { stroke: var(--faint); }
        .tick, .axis { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .curve:hover { stroke-width: 4; }
        figcaption { display: flex; flex-wrap: wrap; gap: 6px 20px; padding: 8px 8px 0; color: var(--soft); font-size: 13.5px; }
        figcaption i { display: inline-block; width: 18px; height: 3px; border-radius: 2px; margin-right: 7px; vertical-align: 4px; }
        .curve.c0 { stroke: var(--c0); } .curve.c1 { stroke: var(--c1); } .curve.c2 { stroke: var(--c2); } .curve.c3 { stroke: var(--c3); } .curve.c4 { stroke: var(--c4); }
        .curve.c5 { stroke: var(--c5); } .curve.c6 { stroke: var(--c6); } .curve.c7 { stroke: var(--c7); } .curve.c8 { stroke: var(--c8); } .curve.c9 { stroke: var(--c9); }
        i.c0 { background: var(--c0); } i.c1 { background: var(--c1); } i.c2 { background: var(--c2); } i.c3 { background: var(--c3); } i.c4 { background: var(--c4); }
        i.c5 { background: var(--c5); } i.c6 { background: var(--c6); } i.c7 { background: var(--c7); } i.c8 { background: var(--c8); } i.c9 { background: var(--c9); }
        table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 7px 10px; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        th { color: var(--soft); font-weight: 550; font-size: 13px; } th:first-child, td:first-child { text-align: left; }
        td:first-child { font-weight: 550; }
        ul { margin: 20px 0 0; padding: 0; list-style: none; color: var(--soft); font-size: 13.5px; }

        """;
}
