using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Normalization;
using Crpbot.Codecs.Recordings;
using Xunit;

namespace Crpbot.Codecs.Tests.Normalization;

/// <summary>Runs raw lines through a normalizer and compares with expected messages: order of keys aside, numbers as doubles, null as absent.</summary>
internal static class NormalizedJson
{
    public static List<string> Normalize(TardisNormalizer normalizer, string line)
    {
        using var reader = new RawRecordingReader(new MemoryStream(Encoding.UTF8.GetBytes(line + "\n")));
        var messages = new List<string>();
        while (reader.Read(out RawFrame frame))
        {
            NormalizeResult result = normalizer.Normalize(frame);
            Assert.NotEqual(ParseStatus.Invalid, result.Status);
            string[] lines = Encoding.UTF8.GetString(normalizer.Lines).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(result.Messages, lines.Length);
            messages.AddRange(lines);
        }

        return messages;
    }

    public static void AssertEqual(JsonElement expected, List<string> actual, string context)
    {
        Assert.True(expected.GetArrayLength() == actual.Count, $"{context}: expected {expected.GetArrayLength()} messages, got {actual.Count}: {string.Join(" ", actual)}");
        int index = 0;
        foreach (JsonElement message in expected.EnumerateArray())
        {
            using JsonDocument document = JsonDocument.Parse(actual[index++]);
            Assert.True(AreEqual(message, document.RootElement), $"{context}: expected {message.GetRawText()}, got {document.RootElement.GetRawText()}");
        }
    }

    private static bool AreEqual(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != actual.ValueKind)
            return false;
        return expected.ValueKind switch
        {
            JsonValueKind.Object => Fields(expected).Keys.Order().SequenceEqual(Fields(actual).Keys.Order())
                && Fields(expected).All(field => AreEqual(field.Value, actual.GetProperty(field.Key))),
            JsonValueKind.Array => expected.GetArrayLength() == actual.GetArrayLength()
                && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => AreEqual(pair.First, pair.Second)),
            JsonValueKind.Number => expected.GetDouble().Equals(actual.GetDouble()),
            JsonValueKind.String => expected.GetString() == actual.GetString(),
            _ => true,
        };
    }

    private static Dictionary<string, JsonElement> Fields(JsonElement element) =>
        element.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).ToDictionary(p => p.Name, p => p.Value);
}
