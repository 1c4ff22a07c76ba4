using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Crpbot.Datasets;
using Crpbot.Datasets.Download;
using Crpbot.Testing;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

public class TardisFeedsTests : DownloadFixture
{
    private static readonly DateTime From = Day(2024, 1, 1).AddHours(9);
    private readonly Dictionary<DateTime, string> _minutes = [];
    private readonly Dictionary<DateTime, Queue<string>> _spoiled = [];
    private int _suggested = 1;
    private int _sizeMax = 10;

    private static string Folder => $"raw/tardis/feeds/coinbase/{Hash("""[{"channel":"match","symbols":["BTC-USD"]}]""")}";

    [Fact]
    public async Task EveryMinuteIsAFileAndEmptyOnesAreRecorded()
    {
        AddMinutes(6, except: 2);
        DownloadReport report = await Run(Request(From, From.AddMinutes(6)));
        Assert.Equal((6, 5, 1, 0), (report.Partitions, report.Whole, report.Empty, report.Failed));
        Assert.Equal(
            ["00.json.gz", "01.json.gz", "02.json.gz", "03.json.gz", "04.json.gz", "05.json.gz"],
            RawLake.Enumerate(Lake, RawFileKind.Slice).Select(file => Path.GetFileName(file.Path)));
        Assert.Equal((RawFileStatus.Empty, 0L), (Manifest("09/02.json.gz").Status, Manifest("09/02.json.gz").Rows));
        Assert.Equal((RawFileStatus.Whole, 3L), (Manifest("09/03.json.gz").Status, Manifest("09/03.json.gz").Rows));
        Assert.Equal("""{"sliceSize":1,"filters":[{"channel":"match","symbols":["BTC-USD"]}]}""" + "\n", Encoding.UTF8.GetString(LakeBytes($"{Folder}/filters.json")));
        Assert.All(Server.Requests.Where(request => request.Path.Contains("data-feeds", StringComparison.Ordinal)), request => Assert.Equal("gzip", request.AcceptEncoding));
    }

    [Fact]
    public async Task TheSuggestedSizeIsTakenRememberedAndCutAtTheHour()
    {
        _suggested = 7;
        AddMinutes(60);
        DownloadReport report = await Run(Request(From.AddMinutes(4), From.AddMinutes(21)));
        Assert.Equal(["00.size-6", "06.size-6", "12.size-6", "18.size-6"], RawLake.Enumerate(Lake, RawFileKind.Slice).Select(file => Path.GetFileName(file.Path)[..^8]));
        Assert.Equal(4, report.Whole);
        SortedDictionary<string, byte[]> before = Tree();
        _suggested = 2;
        Server.Requests.Clear();
        Assert.Equal(0, (await Run(Request(From.AddMinutes(1), From.AddMinutes(23)))).FilesDownloaded);
        Assert.DoesNotContain(Server.Requests, request => request.Path.Contains("data-feeds", StringComparison.Ordinal));
        Assert.Equal(before, Tree());
        await Assert.ThrowsAsync<FormatException>(() => Run(Request(From, From.AddMinutes(6), sliceSize: 3)));
    }

    [Fact]
    public async Task FewerMinutesThanAskedForAreFollowedByTheRest()
    {
        _sizeMax = 2;
        AddMinutes(10);
        DownloadReport report = await Run(Request(From, From.AddMinutes(10), sliceSize: 5));
        Assert.Equal(["00.size-2", "02.size-2", "04", "05.size-2", "07.size-2", "09"], RawLake.Enumerate(Lake, RawFileKind.Slice).Select(file => Path.GetFileName(file.Path)[..^8]));
        Assert.Equal((2, 6), (report.Whole, report.FilesDownloaded));
        Assert.Equal(0, (await Run(Request(From, From.AddMinutes(10), sliceSize: 5))).FilesDownloaded);
    }

    [Fact]
    public async Task AnUnfinishedLastLineIsACutSliceAndComesAgain()
    {
        AddMinutes(3);
        _spoiled[From.AddMinutes(1)] = new([_minutes[From.AddMinutes(1)].TrimEnd('\n')]);
        DownloadReport report = await Run(Request(From, From.AddMinutes(3), sliceSize: 1));
        Assert.Equal((3, 1), (report.Whole, report.Retries));
        Assert.Equal(3, Manifest("09/01.json.gz").Rows);
    }

    [Theory]
    [InlineData("2024-01-01T09:02:00.0000000Z {}\n", "outside")]
    [InlineData("2024-01-01T08:59:59.9999999Z {}\n", "outside")]
    [InlineData("2024-01-01T09:01:00.000000Z {}\n", "28 characters")]
    [InlineData("2024-01-01T09:01:00.0000000Z\n", "28 characters")]
    [InlineData("{\"type\":\"match\"}\n", "28 characters")]
    public async Task ALineOfAnotherFormOrMinuteIsNotTaken(string line, string reason)
    {
        AddMinutes(3);
        _minutes[From.AddMinutes(1)] += "\n" + line;
        DownloadReport report = await Run(Request(From, From.AddMinutes(3), sliceSize: 1));
        Assert.Equal((2, 1), (report.Whole, report.Failed));
        Assert.Contains(reason, Assert.Single(report.Ranges).Reason, StringComparison.Ordinal);
        Assert.Contains("line 6", report.Ranges[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MinutesThatHaveNotBeenAreMissing()
    {
        DateTime next = new(DateTime.UtcNow.Ticks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour + TimeSpan.TicksPerHour, DateTimeKind.Utc);
        DownloadReport report = await Run(Request(next, next.AddMinutes(3), sliceSize: 1));
        Assert.Equal((3, 0), (report.Missing, report.Failed));
    }

    [Fact]
    public void EqualFiltersHaveEqualNames()
    {
        var one = new FilterSet(["snapshot", "l2update", "match"], ["ETH-USD", "BTC-USD"]);
        var other = new FilterSet(["match", "l2update", "snapshot", "match"], ["BTC-USD", "ETH-USD", "BTC-USD"]);
        Assert.Equal("""[{"channel":"l2update","symbols":["BTC-USD","ETH-USD"]},{"channel":"match","symbols":["BTC-USD","ETH-USD"]},{"channel":"snapshot","symbols":["BTC-USD","ETH-USD"]}]""", one.Json);
        Assert.Equal(Hash(one.Json), one.Hash);
        Assert.Equal(one.Hash, other.Hash);
    }

    [Fact]
    public void TypesChooseTheVenuesChannels()
    {
        Assert.Equal(["match", "snapshot", "l2update"], FilterSet.ChannelsOf("coinbase", ["trades", "incremental_book_L2"]));
        Assert.Equal(["trade", "depth", "depthSnapshot"], FilterSet.ChannelsOf("binance-futures", ["trades", "incremental_book_L2"]));
        Assert.Contains("--channels", Assert.Throws<FormatException>(() => FilterSet.ChannelsOf("kraken", ["trades"]).ToList()).Message, StringComparison.Ordinal);
    }

    private static string Hash(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    private RawFileManifest Manifest(string name) => RawFileManifest.Read(Path.Combine(Lake, Folder, "2024/01/01", name))!;

    private void AddMinutes(int count, int? except = null)
    {
        for (int i = 0; i < count; i++)
        {
            DateTime minute = From.AddMinutes(i);
            if (i != except)
                _minutes[minute] = $"{minute:yyyy-MM-ddTHH:mm}:00.0000000Z {{\"a b\":{i}}}\n{minute:yyyy-MM-ddTHH:mm}:30.1234567Z {{}}\n\n{minute:yyyy-MM-ddTHH:mm}:59.9999999Z {{}}\n";
        }
    }

    private DownloadRequest Request(DateTime from, DateTime to, int? sliceSize = null)
    {
        Server.Answer = ServeSliceAsync;
        return new DownloadRequest(DownloadSource.TardisFeeds, "coinbase", ["trades"], [], ["btc-usd"], from, to, Lake, Sharding.All, sliceSize);
    }

    private async Task<bool> ServeSliceAsync(HttpContext context)
    {
        if (context.Request.Path != "/v1/data-feeds/coinbase")
            return false;
        IQueryCollection query = context.Request.Query;
        DateTime start = DateTime.Parse(query["from"]!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).AddMinutes(int.Parse(query["offset"]!, CultureInfo.InvariantCulture));
        int size = Math.Min(_sizeMax, query.TryGetValue("sliceSize", out var text) ? int.Parse(text!, CultureInfo.InvariantCulture) : 1);
        string body = _spoiled.TryGetValue(start, out Queue<string>? spoiled) && spoiled.TryDequeue(out string? bad) ? bad
            : string.Concat(Enumerable.Range(0, size).Select(i => _minutes.GetValueOrDefault(start.AddMinutes(i), "")));
        context.Response.Headers["x-slice-size"] = size.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["x-suggested-slice-size"] = _suggested.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.ContentEncoding = "gzip";
        await context.Response.Body.WriteAsync(TardisServer.Gzip(body));
        return true;
    }
}
