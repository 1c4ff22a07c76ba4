using System.IO.Compression;
using System.Text;
using Crpbot.Codecs.Parquet;
using Crpbot.Datasets;
using Crpbot.Datasets.Conversion;
using Crpbot.Datasets.Lake;
using Crpbot.Engine.Tests.Datasets.Lake;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Conversion;

/// <summary>Raw slices and candles, and the catalog over everything.</summary>
public class OtherSourcesTests
{
    private static readonly DateOnly Day = new(2024, 2, 29);

    [Fact]
    public void ADayOfSlicesBecomesAPartitionASymbolAndType()
    {
        using var lake = new LakeFixture();
        AddSlices(lake, "aa");
        ConversionResult result = Assert.Single(LakeConverterTests.Convert(lake).Results);
        Assert.Equal(0, result.Refused);
        Assert.Equal(
        [
            "venue=coinbase/type=incremental_book_L2/symbol=BTC-USD/date=2024-02-29/part-0.parquet",
            "venue=coinbase/type=trades/symbol=BTC-USD/date=2024-02-29/part-0.parquet",
            "venue=coinbase/type=trades/symbol=ETH-USD/date=2024-02-29/part-0.parquet",
        ], result.Partitions);
        MarketEvent[] book = [.. lake.ReadAll(new LakeQuery { Symbols = ["BTC-USD"], Types = [Codecs.Tardis.TardisCsvType.IncrementalBookL2] })];
        // The book goes on over the end of the first slice, and the recorder's loss stands where it happened.
        Assert.Equal(
            [MarketEventKind.BookClear, MarketEventKind.BookDelta, MarketEventKind.BookDelta, MarketEventKind.BookDelta, MarketEventKind.Disconnect],
            book.Select(e => e.Kind));
        Assert.Equal([10_000, 20_050], book[1..3].Select(e => e.Price.Ticks));
        Assert.Equal(1, LakeConverterTests.Convert(lake).Skipped);
    }

    [Fact]
    public void ADownloadedCsvGoesBeforeSlicesAndASecondSetOfFiltersIsNotCountedTwice()
    {
        using var lake = new LakeFixture();
        AddSlices(lake, "aa");
        AddSlices(lake, "bb");
        lake.AddRaw("coinbase", "trades", "ETH-USD", Day, LakeFixture.TradesCsv("coinbase", "ETH-USD", Day, 12));
        ConversionReport report = LakeConverterTests.Convert(lake);
        Assert.Equal(12, lake.ReadAll(new LakeQuery { Symbols = ["ETH-USD"] }).Count);
        Assert.Equal(5, lake.ReadAll(new LakeQuery { Symbols = ["BTC-USD"], Types = [Codecs.Tardis.TardisCsvType.IncrementalBookL2] }).Count);
        Assert.Contains(report.Results.SelectMany(result => result.Damage), line => line.Contains("two sets of filters: aa and bb", StringComparison.Ordinal));
    }

    [Fact]
    public void SlicesOfAVenueWithoutAParserFailWithOneLine()
    {
        using var lake = new LakeFixture();
        AddSlice(lake, "ftx", "aa", 0, "2024-02-29T00:00:01.0000000Z {}\n");
        Assert.Contains("no parser for raw messages of ftx", Assert.Single(LakeConverterTests.Convert(lake).Results).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void CandlesKeepEveryDigitAndDamagedOnesAreNamed()
    {
        using var lake = new LakeFixture();
        long midnight = LakeFixture.Micros(Day) / 1_000_000;
        string key = RawLake.CandlesPath("BTC-USD", Day);
        Directory.CreateDirectory(Path.GetDirectoryName(lake[key])!);
        File.WriteAllText(lake[key], $"time,low,high,open,close,volume\r\n{midnight + 60},1,2.50,1.5,2,0.123456789012345678\n{midnight},1,2,1,2,3\n{midnight + 61},1,2,1,2,3\n{midnight + 120},1,2,x,2,3\n{midnight - 60},1,2,1,2,3\n1,2\n");
        ConversionResult result = Assert.Single(LakeConverterTests.Convert(lake).Results);
        Assert.Equal((2, 4), (result.Rows, result.Refused));
        Assert.Equal(["line 4", "line 5", "line 6", "line 7"], result.Damage.Select(line => line[line.IndexOf("line", StringComparison.Ordinal)..][..6]));
        Assert.Equal(2, ParquetFile.CountRows(lake["venue=coinbase/type=candles_1m/symbol=BTC-USD/date=2024-02-29/part-0.parquet"]));
    }

    [Fact]
    public void TheCatalogTellsDownloadsFromPartitionsAndNamesMissingDays()
    {
        using var lake = new LakeFixture();
        foreach (int i in new[] { 0, 1, 4 })
            lake.AddRaw("coinbase", "trades", "BTC-USD", Day.AddDays(i), LakeFixture.TradesCsv("coinbase", "BTC-USD", Day.AddDays(i), 10 + i));
        LakeConverterTests.Convert(lake, options => options with { To = LakeQuery.StartOf(Day.AddDays(2)) });
        AddSlices(lake, "aa");
        IReadOnlyList<LakeSeries> series = LakeCatalog.Read(lake.Storage, [], []);
        Assert.Equal([("BTC-USD", "trades", false), ("BTC-USD", "trades", true), ("aa", "feeds", true)], series.Select(one => (one.Symbol, one.Type, one.IsRaw)));
        Assert.Equal((2, 21L), (series[0].Days.Count, series[0].Rows!.Value));
        Assert.Equal([Day.AddDays(2), Day.AddDays(3)], series[1].Missing);
        Assert.Null(series[1].Rows);
        Assert.Single(LakeCatalog.Read(lake.Storage, [], ["feeds"]));
        Assert.Equal(2, LakeCatalog.Read(lake.Storage, ["BTC-USD"], []).Count);
    }

    private static void AddSlices(LakeFixture lake, string filters)
    {
        AddSlice(lake, "coinbase", filters, 0, """
            2024-02-29T00:00:01.0000000Z {"type":"snapshot","product_id":"BTC-USD","bids":[["100.00","1"]],"asks":[["200.50","2"]]}
            2024-02-29T00:00:02.0000000Z {"type":"match","trade_id":7,"side":"buy","size":"0.5","price":"150.25","product_id":"BTC-USD","time":"2024-02-29T00:00:01.900000Z"}
            2024-02-29T00:00:03.0000000Z {"type":"match","trade_id":9,"side":"sell","size":"1.5","price":"15.25","product_id":"ETH-USD","time":"2024-02-29T00:00:02.900000Z"}

            """);
        AddSlice(lake, "coinbase", filters, 1, """
            2024-02-29T00:01:01.0000000Z {"type":"l2update","product_id":"BTC-USD","changes":[["buy","101.00","3"]],"time":"2024-02-29T00:01:00.900000Z"}

            2024-02-29T00:01:05.0000000Z {"type":"match","trade_id":8,"side":"buy","size":"0.5","price":"150.25","product_id":"BTC-USD","time":"2024-02-29T00:01:04.900000Z"}

            """);
    }

    private static void AddSlice(LakeFixture lake, string exchange, string filters, int minute, string lines)
    {
        string key = RawLake.SlicePath(exchange, filters, Day.ToDateTime(new TimeOnly(0, minute), DateTimeKind.Utc), 1);
        Directory.CreateDirectory(Path.GetDirectoryName(lake[key])!);
        using var gzip = new GZipStream(File.Create(lake[key]), CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(lines.ReplaceLineEndings("\n")));
    }
}
