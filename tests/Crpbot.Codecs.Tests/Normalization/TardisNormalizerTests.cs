using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Normalization;
using Crpbot.Codecs.Recordings;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Normalization;

public class TardisNormalizerTests
{
    [Theory]
    [InlineData("coinbase")]
    [InlineData("binance")]
    [InlineData("binance-futures")]
    [InlineData("binance-delivery")]
    public void SyntheticMessagesEqualTheReference(string exchange)
    {
        using var normalizer = new TardisNormalizer(exchange);
        string[] lines = File.ReadAllLines(Path.Combine(MarketData.RepositoryRoot, "tests", "data", "tardis-normalized", exchange + ".jsonl"));
        for (int i = 0; i < lines.Length; i++)
        {
            using JsonDocument document = JsonDocument.Parse(lines[i]);
            NormalizedJson.AssertEqual(document.RootElement.GetProperty("expected"), NormalizedJson.Normalize(normalizer, lines[i]), $"line {i + 1}");
        }
    }

    [Fact]
    public void LevelsThatBufferedUpdatesEmptiedAreNotInTheFirstSnapshot()
    {
        using var normalizer = new TardisNormalizer("binance");
        Assert.Empty(NormalizedJson.Normalize(normalizer, Depth(11, "[[\"5\",\"0.000\"],[\"4\",\"1\"],[\"9\",\"0\"]]", "[[\"6\",\"0\"]]")));
        Assert.Empty(NormalizedJson.Normalize(normalizer, Depth(12, "[[\"4\",\"2\"]]", "[[\"6\",\"3\"]]")));
        string snapshot = Assert.Single(NormalizedJson.Normalize(normalizer,
            "{\"stream\":\"xy@depthSnapshot\",\"data\":{\"lastUpdateId\":10,\"bids\":[[\"5\",\"1\"],[\"3\",\"1\"]],\"asks\":[[\"6\",\"1\"],[\"7\",\"1\"]]}}"));
        Assert.Equal(
            "{\"type\":\"book_change\",\"symbol\":\"XY\",\"exchange\":\"binance\",\"isSnapshot\":true,\"bids\":[{\"price\":3,\"amount\":1},{\"price\":4,\"amount\":2}],"
            + "\"asks\":[{\"price\":7,\"amount\":1},{\"price\":6,\"amount\":3}]}",
            snapshot);
    }

    [Fact]
    public void OnlyTheLastTwoThousandUpdatesWaitForTheSnapshot()
    {
        using var normalizer = new TardisNormalizer("binance");
        for (int i = 1; i <= 2003; i++)
            Assert.Empty(NormalizedJson.Normalize(normalizer, Depth(i, $"[[\"{i}\",\"1\"]]", "[]")));
        string snapshot = Assert.Single(NormalizedJson.Normalize(normalizer, "{\"stream\":\"xy@depthSnapshot\",\"data\":{\"lastUpdateId\":0,\"bids\":[],\"asks\":[]}}"));
        using JsonDocument document = JsonDocument.Parse(snapshot);
        JsonElement bids = document.RootElement.GetProperty("bids");
        Assert.Equal((2000, 4), (bids.GetArrayLength(), bids[0].GetProperty("price").GetInt32()));
    }

    [Fact]
    public void WithoutLocalTimeTheFieldsItWouldFillAreLeftOut()
    {
        using var normalizer = new TardisNormalizer("binance");
        Assert.Equal(
            ["{\"type\":\"book_ticker\",\"symbol\":\"XY\",\"exchange\":\"binance\",\"askAmount\":4,\"askPrice\":3.5,\"bidPrice\":1,\"bidAmount\":2}"],
            NormalizedJson.Normalize(normalizer, "{\"stream\":\"xy@bookTicker\",\"data\":{\"s\":\"XY\",\"b\":\"1.00\",\"B\":\"2\",\"a\":\"3.50\",\"A\":\"4\"}}"));
    }

    [Fact]
    public void ExactDigitsAreKept()
    {
        using var normalizer = new TardisNormalizer("coinbase");
        string trade = Assert.Single(NormalizedJson.Normalize(normalizer,
            "{\"type\":\"match\",\"trade_id\":9007199254740993,\"side\":\"buy\",\"size\":\"100.1234567890123456780\",\"price\":\"0.010\",\"product_id\":\"A-B\","
            + "\"time\":\"2019-08-01T00:00:03.816000Z\"}"));
        Assert.Contains("\"id\":\"9007199254740993\",\"price\":0.01,\"amount\":100.123456789012345678,", trade, StringComparison.Ordinal);
    }

    [Fact]
    public void ADisconnectForgetsBooksAndTimes()
    {
        using var normalizer = new TardisNormalizer("binance");
        const string Snapshot = "{\"stream\":\"xy@depthSnapshot\",\"data\":{\"lastUpdateId\":10,\"bids\":[],\"asks\":[]}}";
        Assert.Single(NormalizedJson.Normalize(normalizer, Snapshot));
        Assert.Empty(NormalizedJson.Normalize(normalizer, Snapshot));
        normalizer.Normalize(new RawFrame { Kind = RawFrameKind.Disconnected });
        Assert.Single(NormalizedJson.Normalize(normalizer, Snapshot));
    }

    [Fact]
    public void ALostConnectionIsAMessageOnlyOnRequest()
    {
        const string Lines = "2024-08-08T23:54:15.0312345Z {\"type\":\"heartbeat\"}\n\n";
        using var silent = new TardisNormalizer("coinbase");
        Assert.Empty(NormalizedJson.Normalize(silent, Lines));
        using var telling = new TardisNormalizer("coinbase", withDisconnects: true);
        Assert.Equal(["{\"type\":\"disconnect\",\"exchange\":\"coinbase\",\"localTimestamp\":\"2024-08-08T23:54:15.031234Z\"}"], NormalizedJson.Normalize(telling, Lines));
    }

    [Fact]
    public void ARestSnapshotBecomesTheFirstBook()
    {
        using var normalizer = new TardisNormalizer("binance-futures");
        Assert.Empty(NormalizedJson.Normalize(normalizer, "1723161255030 " + Depth(9, "[[\"5\",\"3\"]]", "[]")));
        string book = Assert.Single(NormalizedJson.Normalize(normalizer, "1723161255031 {\"lastUpdateId\":9,\"T\":1723161256493,\"bids\":[[\"5\",\"1\"]],\"asks\":[]}"));
        Assert.Equal(
            "{\"type\":\"book_change\",\"symbol\":\"XY\",\"exchange\":\"binance-futures\",\"isSnapshot\":true,\"bids\":[{\"price\":5,\"amount\":3}],\"asks\":[],"
            + "\"timestamp\":\"2024-08-08T23:54:16.493Z\",\"localTimestamp\":\"2024-08-08T23:54:15.031Z\"}",
            book);
    }

    [Fact]
    public void ARestSnapshotWithoutSymbolIsThatOfTheOnlyStreams()
    {
        using var normalizer = new TardisNormalizer("binance");
        const string Snapshot = "1723161255031 {\"lastUpdateId\":9,\"bids\":[],\"asks\":[]}";
        const string Trade = "{\"stream\":\"xy@trade\",\"data\":{\"s\":\"XY\",\"t\":1,\"p\":\"1\",\"q\":\"1\",\"m\":true,\"T\":1}}";
        NormalizedJson.Normalize(normalizer, Trade);
        Assert.Contains("\"symbol\":\"XY\"", Assert.Single(NormalizedJson.Normalize(normalizer, Snapshot)), StringComparison.Ordinal);
        NormalizedJson.Normalize(normalizer, Trade.Replace("xy", "zw", StringComparison.Ordinal));
        NormalizeResult result = normalizer.Normalize(new RawFrame { Kind = RawFrameKind.RestSnapshot, Payload = Encoding.UTF8.GetBytes(Snapshot[14..]) });
        Assert.Contains("2 symbols", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("coinbase", "{\"type\":\"match\",\"time\":\"yesterday\"}")]
    [InlineData("coinbase", "{\"type\":\"snapshot\",\"product_id\":\"A\",\"bids\":1}")]
    [InlineData("coinbase", "{\"type\":\"match\"")]
    [InlineData("binance", "{\"stream\":\"xy@trade\"}")]
    [InlineData("binance", "{\"stream\":\"xy@trade\",\"data\":{\"s\":\"XY\",\"T\":\"soon\"}}")]
    [InlineData("binance", "{\"stream\":\"xy@trade\",\"data\":{\"s\":\"\\ud800\",\"T\":1}}")]
    [InlineData("binance", "{\"stream\":\"xy@depth\",\"data\":{\"s\":\"OTHER\",\"u\":1,\"b\":[],\"a\":[]}}")]
    [InlineData("binance-futures", "{\"stream\":\"xy@forceOrder\",\"data\":{}}")]
    public void AMalformedMessageIsRefusedWithAReasonAndYieldsNothing(string exchange, string message)
    {
        using var normalizer = new TardisNormalizer(exchange);
        NormalizeResult result = normalizer.Normalize(new RawFrame { Kind = RawFrameKind.Message, Payload = Encoding.UTF8.GetBytes(message) });
        Assert.Equal((ParseStatus.Invalid, 0, 0), (result.Status, result.Messages, normalizer.Lines.Length));
        Assert.False(string.IsNullOrEmpty(result.Reason));
    }

    [Fact]
    public void AnUnknownExchangeIsNamed() =>
        Assert.Contains("kraken", Assert.Throws<ArgumentException>(() => new TardisNormalizer("kraken")).Message, StringComparison.Ordinal);

    private static string Depth(int updateId, string bids, string asks) =>
        $"{{\"stream\":\"xy@depth\",\"data\":{{\"s\":\"XY\",\"E\":1,\"U\":{updateId},\"u\":{updateId},\"b\":{bids},\"a\":{asks}}}}}";
}
