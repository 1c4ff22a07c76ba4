using System.Text;
using Crpbot.Datasets;
using Crpbot.Datasets.Download;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

public class TardisDatasetsTests : DownloadFixture
{
    private static readonly DateTime From = Day(2024, 1, 1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task WhateverTheServerDoesEveryFileArrivesOnceOrIsReported(int seed)
    {
        const int Days = 40;
        var random = new Random(seed);
        ServerFault[] faults = [.. Enum.GetValues<ServerFault>().Where(fault => fault is not (ServerFault.None or ServerFault.Stall))];
        string[] types = ["trades", "incremental_book_L2"];
        string[] symbols = ["BTC-USD", "ETH-USD", "SOL-USD"];
        var missing = new HashSet<string>();
        var failed = new HashSet<string>();
        foreach (string type in types)
        {
            foreach (string symbol in symbols)
            {
                for (int i = 0; i < Days; i++)
                {
                    string address = DatasetAddress(type, symbol, From.AddDays(i));
                    AddDay(type, symbol, From.AddDays(i), rows: random.Next(0, 200));
                    double fate = i is 0 or Days - 1 ? 1 : random.NextDouble();
                    if (fate < 0.05 && missing.Add(address))
                        Server.Refusals[address] = (404, "no such day");
                    else if (fate < 0.1 && failed.Add(address))
                        Server.Refusals[address] = (random.Next(2) == 0 ? 401 : 500, "no");
                    else
                        Server.Faults[address] = new(Enumerable.Range(0, random.Next(4)).Select(_ => faults[random.Next(faults.Length)]));
                }
            }
        }

        DownloadReport report = await Run(Datasets(From, From.AddDays(Days), string.Join(',', types), string.Join(',', symbols)));

        Assert.True(report.Retries > 50);
        Assert.Equal((Days * 6, missing.Count, failed.Count), (report.Partitions, report.Missing, report.Failed));
        Assert.Equal(Server.Files.Count - missing.Count - failed.Count, report.Whole + report.Empty);
        foreach ((string address, byte[] body) in Server.Files)
        {
            string path = "raw/tardis/datasets" + address["/v1".Length..];
            bool arrives = !missing.Contains(address) && !failed.Contains(address);
            Assert.Equal(arrives ? 1 : 0, Server.Delivered(address));
            Assert.Equal(arrives, LakeHas(path));
            Assert.Equal(!failed.Contains(address), LakeHas(path + RawLake.ManifestSuffix));
            if (arrives)
                Assert.Equal(body, LakeBytes(path));
        }

        Assert.DoesNotContain(Tree().Keys, path => path.EndsWith(RawLake.TemporarySuffix, StringComparison.Ordinal) || path.Contains(".runs", StringComparison.Ordinal));
        Assert.Equal(missing.Count + failed.Count, report.Ranges.Sum(range => range.Partitions));
    }

    [Fact]
    public async Task ATransferOnWhichNothingMovesEndsAndIsTriedAgain()
    {
        AddDays("trades", "BTC-USD", From, 2);
        Server.Faults[DatasetAddress("trades", "BTC-USD", From)] = new([ServerFault.Stall]);
        DownloadReport report = await Run(Datasets(From, From.AddDays(2)), limits: Quick with { Inactivity = TimeSpan.FromMilliseconds(500) });
        Assert.Equal((2, 0), (report.Whole, report.Failed));
        Assert.InRange(report.Retries, 1, 8);
    }

    [Fact]
    public async Task TheSidecarSaysWhatTheFileIs()
    {
        AddDay("trades", "BTC-USD", From, rows: 7);
        Server.Files[DatasetAddress("trades", "BTC-USD", From.AddDays(1))] = TardisServer.Gzip("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n");
        Server.Files[DatasetAddress("trades", "BTC-USD", From.AddDays(2))] = TardisServer.Gzip("");
        Server.Files[DatasetAddress("trades", "BTC-USD", From.AddDays(4))] = [];
        DownloadReport report = await Run(Datasets(From, From.AddDays(5)));
        Assert.Equal((1, 3, 1, 0), (report.Whole, report.Empty, report.Missing, report.Failed));

        const string Path1 = "raw/tardis/datasets/coinbase/trades/2024/01/01/BTC-USD.csv.gz";
        byte[] file = LakeBytes(Path1);
        string sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file));
        Assert.Equal(
            $"{{\"url\":\"/v1/coinbase/trades/2024/01/01/BTC-USD.csv.gz\",\"bytes\":{file.Length},\"sha256\":\"{sha256}\",\"status\":\"whole\",\"uncompressedBytes\":350,\"rows\":7}}\n",
            Encoding.UTF8.GetString(LakeBytes(Path1 + ".manifest.json")));
        RawFileName[] files = [.. RawLake.Enumerate(Lake, RawFileKind.Dataset)];
        Assert.Equal([From, From.AddDays(1), From.AddDays(2), From.AddDays(3), From.AddDays(4)], files.Select(file => file.Start));
        Assert.Equal([RawFileStatus.Whole, RawFileStatus.Empty, RawFileStatus.Empty, RawFileStatus.Missing, RawFileStatus.Empty],
            files.Select(file => RawFileManifest.Read(Path.Combine(Lake, file.Path))!.Status));
    }

    [Fact]
    public async Task WhatIsWholeIsNotAskedForAgain()
    {
        AddDays("trades", "BTC-USD", From, 5);
        await Run(Datasets(From, From.AddDays(5)));
        SortedDictionary<string, byte[]> before = Tree();
        string lost = Path.Combine(Lake, "raw/tardis/datasets/coinbase/trades/2024/01/03/BTC-USD.csv.gz.manifest.json");
        File.Delete(lost);
        Server.Requests.Clear();
        DownloadReport report = await Run(Datasets(From, From.AddDays(5)));
        Assert.Equal((0, 5), (report.FilesDownloaded, report.FilesKept));
        Assert.Equal(["/v1/exchanges/coinbase"], Server.Requests.Select(request => request.Path).Distinct());
        Assert.Equal(before, Tree());
    }

    [Fact]
    public async Task ADamagedFileOfTheLakeIsReplacedWithOrWithoutItsSidecar()
    {
        AddDays("trades", "BTC-USD", From, 3);
        await Run(Datasets(From, From.AddDays(3)));
        SortedDictionary<string, byte[]> before = Tree();
        string first = Path.Combine(Lake, "raw/tardis/datasets/coinbase/trades/2024/01/01/BTC-USD.csv.gz");
        string second = first.Replace("01/01", "01/02", StringComparison.Ordinal);
        File.WriteAllBytes(first, File.ReadAllBytes(first)[..^3]);
        File.WriteAllBytes(second, File.ReadAllBytes(second)[..^3]);
        File.Delete(second + RawLake.ManifestSuffix);
        DownloadReport report = await Run(Datasets(From, From.AddDays(3)));
        Assert.Equal((2, 1), (report.FilesDownloaded, report.FilesKept));
        Assert.Equal(before, Tree());
    }

    [Fact]
    public async Task AMissingDayIsAskedForAgainAndMayHaveCome()
    {
        AddDay("trades", "BTC-USD", From);
        Assert.Equal(1, (await Run(Datasets(From, From.AddDays(2)))).Missing);
        AddDay("trades", "BTC-USD", From.AddDays(1));
        DownloadReport report = await Run(Datasets(From, From.AddDays(2)));
        Assert.Equal((2, 0, 1), (report.Whole, report.Missing, report.FilesDownloaded));
        Assert.Equal(RawFileStatus.Whole, RawFileManifest.Read(Path.Combine(Lake, "raw/tardis/datasets/coinbase/trades/2024/01/02/BTC-USD.csv.gz"))!.Status);
    }

    [Theory]
    [InlineData(400, "bad parameter", 1)]
    [InlineData(401, "no", 1)]
    [InlineData(403, "no", 1)]
    [InlineData(404, "no", 1)]
    [InlineData(400, "Please provide date in ISO 8601 format", 8)]
    [InlineData(429, "slow down", 8)]
    [InlineData(500, "no", 8)]
    [InlineData(503, "no", 8)]
    public async Task OnlyPassingTroubleIsTriedAgain(int status, string text, int attempts)
    {
        string address = DatasetAddress("trades", "BTC-USD", From);
        Server.Refusals[address] = (status, text);
        DownloadReport report = await Run(Datasets(From, From.AddDays(1)), limits: Quick with { WaitUnit = TimeSpan.FromTicks(100) });
        Assert.Equal(status == 404 ? PartitionState.Missing : PartitionState.Failed, Assert.Single(report.Ranges).State);
        SeenRequest[] requests = [.. Server.Requests.Where(request => request.Path == address)];
        Assert.Equal(Enumerable.Range(0, attempts).Select(n => n == 0 ? "" : $"?retryAttempt={n}"), requests.Select(request => request.Query));
    }

    [Fact]
    public async Task TheLastDayComesFirstThenTheFirstThenTheRestAtMostSoManyAtATime()
    {
        AddDays("trades", "BTC-USD", From, 40);
        Server.Delay = TimeSpan.FromMilliseconds(5);
        await Run(Datasets(From, From.AddDays(40)), limits: Quick with { Concurrency = 3 });
        string[] days = [.. Server.Requests.Where(request => request.Path.EndsWith("gz", StringComparison.Ordinal)).Select(request => request.Path)];
        Assert.Equal([DatasetAddress("trades", "BTC-USD", From.AddDays(39)), DatasetAddress("trades", "BTC-USD", From)], days[..2]);
        Assert.Equal(40, days.Distinct().Count());
        Assert.InRange(Server.InFlightMax, 1, 3);
    }

    [Fact]
    public async Task DaysThatTheExchangesDescriptionRulesOutAreMissingWithoutARequest()
    {
        Describe("""
            {"id":"coinbase","availableSince":"2019-01-01T00:00:00.000Z","datasets":{"exportedFrom":"2019-01-01T00:00:00.000Z","exportedUntil":"2024-01-08T00:00:00.000Z",
            "symbols":[{"id":"BTC-USD","type":"spot","availableSince":"2024-01-03T12:00:00.000Z","availableTo":"2024-01-07T00:00:00.000Z","dataTypes":["trades"]},
            {"id":"ETH-USD","type":"spot","availableSince":"2019-01-01T00:00:00.000Z","dataTypes":["trades"]}]}}
            """);
        AddDays("trades", "BTC-USD", From, 12);
        AddDays("trades", "ETH-USD", From, 12);
        DownloadReport report = await Run(Datasets(From, From.AddDays(12), symbols: "BTC-USD,ETH-USD"));
        Assert.Equal((4 + 8, 8 + 4), (report.Whole, report.Missing));
        Assert.Equal(
            [("2024-01-01", "2024-01-03", "listed since 2024-01-03"), ("2024-01-07", "2024-01-13", "listed until 2024-01-07"), ("2024-01-09", "2024-01-13", "not exported yet, only until 2024-01-08")],
            report.Ranges.Select(range => ($"{range.From:yyyy-MM-dd}", $"{range.To:yyyy-MM-dd}", range.Reason)));
        Assert.Equal(12, Server.Requests.Count(request => request.Path.EndsWith("gz", StringComparison.Ordinal)));
        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task ADayThatIsNotOverIsMissingWithoutARequest()
    {
        DateTime today = DateTime.UtcNow.Date;
        DownloadReport report = await Run(Datasets(today, today.AddDays(3)));
        Assert.Equal((3, 1), (report.Missing, report.Ranges.Count));
        Assert.Single(Server.Requests);
    }

    [Theory]
    [InlineData("BTCUSD", "trades", "BTC-USD")]
    [InlineData("BTC-USD", "options_chain", "trades")]
    public async Task ASymbolOrTypeThatTheExchangeDoesNotHaveIsSaidBeforeAnythingIsAskedFor(string symbol, string type, string hint)
    {
        Describe("""{"id":"coinbase","datasets":{"symbols":[{"id":"BTC-USD","type":"spot","dataTypes":["trades"]}]}}""");
        FormatException error = await Assert.ThrowsAsync<FormatException>(() => Run(Datasets(From, From.AddDays(2), type, symbol)));
        Assert.Contains(symbol, error.Message, StringComparison.Ordinal);
        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task ShardsAtTheSameTimeShareOutEveryFileAndTogetherMakeTheSameLake()
    {
        string[] symbols = ["BTC-USD", "ETH-USD"];
        foreach (string symbol in symbols)
            AddDays("trades", symbol, From, 30);
        DownloadReport[] reports = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Run(Datasets(From, From.AddDays(30), symbols: "BTC-USD,ETH-USD", shard: $"{i}/3"))));
        long[] counts = [.. reports.Select(report => report.Whole)];
        Assert.Equal(60, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 10, 30));
        Assert.All(Server.Files.Keys, address => Assert.Equal(1, Server.Delivered(address)));
        SortedDictionary<string, byte[]> sharded = Tree();
        Directory.Delete(Lake, recursive: true);
        await Run(Datasets(From, From.AddDays(30), symbols: "BTC-USD,ETH-USD"));
        Assert.Equal(sharded, Tree());
    }

    [Fact]
    public async Task ADryRunCountsWhatIsThereAndWritesNothing()
    {
        AddDays("trades", "BTC-USD", From, 6);
        await Run(Datasets(From, From.AddDays(2)));
        SortedDictionary<string, byte[]> before = Tree();
        Server.Requests.Clear();
        using var job = new DownloadJob(Datasets(From, From.AddDays(6), "trades,liquidations,incremental_book_L2"), Addresses(Key), Quick, dryRun: true);
        IReadOnlyList<SeriesEstimate> plan = await job.EstimateAsync(default);
        Assert.Equal([(6L, 2L, 4L, EstimateBasis.Lake), (6, 0, 6, EstimateBasis.Unknown), (6, 0, 6, EstimateBasis.Typical)],
            plan.Select(series => (series.Partitions, series.Kept, series.ToDownload, series.Basis)));
        long mean = before.Where(file => file.Key.EndsWith(".csv.gz", StringComparison.Ordinal)).Sum(file => file.Value.Length) / 2;
        Assert.InRange(plan[0].Bytes!.Value, 4 * mean - 4, 4 * mean + 4);
        Assert.All(Server.Requests, request => Assert.Equal("/v1/exchanges/coinbase", request.Path));
        Assert.Equal(before, Tree());
    }

    private void Describe(string json) => Server.Files["/v1/exchanges/coinbase"] = Encoding.UTF8.GetBytes(json);
}
