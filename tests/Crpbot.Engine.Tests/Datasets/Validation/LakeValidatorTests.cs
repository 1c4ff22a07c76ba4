using System.Globalization;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets.Lake;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Validation;

public sealed class LakeValidatorTests : IDisposable
{
    private const string TradesHeader = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount";
    private const string BookHeader = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount";
    private const string Missing = """{"url":"/v1","bytes":0,"sha256":null,"status":"missing","uncompressedBytes":0,"rows":null}""";
    private static readonly DateOnly First = new(2024, 1, 1);
    private readonly string _root = Directory.CreateTempSubdirectory("crpbot-lake-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void DaysThatLackNothingHaveNoFinding()
    {
        for (int day = 0; day < 3; day++)
            WriteDay(First.AddDays(day));

        LakeReport report = Validate();

        Assert.Empty(report.Total.Findings);
        Assert.Equal(["2024-01-01", "2024-01-02", "2024-01-03"], report.Days.Select(day => day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        Assert.All(report.Days, day => Assert.Equal((1440, 100.0), (day.Trades, day.Report.Score)));
    }

    [Fact]
    public void ADayNeverDownloadedIsToldFromOneTheSourceDoesNotHave()
    {
        WriteDay(First);
        Write($"raw/tardis/datasets/coinbase/trades/2024/01/02/BTC-USD.csv.gz.manifest.json", [Missing]);
        Write($"raw/tardis/datasets/coinbase/incremental_book_L2/2024/01/02/BTC-USD.csv.gz.manifest.json", [Missing]);
        WriteDay(First.AddDays(3));

        LakeReport report = Validate();

        Assert.Equal((2, Severity.Warning), (report.Days[1].Report.Of(FindingCode.MissingDay).Count, report.Days[1].Report.Of(FindingCode.MissingDay).Severity));
        Assert.EndsWith("the source has no such file", report.Days[1].Report.Of(FindingCode.MissingDay).Example, StringComparison.Ordinal);
        Assert.Equal((2, Severity.Error), (report.Days[2].Report.Of(FindingCode.MissingDay).Count, report.Days[2].Report.Of(FindingCode.MissingDay).Severity));
        Assert.EndsWith("never downloaded", report.Days[2].Report.Of(FindingCode.MissingDay).Example, StringComparison.Ordinal);
        Assert.Equal((4, Severity.Error), (report.Total.Of(FindingCode.MissingDay).Count, report.Total.Of(FindingCode.MissingDay).Severity));
    }

    [Fact]
    public void TheIntervalAddsDaysThatTheLakeDoesNotReach()
    {
        WriteDay(First);

        LakeReport report = Validate(new MarketValidationOptions { From = TimeOf(First.AddDays(-2)), To = TimeOf(First) + UnixNanos.PerHour });

        Assert.Equal(3, report.Days.Count);
        Assert.Equal(2 * 2, report.Total.Of(FindingCode.MissingDay).Count);
        Assert.Equal(60, report.Days[2].Trades);
    }

    [Fact]
    public void OneMissingTypeOfADayIsMissing()
    {
        WriteDay(First);
        WriteDay(First.AddDays(1));
        File.Delete(Path.Combine(_root, "raw/tardis/datasets/coinbase/incremental_book_L2/2024/01/02/BTC-USD.csv.gz"));

        Finding finding = Validate().Total.Of(FindingCode.MissingDay);

        Assert.Equal((1, "coinbase:BTC-USD 2024-01-02: incremental_book_L2: never downloaded"), (finding.Count, finding.Example));
    }

    [Fact]
    public void ADayUnlikeTheOthersIsUnusual()
    {
        for (int day = 0; day < 6; day++)
            WriteDay(First.AddDays(day), tradesAMinute: day == 4 ? 6 : 1);

        LakeReport report = Validate();

        Assert.Empty(report.Total.Faults());
        Assert.Equal(1, report.Total.Of(FindingCode.CountAnomaly).Count);
        Assert.Equal("8,640 trades, the median of the other days is 1,440", report.Days[4].Report.Of(FindingCode.CountAnomaly).Example);
    }

    [Fact]
    public void TradesAreComparedWithTheVenuesCandles()
    {
        WriteDay(First);
        string Candle(int minute, string close) => string.Create(CultureInfo.InvariantCulture, $"{TimeOf(First).Value / UnixNanos.PerSecond + minute * 60},40000,{close},40000,{close},1");
        string[] candles = ["time,low,high,open,close,volume", .. Enumerable.Range(0, 1440).Where(minute => minute != 700).Select(minute => Candle(minute, minute is 100 or 200 ? "40000.01" : "40000"))];
        Write("raw/coinbase/candles/BTC-USD/2024/01/2024-01-01.csv", candles);

        Finding finding = Validate().Total.Of(FindingCode.CandleMismatch);

        Assert.Equal((3, Severity.Error), (finding.Count, finding.Severity));
        Assert.Equal("2024-01-01T01:40:00.000000000Z", finding.FirstTime.ToString());
        Assert.EndsWith("high 40000 from trades, 40000.01 in the candle", finding.Example, StringComparison.Ordinal);
    }

    [Fact]
    public void CandlesWithoutTradesAreJudgedOnTheirOwn()
    {
        string[] candles = ["time,low,high,open,close,volume", .. Enumerable.Range(0, 1440).Where(minute => minute is < 700 or >= 705).Select(minute =>
            string.Create(CultureInfo.InvariantCulture, $"{TimeOf(First).Value / UnixNanos.PerSecond + minute * 60},40000,40001,40000,40000,1"))];
        Write("raw/coinbase/candles/BTC-USD/2024/01/2024-01-01.csv", candles);
        Write("raw/coinbase/candles/BTC-USD/2024/01/2024-01-03.csv", candles[..1]);

        LakeReport report = Validate();

        Assert.Equal(1435, report.Days[0].Report.Rows);
        Assert.Equal([new MinuteRun(TimeOf(First) + 700 * UnixNanos.PerMinute, 5)], report.Days[0].Report.Of(FindingCode.MissingMinute).Runs);
        Assert.EndsWith("never downloaded", report.Days[1].Report.Of(FindingCode.MissingDay).Example, StringComparison.Ordinal);
    }

    [Fact]
    public void AConvertedFileIsReadForDamageBesideItsDownload()
    {
        WriteDay(First);
        var partition = new LakePartition("coinbase", "trades", "BTC-USD", First);
        Write(partition.Key, ["PAR1 and nothing more"]);

        LakeReport report = Validate();

        Finding finding = report.Total.Of(FindingCode.Corrupt);
        Assert.StartsWith($"coinbase:BTC-USD 2024-01-01: {partition.Key}", finding.Example, StringComparison.Ordinal);
        Assert.Equal([FindingCode.Corrupt], report.Total.Faults());
        Assert.Equal(1440, report.Days[0].Trades);
    }

    [Fact]
    public void AFileThatIsNoCsvIsAFindingOfItsDay()
    {
        WriteDay(First);
        WriteDay(First.AddDays(1));
        Write("raw/tardis/datasets/coinbase/trades/2024/01/02/BTC-USD.csv.gz", ["what is this"]);

        LakeReport report = Validate();

        Assert.Empty(report.Days[0].Report.Findings);
        Assert.Equal(1, report.Days[1].Report.Of(FindingCode.Corrupt).Count);
        Assert.DoesNotContain(_root, report.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void ReportAndPageDependOnTheLakeAlone()
    {
        for (int day = 0; day < 4; day++)
            WriteDay(First.AddDays(day));
        File.Delete(Path.Combine(_root, "raw/tardis/datasets/coinbase/trades/2024/01/03/BTC-USD.csv.gz"));
        LakeReport once = Validate(), again = Validate();

        Assert.Equal(once.ToJson(), again.ToJson());
        Assert.Equal(ValidationPage.Of("lake", once), ValidationPage.Of("lake", again));
        Assert.Contains("2024-01-03: score", ValidationPage.Of("lake", once), StringComparison.Ordinal);
    }

    [Fact]
    public void ALakeWithoutWhatIsAskedForIsRefused() =>
        Assert.Contains("no market data of DOGE-USD", Assert.Throws<InvalidDataException>(() =>
        {
            WriteDay(First);
            using var lake = new FolderLake(_root);
            return LakeValidator.Validate(lake, ["DOGE-USD"], new MarketValidationOptions(), () => new InstrumentTable());
        }).Message, StringComparison.Ordinal);

    private LakeReport Validate(MarketValidationOptions? options = null)
    {
        using var lake = new FolderLake(_root);
        return LakeValidator.Validate(lake, [], options ?? new MarketValidationOptions(), () => new InstrumentTable());
    }

    /// <summary>A book around 40,000 that changes twice a minute, and trades in between.</summary>
    private void WriteDay(DateOnly day, int tradesAMinute = 1)
    {
        long start = TimeOf(day).Value / 1000;
        var trades = new List<string> { TradesHeader };
        string Row(long time, string rest) => string.Create(CultureInfo.InvariantCulture, $"coinbase,BTC-USD,{start + time},{start + time + 1000},{rest}");
        var book = new List<string> { BookHeader, Row(0, "true,bid,39999.99,1"), Row(0, "true,ask,40000.01,1") };
        for (int minute = 0; minute < 1440; minute++)
        {
            for (int i = 0; i < tradesAMinute; i++)
                trades.Add(Row(minute * 60_000_000L + 20_000_000 + i, string.Create(CultureInfo.InvariantCulture, $"{minute * tradesAMinute + i + 1},{(minute % 2 == 0 ? "buy" : "sell")},40000,1")));
            book.Add(Row(minute * 60_000_000L + 10_000_000, "false,bid,39999.98,1"));
            book.Add(Row(minute * 60_000_000L + 40_000_000, "false,bid,39999.98,0"));
        }

        string path = day.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture);
        Write($"raw/tardis/datasets/coinbase/trades/{path}/BTC-USD.csv.gz", trades);
        Write($"raw/tardis/datasets/coinbase/incremental_book_L2/{path}/BTC-USD.csv.gz", book);
    }

    private void Write(string key, IEnumerable<string> lines)
    {
        string path = Path.Combine(_root, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
    }

    private static UnixNanos TimeOf(DateOnly day) => UnixNanos.FromDateTime(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
}
