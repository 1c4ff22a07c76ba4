using System.Collections.Concurrent;
using Crpbot.Datasets;
using Crpbot.Datasets.Download;
using Crpbot.Engine.Tests.Datasets.Lake;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

/// <summary>A download into an object store ends as one into a folder does.</summary>
[Collection(nameof(S3LakeSuite))]
public class LakeStoreTests : DownloadFixture
{
    private static readonly DateTime From = Day(2024, 1, 1);

    [Fact]
    public async Task AStoreHoldsTheBytesThatAFolderHolds()
    {
        await using S3StandIn store = await S3StandIn.StartAsync();
        DownloadRequest request = Days(20);
        await Run(request);
        DownloadReport report = await InStore(store, request);
        Assert.Equal((17, 1, 2, 0), (report.Whole, report.Empty, report.Missing, report.Failed));
        Assert.Equal(Tree(), store.Tree("lake/"));
    }

    [Fact]
    public async Task AStoreThatRefusesEveryFileOnceHoldsTheSameInTheEnd()
    {
        await using S3StandIn store = await S3StandIn.StartAsync();
        DownloadRequest request = Days(20);
        await Run(request);
        var refused = new ConcurrentDictionary<string, bool>();
        store.Fault = async context =>
        {
            if (context.Request.Method != "PUT" || !refused.TryAdd(context.Request.Path, true))
                return false;
            await S3StandIn.FailAsync(context, 503, "SlowDown");
            return true;
        };
        await InStore(store, request);
        Assert.Equal(Tree(), store.Tree("lake/"));
        Assert.Equal(Tree().Count, refused.Count);
    }

    [Fact]
    public async Task WhatTheStoreHoldsIsNotAskedForAgain()
    {
        await using S3StandIn store = await S3StandIn.StartAsync();
        await InStore(store, Days(5));
        Server.Requests.Clear();
        SortedDictionary<string, byte[]> before = store.Tree("lake/");
        DownloadReport report = await InStore(store, Days(5));
        Assert.Equal((0, 4), (report.FilesDownloaded, report.FilesKept));
        // A day that did not exist may exist now.
        Assert.Equal(["/v1/exchanges/coinbase", "/v1/coinbase/trades/2024/01/04/BTC-USD.csv.gz"], Server.Requests.Select(request => request.Path));
        Assert.Equal(before, store.Tree("lake/"));
    }

    [Fact]
    public async Task ALostSidecarComesBackFromTheFile()
    {
        await using S3StandIn store = await S3StandIn.StartAsync();
        await InStore(store, Days(5));
        SortedDictionary<string, byte[]> before = store.Tree("lake/");
        string sidecar = before.Keys.First(key => key.EndsWith(RawLake.ManifestSuffix, StringComparison.Ordinal));
        store.Remove($"lake/{sidecar}");
        Server.Requests.Clear();
        DownloadReport report = await InStore(store, Days(5));
        Assert.Equal(0, report.FilesDownloaded);
        Assert.Equal(before, store.Tree("lake/"));
    }

    [Fact]
    public async Task AnEstimateWritesNothingAndKnowsTheStoresSizes()
    {
        await using S3StandIn store = await S3StandIn.StartAsync();
        await InStore(store, Days(5));
        SortedDictionary<string, byte[]> before = store.Tree("lake/");
        using var environment = new S3Environment(store, Path.GetDirectoryName(Lake)!);
        using var job = new DownloadJob(Days(10) with { Lake = $"s3://{store.Bucket}/lake" }, Addresses(Key), Quick, dryRun: true);
        SeriesEstimate estimate = Assert.Single(await job.EstimateAsync(default));
        Assert.Equal((10, 4, EstimateBasis.Lake), (estimate.Partitions, estimate.Kept, estimate.Basis));
        Assert.Equal(before, store.Tree("lake/"));
    }

    [Fact]
    public async Task AShardedDownloadFromManyWorkersIsTheWholeOne()
    {
        await using S3StandIn store = await S3StandIn.StartAsync();
        await Run(Days(20));
        for (int i = 0; i < 3; i++)
            await InStore(store, Days(20) with { Shard = Sharding.Parse($"{i}/3") });
        Assert.Equal(Tree(), store.Tree("lake/"));
    }

    /// <summary>Days of trades, of which the third is empty and the fourth and every sixteenth later one do not exist.</summary>
    private DownloadRequest Days(int days)
    {
        for (int i = 0; i < days; i++)
        {
            if (i % 16 != 3)
                AddDay("trades", "BTC-USD", From.AddDays(i), rows: i == 2 ? 0 : 50);
        }

        return Datasets(From, From.AddDays(days));
    }

    private async Task<DownloadReport> InStore(S3StandIn store, DownloadRequest request)
    {
        string scratch = Path.Combine(Path.GetDirectoryName(Lake)!, "scratch");
        using var environment = new S3Environment(store, scratch);
        DownloadReport report = await Run(request with { Lake = $"s3://{store.Bucket}/lake" });
        Assert.Empty(Directory.EnumerateFiles(scratch));
        return report;
    }
}
