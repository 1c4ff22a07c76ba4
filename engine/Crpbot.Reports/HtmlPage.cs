using System.Net;
using System.Text;

namespace Crpbot.Reports;

/// <summary>How a word or cell is meant.</summary>
public enum Tone
{
    Plain = 0,
    Good,
    Warning,
    Bad,
}

/// <summary>A report as one HTML document that needs nothing else: no script, no font, no other file. Light and dark.</summary>
/// <remarks>Text is escaped; pictures are SVG from the charts of this project. Equal content gives equal bytes.</remarks>
public sealed class HtmlPage
{
    /// <summary>Longer cells are sentences: set left, in several lines.</summary>
    private const int LongCell = 40;
    private readonly StringBuilder _html = new();
    private bool _inTable;

    /// <param name="title">The document's title and first heading.</param>
    /// <param name="subtitle">One line below it: what was looked at, on which machine.</param>
    public HtmlPage(string title, string subtitle)
    {
        _html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<title>").Append(Escape(title)).Append("</title>\n<style>\n").Append(PageStyle.Text).Append("</style>\n</head>\n<body>\n<main>\n<h1>")
            .Append(Escape(title)).Append("</h1>\n<p class=\"machine\">").Append(Escape(subtitle)).Append("</p>\n");
    }

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    public HtmlPage Heading(string text)
    {
        _html.Append("<h2>").Append(Escape(text)).Append("</h2>\n");
        return this;
    }

    public HtmlPage Paragraph(string text, Tone tone = Tone.Plain)
    {
        _html.Append("<p").Append(ClassOf(tone)).Append('>').Append(Escape(text)).Append("</p>\n");
        return this;
    }

    /// <summary>Small boxes of one figure each, at the top of a report: name, value, tone.</summary>
    public HtmlPage Figures(params IReadOnlyList<(string Name, string Value, Tone Tone)> figures)
    {
        _html.Append("<div class=\"figures\">");
        foreach ((string name, string value, Tone tone) in figures)
            _html.Append("<div><b").Append(ClassOf(tone)).Append('>').Append(Escape(value)).Append("</b><span>").Append(Escape(name)).Append("</span></div>");
        _html.Append("</div>\n");
        return this;
    }

    /// <summary>A picture with an optional line of text below it.</summary>
    /// <param name="svg">From a chart, with its legend; not escaped.</param>
    public HtmlPage Picture(string svg, string? caption = null)
    {
        _html.Append("<figure>\n").Append(svg);
        if (caption is not null)
            _html.Append("<p class=\"caption\">").Append(Escape(caption)).Append("</p>\n");
        _html.Append("</figure>\n");
        return this;
    }

    public HtmlPage BeginTable(params IReadOnlyList<string> headers)
    {
        _html.Append("<div class=\"wide\"><table>\n<thead><tr>");
        foreach (string header in headers)
            _html.Append("<th>").Append(Escape(header)).Append("</th>");
        _html.Append("</tr></thead>\n<tbody>\n");
        _inTable = true;
        return this;
    }

    public HtmlPage Row(params IReadOnlyList<string> cells) => Row(Tone.Plain, cells);

    /// <param name="tone">Of the row's first cell.</param>
    public HtmlPage Row(Tone tone, params IReadOnlyList<string> cells)
    {
        if (!_inTable)
            throw new InvalidOperationException("a row needs a table");
        _html.Append("<tr>");
        for (int i = 0; i < cells.Count; i++)
            _html.Append("<td").Append(i == 0 ? ClassOf(tone) : cells[i].Length > LongCell ? " class=\"text\"" : "").Append('>').Append(Escape(cells[i])).Append("</td>");
        _html.Append("</tr>\n");
        return this;
    }

    public HtmlPage EndTable()
    {
        _html.Append("</tbody>\n</table></div>\n");
        _inTable = false;
        return this;
    }

    public HtmlPage Notes(IReadOnlyList<string> notes)
    {
        if (notes.Count == 0)
            return this;
        _html.Append("<ul>\n");
        foreach (string note in notes)
            _html.Append("<li>").Append(Escape(note)).Append("</li>\n");
        _html.Append("</ul>\n");
        return this;
    }

    /// <summary>The whole document.</summary>
    public override string ToString() => _html + "</main>\n</body>\n</html>\n";

    internal static string ClassOf(Tone tone) => tone switch
    {
        Tone.Good => " class=\"good\"",
        Tone.Warning => " class=\"warning\"",
        Tone.Bad => " class=\"bad\"",
        _ => "",
    };
}
