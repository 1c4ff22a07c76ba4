using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Crpbot.Datasets.Download;

/// <summary>Channels and symbols of raw messages, in the one order that gives equal requests equal names.</summary>
internal sealed class FilterSet
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, string[]> Coinbase = new(StringComparer.Ordinal)
    {
        ["trades"] = ["match"],
        ["incremental_book_L2"] = ["snapshot", "l2update"],
        ["book_snapshot_5"] = ["snapshot", "l2update"],
        ["book_snapshot_25"] = ["snapshot", "l2update"],
        ["quotes"] = ["snapshot", "l2update"],
        ["book_ticker"] = ["ticker"],
    };

    private static readonly Dictionary<string, string[]> Binance = new(StringComparer.Ordinal)
    {
        ["trades"] = ["trade"],
        ["incremental_book_L2"] = ["depth", "depthSnapshot"],
        ["book_snapshot_5"] = ["depth", "depthSnapshot"],
        ["book_snapshot_25"] = ["depth", "depthSnapshot"],
        ["quotes"] = ["depth", "depthSnapshot"],
        ["book_ticker"] = ["bookTicker"],
    };

    private static readonly Dictionary<string, string[]> BinanceFutures = new(Binance)
    {
        ["derivative_ticker"] = ["markPrice", "ticker", "openInterest"],
        ["liquidations"] = ["forceOrder"],
    };

    /// <param name="channels">At least one; sorted and made distinct here.</param>
    /// <param name="symbols">As the exchange writes them in its messages; sorted and made distinct here.</param>
    public FilterSet(IEnumerable<string> channels, IEnumerable<string> symbols)
    {
        string[] sorted = [.. symbols.Distinct().Order(StringComparer.Ordinal)];
        Json = JsonSerializer.Serialize(channels.Distinct().Order(StringComparer.Ordinal).Select(channel => new { channel, symbols = sorted }), Options);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json)));
    }

    /// <summary>As it stands in the request.</summary>
    public string Json { get; }

    /// <summary>SHA-256 of <see cref="Json"/>, lower-case hex: the name of its folder.</summary>
    public string Hash { get; }

    /// <summary>The channels from which the data types are made.</summary>
    /// <exception cref="FormatException">Not known for this exchange and type.</exception>
    public static IEnumerable<string> ChannelsOf(string exchange, IEnumerable<string> types)
    {
        Dictionary<string, string[]>? known = exchange switch
        {
            "coinbase" => Coinbase,
            "binance" or "binance-us" => Binance,
            "binance-futures" or "binance-delivery" => BinanceFutures,
            _ => null,
        };
        foreach (string type in types)
        {
            if (known is null || !known.TryGetValue(type, out string[]? channels))
                throw new FormatException($"the channels of {exchange} that give {type} are not known here: name them with --channels");
            foreach (string channel in channels)
                yield return channel;
        }
    }

    /// <summary>A symbol as it stands in recorded messages: Binance's streams are lower-case, others are as given.</summary>
    public static string SymbolOf(string exchange, string symbol) =>
        exchange.StartsWith("binance", StringComparison.Ordinal) ? symbol.ToLowerInvariant() : symbol.ToUpperInvariant();
}
