using Crpbot.Datasets.Lake;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Lake;

public class LakePartitionTests
{
    [Theory]
    [InlineData("coinbase", "trades", "BTC-USD")]
    [InlineData("deribit", "incremental_book_L2", "BTC-PERPETUAL")]
    [InlineData("bitfinex", "trades", "tBTC:USD/X=1 %ü")]
    public void AKeyReadsBack(string venue, string type, string symbol)
    {
        var partition = new LakePartition(venue, type, symbol, new DateOnly(2024, 2, 29));
        Assert.Equal(4, partition.Folder.Count(c => c == '/') + 1);
        Assert.True(LakePartition.TryParse(partition.Key, out LakePartition read));
        Assert.Equal(partition, read);
        Assert.True(LakePartition.TryParse("/some/where/" + partition.Key, out read));
        Assert.Equal(partition, read);
    }

    [Fact]
    public void TheKeyIsHives() =>
        Assert.Equal("venue=coinbase/type=trades/symbol=BTC-USD/date=2024-01-01/part-0.parquet", new LakePartition("coinbase", "trades", "BTC-USD", new DateOnly(2024, 1, 1)).Key);

    [Theory]
    [InlineData("")]
    [InlineData("part-0.parquet")]
    [InlineData("venue=coinbase/type=trades/symbol=BTC-USD/date=2024-02-30/part-0.parquet")]
    [InlineData("venue=/type=trades/symbol=BTC-USD/date=2024-01-01/part-0.parquet")]
    [InlineData("raw/tardis/datasets/coinbase/trades/2024/01/01/BTC-USD.csv.gz")]
    public void AnythingElseIsNoPartition(string path) => Assert.False(LakePartition.TryParse(path, out _));
}
