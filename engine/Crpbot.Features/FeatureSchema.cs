using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Crpbot.Features;

/// <summary>Names, order and version of the 53 features. A change to any formula is a new version.</summary>
/// <remarks>Columns 0 to 32 are computed from Bars alone, 33 to 52 from Trades and the book. Source: features-33, section 7.</remarks>
public static class FeatureSchema
{
    public const int Count = 53;

    /// <summary>The first columns, which need Bars only.</summary>
    public const int CandleCount = 33;

    /// <summary>The rest, which need Trades and the L2 book.</summary>
    public const int MicrostructureCount = Count - CandleCount;

    public const int Version = 1;

    /// <summary>Present Bars since the start or a restart before which no Prediction reads a row.</summary>
    public const int WarmupBars = 360;

    /// <summary>Missing Bars in a row after which the rolling state of the candle features restarts.</summary>
    public const int MissingBarsKept = 5;

    private static readonly string[] Ordered =
    [
        "open", "high", "low", "close", "volume", "session_tokyo", "session_london", "session_new_york", "day_of_week", "is_weekend",
        "spread", "spread_pct", "atr", "spread_atr_ratio", "volume_ma", "volume_ratio", "volume_trend", "sma_7", "price_sma_7_ratio",
        "sma_14", "price_sma_14_ratio", "sma_21", "price_sma_21_ratio", "sma_50", "price_sma_50_ratio", "rsi", "macd", "macd_signal",
        "macd_diff", "bb_high", "bb_low", "bb_width", "bb_position",
        "obi_l1", "obi_l5", "obi_10bps", "microprice_dev_bps", "book_slope_rel", "ofi_l1", "ofi_l10", "taker_imb", "large_taker_imb",
        "trade_intensity", "vpin", "vwap_dev_1m_bps", "vwap_dev_30m_bps", "qspread_bps", "qspread_std_bps", "eff_spread_bps",
        "impact_5s_bps", "kyle_lambda", "amihud_illiq", "rv_1m_bps",
    ];

    private static readonly FrozenDictionary<string, int> Indices =
        Ordered.Select((name, index) => (name, index)).ToFrozenDictionary(p => p.name, p => p.index, StringComparer.Ordinal);

    /// <summary>All names, in the order of the vector.</summary>
    public static IReadOnlyList<string> Names => Ordered;

    /// <summary>The 33 names computed from Bars alone.</summary>
    public static IReadOnlyList<string> CandleNames { get; } = Ordered[..CandleCount];

    /// <summary>The 20 names computed from Trades and the book.</summary>
    public static IReadOnlyList<string> MicrostructureNames { get; } = Ordered[CandleCount..];

    /// <summary><see cref="HashOf"/> of all 53 names.</summary>
    public static string Hash { get; } = HashOf(Ordered);

    /// <summary>Lower-case SHA-256 hex of <c>"features v{Version}\n"</c> and every name followed by a line feed, in UTF-8.</summary>
    /// <param name="names">A model's features, in the model's order.</param>
    public static string HashOf(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"features v{Version}\n");
        foreach (string name in names)
            text.Append(name).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public static bool TryIndexOf(string name, out int index) => Indices.TryGetValue(name, out index);

    /// <exception cref="ArgumentException">There is no such feature.</exception>
    public static int IndexOf(string name) => Indices.TryGetValue(name, out int index)
        ? index
        : throw new ArgumentException($"'{name}' is none of the {Count} features of schema version {Version}", nameof(name));

    /// <summary>Columns of a model's features, in the model's order.</summary>
    /// <exception cref="ArgumentException">A name is unknown or stands twice.</exception>
    public static int[] IndicesOf(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        int[] indices = new int[names.Count];
        var seen = new HashSet<int>();
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = IndexOf(names[i]);
            if (!seen.Add(indices[i]))
                throw new ArgumentException($"feature '{names[i]}' stands twice", nameof(names));
        }

        return indices;
    }

    /// <summary>Features that scaling leaves alone: 0/1 flags and the day of the week (section 8).</summary>
    public static bool IsUnscaled(int index) => index is >= FeatureIndex.SessionTokyo and <= FeatureIndex.IsWeekend;
}
