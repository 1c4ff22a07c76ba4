using System.IO.Compression;
using System.Text.Json;
using Crpbot.Codecs.Normalization;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Normalization;

/// <summary>Every message whose result tardis-dev itself computed.</summary>
public class TardisReferenceTests
{
    [MarketDataTheory("tardis-node-mappers/coinbase.json", "tardis-node-mappers/binance.json")]
    [InlineData("coinbase")]
    [InlineData("binance")]
    public void EveryMapperCaseIsEqual(string exchange)
    {
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(MarketData.Path($"tardis-node-mappers/{exchange}.json")));
        var normalizers = new Dictionary<int, TardisNormalizer>();
        foreach (JsonElement element in cases.RootElement.EnumerateArray().OrderBy(e => e.GetProperty("seq").GetInt32()))
        {
            int mapper = element.GetProperty("mapper").GetInt32();
            if (!normalizers.TryGetValue(mapper, out TardisNormalizer? normalizer))
                normalizers.Add(mapper, normalizer = new TardisNormalizer(exchange));
            string line = JsonSerializer.Serialize(element);
            NormalizedJson.AssertEqual(element.GetProperty("expected"), NormalizedJson.Normalize(normalizer, line), $"mapper {mapper} seq {element.GetProperty("seq")}");
        }

        Assert.NotEmpty(normalizers);
    }

    [MarketDataTheory("tardis-mapped-captures/coinbase.part1.jsonl.gz", "tardis-mapped-captures/binance.jsonl.gz")]
    [InlineData("coinbase", "coinbase.part1.jsonl.gz", 3983)]
    [InlineData("binance", "binance.jsonl.gz", 260)]
    public void EveryMessageOfTheMappedCapturesIsEqual(string exchange, string file, int expectedMessages)
    {
        using var normalizer = new TardisNormalizer(exchange);
        using var reader = new StreamReader(new GZipStream(File.OpenRead(MarketData.Path("tardis-mapped-captures/" + file)), CompressionMode.Decompress));
        int number = 0;
        int messages = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            using JsonDocument document = JsonDocument.Parse(line);
            List<string> actual = NormalizedJson.Normalize(normalizer, line);
            NormalizedJson.AssertEqual(document.RootElement.GetProperty("expected"), actual, $"line {number}");
            messages += actual.Count;
        }

        Assert.Equal(expectedMessages, messages);
    }
}
