using System.Globalization;

namespace Crpbot.Datasets.Lake;

/// <summary>One symbol-day of one type of one venue: the unit of every job over the lake.</summary>
/// <param name="Venue">Tardis' exchange id.</param>
/// <param name="Type">Tardis' name of the type, e.g. <c>incremental_book_L2</c>, or <c>candles_1m</c>.</param>
/// <param name="Symbol">The venue's symbol, upper-case.</param>
/// <param name="Date">The UTC day of ReceiveTime.</param>
/// <remarks>Hive layout: <c>venue=coinbase/type=trades/symbol=BTC-USD/date=2024-01-01/part-0.parquet</c>, values percent-encoded as Hive does.</remarks>
public readonly record struct LakePartition(string Venue, string Type, string Symbol, DateOnly Date)
{
    public const string FileName = "part-0.parquet";

    /// <summary>The folder below the lake's root, with forward slashes.</summary>
    public string Folder => $"venue={Escape(Venue)}/type={Escape(Type)}/symbol={Escape(Symbol)}/date={Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";

    /// <summary>The file below the lake's root.</summary>
    public string Key => $"{Folder}/{FileName}";

    /// <summary>Reads a key or a path that ends in one.</summary>
    public static bool TryParse(string path, out LakePartition partition)
    {
        partition = default;
        string[] parts = path.Replace('\\', '/').Split('/');
        if (parts.Length < 5
            || !TryTake(parts[^5], "venue=", out string venue) || !TryTake(parts[^4], "type=", out string type) || !TryTake(parts[^3], "symbol=", out string symbol)
            || !TryTake(parts[^2], "date=", out string date)
            || !DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            return false;
        }

        partition = new LakePartition(venue, type, symbol, day);
        return true;
    }

    /// <summary>The order of partitions wherever an order is needed: venue, symbol, day, type.</summary>
    public static IComparer<LakePartition> Order { get; } = Comparer<LakePartition>.Create((a, b) =>
    {
        int order = string.CompareOrdinal(a.Venue, b.Venue);
        if (order == 0)
            order = string.CompareOrdinal(a.Symbol, b.Symbol);
        if (order == 0)
            order = a.Date.CompareTo(b.Date);
        return order != 0 ? order : string.CompareOrdinal(a.Type, b.Type);
    });

    public override string ToString() => $"{Venue}:{Symbol} {Type} {Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";

    private static string Escape(string value) => Uri.EscapeDataString(value);

    private static bool TryTake(string part, string prefix, out string value)
    {
        value = part.StartsWith(prefix, StringComparison.Ordinal) ? Uri.UnescapeDataString(part[prefix.Length..]) : "";
        return value.Length > 0;
    }
}
