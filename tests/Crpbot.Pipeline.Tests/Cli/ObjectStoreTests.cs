using System.Globalization;
using Crpbot.Pipeline.Tests.Download;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Pipeline.Tests.Cli;

/// <summary>Commands whose input or output is in an object store.</summary>
public class ObjectStoreTests : IAsyncLifetime
{
    private S3StandIn _store = null!;

    public async Task InitializeAsync() => _store = await S3StandIn.StartAsync();

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task ADownloadGoesToAStore()
    {
        using var folder = new TemporaryFolder();
        await using TardisServer server = await TardisServer.StartAsync();
        byte[] day = TardisServer.Gzip("exchange,symbol\ncoinbase,BTC-USD\n");
        server.Files["/v1/coinbase/trades/2024/01/01/BTC-USD.csv.gz"] = day;
        CommandRunner.Outcome outcome = await Run(server.Address, folder["scratch"], _store.SecretKey, Download($"s3://{_store.Bucket}/lake"));
        Assert.Equal((0, ""), (outcome.ExitCode, string.Join('\n', outcome.Errors.Split('\n').Where(line => line.Length > 0 && !line.StartsWith("warning: ", StringComparison.Ordinal)))));
        Assert.Equal(day, _store.Tree("lake/")["raw/tardis/datasets/coinbase/trades/2024/01/01/BTC-USD.csv.gz"]);
        Assert.Empty(Directory.EnumerateFiles(folder["scratch"]));
    }

    [Fact]
    public async Task ALakeInAStoreIsConvertedByWorkersAsAFolderIsByOne()
    {
        using var folder = new TemporaryFolder();
        await using TardisServer server = await TardisServer.StartAsync();
        for (int day = 1; day <= 6; day++)
            server.Files[$"/v1/coinbase/trades/2024/01/{day:D2}/BTC-USD.csv.gz"] = Trades(day);
        string store = $"s3://{_store.Bucket}/lake";
        string[] download = [.. Download(folder["lake"])];
        download[Array.IndexOf(download, "2024-01-02")] = "2024-01-07";
        await Expect(0, server.Address, folder["scratch"], download);
        await Expect(0, server.Address, folder["scratch"], [.. download[..^1], store]);
        await Expect(0, server.Address, folder["scratch"], "data", "convert", "--lake", folder["lake"]);
        for (int worker = 0; worker < 3; worker++)
            await Expect(0, server.Address, folder["scratch"], "data", "convert", "--lake", store, "--shard", $"{worker}/3");
        SortedDictionary<string, byte[]> expected = DownloadProcess.Tree(folder["lake"]);
        Assert.Equal(6, expected.Keys.Count(key => key.EndsWith(".parquet", StringComparison.Ordinal)));
        Assert.Equal(expected, _store.Tree("lake/"));

        CommandRunner.Outcome replay = await Run(server.Address, folder["scratch"], _store.SecretKey, "capture", "replay", store, "--symbol", "BTC-USD", "--exchange", "coinbase", "--stages", "book", "--json");
        Assert.Equal((0, 300), (replay.ExitCode, System.Text.Json.JsonDocument.Parse(replay.Output).RootElement.GetProperty("trades").GetInt32()));
        Assert.Empty(Directory.EnumerateFiles(folder["scratch"]));
    }

    /// <summary>What scale.md reckons with.</summary>
    [Fact]
    public async Task ADownloadAndAConversionTakeTheRequestsThatThePageCounts()
    {
        const int Days = 6;
        using var folder = new TemporaryFolder();
        await using TardisServer server = await TardisServer.StartAsync();
        for (int day = 1; day <= Days; day++)
            server.Files[$"/v1/coinbase/trades/2024/01/{day:D2}/BTC-USD.csv.gz"] = Trades(day);
        string store = $"s3://{_store.Bucket}/lake";
        string[] download = Download(store);
        download[Array.IndexOf(download, "2024-01-02")] = "2024-01-07";
        await Expect(0, server.Address, folder["scratch"], download);
        Assert.Equal(4 * Days, _store.Requests.Count(request => !IsList(request)));
        _store.Requests.Clear();
        await Expect(0, server.Address, folder["scratch"], "data", "convert", "--lake", store);
        Assert.InRange(_store.Requests.Count(IsList), 1, 6);
        Assert.Equal(6 * Days, _store.Requests.Count(request => !IsList(request)));

        static bool IsList(string request) => request.Contains("list-type=2", StringComparison.Ordinal);
    }

    [Fact]
    public async Task FeaturesOfALakeInAStoreGoToTheStoreByWorkersAsToAFolderByOne()
    {
        using var folder = new TemporaryFolder();
        await using TardisServer server = await TardisServer.StartAsync();
        foreach (string symbol in new[] { "BTC-USD", "ETH-USD" })
            server.Files[$"/v1/coinbase/trades/2024/01/01/{symbol}.csv.gz"] = Trades(1, symbol, secondsApart: 10);
        string store = $"s3://{_store.Bucket}";
        string[] download = Download(folder["lake"]);
        download[Array.IndexOf(download, "BTC-USD")] = "BTC-USD,ETH-USD";
        await Expect(0, server.Address, folder["scratch"], download);
        await Expect(0, server.Address, folder["scratch"], [.. download[..^1], $"{store}/lake"]);
        await Expect(0, server.Address, folder["scratch"], "features", "build", "--lake", folder["lake"], "--out", folder["lake"] + "-features/");
        for (int worker = 0; worker < 2; worker++)
            await Expect(0, server.Address, folder["scratch"], "features", "build", "--lake", $"{store}/lake", "--out", $"{store}/features/", "--shard", $"{worker}/2");
        await Expect(0, server.Address, folder["scratch"], "features", "build", "--lake", $"{store}/lake", "--symbols", "BTC-USD", "--out", $"{store}/one/btc.parquet");
        string[] files = [.. DownloadProcess.Tree(folder["lake"] + "-features").Keys];
        Assert.Equal(2, files.Length);
        Assert.Equal(files, _store.Tree("features/").Keys);
        Assert.Equal(["btc.parquet"], _store.Tree("one/").Keys);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["scratch"]));
    }

    [Fact]
    public async Task AConversionWhoseStoreFailsIsExitFour()
    {
        using var folder = new TemporaryFolder();
        await using TardisServer server = await TardisServer.StartAsync();
        server.Files["/v1/coinbase/trades/2024/01/01/BTC-USD.csv.gz"] = Trades(1);
        await Expect(0, server.Address, folder["scratch"], Download($"s3://{_store.Bucket}/lake"));
        _store.Fault = async context =>
        {
            if (context.Request.Method != "PUT")
                return false;
            await S3StandIn.FailAsync(context, 403, "AccessDenied");
            return true;
        };
        CommandRunner.Outcome outcome = await Run(server.Address, folder["scratch"], _store.SecretKey, "data", "convert", "--lake", $"s3://{_store.Bucket}/lake");
        Assert.Equal(4, outcome.ExitCode);
        Assert.Contains("access denied; s3:ListBucket", Assert.Single(outcome.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AResultGoesToAStore()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["in"], """
            2024-03-01T00:01:00.0000000Z {"type":"match","trade_id":1,"side":"sell","size":"0.1","price":"100.5","product_id":"BTC-USD","time":"2024-03-01T00:00:59.900000Z"}

            """);
        string[] arguments = ["data", "normalize", "--in", folder["in"], "--venue", "coinbase", "--out"];
        CommandRunner.Outcome local = await CommandRunner.Run([.. arguments, folder["out"]]);
        CommandRunner.Outcome outcome = await Run("http://127.0.0.1:1", folder["scratch"], _store.SecretKey, [.. arguments, $"s3://{_store.Bucket}/results/out"]);
        Assert.Equal((0, 0), (local.ExitCode, outcome.ExitCode));
        Assert.NotEqual(0, new FileInfo(folder["out"]).Length);
        Assert.Equal(File.ReadAllBytes(folder["out"]), _store.Tree("results/")["out"]);
        Assert.Empty(Directory.EnumerateFiles(folder["scratch"]));
    }

    [Fact]
    public async Task AStoreThatRefusesOrIsGoneIsExitFourAndOneLineWithoutTheSecret()
    {
        using var folder = new TemporaryFolder();
        CommandRunner.Outcome[] outcomes =
        [
            await Run("http://127.0.0.1:1", folder["scratch"], "wrong-secret", Download($"s3://{_store.Bucket}/lake")),
            await Run("http://127.0.0.1:1", folder["scratch"], "wrong-secret", [.. Download($"s3://{_store.Bucket}/lake"), "--dry-run"]),
            await Run("http://127.0.0.1:1", folder["scratch"], _store.SecretKey, Download("s3://another-bucket/lake")),
            await Run("http://127.0.0.1:1", folder["scratch"], "wrong-secret", "capture", "replay", $"s3://{_store.Bucket}/lake", "--symbol", "BTC-USD"),
        ];
        Assert.All(outcomes, outcome => Assert.Equal(4, outcome.ExitCode));
        Assert.All(outcomes, outcome => Assert.DoesNotContain("wrong-secret", outcome.Errors + outcome.Output, StringComparison.Ordinal));
        Assert.Contains("there is no bucket 'another-bucket'", outcomes[2].Errors, StringComparison.Ordinal);
        Assert.Contains("check AWS_SECRET_ACCESS_KEY", outcomes[3].Errors, StringComparison.Ordinal);
        await _store.DisposeAsync();
        CommandRunner.Outcome gone = await Run("http://127.0.0.1:1", folder["scratch"], _store.SecretKey, "capture", "replay", $"s3://{_store.Bucket}/lake", "--symbol", "BTC-USD");
        Assert.Equal(4, gone.ExitCode);
        Assert.Contains("cannot be reached", Assert.Single(gone.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutCredentialsOneLineSaysWhereToPutThem()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL"] = _store.Endpoint, ["AWS_ACCESS_KEY_ID"] = "", ["AWS_SECRET_ACCESS_KEY"] = "", ["AWS_PROFILE"] = "absent", ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_SHARED_CREDENTIALS_FILE"] = folder["none"], ["AWS_CONFIG_FILE"] = folder["none"],
        };
        CommandRunner.Outcome outcome = await DownloadProcess.Run("http://127.0.0.1:1", null, environment, "data", "convert", "--lake", $"s3://{_store.Bucket}/lake");
        Assert.Equal(4, outcome.ExitCode);
        Assert.Equal("crpbot: no AWS credentials were found, also not in profile 'absent'; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile in AWS_PROFILE, or run under a role\n", outcome.Errors);
    }

    [Theory]
    [InlineData("s3://Bad_Bucket/lake")]
    [InlineData("gs://bucket/lake")]
    public async Task ABadLocationIsWrongUsage(string location)
    {
        using var folder = new TemporaryFolder();
        CommandRunner.Outcome outcome = await Run("http://127.0.0.1:1", folder["scratch"], _store.SecretKey, Download(location));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("s3://bucket/prefix", Assert.Single(outcome.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AResultThatOnlyAFileCanHoldIsRefusedAStore()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["in.csv"], "x");
        CommandRunner.Outcome outcome = await Run("http://127.0.0.1:1", folder["scratch"], _store.SecretKey, "data", "convert", folder["in.csv"], "s3://a-bucket/x.capture", "--csv-type", "trades");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("can only be written to a local file", outcome.Errors, StringComparison.Ordinal);
    }

    private static string[] Download(string lake) =>
        ["data", "download", "--symbols", "BTC-USD", "--types", "trades", "--from", "2024-01-01", "--to", "2024-01-02", "--attempts", "2", "--out", lake];

    private static byte[] Trades(int day, string symbol = "BTC-USD", int secondsApart = 1) => TardisServer.Gzip("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n" + string.Concat(Enumerable.Range(0, 50).Select(i =>
    {
        long micros = 1_704_067_200_000_000 + (day - 1) * 86_400_000_000 + i * secondsApart * 1_000_000L;
        return string.Create(CultureInfo.InvariantCulture, $"coinbase,{symbol},{micros},{micros + 1500},{day * 100 + i},buy,{42000 + i}.25,0.5\n");
    })));

    private async Task Expect(int exitCode, string services, string scratch, params string[] arguments)
    {
        CommandRunner.Outcome outcome = await Run(services, scratch, _store.SecretKey, arguments);
        Assert.True(outcome.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {outcome.ExitCode}: {outcome.Errors}");
    }

    private async Task<CommandRunner.Outcome> Run(string services, string scratch, string secret, params string[] arguments)
    {
        Directory.CreateDirectory(scratch);
        var environment = new Dictionary<string, string> { ["CRPBOT_SCRATCH"] = scratch, ["AWS_MAX_ATTEMPTS"] = "2" };
        _store.Describe((name, value) => environment[name] = value);
        environment["AWS_SECRET_ACCESS_KEY"] = secret;
        return await DownloadProcess.Run(services, DownloadProcess.Key, environment, arguments);
    }
}
