using System.Text;

namespace Crpbot.LatencyBench.Figures;

/// <summary>Tables of figures as Markdown, written between markers of a document, never by hand.</summary>
internal static class FigureTable
{
    private const string Begin = "<!-- figures:begin -->";
    private const string End = "<!-- figures:end -->";

    public static string Render(FigureFile file, bool withNotes)
    {
        var text = new StringBuilder();
        text.Append(withNotes ? "| path | measured | to reach | | how |\n|---|---|---|---|---|\n" : "| path | measured | to reach | |\n|---|---|---|---|\n");
        foreach (Figure figure in file.Figures)
        {
            string verdict = figure.Reached switch { true => "reached", false => "not yet", null => "" };
            text.Append($"| {figure.Path} | {figure.Measured} | {figure.Goal} | {verdict} |{(withNotes ? $" {figure.Note} |" : "")}\n");
        }

        // Most rows are of one run; the others are named.
        IGrouping<string, Figure>[] runs = [.. file.Figures.GroupBy(figure => figure.Run).OrderByDescending(run => run.Count())];
        text.Append($"\nMeasured on {runs[0].Key}");
        foreach (IGrouping<string, Figure> run in runs.Skip(1))
            text.Append($"; {string.Join(", ", run.Select(figure => figure.Path))} on {run.Key}");
        text.Append(", by `dotnet run -c Release --project bench/Crpbot.LatencyBench -- figures`.\n");
        return text.ToString();
    }

    /// <summary>The document with the table between its markers.</summary>
    /// <exception cref="InvalidDataException">The document has no markers.</exception>
    public static string Insert(string document, string table)
    {
        int begin = document.IndexOf(Begin, StringComparison.Ordinal);
        int end = document.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"the document has no {Begin} … {End}");
        return string.Concat(document.AsSpan(0, begin + Begin.Length), "\n", table, document.AsSpan(end));
    }
}
