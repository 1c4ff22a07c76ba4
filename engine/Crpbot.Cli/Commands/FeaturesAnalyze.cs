using System.CommandLine;
using System.Globalization;
using System.Text;
using Crpbot.Analysis;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot features analyze DATASET</c>: what the features say about the next bars, and how much of it is noise.</summary>
internal static class FeaturesAnalyze
{
    public static Command Create()
    {
        Argument<string> file = Arguments.File("dataset", "A feature dataset (Parquet), or a folder of parts.");
        var horizons = new Option<string>("--horizons") { Description = "Bars ahead, ascending.", DefaultValueFactory = _ => "1,5,15,30,60" };
        var output = new Option<string?>("--out") { Description = "Write an HTML page with the pictures to this file." };
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON document." };
        var seed = new Option<int>("--seed") { Description = "Of the draws; equal seeds give equal reports.", DefaultValueFactory = _ => 1 };
        var features = new Option<string>("--features") { Description = "candle (the 33) or all.", DefaultValueFactory = _ => "all" };
        features.AcceptOnlyFromAmong("candle", "all");
        var command = new Command("analyze", """
            Says what each feature tells about the next bars: correlation and mutual information with intervals, stability, redundancy,
            baselines out of sample, importance, leaks. It says noise where the data cannot tell it from a signal.

            Example: crpbot features analyze candles.parquet --out report.html
            """)
        { file };
        foreach (Option option in new Option[] { horizons, output, json, seed, features })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var options = new AnalysisOptions
            {
                Horizons = HorizonsOf(parsed.GetValue(horizons)!),
                Seed = parsed.GetValue(seed),
                CandleOnly = parsed.GetValue(features) == "candle",
            };
            if (parsed.GetValue(output) is { } page)
                OutputFile.RequireFolder(page, orStore: true);
            string path = parsed.GetValue(file)!;
            FeatureAnalysisReport report;
            using (var progress = new ProgressLine("analysing"))
                report = FeatureAnalysis.Run(path, options, progress.Say);

            if (parsed.GetValue(output) is { } target)
            {
                using OutputFile destination = OutputFile.Create(target);
                destination.Stream.Write(Encoding.UTF8.GetBytes(AnalysisPage.Render(report)));
                destination.Commit();
                Console.Error.WriteLine($"{target}: written");
            }

            if (parsed.GetValue(json))
                Console.Out.WriteLine(AnalysisJson.Write(report));
            else
                Print(report, Console.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static int[] HorizonsOf(string text)
    {
        var bars = new List<int>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int horizon) || horizon is < 1 or > 1_440 || (bars.Count > 0 && horizon <= bars[^1]))
                throw new UsageException($"--horizons {text}: expected ascending numbers of bars from 1 to 1440, for instance 1,5,15");
            bars.Add(horizon);
        }

        return [.. bars];
    }

    private static void Print(FeatureAnalysisReport report, TextWriter writer)
    {
        writer.WriteLine($"{report.Source}: {string.Join(", ", report.Symbols)}, {report.From} to {report.To}, {report.UsedRows:N0} of {report.Rows:N0} rows used");
        foreach (string finding in report.Findings)
            writer.WriteLine($"- {finding}");
    }
}
