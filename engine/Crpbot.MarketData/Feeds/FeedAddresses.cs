using System.Globalization;
using System.Text.Json;

namespace Crpbot.MarketData.Feeds;

/// <summary>Addresses and subscriptions of the feeds this engine reads live.</summary>
public static class FeedAddresses
{
    private static readonly string[] TardisTypes = ["trade", "book_change"];
    private static readonly string[] CoinbaseChannels = ["level2", "matches", "heartbeat"];

    /// <summary>tardis-machine's live normalised stream, with its disconnect and error messages.</summary>
    /// <param name="machine">e.g. <c>ws://127.0.0.1:8001</c>.</param>
    /// <param name="exchange">Tardis' exchange id.</param>
    public static FeedOptions TardisMachine(Uri machine, string exchange, IReadOnlyList<string> symbols)
    {
        string options = JsonSerializer.Serialize(new
        {
            exchange,
            symbols,
            dataTypes = TardisTypes,
            withDisconnectMessages = true,
            withErrorMessages = true,
            timeoutIntervalMS = 30_000,
        });
        return new FeedOptions
        {
            Address = new Uri(machine, $"/ws-stream-normalized?options={Uri.EscapeDataString(options)}"),
            // The server itself leaves a quiet exchange after one to two of its intervals and says so; longer silence is the server's own.
            StaleAfter = TimeSpan.FromSeconds(70),
        };
    }

    /// <summary>tardis-machine's normalised replay of a recorded span, with its disconnect messages.</summary>
    /// <param name="machine">e.g. <c>ws://127.0.0.1:8001</c>.</param>
    /// <param name="exchange">Tardis' exchange id.</param>
    /// <param name="from">UTC; the server cuts it to whole minutes.</param>
    /// <param name="to">UTC, exclusive; cut likewise.</param>
    public static FeedOptions TardisReplay(Uri machine, string exchange, IReadOnlyList<string> symbols, DateTime from, DateTime to)
    {
        string options = JsonSerializer.Serialize(new
        {
            exchange,
            symbols,
            from = from.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            to = to.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            dataTypes = TardisTypes,
            withDisconnectMessages = true,
        });
        return new FeedOptions
        {
            Address = new Uri(machine, $"/ws-replay-normalized?options={Uri.EscapeDataString(options)}"),
            IsReplay = true,
            // The server retries its own downloads for minutes and says nothing meanwhile.
            StaleAfter = TimeSpan.FromMinutes(10),
        };
    }

    /// <summary>The Coinbase Exchange feed: full book, trades, heartbeats.</summary>
    public static FeedOptions Coinbase(Uri address, IReadOnlyList<string> products) => new()
    {
        Address = address,
        Subscriptions = [JsonSerializer.Serialize(new { type = "subscribe", product_ids = products, channels = CoinbaseChannels })],
    };
}
