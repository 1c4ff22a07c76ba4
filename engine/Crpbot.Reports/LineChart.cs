using System.Globalization;
using System.Text;

namespace Crpbot.Reports;

/// <summary>One line of a <see cref="LineChart"/>; NaN breaks it.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="X">Ascending; length N.</param>
/// <param name="Y">Length N.</param>
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>Lower and upper edge of a band around the line, length N each; null for none.</summary>
    public (IReadOnlyList<double> Low, IReadOnlyList<double> High)? Band { get; init; }

    /// <summary>Draw points only.</summary>
    public bool IsScatter { get; init; }
}

/// <summary>Lines over one horizontal axis, of numbers or of time.</summary>
public sealed record LineChart(string XTitle, string YTitle, IReadOnlyList<Series> Series)
{
    private const int Width = 960, Left = 76, Right = 24, Top = 14, Bottom = 46, Colours = 10;

    public int Height { get; init; } = 340;

    /// <summary>X counts seconds since 1970 and is labelled with dates.</summary>
    public bool XIsTime { get; init; }

    /// <summary>Horizontal line to compare with; NaN for none.</summary>
    public double Reference { get; init; } = double.NaN;

    /// <summary>SVG with its legend; points nearer than half a pixel are merged.</summary>
    public string ToSvg()
    {
        double[] xs = [.. Series.SelectMany(s => s.X).Where(double.IsFinite)];
        double[] ys = [.. Series.SelectMany(s => s.Band is { } band ? s.Y.Concat(band.Low).Concat(band.High) : s.Y).Append(Reference).Where(double.IsFinite)];
        if (xs.Length == 0 || ys.Length == 0)
            return "<p class=\"caption\">no values to draw</p>\n";
        var x = new Axis(xs.Min(), xs.Max(), 8, exact: true);
        var y = new Axis(ys.Min(), ys.Max(), 5);
        double X(double value) => Left + (Width - Left - Right) * x.Share(value);
        double Y(double value) => Height - Bottom - (Height - Top - Bottom) * y.Share(value);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlPage.Escape(YTitle)} by {HtmlPage.Escape(XTitle)}\">\n");
        foreach (double tick in y.Ticks())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):F1}\" y2=\"{Y(tick):F1}\"/>")
                .Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{Left - 8}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{y.Format(tick)}</text>\n");
        }

        foreach ((double at, string label) in XIsTime ? TimeTicks(x) : x.Ticks().Select(tick => (tick, x.Format(tick))))
        {
            // The last label would reach beyond the picture.
            string anchor = X(at) > Width - Right - 30 && label.Length > 4 ? "end" : "middle";
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{X(at):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"{anchor}\">{label}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"axis\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{HtmlPage.Escape(XTitle)}</text>\n")
            .Append(CultureInfo.InvariantCulture, $"<text class=\"axis\" transform=\"translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{HtmlPage.Escape(YTitle)}</text>\n");
        if (double.IsFinite(Reference))
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"zero\" stroke-dasharray=\"4 4\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(Reference):F1}\" y2=\"{Y(Reference):F1}\"/>\n");
        for (int i = 0; i < Series.Count; i++)
            Append(svg, Series[i], i % Colours, X, Y);
        svg.Append("</svg>\n");
        Legend.Append(svg, [.. Series.Select(s => s.Name)]);
        return svg.ToString();
    }

    private static void Append(StringBuilder svg, Series series, int colour, Func<double, double> x, Func<double, double> y)
    {
        if (series.Band is { } band)
            AppendBand(svg, series, band, colour, x, y);
        if (series.IsScatter)
        {
            for (int i = 0; i < series.X.Count; i++)
            {
                if (double.IsFinite(series.Y[i]))
                    svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"fill c{colour}\" cx=\"{x(series.X[i]):F1}\" cy=\"{y(series.Y[i]):F1}\" r=\"2.4\"/>");
            }

            return;
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"curve c{colour}\" d=\"");
        char command = 'M';
        double lastX = double.NegativeInfinity, lastY = double.NegativeInfinity;
        for (int i = 0; i < series.X.Count; i++)
        {
            if (!double.IsFinite(series.Y[i]))
            {
                command = 'M';
                continue;
            }

            double atX = x(series.X[i]), atY = y(series.Y[i]);
            if (command == 'L' && atX - lastX < .5 && Math.Abs(atY - lastY) < .5 && i < series.X.Count - 1)
                continue;
            svg.Append(CultureInfo.InvariantCulture, $"{command}{atX:F1} {atY:F1}");
            (command, lastX, lastY) = ('L', atX, atY);
        }

        svg.Append("\"><title>").Append(HtmlPage.Escape(series.Name)).Append("</title></path>\n");
    }

    private static void AppendBand(StringBuilder svg, Series series, (IReadOnlyList<double> Low, IReadOnlyList<double> High) band, int colour, Func<double, double> x, Func<double, double> y)
    {
        int[] known = [.. Enumerable.Range(0, series.X.Count).Where(i => double.IsFinite(band.Low[i]) && double.IsFinite(band.High[i]))];
        if (known.Length == 0)
            return;
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"band fill c{colour}\" d=\"M");
        svg.AppendJoin('L', known.Select(i => FormattableString.Invariant($"{x(series.X[i]):F1} {y(band.High[i]):F1}")));
        svg.Append('L').AppendJoin('L', known.Reverse().Select(i => FormattableString.Invariant($"{x(series.X[i]):F1} {y(band.Low[i]):F1}"))).Append("Z\"/>\n");
    }

    private static IEnumerable<(double At, string Label)> TimeTicks(Axis axis)
    {
        double span = axis.High - axis.Low;
        string format = span > 3 * 86_400 ? "yyyy-MM-dd" : span > 3600 ? "MM-dd HH:mm" : "HH:mm:ss";
        for (int i = 0; i <= 6; i++)
        {
            double at = axis.Low + span * i / 6;
            yield return (at, DateTime.UnixEpoch.AddSeconds(Math.Round(at)).ToString(format, CultureInfo.InvariantCulture));
        }
    }
}

/// <summary>The names of the lines below a chart; nothing for a single one.</summary>
public static class Legend
{
    public static void Append(StringBuilder svg, IReadOnlyList<string> names)
    {
        if (names.Count < 2)
            return;
        svg.Append("<figcaption>");
        for (int i = 0; i < names.Count; i++)
            svg.Append(CultureInfo.InvariantCulture, $"<span><i class=\"c{i % 10}\"></i>{HtmlPage.Escape(names[i])}</span>");
        svg.Append("</figcaption>\n");
    }
}
