using System.Globalization;
using System.Text.Json;

namespace Crpbot.Datasets.Download;

/// <summary>What Tardis says it has of an exchange: <c>/exchanges/EXCHANGE</c>.</summary>
internal sealed class ExchangeAvailability
{
    private readonly Dictionary<string, SymbolAvailability> _datasets = new(StringComparer.Ordinal);

    private ExchangeAvailability(JsonElement root)
    {
        AvailableSince = Time(root, "availableSince");
        AvailableTo = Time(root, "availableTo");
        if (!root.TryGetProperty("datasets", out JsonElement datasets) || datasets.ValueKind != JsonValueKind.Object)
            return;
        ExportedFrom = Time(datasets, "exportedFrom");
        ExportedUntil = Time(datasets, "exportedUntil");
        if (!datasets.TryGetProperty("symbols", out JsonElement symbols) || symbols.ValueKind != JsonValueKind.Array)
            return;
        foreach (JsonElement symbol in symbols.EnumerateArray())
        {
            if (!symbol.TryGetProperty("id", out JsonElement id) || id.GetString() is not { } name)
                continue;
            var available = new SymbolAvailability(Time(symbol, "availableSince"), Time(symbol, "availableTo"), Texts(symbol, "dataTypes"));
            _datasets.TryAdd(RawLake.DatasetSymbol(name), available);
        }
    }

    public DateTime? AvailableSince { get; }

    public DateTime? AvailableTo { get; }

    public DateTime? ExportedFrom { get; }

    public DateTime? ExportedUntil { get; }

    public IReadOnlyCollection<string> Symbols => _datasets.Keys;

    /// <exception cref="ServiceException">The document has another form.</exception>
    public static ExchangeAvailability Parse(JsonElement root)
    {
        try
        {
            return new ExchangeAvailability(root);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException)
        {
            throw new ServiceException(Failure.Permanent, $"the exchange's description cannot be understood: {error.Message}", inner: error);
        }
    }

    /// <exception cref="FormatException">No dataset has this symbol, or the symbol not this type.</exception>
    public void Require(string exchange, string type, string symbol)
    {
        if (_datasets.Count == 0)
            return;
        if (!_datasets.TryGetValue(symbol, out SymbolAvailability? available))
        {
            string[] near = [.. _datasets.Keys.Where(name => AreNear(Letters(name), Letters(symbol))).Order(StringComparer.Ordinal).Take(5)];
            throw new FormatException($"{exchange} has no dataset symbol {symbol}{(near.Length > 0 ? $"; near it: {string.Join(", ", near)}" : "")}");
        }

        if (available.DataTypes.Length > 0 && !available.DataTypes.Contains(type))
            throw new FormatException($"{exchange} {symbol} has no data type {type}; it has {string.Join(", ", available.DataTypes)}");
    }

    /// <summary>Why a day's file cannot exist; null when it should, or when nothing is known.</summary>
    public string? WhyNoDataset(string symbol, DateTime day)
    {
        SymbolAvailability? available = _datasets.GetValueOrDefault(symbol);
        if (day < (available?.Since ?? AvailableSince)?.Date)
            return $"listed since {Day(available?.Since ?? AvailableSince)}";
        if (day >= (available?.To ?? AvailableTo))
            return $"listed until {Day(available?.To ?? AvailableTo)}";
        if (day < ExportedFrom?.Date)
            return $"exported from {Day(ExportedFrom)} on";
        // Whether the named day itself is still exported is not documented: it is asked for.
        return day > ExportedUntil?.Date ? $"not exported yet, only until {Day(ExportedUntil)}" : null;
    }

    /// <summary>Why a minute of raw messages cannot exist.</summary>
    public string? WhyNoFeed(DateTime minute)
    {
        if (minute < AvailableSince?.Date)
            return $"recorded since {Day(AvailableSince)}";
        return minute >= AvailableTo ? $"recorded until {Day(AvailableTo)}" : null;
    }

    private static bool AreNear(string one, string other) => one.Contains(other, StringComparison.Ordinal) || other.Contains(one, StringComparison.Ordinal);

    private static string Letters(string symbol) => string.Concat(symbol.Where(char.IsLetterOrDigit));

    private static string Day(DateTime? time) => time?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    private static DateTime? Time(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? DateTime.Parse(value.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal) : null;

    private static string[] Texts(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement values) && values.ValueKind == JsonValueKind.Array
            ? [.. values.EnumerateArray().Select(value => value.GetString()!)] : [];

    private sealed record SymbolAvailability(DateTime? Since, DateTime? To, string[] DataTypes);
}
