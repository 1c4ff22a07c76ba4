using Crpbot.Datasets;
using Crpbot.Datasets.Download;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

/// <summary>A server and a lake of a test, and downloads between them.</summary>
public abstract class DownloadFixture : IAsyncLifetime
{
    internal const string Key = "TD.secret-of-the-test";

    private protected static readonly DownloadLimits Quick = new()
    {
        Attempts = 8, WaitUnit = TimeSpan.FromMilliseconds(0.2), Inactivity = TimeSpan.FromMinutes(1), FailuresInARow = 1000, CoinbaseRequestsPerSecond = 100_000,
    };

    private protected TardisServer Server { get; private set; } = null!;

    private protected string Lake { get; } = Path.Combine(Directory.CreateTempSubdirectory("crpbot-").FullName, "lake");

    private protected List<string> Warnings { get; } = [];

    public async Task InitializeAsync() => Server = await TardisServer.StartAsync();

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Lake)!, recursive: true);
    }

    private protected static string DatasetAddress(string type, string symbol, DateTime day) => $"/v1/coinbase/{type}/{day:yyyy'/'MM'/'dd}/{symbol}.csv.gz";

    /// <summary>A day of a dataset with a row or more; the content differs by day, type and symbol.</summary>
    private protected void AddDay(string type, string symbol, DateTime day, int rows = 3) => Server.Files[DatasetAddress(type, symbol, day)] = TardisServer.Gzip(
        "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
        + string.Concat(Enumerable.Range(1, rows).Select(row => $"coinbase,{symbol},{row},{row},{day:yyyyMMdd}{row},buy,{type.Length}.5,1\n")));

    private protected void AddDays(string type, string symbol, DateTime from, int days)
    {
        for (int i = 0; i < days; i++)
            AddDay(type, symbol, from.AddDays(i));
    }

    private protected DownloadRequest Datasets(DateTime from, DateTime to, string types = "trades", string symbols = "BTC-USD", string shard = "0/1") =>
        new(DownloadSource.TardisDatasets, "coinbase", types.Split(','), [], symbols.Split(','), from, to, Lake, Sharding.Parse(shard), null);

    private protected async Task<DownloadReport> Run(DownloadRequest request, string? key = Key, DownloadLimits? limits = null)
    {
        using var job = new DownloadJob(request, Addresses(key), limits ?? Quick, dryRun: false) { OnWarning = Warnings.Add };
        return await job.RunAsync(default).WaitAsync(TimeSpan.FromMinutes(1));
    }

    private protected ServiceAddresses Addresses(string? key)
    {
        var address = new Uri(Server.Address);
        return new ServiceAddresses(address, address, null, address, key);
    }

    private protected byte[] LakeBytes(string path) => File.ReadAllBytes(Path.Combine(Lake, path));

    private protected bool LakeHas(string path) => File.Exists(Path.Combine(Lake, path));

    /// <summary>Every file of the lake with its content.</summary>
    private protected SortedDictionary<string, byte[]> Tree() => Tree(Lake);

    private protected static SortedDictionary<string, byte[]> Tree(string lake) => new(Directory.EnumerateFiles(lake, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(lake, file), File.ReadAllBytes), StringComparer.Ordinal);

    private protected static DateTime Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, DateTimeKind.Utc);
}
