using System.IO.Hashing;
using Crpbot.Datasets;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets;

public class ShardingTests
{
    [Fact]
    public void EveryPartitionHasOneOwnerAndTheRuleIsTheHash()
    {
        Sharding[] shards = [.. Enumerable.Range(0, 7).Select(i => Sharding.Parse($"{i}/7"))];
        for (int day = 0; day < 365; day++)
        {
            string key = Sharding.PartitionKey("coinbase", "trades", "BTC-USD", new DateOnly(2024, 1, 1).AddDays(day));
            Sharding owner = Assert.Single(shards, shard => shard.Owns(key));
            Assert.Equal((int)(XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(key)) % 7), owner.Index);
            Assert.True(Sharding.All.Owns(key));
        }
    }

    /// <summary>A rule that changed would let two halves of a job, run by two versions, leave files out.</summary>
    [Fact]
    public void TheOwnersOfTheseDaysNeverChange()
    {
        int[] owners = [.. Enumerable.Range(1, 12).Select(day =>
            Enumerable.Range(0, 4).Single(i => Sharding.Parse($"{i}/4").Owns(Sharding.PartitionKey("coinbase", "trades", "BTC-USD", new DateOnly(2024, 1, day)))))];
        Assert.Equal([0, 3, 1, 1, 3, 0, 3, 3, 3, 3, 2, 3], owners); // computed with another implementation of XxHash3
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("/4")]
    [InlineData("4/4")]
    [InlineData("-1/4")]
    [InlineData("0/0")]
    [InlineData("1/2/3")]
    [InlineData("a/b")]
    [InlineData("0 / 4")]
    public void OtherTextsAreRefused(string text) => Assert.Throws<FormatException>(() => Sharding.Parse(text));
}
