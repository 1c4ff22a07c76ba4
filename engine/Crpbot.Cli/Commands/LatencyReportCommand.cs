using System.CommandLine;
using System.Text.Json;
using Crpbot.Telemetry;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot latency report FILE.hlog</c>: a recorded histogram log as a table, a picture or JSON.</summary>
internal static class LatencyReportCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create()
    {
        Argument<string> file = Arguments.File("file", "A histogram log (.hlog).");
        var output = new Option<string?>("--out") { Description = "Write an HTML page with a percentile plot to this file." };
        var json = new Option<bool>("--json") { Description = "Print percentiles in nanoseconds as one JSON document." };
        var command = new Command("report", """
            Shows the latency percentiles of a run, stage by stage.

            Example: crpbot latency report crpbot-demo/latency.hlog --out latency.html
            """)
        { file, output, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            if (!File.Exists(path))
                throw new FileNotFoundException($"{path}: there is no such file");
            IReadOnlyList<LatencyHistogram> stages = LatencyLog.Read(path);
            if (parsed.GetValue(output) is { } page)
            {
                WritePage(page, $"Latency of {Path.GetFileName(path)}", stages);
                Console.Error.WriteLine($"{page}: written");
            }

            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(stages.ToDictionary(stage => stage.Stage, stage => stage.Summarize()), Indented));
            else
                Console.Out.WriteLine(LatencyReport.Table(stages));
            return ExitCode.Done;
        });
        return command;
    }

    public static void WritePage(string path, string title, IReadOnlyList<LatencyHistogram> stages, params IReadOnlyList<string> notes)
    {
        using OutputFile file = OutputFile.Create(path);
        file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(LatencyPage.Render(new LatencyReportHeader(title, MachineLine.Describe(), notes), stages)));
        file.Commit();
    }
}
