using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>What a lake has of one type of a symbol-day.</summary>
/// <param name="Type">Null: one-minute candles.</param>
/// <param name="Raw">Key of the downloaded CSV; null when there is none.</param>
/// <param name="Parquet">Key of the converted file; null when there is none.</param>
/// <param name="Status">What the sidecar says; null without one.</param>
internal sealed record LakeDayFile(TardisCsvType? Type, string? Raw, string? Parquet, RawFileStatus? Status)
{
    public string Name => Type?.NameOf() ?? LakeTypes.Candles;

    /// <summary>Why there is nothing to read; null when there is something.</summary>
    public string? WhyAbsent => Parquet is not null ? null : (Raw, Status) switch
    {
        (_, RawFileStatus.Empty) => "the source has no rows of that day",
        (null, RawFileStatus.Missing) => "the source has no such file",
        (null, _) => "never downloaded",
        _ => null,
    };
}

/// <summary>One symbol-day that a lake has, or should have: a file a type that the symbol has anywhere.</summary>
/// <param name="Symbol">As in dataset addresses: <c>/</c> and <c>:</c> are <c>-</c>.</param>
internal sealed record LakeDay(string Venue, string Symbol, DateOnly Date, IReadOnlyList<LakeDayFile> Files)
{
    public UnixNanos Start => UnixNanos.FromDateTime(Date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));

    public override string ToString() => FormattableString.Invariant($"{Venue}:{Symbol} {Date:yyyy-MM-dd}");
}

/// <summary>Lists the symbol-days of a lake, those that are missing included.</summary>
internal static class LakeInventory
{
    /// <param name="lake">Any storage.</param>
    /// <param name="symbols">Upper-case; empty for all.</param>
    /// <param name="from">Begin of what is judged; null: each symbol's first day.</param>
    /// <param name="to">Its end, exclusive; null: after each symbol's last day.</param>
    /// <returns>In order of venue, symbol and day.</returns>
    public static IReadOnlyList<LakeDay> Read(ILakeStorage lake, IReadOnlyList<string> symbols, UnixNanos? from, UnixNanos? to)
    {
        var files = new Dictionary<(string Venue, string Symbol), Dictionary<(DateOnly Date, string Type), LakeDayFile>>();
        HashSet<string> wanted = [.. symbols.Select(RawLake.DatasetSymbol)];
        foreach (LakeFile file in lake.List(""))
        {
            if (file.Key.StartsWith(RawLake.Folder + "/", StringComparison.Ordinal))
                AddRaw(lake, file.Key, wanted, files);
            else
                AddParquet(file.Key, wanted, files);
        }

        return [.. files.OrderBy(series => series.Key.Venue, StringComparer.Ordinal).ThenBy(series => series.Key.Symbol, StringComparer.Ordinal)
            .SelectMany(series => Days(series.Key, series.Value, from, to))];
    }

    private static IEnumerable<LakeDay> Days(
        (string Venue, string Symbol) series, Dictionary<(DateOnly Date, string Type), LakeDayFile> files, UnixNanos? from, UnixNanos? to)
    {
        string[] types = [.. files.Keys.Select(key => key.Type).Distinct().Order(StringComparer.Ordinal)];
        DateOnly first = from is { } begin ? DateOnly.FromDateTime(begin.ToDateTime()) : files.Keys.Min(key => key.Date);
        DateOnly last = to is { } end ? DateOnly.FromDateTime((end - 1).ToDateTime()) : files.Keys.Max(key => key.Date);
        for (DateOnly day = first; day <= last; day = day.AddDays(1))
        {
            DateOnly date = day;
            yield return new LakeDay(series.Venue, series.Symbol, day,
                [.. types.Select(type => files.GetValueOrDefault((date, type)) ?? Nothing(type))]);
        }
    }

    private static LakeDayFile Nothing(string type) =>
        new(TardisCsvTypes.TryParse(type, out TardisCsvType known) ? known : null, null, null, null);

    private static void AddRaw(
        ILakeStorage lake, string key, HashSet<string> wanted, Dictionary<(string, string), Dictionary<(DateOnly, string), LakeDayFile>> files)
    {
        bool isSidecar = key.EndsWith(RawLake.ManifestSuffix, StringComparison.Ordinal);
        string path = isSidecar ? key[..^RawLake.ManifestSuffix.Length] : key;
        if (!RawLake.TryParse(path, out RawFileName? name) || (wanted.Count > 0 && !wanted.Contains(name!.Symbol)))
            return;
        string? type = name!.Kind == RawFileKind.Candles ? LakeTypes.Candles
            : name.Kind == RawFileKind.Dataset && TardisCsvTypes.TryParse(name.Type, out TardisCsvType dataset) ? dataset.NameOf()
            : null;
        if (type is null)
            return;
        DateOnly date = DateOnly.FromDateTime(name.Start);
        Dictionary<(DateOnly, string), LakeDayFile> series = SeriesOf(files, name.Venue, name.Symbol);
        LakeDayFile known = series.GetValueOrDefault((date, type)) ?? Nothing(type);
        series[(date, type)] = isSidecar ? known with { Status = StatusOf(lake, key) } : known with { Raw = key };
    }

    private static void AddParquet(string key, HashSet<string> wanted, Dictionary<(string, string), Dictionary<(DateOnly, string), LakeDayFile>> files)
    {
        if (!LakePartition.TryParse(key, out LakePartition partition) || (partition.Type != LakeTypes.Candles && !TardisCsvTypes.TryParse(partition.Type, out _)))
            return;
        string symbol = RawLake.DatasetSymbol(partition.Symbol);
        if (wanted.Count > 0 && !wanted.Contains(symbol))
            return;
        Dictionary<(DateOnly, string), LakeDayFile> series = SeriesOf(files, partition.Venue, symbol);
        LakeDayFile known = series.GetValueOrDefault((partition.Date, partition.Type)) ?? Nothing(partition.Type);
        series[(partition.Date, partition.Type)] = known with { Parquet = key };
    }

    private static RawFileStatus StatusOf(ILakeStorage lake, string sidecar)
    {
        using LakeCopy copy = lake.Fetch(sidecar);
        try
        {
            return RawFileManifest.Parse(File.ReadAllBytes(copy.Path)).Status;
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new InvalidDataException($"{sidecar}: no manifest of a raw file ({error.Message}); delete it and download again", error);
        }
    }

    private static Dictionary<(DateOnly, string), LakeDayFile> SeriesOf(
        Dictionary<(string, string), Dictionary<(DateOnly, string), LakeDayFile>> files, string venue, string symbol)
    {
        if (!files.TryGetValue((venue, symbol), out Dictionary<(DateOnly, string), LakeDayFile>? series))
            files[(venue, symbol)] = series = [];
        return series;
    }
}
