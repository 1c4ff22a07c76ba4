using System.Globalization;
using System.Text;

namespace Crpbot.Reports;

/// <summary>A matrix as coloured squares from −1 (second colour) over 0 to 1 (first colour).</summary>
/// <param name="Columns">Names above.</param>
/// <param name="Rows">Name and one value a column; NaN is left empty.</param>
public sealed record Heatmap(IReadOnlyList<string> Columns, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Rows)
{
    private const int Left = 170, Top = 130, Width = 960;

    public string ToSvg()
    {
        if (Columns.Count == 0 || Rows.Count == 0)
            return "<p class=\"caption\">no values to draw</p>\n";
        double cell = Math.Min(26, (Width - Left - 10.0) / Columns.Count);
        int height = (int)(Top + Rows.Count * cell + 8);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"matrix\">\n");
        for (int c = 0; c < Columns.Count; c++)
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" transform=\"translate({Left + (c + 0.7) * cell:F1} {Top - 6}) rotate(-60)\">{HtmlPage.Escape(Columns[c])}</text>");
        for (int r = 0; r < Rows.Count; r++)
        {
            (string name, IReadOnlyList<double> values) = Rows[r];
            double y = Top + r * cell;
            svg.Append(CultureInfo.InvariantCulture, $"\n<text class=\"tick\" x=\"{Left - 6}\" y=\"{y + cell * 0.75:F1}\" text-anchor=\"end\">{HtmlPage.Escape(name)}</text>");
            for (int c = 0; c < Columns.Count; c++)
            {
                double value = values[c];
                if (!double.IsFinite(value))
                    continue;
                double strength = Math.Min(1, Math.Abs(value));
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"fill c{(value >= 0 ? 0 : 1)}\" fill-opacity=\"{strength:F3}\" x=\"{Left + c * cell:F1}\" y=\"{y:F1}\" width=\"{cell - 1:F1}\" height=\"{cell - 1:F1}\"><title>{HtmlPage.Escape(name)} × {HtmlPage.Escape(Columns[c])}: {value:F3}</title></rect>");
            }
        }

        return svg.Append("\n</svg>\n").ToString();
    }
}
