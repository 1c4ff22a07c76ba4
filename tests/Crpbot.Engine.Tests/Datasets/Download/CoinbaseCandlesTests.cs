using System.Globalization;
using System.Text;
using Crpbot.Datasets;
using Crpbot.Datasets.Download;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

public class CoinbaseCandlesTests : DownloadFixture
{
    private static readonly DateTime From = Day(2024, 1, 1);
    private readonly SortedDictionary<long, string> _candles = [];
    private readonly Dictionary<long, int> _broken = [];
    private bool _endIsInclusive = true;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EveryCandleArrivesOnceOldestFirstInItsOwnText(bool endIsInclusive)
    {
        _endIsInclusive = endIsInclusive;
        AddCandles(From, 2 * 1440, index => index % 7 != 3);
        DownloadReport report = await Run(Request(From, From.AddDays(2)));
        Assert.Equal((2, 0), (report.Whole, report.Failed));
        for (int day = 0; day < 2; day++)
        {
            long start = Epoch(From.AddDays(day));
            string expected = "time,low,high,open,close,volume\n" + string.Concat(_candles.Where(candle => candle.Key >= start && candle.Key < start + 86_400).Select(candle => candle.Value + "\n"));
            Assert.Equal(expected, Encoding.ASCII.GetString(LakeBytes(Path(From.AddDays(day)))));
        }

        Assert.Contains(",1.50e-05\n", Encoding.ASCII.GetString(LakeBytes(Path(From))), StringComparison.Ordinal);
        Assert.All(Server.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task AnEmptyAnswerInTheMiddleOfTheRangeDoesNotEndIt()
    {
        AddCandles(From, 300, _ => true);
        AddCandles(From.AddDays(2).AddHours(20), 240, _ => true);
        DownloadReport report = await Run(Request(From, From.AddDays(4)));
        Assert.Equal((2, 2, 0), (report.Whole, report.Empty, report.Failed));
        Assert.Equal([300L, 0L, 240L, 0L], RawLake.Enumerate(Lake, RawFileKind.Candles).Select(file => RawFileManifest.Read(System.IO.Path.Combine(Lake, file.Path))!.Rows!.Value));
    }

    [Fact]
    public async Task ABrokenAnswerIsAskedForAgain()
    {
        AddCandles(From, 1440, _ => true);
        _broken[Epoch(From)] = 2;
        DownloadReport report = await Run(Request(From, From.AddDays(1)));
        Assert.Equal((1, 2), (report.Whole, report.Retries));
        Assert.Equal(1440, RawFileManifest.Read(System.IO.Path.Combine(Lake, Path(From)))!.Rows);
    }

    [Fact]
    public async Task AnUnknownProductIsMissingEverywhereAndAskedForTwiceAtMost()
    {
        Server.Answer = null;
        DownloadRequest request = Request(From, From.AddDays(50)) with { Symbols = ["NO-USD"] };
        Server.Answer = null;
        DownloadReport report = await Run(request);
        Assert.Equal(50, report.Missing);
        Assert.InRange(Server.Requests.Count, 1, 2);
    }

    [Fact]
    public async Task ADayThatIsNotOverIsMissing()
    {
        DateTime today = DateTime.UtcNow.Date;
        DownloadReport report = await Run(Request(today, today.AddDays(2)));
        Assert.Equal((2, 0), (report.Missing, report.FilesDownloaded));
        Assert.Empty(Server.Requests);
        Assert.Contains("not over", report.Ranges[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALostSidecarIsMadeAgainAndADamagedFileIsReplaced()
    {
        AddCandles(From, 2 * 1440, _ => true);
        await Run(Request(From, From.AddDays(2)));
        SortedDictionary<string, byte[]> before = Tree();
        File.Delete(System.IO.Path.Combine(Lake, Path(From) + RawLake.ManifestSuffix));
        string second = System.IO.Path.Combine(Lake, Path(From.AddDays(1)));
        File.WriteAllBytes(second, File.ReadAllBytes(second)[..^1]);
        File.Delete(second + RawLake.ManifestSuffix);
        Assert.Equal(1, (await Run(Request(From, From.AddDays(2)))).FilesDownloaded);
        Assert.Equal(before, Tree());
    }

    private static string Path(DateTime day) => RawLake.CandlesPath("BTC-USD", DateOnly.FromDateTime(day));

    private static long Epoch(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();

    private void AddCandles(DateTime from, int minutes, Func<int, bool> exists)
    {
        for (int i = 0; i < minutes; i++)
        {
            if (exists(i))
                _candles[Epoch(from) + i * 60] = string.Create(CultureInfo.InvariantCulture, $"{Epoch(from) + i * 60},{40000 + i}.10,{40001 + i}.0,{40000 + i},{40000 + i}.123456789,{(i % 2 == 0 ? "1.50e-05" : "0.10000000")}");
        }
    }

    private DownloadRequest Request(DateTime from, DateTime to)
    {
        Server.Answer = ServeAsync;
        return new DownloadRequest(DownloadSource.CoinbaseCandles, "coinbase", [], [], ["BTC-USD"], from, to, Lake, Sharding.All, null);
    }

    /// <summary>As documented: newest first, at most 300, more is an error, and sometimes a candle that was not asked for.</summary>
    private async Task<bool> ServeAsync(HttpContext context)
    {
        if (context.Request.Path != "/v1/products/BTC-USD/candles" || context.Request.Query["granularity"] != "60")
            return false;
        (long start, long end) = (Time("start"), Time("end"));
        if ((end - start) / 60 + 1 > 300)
        {
            context.Response.StatusCode = 400;
            return true;
        }

        if (_broken.TryGetValue(start, out int times) && times > 0)
        {
            _broken[start] = times - 1;
            await context.Response.WriteAsync(times == 2 ? "[[1,2,3" : "{\"message\":\"oops\"}");
            return true;
        }

        IEnumerable<string> rows = _candles.Where(candle => candle.Key >= start - 60 && (_endIsInclusive ? candle.Key <= end : candle.Key < end)).Reverse().Select(candle => $"[{candle.Value}]");
        await context.Response.WriteAsync($"[{string.Join(",", rows)}]");
        return true;

        long Time(string name) => Epoch(DateTime.Parse(context.Request.Query[name]!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal));
    }
}
