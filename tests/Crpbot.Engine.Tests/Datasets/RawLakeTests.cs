using Crpbot.Datasets;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets;

public class RawLakeTests
{
    private static readonly DateTime Day = new(2024, 3, 9, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void PathsAreUnderstoodAgain()
    {
        Check(new RawFileName(RawFileKind.Dataset, "raw/tardis/datasets/coinbase/incremental_book_L2/2024/03/09/BTC-USD.csv.gz", "coinbase", "incremental_book_L2", "BTC-USD", Day, Day.AddDays(1)),
            RawLake.DatasetPath("coinbase", "incremental_book_L2", "BTC-USD", DateOnly.FromDateTime(Day)));
        Check(new RawFileName(RawFileKind.Slice, "raw/tardis/feeds/binance/ab12/2024/03/09/23/07.json.gz", "binance", "feeds", "ab12", Day.AddHours(23).AddMinutes(7), Day.AddHours(23).AddMinutes(8)),
            RawLake.SlicePath("binance", "ab12", Day.AddHours(23).AddMinutes(7), 1));
        Check(new RawFileName(RawFileKind.Slice, "raw/tardis/feeds/binance/ab12/2024/03/09/00/10.size-5.json.gz", "binance", "feeds", "ab12", Day.AddMinutes(10), Day.AddMinutes(15)),
            RawLake.SlicePath("binance", "ab12", Day.AddMinutes(10), 5));
        Check(new RawFileName(RawFileKind.Candles, "raw/coinbase/candles/ETH-USD/2024/03/2024-03-09.csv", "coinbase", "candles", "ETH-USD", Day, Day.AddDays(1)),
            RawLake.CandlesPath("ETH-USD", DateOnly.FromDateTime(Day)));
    }

    [Theory]
    [InlineData("raw/tardis/datasets/coinbase/trades/2024/03/09/BTC-USD.csv.gz.manifest.json")]
    [InlineData("raw/tardis/datasets/coinbase/trades/2024/03/09/BTC-USD.csv.gz.0123.unconfirmed")]
    [InlineData("raw/tardis/datasets/coinbase/trades/2024/02/30/BTC-USD.csv.gz")]
    [InlineData("raw/tardis/feeds/binance/ab12/filters.json")]
    [InlineData("raw/tardis/feeds/binance/ab12/2024/03/09/00/10.size-x.json.gz")]
    [InlineData("parquet/x.parquet")]
    [InlineData("")]
    public void OtherPathsAreNot(string path) => Assert.False(RawLake.TryParse(path, out _));

    [Theory]
    [InlineData("btcusdt", "BTCUSDT")]
    [InlineData("BTC/USD", "BTC-USD")]
    [InlineData("tBTCF0:USTF0", "TBTCF0-USTF0")]
    public void SymbolsAreSpelledAsInDatasetAddresses(string symbol, string spelled) => Assert.Equal(spelled, RawLake.DatasetSymbol(symbol));

    private static void Check(RawFileName expected, string path)
    {
        Assert.Equal(expected.Path, path);
        Assert.True(RawLake.TryParse(path, out RawFileName? name));
        Assert.Equal(expected, name);
    }
}
