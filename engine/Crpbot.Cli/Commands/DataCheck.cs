using System.CommandLine;
using System.Text.Json;
using Crpbot.Datasets.Download;
using Spectre.Console;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data check</c>: the connection test of the data services, in one screen.</summary>
internal static class DataCheck
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create()
    {
        var exchange = new Option<string>("--exchange") { Description = "Tardis exchange id.", DefaultValueFactory = _ => "coinbase" };
        var symbol = new Option<string>("--symbol") { Description = "Symbol whose free day is asked for.", DefaultValueFactory = _ => "BTC-USD" };
        var day = new Option<string?>("--day") { Description = "The free day (default: the first of the last month that is exported)." };
        var seconds = new Option<double>("--timeout") { Description = "Seconds an answer may take.", DefaultValueFactory = _ => 15 };
        var json = new Option<bool>("--json") { Description = "One JSON document on stdout." };
        var command = new Command("check", """
            Tests key, plan, limits and addresses of the data services. Exit code 4 if a service is unavailable, 1 if one was reached and refuses.

            Example: crpbot data check --exchange coinbase
            """)
        { exchange, symbol, day, seconds, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(seconds) is not (> 0 and <= 3600))
                throw new UsageException("--timeout: expected seconds above 0, at most 3600");
            ServiceAddresses addresses = ServiceAddresses.Read(Environment.GetEnvironmentVariable);
            using var check = new ConnectionCheck(addresses, parsed.GetRequiredValue(exchange), parsed.GetRequiredValue(symbol),
                InputOptions.Instant(parsed.GetValue(day), "--day")?.ToDateTime(), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            IReadOnlyList<CheckLine> lines = await check.RunAsync(cancellation).ConfigureAwait(false);
            int code = CodeOf(lines);
            if (parsed.GetValue(json))
                PrintJson(lines, code);
            else
                Print(lines);
            return code;
        });
        return command;
    }

    private static int CodeOf(IReadOnlyList<CheckLine> lines) =>
        lines.Any(line => line.Outcome == CheckOutcome.Unavailable) ? ExitCode.ServiceUnavailable
        : lines.Any(line => line.Outcome == CheckOutcome.Refused) ? ExitCode.Refused : ExitCode.Done;

    private static string WordOf(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Ok => "ok",
        CheckOutcome.NotConfigured => "not configured",
        _ => "failed",
    };

    private static void Print(IReadOnlyList<CheckLine> lines)
    {
        int width = lines.Max(line => line.Name.Length);
        foreach (CheckLine line in lines)
        {
            string color = line.Outcome switch { CheckOutcome.Ok => "green", CheckOutcome.NotConfigured => "grey", _ => "red" };
            string word = $"{WordOf(line.Outcome),-14}";
            if (Console.IsOutputRedirected)
                Console.Out.WriteLine($"{line.Name.PadRight(width)}  {word}  {line.Detail}");
            else
                AnsiConsole.MarkupLine($"{Markup.Escape(line.Name.PadRight(width))}  [{color}]{word}[/]  {Markup.Escape(line.Detail)}");
        }
    }

    private static void PrintJson(IReadOnlyList<CheckLine> lines, int code) => Console.Out.WriteLine(JsonSerializer.Serialize(new
    {
        Ok = code == ExitCode.Done,
        Checks = lines.Select(line => new
        {
            line.Name,
            Status = WordOf(line.Outcome),
            Failure = line.Outcome switch { CheckOutcome.Refused => "refused", CheckOutcome.Unavailable => "unavailable", _ => null },
            line.Detail,
        }),
    }, Indented));
}
