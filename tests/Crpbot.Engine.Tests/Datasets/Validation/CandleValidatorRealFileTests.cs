using Crpbot.Datasets;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using Xunit.Abstractions;
using MarketDataFiles = Crpbot.Testing.MarketData;

namespace Crpbot.Engine.Tests.Datasets.Validation;

public class CandleValidatorRealFileTests(ITestOutputHelper output)
{
    [MarketDataTheory("coinbase-1m", "coinbase-1h", "binance-candles")]
    [InlineData("coinbase-1m/BTC-USD_1m_2023-11-25_2023-12-22.csv.gz", 39_816, 0)]
    [InlineData("coinbase-1m/ETH-USD_1m_2023-11-25_2023-12-22.csv.gz", 39_816, 0)]
    [InlineData("coinbase-1m/SOL-USD_1m_2023-11-25_2023-12-22.csv.gz", 39_810, 2)]
    [InlineData("binance-candles/obseries/BTC_USDT-3m.csv.gz", 145_973, 26, 24)]
    [InlineData("binance-candles/obseries/ETH_USDT-3m.csv.gz", 145_973, 26, 24)]
    [InlineData("binance-candles/obseries/SOL_USDT-3m.csv.gz", 145_973, 26, 24)]
    [InlineData("binance-candles/lucaforni/BTC_USDT-5m.csv.gz", 121_739, 16, 14)]
    [InlineData("binance-candles/lucaforni/ETH_USDT-5m.csv.gz", 121_743, 16, 14)]
    [InlineData("binance-candles/lucaforni/SOL_USDT-5m.csv.gz", 121_751, 16, 14)]
    [InlineData("binance-candles/Alpergulsen/BTC_USDT_USDT-1m-futures.csv.gz", 43_199, 0)]
    [InlineData("binance-candles/Alpergulsen/ETH_USDT_USDT-1m-futures.csv.gz", 64_066, 0)]
    [InlineData("binance-candles/Alpergulsen/SOL_USDT_USDT-1m-futures.csv.gz", 43_200, 0)]
    [InlineData("binance-candles/Benicio1007/2021/BTCUSDT_1m.csv.gz", 50_000, 434)]
    [InlineData("binance-candles/Benicio1007/2021/ETHUSDT_1m.csv.gz", 50_000, 270)]
    [InlineData("binance-candles/Benicio1007/2022/BTCUSDT_1m.csv.gz", 50_000, 0)]
    [InlineData("binance-candles/Benicio1007/2022/ETHUSDT_1m.csv.gz", 50_000, 0)]
    [InlineData("binance-candles/Benicio1007/2023/BTCUSDT_1m.csv.gz", 50_000, 0)]
    [InlineData("binance-candles/Benicio1007/2023/ETHUSDT_1m.csv.gz", 50_000, 0)]
    [InlineData("binance-candles/Benicio1007/2024/BTCUSDT_1m.csv.gz", 50_000, 0)]
    [InlineData("binance-candles/Benicio1007/2024/ETHUSDT_1m.csv.gz", 50_000, 0)]
    public void OnlyTheKnownHolesAreFound(string file, long rows, long missing, long withoutTrades = 0)
    {
        ValidationReport report = CandleValidator.Validate(MarketDataFiles.Path(file), CandleFileOptions.Default);
        foreach (Finding finding in report.Findings)
            output.WriteLine($"{finding.Code.NameOf()} {finding.Count} {finding.FirstTime} line {finding.FirstLine}: {finding.Example}");
        Assert.Equal(rows, report.Rows);
        // The candles without trades are those of the hour before the venue's outage of 2023-03-24.
        (FindingCode, long)[] expected = [(FindingCode.MissingMinute, missing), (FindingCode.NoTrades, withoutTrades)];
        Assert.Equal(expected.Where(finding => finding.Item2 > 0), report.Findings.Select(finding => (finding.Code, finding.Count)));
    }

    [MarketDataFact("coinbase-1m/SOL-USD_1m_2023-11-25_2023-12-22.csv.gz")]
    public void TheTwoMinutesThatSolanaLacksAreNamed()
    {
        ValidationReport report = CandleValidator.Validate(MarketDataFiles.Path("coinbase-1m/SOL-USD_1m_2023-11-25_2023-12-22.csv.gz"), CandleFileOptions.Default);
        Assert.Equal(["2023-11-25T09:47:00.000000000Z", "2023-11-28T08:22:00.000000000Z"], Assert.Single(report.Findings).Runs.Select(run => run.From.ToString()));
        Assert.Equal(("2023-11-25T08:28:00.000000000Z", "2023-12-23T00:00:00.000000000Z"), (report.From.ToString(), report.To.ToString()));
        Assert.False(report.Fails(Severity.Error));
    }

    [MarketDataFact("coinbase-1h/BTC-USD_hour.csv.gz")]
    public void TheHourlyFileRepeatsRowsWhereItsPagesMeet()
    {
        ValidationReport report = CandleValidator.Validate(MarketDataFiles.Path("coinbase-1h/BTC-USD_hour.csv.gz"), CandleFileOptions.Default);
        Assert.Equal([(FindingCode.MissingMinute, 4L, 0L), (FindingCode.Duplicate, 33, 302)], report.Findings.Select(finding => (finding.Code, finding.Count, finding.FirstLine)));
        Assert.Equal(new MinuteRun(UnixNanos.FromDateTime(new DateTime(2023, 3, 4, 17, 0, 0, DateTimeKind.Utc)), 240), Assert.Single(report.Findings[0].Runs));
    }

    [MarketDataTheory("bitfinex-1m")]
    [InlineData("bitfinex_BTCUSD_1m_2017.csv.gz", 505_209, 0)]
    [InlineData("bitfinex_ETHUSD_1m_2018.csv.gz", 508_048, 0)]
    public void MinutesWithoutTradesAreAbsentAtBitfinex(string file, long rows, long firstMinute)
    {
        var options = new CandleFileOptions { Columns = CandleFileOptions.ColumnsOf("time,open,close,high,low,volume") };
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        ValidationReport report = CandleValidator.Validate(MarketDataFiles.Path($"bitfinex-1m/{file}"), options, null, null, null, out CandleSummary summary);
        output.WriteLine($"{System.Diagnostics.Stopwatch.GetElapsedTime(start)}");
        foreach (Finding finding in report.Findings)
            output.WriteLine($"{finding.Code.NameOf()} {finding.Count} {finding.FirstTime} line {finding.FirstLine}: {finding.Example}");
        Assert.Equal((rows, firstMinute), (report.Rows, report.From.Value % UnixNanos.PerDay));
        Assert.Equal(525_600 - rows, report.Findings.Single(finding => finding.Code == FindingCode.MissingMinute).Count);
        Assert.Equal((525_600 - rows, rows, 365), (summary.Missing, summary.Candles, summary.Days.Count));
        Assert.DoesNotContain(report.Findings, finding => finding.Severity == Severity.Error);
    }
}
