using System.Text.Json;

namespace Crpbot.Simulation.Wire;

/// <summary>What clients ask for, read with the base class library: requests are few.</summary>
internal static class FeedRequests
{
    /// <summary>Reads the <c>options</c> of <c>/ws-stream-normalized</c>: an object or an array of them.</summary>
    /// <param name="options">The decoded query value.</param>
    /// <param name="symbols">The exchange's symbols, by slot.</param>
    /// <param name="wanted">Receives the subscriptions, by slot.</param>
    /// <param name="withDisconnects">Whether disconnect messages are wanted.</param>
    /// <returns>Null, or why the connection is refused.</returns>
    public static string? ReadTardis(string options, IReadOnlyList<string> symbols, Feeds[] wanted, out bool withDisconnects)
    {
        withDisconnects = false;
        try
        {
            using var document = JsonDocument.Parse(options);
            JsonElement root = document.RootElement;
            IEnumerable<JsonElement> streams = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
            foreach (JsonElement stream in streams)
            {
                string? exchange = stream.GetProperty("exchange").GetString();
                if (exchange != SimulationOptions.Venue)
                    return $"Error: the simulated exchange is {SimulationOptions.Venue}, not {exchange}";
                Feeds feeds = Feeds.None;
                foreach (JsonElement type in stream.GetProperty("dataTypes").EnumerateArray())
                {
                    Feeds one = type.GetString() switch
                    {
                        "trade" => Feeds.Trades,
                        "book_change" => Feeds.Book,
                        _ => Feeds.None,
                    };
                    if (one == Feeds.None)
                        return $"Error: invalid data type: {type}";
                    feeds |= one;
                }

                if (feeds == Feeds.None)
                    return "Error: Can't normalize data without any normalizers provided";
                if (stream.TryGetProperty("withDisconnectMessages", out JsonElement with) && with.ValueKind == JsonValueKind.True)
                    withDisconnects = true;
                string[] names = stream.TryGetProperty("symbols", out JsonElement list) && list.ValueKind == JsonValueKind.Array
                    ? [.. list.EnumerateArray().Select(s => s.GetString()!.ToUpperInvariant())] : [.. symbols];
                if (Mark(names, symbols, wanted, feeds) is { } unknown)
                    return $"Error: unknown symbol {unknown}";
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"SyntaxError: {e.Message}";
        }
    }

    /// <summary>Reads a Coinbase <c>subscribe</c> or <c>unsubscribe</c> message.</summary>
    /// <returns>Null, or the reason for an error message.</returns>
    public static string? ReadCoinbase(ReadOnlyMemory<byte> message, IReadOnlyList<string> symbols, Feeds[] wanted, out bool unsubscribe)
    {
        unsubscribe = false;
        try
        {
            using var document = JsonDocument.Parse(message);
            JsonElement root = document.RootElement;
            string? type = root.GetProperty("type").GetString();
            if (type is not ("subscribe" or "unsubscribe"))
                return $"{type} is not a valid type";
            unsubscribe = type == "unsubscribe";
            string[] common = Products(root);
            foreach (JsonElement channel in root.GetProperty("channels").EnumerateArray())
            {
                bool named = channel.ValueKind == JsonValueKind.Object;
                string? name = named ? channel.GetProperty("name").GetString() : channel.GetString();
                Feeds feeds = name switch
                {
                    "matches" => Feeds.Trades,
                    "level2" or "level2_batch" => Feeds.Book,
                    "heartbeat" => Feeds.Heartbeats,
                    "ticker" => Feeds.Tickers,
                    _ => Feeds.None,
                };
                if (feeds == Feeds.None)
                    return $"{name} is not a valid channel";
                string[] products = named && Products(channel) is { Length: > 0 } own ? own : common;
                if (Mark(products, symbols, wanted, feeds) is { } unknown)
                    return $"{unknown} is not a valid product";
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "Malformed JSON";
        }
    }

    private static string[] Products(JsonElement element) =>
        element.TryGetProperty("product_ids", out JsonElement products) ? [.. products.EnumerateArray().Select(p => p.GetString()!)] : [];

    private static string? Mark(string[] names, IReadOnlyList<string> symbols, Feeds[] wanted, Feeds feeds)
    {
        foreach (string name in names)
        {
            int slot = 0;
            while (slot < symbols.Count && symbols[slot] != name)
                slot++;
            if (slot == symbols.Count)
                return name;
            wanted[slot] |= feeds;
        }

        return null;
    }
}
