using System.Globalization;
using System.Text.Json;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Pipeline.Tests.Cli;

public class DataValidateTests
{
    private const string Recorded = "tardis-csv-layout/binance_trades_2024-08-08_ETHUSDT.csv.gz";

    [MarketDataFact(Recorded)]
    public async Task ACleanFilePassesAndItsDocumentSaysSo()
    {
        using var folder = new TemporaryFolder();
        CommandRunner.Outcome outcome = await CommandRunner.Run("data", "validate", Crpbot.Testing.MarketData.Path(Recorded), "--csv-type", "trades", "--json", "--report", folder["report.html"], "--fail-on", "warning");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        JsonElement report = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal((100, 6106), (report.GetProperty("score").GetDouble(), report.GetProperty("rows").GetInt64()));
        Assert.Equal("2024-08-08T23:54:00.000000000Z", report.GetProperty("from").GetString());
        string page = await File.ReadAllTextAsync(folder["report.html"]);
        Assert.Contains("<h1>Validation of binance_trades_2024-08-08_ETHUSDT.csv.gz</h1>", page, StringComparison.Ordinal);
        Assert.Equal(4, page.Split("<svg").Length - 2);
        Assert.DoesNotContain(Path.GetDirectoryName(Crpbot.Testing.MarketData.Path(Recorded))!, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheExitCodeFollowsFailOn()
    {
        using var folder = new TemporaryFolder();
        string[] rows = [.. Enumerable.Range(1, 50).Select(i => string.Create(CultureInfo.InvariantCulture, $"coinbase,BTC-USD,{1_700_000_000_000_000 + i * 1000},{1_700_000_000_001_000 + i * 1000},{i},buy,40000,1"))];
        await File.WriteAllLinesAsync(folder["trades.csv"], ["exchange,symbol,timestamp,local_timestamp,id,side,price,amount", .. rows, rows[^1]]);

        Assert.Equal(0, (await CommandRunner.Run("data", "validate", folder["trades.csv"], "--csv-type", "trades")).ExitCode);
        CommandRunner.Outcome strict = await CommandRunner.Run("data", "validate", folder["trades.csv"], "--csv-type", "trades", "--fail-on", "warning");
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("duplicate", strict.Output, StringComparison.Ordinal);
        Assert.Contains("line 52", strict.Output, StringComparison.Ordinal);
        CommandRunner.Outcome interval = await CommandRunner.Run("data", "validate", folder["trades.csv"], "--csv-type", "trades", "--from", "2023-11-13", "--to", "2023-11-16", "--json");
        Assert.Equal(1, interval.ExitCode);
        JsonElement findings = JsonDocument.Parse(interval.Output).RootElement.GetProperty("findings");
        Assert.Equal(["missing-day", "missing-minute", "duplicate"], findings.EnumerateArray().Select(finding => finding.GetProperty("code").GetString()));
        Assert.Equal([(1333, "2023-11-14T00:00:00.000000000Z"), (106, "2023-11-14T22:14:00.000000000Z")],
            findings[1].GetProperty("runs").EnumerateArray().Select(run => (run.GetProperty("minutes").GetInt32(), run.GetProperty("from").GetString()!)));
    }

    [Fact]
    public async Task AFileThatNothingElseClaimsIsCandles()
    {
        using var folder = new TemporaryFolder();
        string[] candles = ["time,open,high,low,close,volume", .. Enumerable.Range(0, 30).Where(i => i is < 10 or >= 13).Select(i => string.Create(CultureInfo.InvariantCulture, $"{1_700_000_040 + i * 60},10,11,9,10,1"))];
        await File.WriteAllLinesAsync(folder["candles.csv"], candles);

        CommandRunner.Outcome outcome = await CommandRunner.Run("data", "validate", folder["candles.csv"], "--candles", "1m", "--json", "--report", folder["page.html"]);

        Assert.Equal(0, outcome.ExitCode);
        JsonElement finding = JsonDocument.Parse(outcome.Output).RootElement.GetProperty("findings")[0];
        Assert.Equal(("missing-minute", 3), (finding.GetProperty("code").GetString(), finding.GetProperty("count").GetInt32()));
        Assert.Contains("Validation of candles.csv", await File.ReadAllTextAsync(folder["page.html"]), StringComparison.Ordinal);
        Assert.Equal(outcome.Output, (await CommandRunner.Run("data", "validate", folder["candles.csv"], "--json")).Output);
        Assert.Equal(1, (await CommandRunner.Run("data", "validate", folder["candles.csv"], "--fail-on", "warning")).ExitCode);
    }

    [MarketDataFact(Recorded, "hftbacktest/spot/ethusdt_20240808.gz")]
    public async Task ATardisCsvNeedsNoFlagAndAFileCutBeforeItsFirstEventIsAFinding()
    {
        using var folder = new TemporaryFolder();
        CommandRunner.Outcome unsaid = await CommandRunner.Run("data", "validate", Crpbot.Testing.MarketData.Path(Recorded), "--json");
        Assert.Equal((0, 6106), (unsaid.ExitCode, JsonDocument.Parse(unsaid.Output).RootElement.GetProperty("rows").GetInt32()));
        byte[] bytes = await File.ReadAllBytesAsync(Crpbot.Testing.MarketData.Path("hftbacktest/spot/ethusdt_20240808.gz"));
        await File.WriteAllBytesAsync(folder["cut.gz"], bytes[..60]);

        CommandRunner.Outcome cut = await CommandRunner.Run("data", "validate", folder["cut.gz"], "--venue", "binance", "--json");

        Assert.Equal(1, cut.ExitCode);
        Assert.Equal("truncated", JsonDocument.Parse(cut.Output).RootElement.GetProperty("findings")[0].GetProperty("code").GetString());
        Assert.Equal(3, (await CommandRunner.Run("data", "validate", Crpbot.Testing.MarketData.Path(Recorded), "--venue", "binance")).ExitCode);
    }

    [Fact]
    public async Task WhatCannotBeReadAtAllIsNoFinding()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["x.csv"], "a,b,c\n1,2,3\n");

        Assert.Equal(3, (await CommandRunner.Run("data", "validate", folder["x.csv"], "--csv-type", "trades")).ExitCode);
        Assert.Equal(3, (await CommandRunner.Run("data", "validate", folder["absent"])).ExitCode);
        Assert.Equal(2, (await CommandRunner.Run("data", "validate")).ExitCode);
        Assert.Equal(2, (await CommandRunner.Run("data", "validate", folder["x.csv"], "--csv-type", "trades", "--symbols", "A")).ExitCode);
    }
}
