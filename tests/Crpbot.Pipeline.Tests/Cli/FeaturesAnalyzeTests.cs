using System.Text.Json;
using Crpbot.Cli;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Pipeline.Tests.Cli;

public sealed class FeaturesAnalyzeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task ASimulatedMarketGivesAwayItsPressureAndTheOrderBookAddsToTheCandles()
    {
        var options = new SimulationOptions { Seed = 7, Difficulty = 0.75, HorizonBars = 5 };
        SimulatedDays.Write(_folder["sim.capture"], new MarketSimulator(options, new InstrumentTable()), options.Start + 26 * UnixNanos.PerHour);
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--capture", _folder["sim.capture"], "--out", _folder["sim.parquet"]]));
        CommandRunner.Outcome outcome = await CommandRunner.Run("features", "analyze", _folder["sim.parquet"], "--horizons", "5", "--json", "--out", _folder["sim.html"]);
        Assert.True(outcome.ExitCode == ExitCode.Done, outcome.Errors);
        JsonElement report = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal("mid", report.GetProperty("label").GetString());
        Assert.True(report.GetProperty("correlations").GetProperty("discoveries").GetInt32() > 0);
        Assert.Equal(4, report.GetProperty("baselines").GetArrayLength());
        Assert.Contains(report.GetProperty("baselines").EnumerateArray(), b => b.GetProperty("features").GetString() == "all" && b.GetProperty("auc").GetProperty("low").GetDouble() > 0.6);
        Assert.Contains(report.GetProperty("gains").EnumerateArray(), g => g.GetProperty("auc").GetProperty("value").GetDouble() > 0);
        Assert.Equal(0, report.GetProperty("leaks").GetArrayLength());
        string page = await File.ReadAllTextAsync(_folder["sim.html"]);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("microstructure features", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongUseAndBadInputHaveTheirExitCodes()
    {
        using (var writer = new FeatureDatasetWriter(_folder["empty.parquet"], "empty"))
            writer.Close();
        await File.WriteAllTextAsync(_folder["no.parquet"], "no dataset");
        await File.WriteAllLinesAsync(_folder["short.csv"], Enumerable.Range(0, 300).Select(i => $"{1748736000 + 60 * i},1,1,1,1,1").Prepend("time,open,high,low,close,volume"));
        Assert.Equal(ExitCode.Done, await CommandLine.RunAsync(["features", "build", "--candles", _folder["short.csv"], "--out", _folder["short.parquet"]]));
        (int, string[])[] calls =
        [
            (ExitCode.WrongUsage, []),
            (ExitCode.WrongUsage, [_folder["empty.parquet"], "--horizons", "5,1"]),
            (ExitCode.WrongUsage, [_folder["empty.parquet"], "--horizons", "many"]),
            (ExitCode.WrongUsage, [_folder["empty.parquet"], "--features", "best"]),
            (ExitCode.WrongUsage, [_folder["empty.parquet"], "--out", _folder["no/such/page.html"]]),
            (ExitCode.BadInput, [_folder["missing.parquet"]]),
            (ExitCode.BadInput, [_folder["no.parquet"]]),
            (ExitCode.BadInput, [_folder["empty.parquet"]]),
            (ExitCode.BadInput, [_folder["short.parquet"]]),
        ];
        foreach ((int code, string[] arguments) in calls)
            Assert.Equal((code, string.Join(' ', arguments)), (await CommandLine.RunAsync(["features", "analyze", .. arguments]), string.Join(' ', arguments)));
    }

    public void Dispose() => _folder.Dispose();
}
