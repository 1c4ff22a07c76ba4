using System.Text.Json;
using Crpbot.Codecs.Instruments;

namespace Crpbot.Cli;

/// <summary>Reads <c>--instruments FILE</c>: a JSON array of <c>{"venue","symbol","tick","lot"}</c>, added to the shipped table.</summary>
internal static class InstrumentFile
{
    public static InstrumentTable Open(string? path)
    {
        if (path is null)
            return new InstrumentTable();
        var descriptions = new Dictionary<(string, string), (DecimalStep, DecimalStep)>(KnownInstruments.Descriptions);
        try
        {
            using FileStream file = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(file);
            int index = 0;
            foreach (JsonElement entry in document.RootElement.EnumerateArray())
            {
                string where = $"{path}: entry {index++}";
                descriptions[(Text(entry, "venue", where), Text(entry, "symbol", where).ToUpperInvariant())] =
                    (DecimalStep.Parse(Text(entry, "tick", where)), DecimalStep.Parse(Text(entry, "lot", where)));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new UsageException($"{path}: {error.Message}; expected [{{\"venue\":\"coinbase\",\"symbol\":\"BTC-USD\",\"tick\":\"0.01\",\"lot\":\"0.00000001\"}}]");
        }

        return new InstrumentTable(descriptions);
    }

    private static string Text(JsonElement entry, string name, string where) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.GetString() ?? throw new FormatException($"{where}: '{name}' is null")
            : throw new FormatException($"{where}: '{name}' is missing");
}
