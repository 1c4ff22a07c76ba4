using System.Text.Json;
using Xunit;
using SharedData = Crpbot.Testing.MarketData;
using MarketDataFact = Crpbot.Testing.MarketDataFactAttribute;

namespace Crpbot.Pipeline.Tests.Lake;

/// <summary><c>data convert</c>, <c>data list</c> and the replay of a lake, as a user runs them.</summary>
public class LakeCommandTests
{
    private const string Trades = "tardis-csv-layout/binance_trades_2024-08-08_BTCUSDT.csv.gz";
    private const string Book = "tardis-csv-layout/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz";

    [Fact]
    public async Task ALakeIsConvertedListedAndReplayed()
    {
        using var folder = new TemporaryFolder();
        string lake = folder["lake"];
        TwoDayLake.Fill(lake);
        JsonElement report = await CommandRunner.RunJson("data", "convert", "--lake", lake, "--to-capture");
        Assert.Equal((6, 4), (report.GetProperty("partitions").GetProperty("converted").GetInt32(), report.GetProperty("captures").GetProperty("converted").GetInt32()));
        JsonElement again = await CommandRunner.RunJson("data", "convert", "--lake", lake, "--to-capture");
        Assert.Equal((6, 4), (again.GetProperty("partitions").GetProperty("skipped").GetInt32(), again.GetProperty("captures").GetProperty("skipped").GetInt32()));

        JsonElement[] series = [.. (await CommandRunner.RunJson("data", "list", lake, "--out", folder["coverage.html"])).GetProperty("series").EnumerateArray()];
        Assert.Equal(6, series.Length);
        Assert.All(series, one => Assert.Equal((2, "2024-02-28", "2024-02-29"), (one.GetProperty("days").GetInt32(), one.GetProperty("first").GetString(), one.GetProperty("last").GetString())));
        Assert.Equal([8000L, 8000L], series.Where(one => one.GetProperty("type").GetString() == "trades" && one.GetProperty("form").GetString() == "converted").Select(one => one.GetProperty("rows").GetInt64()));
        Assert.Contains("2024-02-29: converted", await File.ReadAllTextAsync(folder["coverage.html"]), StringComparison.Ordinal);
        Assert.Contains("  2024-02                             ##", (await CommandRunner.Run("data", "list", lake)).Output, StringComparison.Ordinal);

        // The stream of the lake and the capture of one of its days decide alike.
        JsonElement stream = await CommandRunner.RunJson("capture", "replay", lake, "--symbol", "BTCUSDT", "--to", "2024-02-29", "--stages", "features");
        JsonElement capture = await CommandRunner.RunJson("capture", "replay", Path.Combine(lake, "captures/venue=binance/symbol=BTCUSDT/date=2024-02-28.capture"), "--stages", "features");
        Assert.Equal(4000, stream.GetProperty("trades").GetInt64());
        Assert.Equal(stream.GetProperty("decisionHash").GetString(), capture.GetProperty("decisionHash").GetString());
    }

    [Fact]
    public async Task WrongUsesOfTheLakeAreRefusedInOneLine()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["empty"]);
        foreach ((int code, string[] arguments) in new (int, string[])[]
        {
            (3, ["data", "list", folder["nowhere"]]),
            (3, ["data", "convert", "--lake", folder["nowhere"]]),
            (2, ["data", "convert", "--lake", folder["empty"], "--types", "candles"]),
            (2, ["data", "convert", "--lake", folder["empty"], "--shard", "3/3"]),
            (2, ["data", "convert", "--lake", folder["empty"], "--csv-type", "trades"]),
            (2, ["data", "convert", "in", "out", "--force"]),
            (2, ["data", "convert"]),
            (2, ["capture", "replay", folder["empty"]]),
        })
        {
            CommandRunner.Outcome outcome = await CommandRunner.Run(arguments);
            Assert.True(code == outcome.ExitCode, $"{string.Join(' ', arguments)}: {outcome.ExitCode}: {outcome.Errors}");
            Assert.Single(outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [MarketDataFact(Trades, Book)]
    public async Task AFileGoesThroughParquetWithoutALoss()
    {
        using var folder = new TemporaryFolder();
        foreach ((string file, string type) in new[] { (Trades, "trades"), (Book, "incremental_book_L2") })
        {
            string parquet = folder[$"{type}.parquet"], capture = folder[$"{type}.capture"], fromCapture = folder[$"{type}-2.parquet"], csv = folder[$"{type}.csv"];
            Assert.Equal(0, (await CommandRunner.Run("data", "convert", SharedData.Path(file), parquet, "--csv-type", type)).ExitCode);
            Assert.Equal(0, (await CommandRunner.Run("data", "convert", parquet, capture)).ExitCode);
            Assert.Equal(0, (await CommandRunner.Run("data", "convert", capture, fromCapture, "--csv-type", type)).ExitCode);
            Assert.Equal(await File.ReadAllBytesAsync(parquet), await File.ReadAllBytesAsync(fromCapture));
            Assert.Equal(0, (await CommandRunner.Run("data", "convert", parquet, csv, "--csv-type", type)).ExitCode);
            Assert.Equal(Lines(SharedData.Path(file)), await File.ReadAllLinesAsync(csv));
        }

        JsonElement fromCsv = await CommandRunner.RunJson("capture", "replay", SharedData.Path(Book), "--csv-type", "incremental_book_L2", "--stages", "book");
        JsonElement fromParquet = await CommandRunner.RunJson("capture", "replay", folder["incremental_book_L2.parquet"], "--stages", "book");
        foreach (string field in new[] { "events", "bookDeltas", "frames" })
            Assert.Equal(fromCsv.GetProperty(field).GetInt64(), fromParquet.GetProperty(field).GetInt64());
    }

    private static string[] Lines(string path)
    {
        using var reader = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
