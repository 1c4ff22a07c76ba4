using System.Globalization;
using System.Text;

namespace Crpbot.Reports;

/// <summary>Days as small squares, weeks as columns, one strip a row: what is there, what is not, at a glance.</summary>
/// <param name="From">First day, inclusive.</param>
/// <param name="To">Last day, exclusive.</param>
/// <param name="Rows">Name and, for each day from <paramref name="From"/>, its tone and what a pointer over it says; Plain is drawn as empty.</param>
public sealed record CoverageCalendar(DateOnly From, DateOnly To, IReadOnlyList<(string Name, IReadOnlyList<(Tone Tone, string Text)> Days)> Rows)
{
    private const int Cell = 13, Left = 12, LabelWidth = 56, WeeksPerStrip = 70, StripHeight = 7 * Cell + 30;

    public string ToSvg()
    {
        int days = To.DayNumber - From.DayNumber;
        if (days <= 0)
            return "<p class=\"caption\">no days</p>\n";
        int lead = ((int)From.DayOfWeek + 6) % 7;
        int weeks = (lead + days + 6) / 7;
        int strips = (weeks + WeeksPerStrip - 1) / WeeksPerStrip;
        int width = 2 * Left + Math.Min(weeks, WeeksPerStrip) * Cell;
        int rowHeight = 20 + strips * StripHeight;
        var svg = new StringBuilder();
        // At least as wide as a page, so that squares of a short span do not become huge.
        int view = Math.Max(width, 960);
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {view} {Rows.Count * rowHeight}\" role=\"img\" aria-label=\"coverage by day\">\n");
        for (int r = 0; r < Rows.Count; r++)
        {
            (string name, IReadOnlyList<(Tone Tone, string Text)> cells) = Rows[r];
            int top = r * rowHeight + 14;
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"axis\" x=\"{Left}\" y=\"{top}\">{HtmlPage.Escape(name)}</text>\n");
            int month = -1, labelEnd = -1, labelStrip = -1;
            for (int day = 0; day < days; day++)
            {
                int week = (lead + day) / 7, weekday = (lead + day) % 7;
                int x = Left + week % WeeksPerStrip * Cell, y = top + 20 + week / WeeksPerStrip * StripHeight + weekday * Cell;
                DateOnly date = From.AddDays(day);
                if (date.Month != month && (weekday == 0 || day == 0) && (x >= labelEnd || week / WeeksPerStrip != labelStrip))
                {
                    month = date.Month;
                    (labelEnd, labelStrip) = (x + (month == 1 || day == 0 ? LabelWidth : LabelWidth / 2), week / WeeksPerStrip);
                    svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{x}\" y=\"{top + 16 + week / WeeksPerStrip * StripHeight}\">{date.ToString(month == 1 || day == 0 ? "yyyy-MM" : "MM", CultureInfo.InvariantCulture)}</text>");
                }

                (Tone tone, string text) = day < cells.Count ? cells[day] : (Tone.Plain, "not looked at");
                string fill = tone switch { Tone.Good => "good", Tone.Warning => "warning", Tone.Bad => "bad", _ => "none" };
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"fill {fill}\" x=\"{x}\" y=\"{y}\" width=\"{Cell - 2}\" height=\"{Cell - 2}\" rx=\"2\"><title>{date:yyyy-MM-dd}: {HtmlPage.Escape(text)}</title></rect>");
            }

            svg.Append('\n');
        }

        return svg.Append("</svg>\n").ToString();
    }
}
