using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Pipeline.Tests.Download;

public class DataDownloadTests
{
    private static readonly string[] TwoDays = ["data", "download", "--symbols", "BTC-USD", "--types", "trades", "--from", "2024-01-01", "--to", "2024-01-03", "--attempts", "2"];

    [Fact]
    public async Task ASummaryIsOneDocumentAndMissingDaysAreOneLineOnStderr()
    {
        using var folder = new TemporaryFolder();
        await using TardisServer server = await ServerOfDays(1);
        CommandRunner.Outcome outcome = await DownloadProcess.Run(server.Address, DownloadProcess.Key, [.. TwoDays, "--out", folder["lake"], "--json"]);
        Assert.Equal(0, outcome.ExitCode);
        JsonElement summary = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal((1, 1, 0, 1), (Count(summary, "whole"), Count(summary, "missing"), Count(summary, "failed"), Count(summary, "filesDownloaded")));
        Assert.Equal("missing", summary.GetProperty("ranges")[0].GetProperty("state").GetString());
        string[] lines = outcome.Errors.TrimEnd().Split('\n');
        Assert.Equal("crpbot: missing: coinbase trades BTC-USD 2024-01-02: 404, the source has none", lines[^1]);
        Assert.StartsWith("warning: ", Assert.Single(lines[..^1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheKeyIsInNoOutputWhateverHappens()
    {
        using var folder = new TemporaryFolder();
        await using TardisServer server = await ServerOfDays(2);
        server.Refusals["/v1/coinbase/trades/2024/01/02/BTC-USD.csv.gz"] = (401, $"key {DownloadProcess.Key} is not good enough");
        server.Refusals["/v1/api-key-info"] = (401, $"key {DownloadProcess.Key} is not good enough");
        CommandRunner.Outcome[] outcomes =
        [
            await DownloadProcess.Run(server.Address, DownloadProcess.Key, [.. TwoDays, "--out", folder["lake"], "--verbose"]),
            await DownloadProcess.Run(server.Address, DownloadProcess.Key, "data", "check", "--verbose"),
            await DownloadProcess.Run(server.Address, DownloadProcess.Key, "data", "check", "--json"),
            await DownloadProcess.Run("http://127.0.0.1:1", DownloadProcess.Key, [.. TwoDays, "--out", folder["other"], "--verbose"]),
        ];
        Assert.Equal([4, 1, 1, 4], outcomes.Select(outcome => outcome.ExitCode));
        Assert.Contains("401: key *** is not good enough", outcomes[0].Errors, StringComparison.Ordinal);
        Assert.All(outcomes, outcome => Assert.DoesNotContain(DownloadProcess.Key, outcome.Output + outcome.Errors, StringComparison.Ordinal));
        CommandRunner.Outcome broken = await DownloadProcess.Run(server.Address, "se\u00e9cret", "data", "check");
        Assert.Equal(2, broken.ExitCode);
        Assert.DoesNotContain("cret", broken.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheConnectionTestSaysLineByLineWhatWorks()
    {
        await using TardisServer server = await ServerOfDays(2);
        server.Files["/v1/exchanges"] = "[]"u8.ToArray();
        server.Files["/v1/exchanges/coinbase"] = Encoding.UTF8.GetBytes("""{"id":"coinbase","availableSince":"2019-08-01T00:00:00.000Z","datasets":{"exportedUntil":"2024-01-20T00:00:00.000Z","symbols":[{"id":"BTC-USD"}]}}""");
        server.Files["/v1/api-key-info"] = Encoding.UTF8.GetBytes("""[{"exchange":"coinbase","accessType":"normal","from":"2019-08-01T00:00:00.000Z","to":"2030-01-01T00:00:00.000Z","symbols":[],"dataPlan":"professional"}]""");
        server.Files["/v1/products/BTC-USD/candles"] = "[[1704067260,1,2,1,2,3]]"u8.ToArray();
        CommandRunner.Outcome good = await DownloadProcess.Run(server.Address, DownloadProcess.Key, "data", "check", "--json");
        Assert.Equal(0, good.ExitCode);
        JsonElement[] checks = [.. JsonDocument.Parse(good.Output).RootElement.GetProperty("checks").EnumerateArray()];
        Assert.Equal(["ok", "ok", "ok", "ok", "ok", "ok", "not configured", "ok"], checks.Select(check => check.GetProperty("status").GetString()));
        Assert.Contains("professional", checks[2].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("2024-01-01 answers", checks[5].GetProperty("detail").GetString(), StringComparison.Ordinal);

        CommandRunner.Outcome without = await DownloadProcess.Run(server.Address, null, "data", "check");
        Assert.Equal(0, without.ExitCode);
        Assert.Contains("TARDIS_API_KEY is not set", without.Output, StringComparison.Ordinal);
        Assert.Equal(8, without.Output.TrimEnd().Split('\n').Length);

        Assert.Equal(4, (await DownloadProcess.Run("http://127.0.0.1:1", null, "data", "check", "--timeout", "5")).ExitCode);
    }

    [Theory]
    [InlineData("--shard", "4/4")]
    [InlineData("--to", "2023-01-01")]
    [InlineData("--concurrency", "0")]
    [InlineData("--attempts", "0")]
    [InlineData("--exchange", "../x")]
    [InlineData("--symbols", "../x")]
    [InlineData("--types", "a/b")]
    [InlineData("--from", "2024-01-01T05:00")]
    [InlineData("--source", "coinbase")]
    [InlineData("--slice-size", "2")]
    public async Task AWrongFlagIsWrongUsageAndCreatesNothing(string flag, string value)
    {
        using var folder = new TemporaryFolder();
        string[] arguments = [.. TwoDays, "--out", folder["lake"]];
        int at = Array.IndexOf(arguments, flag);
        if (at < 0)
            arguments = [.. arguments, flag, value];
        else
            arguments[at + 1] = value;
        CommandRunner.Outcome outcome = await DownloadProcess.Run("http://127.0.0.1:1", null, arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Single(outcome.Errors.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(folder["lake"]));
    }

    /// <summary>The stand-in of the whole API that the recorded messages were served with: another program's idea of it.</summary>
    [StandInFact]
    public async Task TheStandInsDatasetsAndFeedsArrive()
    {
        using var folder = new TemporaryFolder();
        string minute = "2024-03-01T00:01:00.0000000Z {\"type\":\"match\",\"product_id\":\"BTC-USD\"}\n2024-03-01T00:01:30.0000000Z {\"type\":\"match\",\"product_id\":\"ETH-USD\"}\n";
        Write(folder["root/datasets/coinbase/trades/2024/03/01/BTC-USD.csv.gz"], TardisServer.Gzip("exchange,symbol\ncoinbase,BTC-USD\n"));
        Write(folder["root/feeds/coinbase/2024/03/01/00/01.ndjson"], Encoding.UTF8.GetBytes(minute));
        using Process standIn = Process.Start(new ProcessStartInfo("node", [StandInFactAttribute.Script!, "serve", "--root", folder["root"], "--port", FreePort(), "--api-key", DownloadProcess.Key, "--quiet"]) { RedirectStandardOutput = true })!;
        try
        {
            string address = (await standIn.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)))!.Split(' ')[^1];
            string[] range = ["--symbols", "BTC-USD", "--types", "trades", "--out", folder["lake"], "--attempts", "2", "--json"];
            CommandRunner.Outcome datasets = await DownloadProcess.Run(address, DownloadProcess.Key, ["data", "download", .. range, "--from", "2024-03-01", "--to", "2024-03-02"]);
            Assert.Equal((0, 1), (datasets.ExitCode, Count(JsonDocument.Parse(datasets.Output).RootElement, "whole")));
            CommandRunner.Outcome feeds = await DownloadProcess.Run(address, DownloadProcess.Key, ["data", "download", "--raw", .. range, "--from", "2024-03-01", "--to", "2024-03-01T00:03"]);
            JsonElement summary = JsonDocument.Parse(feeds.Output).RootElement;
            Assert.Equal((0, 1, 2), (feeds.ExitCode, Count(summary, "whole"), Count(summary, "empty")));
            CommandRunner.Outcome wrongKey = await DownloadProcess.Run(address, "wrong", ["data", "download", .. range, "--from", "2024-03-02", "--to", "2024-03-03"]);
            Assert.Equal(4, wrongKey.ExitCode);
            Assert.Contains("401", wrongKey.Errors, StringComparison.Ordinal);
        }
        finally
        {
            standIn.Kill();
        }
    }

    private static long Count(JsonElement summary, string name) => summary.GetProperty(name).GetInt64();

    private static async Task<TardisServer> ServerOfDays(int days)
    {
        TardisServer server = await TardisServer.StartAsync();
        for (int day = 1; day <= days; day++)
            server.Files[$"/v1/coinbase/trades/2024/01/{day:D2}/BTC-USD.csv.gz"] = TardisServer.Gzip("exchange,symbol\ncoinbase,BTC-USD\n");
        return server;
    }

    private static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>A test that needs Node and the API's stand-in, which lies beside the folder of market data.</summary>
internal sealed class StandInFactAttribute : FactAttribute
{
    public StandInFactAttribute()
    {
        if (Script is null || !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "node"))))
            Skip = "the stand-in of Tardis' API (tools/tardis-api-standin.mjs beside the market data) or Node is absent";
    }

    public static string? Script => Testing.MarketData.Has("../tools/tardis-api-standin.mjs") ? Testing.MarketData.Path("../tools/tardis-api-standin.mjs") : null;
}
