using System.CommandLine;
using System.Text;
using Crpbot.Datasets.Lake;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data list LAKE</c>: which days of which symbols and types are there.</summary>
internal static class DataList
{
    public static Command Create()
    {
        Argument<string> location = Arguments.File("lake", "The lake.");
        var symbols = new Option<string?>("--symbols") { Description = "Only these symbols, separated by commas." };
        var types = new Option<string?>("--types") { Description = "Only these types, separated by commas." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var page = new Option<string?>("--out") { Description = "Write a page with a calendar of coverage to this file (HTML)." };
        var command = new Command("list", """
            Lists what a lake holds: days, rows, bytes and missing days by symbol and type, downloaded and converted apart, and a calendar of them.

            Example: crpbot data list lake/ --symbols BTC-USD,ETH-USD --out coverage.html
            """)
        { location, symbols, types, json, page };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(location)!;
            string? pagePath = parsed.GetValue(page);
            if (pagePath is not null)
                OutputFile.RequireFolder(pagePath, orStore: true);
            Lakes.RequireThere(path);
            using ILakeStorage lake = Lakes.Open(path);
            var view = new LakeView(path, LakeCatalog.Read(lake, Split(parsed.GetValue(symbols)?.ToUpperInvariant()), Split(parsed.GetValue(types))));
            if (pagePath is not null)
            {
                using OutputFile file = OutputFile.Create(pagePath);
                file.Stream.Write(Encoding.UTF8.GetBytes(view.ToHtml()));
                file.Commit();
            }

            if (parsed.GetValue(json))
                Console.Out.WriteLine(view.ToJson());
            else
                view.Print(Console.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static string[] Split(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
