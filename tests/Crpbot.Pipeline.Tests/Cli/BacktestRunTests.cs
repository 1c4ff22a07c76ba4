using System.Text.Json;
using Crpbot.Cli;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Pipeline.Tests.Cli;

public sealed class BacktestRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task TheShippedModelTradesASimulatedMarketAndEveryFigureAddsUp()
    {
        // As long as the slowest feature warms, and half a day to trade in.
        var options = new SimulationOptions { Seed = 7, Difficulty = 0.75, HorizonBars = 15 };
        SimulatedDays.Write(_folder["sim.capture"], new MarketSimulator(options, new InstrumentTable()), options.Start + 84 * UnixNanos.PerHour);
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--capture", _folder["sim.capture"], "--out", _folder["sim.parquet"]]));
        string[] arguments = ["backtest", "run", "--model", "sim-lstm-53", "--data", _folder["sim.parquet"], "--rules", "ftmo-2step", "--json", "--slippage-bps", "0.5"];
        CommandRunner.Outcome outcome = await CommandRunner.Run([.. arguments, "--out", _folder["sim.html"]]);
        Assert.True(outcome.ExitCode == ExitCode.Done, outcome.Errors);
        JsonElement report = JsonDocument.Parse(outcome.Output).RootElement;
        int trades = report.GetProperty("trades").GetInt32();
        Assert.True(trades > 5, outcome.Output);
        Assert.Equal(report.GetProperty("tradeList").EnumerateArray().Sum(t => t.GetProperty("net").GetDecimal()), report.GetProperty("netPnl").GetDecimal());
        Assert.Equal(report.GetProperty("days").EnumerateArray().Sum(d => d.GetProperty("pnl").GetDecimal()), report.GetProperty("netPnl").GetDecimal());
        Assert.True(report.GetProperty("grossPnl").GetDecimal() > 0, "a market that gives itself away pays before costs");
        Assert.Equal(report.GetProperty("days").GetArrayLength(), report.GetProperty("challenge").GetProperty("starts").GetInt32());
        Assert.Contains("<svg", await File.ReadAllTextAsync(_folder["sim.html"]), StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), await File.ReadAllTextAsync(_folder["sim.html"]), StringComparison.Ordinal);
        Assert.Equal(outcome.Output, (await CommandRunner.Run(arguments)).Output);
    }

    [Fact]
    public async Task WrongUseAndBadInputHaveTheirExitCodes()
    {
        using (var writer = new FeatureDatasetWriter(_folder["empty.parquet"], "empty"))
            writer.Close();
        string[] good = ["--model", "coinbase-lstm-33", "--data", _folder["empty.parquet"]];
        (int, string[])[] calls =
        [
            (ExitCode.WrongUsage, []),
            (ExitCode.WrongUsage, ["--model", "no-such-model", "--data", _folder["empty.parquet"]]),
            (ExitCode.WrongUsage, [.. good, "--rules", "none"]),
            (ExitCode.WrongUsage, [.. good, "--fees-bps", "3.123456"]),
            (ExitCode.WrongUsage, [.. good, "--slippage-bps", "-1"]),
            (ExitCode.WrongUsage, [.. good, "--challenge-every", "0"]),
            (ExitCode.WrongUsage, [.. good, "--from", "2026-01-02", "--to", "2026-01-01"]),
            (ExitCode.WrongUsage, [.. good, "--out", _folder["no/such/page.html"]]),
            (ExitCode.BadInput, ["--model", "coinbase-lstm-33", "--data", _folder["missing.parquet"]]),
            (ExitCode.BadInput, good),
        ];
        foreach ((int code, string[] arguments) in calls)
            Assert.Equal((code, string.Join(' ', arguments)), (await CommandLine.RunAsync(["backtest", "run", .. arguments]), string.Join(' ', arguments)));
    }

    public void Dispose() => _folder.Dispose();
}
