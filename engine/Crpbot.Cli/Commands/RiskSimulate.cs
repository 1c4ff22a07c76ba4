using System.CommandLine;
using System.Text;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot risk simulate EVENTS.csv</c>: whether a recorded account would have stayed above the floors of a preset.</summary>
internal static class RiskSimulate
{
    private static readonly string Presets = string.Join(", ", RiskPresets.All.Select(preset => preset.Name));

    public static Command Create()
    {
        Argument<string> events = Arguments.File("events", "CSV, plain or gzip: columns time (ISO 8601, UTC unless it names an offset), balance, equity; in order of time.");
        var rules = new Option<string>("--rules") { Description = $"Limits: {Presets}, or a JSON file of risk limits.", Required = true };
        var initial = new Option<string>("--initial") { Description = "Initial capital, in the currency of the file.", Required = true };
        var page = new Option<string?>("--out") { Description = "Write equity against its floors, and a table of days, to this HTML file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("simulate", """
            Judges an account's history by the daily and the total loss limit, day by day in Prague. Exit 1 when a floor was broken.

            Example: crpbot risk simulate account.csv --rules ftmo-2step --initial 100000 --out account.html
            """)
        { events, rules, initial, page, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(page) is { } path)
                OutputFile.RequireFolder(path, orStore: true);
            RiskLimits limits = LimitsOf(parsed.GetValue(rules)!) with { InitialCapital = CapitalOf(parsed.GetValue(initial)!) };
            string file = parsed.GetValue(events)!;
            IReadOnlyList<EquityPoint> points = EquityFile.Read(file);
            RiskSimulation simulation = Judge(file, limits, points);
            if (parsed.GetValue(page) is { } target)
                WritePage(target, RiskSimulationView.Page(Path.GetFileName(file), simulation, points));
            Console.Out.WriteLine(parsed.GetValue(json) ? RiskSimulationView.ToJson(simulation) : RiskSimulationView.Text(simulation));
            return simulation.Breach is null ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static RiskSimulation Judge(string file, RiskLimits limits, IReadOnlyList<EquityPoint> points)
    {
        try
        {
            return RiskSimulator.Run(limits, points);
        }
        catch (OverflowException error)
        {
            throw new InvalidDataException($"{file}: a balance is too large for its floors to be computed", error);
        }
    }

    private static RiskLimits LimitsOf(string rules)
    {
        if (RiskPresets.TryFind(rules, out RiskLimits? preset))
            return preset;
        if (!File.Exists(rules))
            throw new UsageException($"--rules '{rules}' is neither a preset ({Presets}) nor a file of risk limits");
        try
        {
            return RiskLimits.Parse(File.ReadAllBytes(rules));
        }
        catch (InvalidDataException error)
        {
            throw new UsageException($"--rules {rules}: {error.Message}");
        }
    }

    private static decimal CapitalOf(string text)
    {
        if (!ExactAmount.TryParse(text, out Notional capital) || capital <= Notional.Zero || capital > Notional.FromWhole(1_000_000_000))
            throw new UsageException($"--initial '{text}' is no initial capital; expected an amount above 0 and at most 1000000000");
        return capital.ToDecimal();
    }

    private static void WritePage(string path, string html)
    {
        using OutputFile file = OutputFile.Create(path);
        file.Stream.Write(Encoding.UTF8.GetBytes(html));
        file.Commit();
    }
}
