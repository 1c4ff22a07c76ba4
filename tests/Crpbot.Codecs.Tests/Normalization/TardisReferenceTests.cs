using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Normalization;
using Crpbot.Codecs.Recordings;
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

    /// <summary>The mapped capture was made from this recording; its local times are rounded there and cut here.</summary>
    [MarketDataFact("tardis-mapped-captures/binance.jsonl.gz", "cryptofeed/BINANCE.jsonl.gz")]
    public void TheRecordingItselfGivesTheMappedCapture()
    {
        using var mapped = new StreamReader(new GZipStream(File.OpenRead(MarketData.Path("tardis-mapped-captures/binance.jsonl.gz")), CompressionMode.Decompress));
        var expected = new List<string>();
        while (mapped.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            expected.AddRange(document.RootElement.GetProperty("expected").EnumerateArray().Select(WithoutTimes));
        }

        using var normalizer = new TardisNormalizer("binance");
        using RawRecordingReader reader = RawRecordingReader.Open(MarketData.Path("cryptofeed/BINANCE.jsonl.gz"));
        var actual = new List<string>();
        while (reader.Read(out RawFrame frame))
        {
            Assert.Null(normalizer.Normalize(frame).Reason);
            foreach (string line in Encoding.UTF8.GetString(normalizer.Lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                using JsonDocument document = JsonDocument.Parse(line);
                actual.Add(WithoutTimes(document.RootElement));
            }
        }

        Assert.Equal(expected, actual);
    }

    private static string WithoutTimes(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => string.Join(',', value.EnumerateObject()
            .Where(field => !field.Name.EndsWith("imestamp", StringComparison.Ordinal)).Select(field => field.Name + WithoutTimes(field.Value))),
        JsonValueKind.Array => string.Join(';', value.EnumerateArray().Select(WithoutTimes)),
        JsonValueKind.Number => value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
