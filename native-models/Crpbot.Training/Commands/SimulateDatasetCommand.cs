using System.CommandLine;
using Crpbot.Simulation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Commands;

/// <summary><c>crpbot-train simulate-dataset</c>: days of the simulated market as a feature dataset that carries its own truth.</summary>
internal static class SimulateDatasetCommand
{
    private const int PressureHorizonMax = 240;
    private static readonly Option<string> Out = new("--out") { Description = "The dataset to write (Parquet).", Required = true };
    private static readonly Option<int> Days = CommandLine.Number("--days", 25, 1, 3_650, "Simulated days; the first two to three only warm up.");
    private static readonly Option<int> Seed = CommandLine.Number("--seed", 1, 0, int.MaxValue, "Another seed is another market.");
    private static readonly Option<double> Difficulty = CommandLine.Number("--difficulty", 0.65, 0.5, 0.95, "Bayes-optimal accuracy; 0.5 is a random walk.");
    private static readonly Option<int> Horizon = CommandLine.Number("--horizon", 5, 1, PressureHorizonMax, "Bars over which that accuracy holds.");

    public static Command Create()
    {
        var command = new Command("simulate-dataset", """
            Simulates days of BTC-USD, ETH-USD and SOL-USD and stores the 53 features of every bar, beside the true probability of a rise.

            Example:
              crpbot-train simulate-dataset --days 25 --seed 1 --difficulty 0.65 --horizon 5 --out sim.parquet
            """);
        foreach (Option option in new Option[] { Out, Days, Seed, Difficulty, Horizon })
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string path = Path.GetFullPath(parsed.GetValue(Out)!);
        var options = new SimulationOptions
        {
            Seed = (ulong)parsed.GetValue(Seed),
            Difficulty = parsed.GetValue(Difficulty),
            HorizonBars = parsed.GetValue(Horizon),
        };
        int days = parsed.GetValue(Days);
        string partial = path + ".partial";
        using var progress = new ProgressLine();
        long rows = SimulatedDataset.Write(partial, options, days, share => progress.Report(share, $"{days} simulated days"));
        File.Move(partial, path, overwrite: true);
        progress.Log($"wrote {rows} rows to {path}");
        return ExitCode.Done;
    }
}
