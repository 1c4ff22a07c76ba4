using System.Globalization;
using System.Text;

namespace Crpbot.Reports;

/// <summary>Horizontal bars with an optional interval each, one row a name: importances, correlations, counts.</summary>
/// <param name="Title">Of the value axis.</param>
/// <param name="Rows">Name, value, interval (NaN for none), group (colour).</param>
public sealed record BarChart(string Title, IReadOnlyList<(string Name, double Value, double Low, double High, int Group)> Rows)
{
    private const int Width = 960, Left = 210, Right = 40, RowHeight = 20, Top = 8, Bottom = 40;

    /// <summary>Names of the groups, for the legend.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public string ToSvg()
    {
        double[] values = [.. Rows.SelectMany(row => new[] { row.Value, row.Low, row.High, 0 }).Where(double.IsFinite)];
        if (!Rows.Any(row => double.IsFinite(row.Value)))
            return "<p class=\"caption\">no values to draw</p>\n";
        int height = Top + Bottom + RowHeight * Rows.Count;
        var axis = new Axis(values.Min(), values.Max(), 8);
        double X(double value) => Left + (Width - Left - Right) * axis.Share(value);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{HtmlPage.Escape(Title)}\">\n");
        foreach (double tick in axis.Ticks())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{(tick == 0 ? "zero" : "grid")}\" x1=\"{X(tick):F1}\" x2=\"{X(tick):F1}\" y1=\"{Top}\" y2=\"{height - Bottom}\"/>")
                .Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{X(tick):F1}\" y=\"{height - Bottom + 16}\" text-anchor=\"middle\">{axis.Format(tick)}</text>\n");
        }

        for (int i = 0; i < Rows.Count; i++)
        {
            (string name, double value, double low, double high, int group) = Rows[i];
            double y = Top + i * RowHeight;
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{Left - 8}\" y=\"{y + 14:F1}\" text-anchor=\"end\">{HtmlPage.Escape(name)}</text>");
            if (!double.IsFinite(value))
                continue;
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"fill c{group % 10}\" x=\"{Math.Min(X(0), X(value)):F1}\" y=\"{y + 4:F1}\" width=\"{Math.Max(0.5, Math.Abs(X(value) - X(0))):F1}\" height=\"12\" rx=\"2\"><title>{HtmlPage.Escape(name)}: {value.ToString("G5", CultureInfo.InvariantCulture)}</title></rect>");
            if (double.IsFinite(low) && double.IsFinite(high))
                svg.Append(CultureInfo.InvariantCulture, $"<line class=\"whisker\" x1=\"{X(low):F1}\" x2=\"{X(high):F1}\" y1=\"{y + 10:F1}\" y2=\"{y + 10:F1}\"/>");
            svg.Append('\n');
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"axis\" x=\"{(Left + Width - Right) / 2}\" y=\"{height - 6}\" text-anchor=\"middle\">{HtmlPage.Escape(Title)}</text>\n</svg>\n");
        Legend.Append(svg, Groups);
        return svg.ToString();
    }
}
