using System.Text.Json;
using Crpbot.Codecs.Parquet;

namespace Crpbot.Datasets.Lake;

/// <summary>A day of a series.</summary>
/// <param name="Rows">From the footer, or the sidecar of a raw file; null where nobody counted.</param>
/// <param name="Bytes">Of its files.</param>
public readonly record struct LakeDay(DateOnly Date, long? Rows, long Bytes);

/// <summary>The days of one symbol and type, in one of the two forms.</summary>
/// <param name="Symbol">The venue's; of raw files as they are named; of raw slices the hash of their filters.</param>
/// <param name="Type">Of events, <c>candles_1m</c>, or <c>feeds</c>.</param>
/// <param name="IsRaw">As downloaded; otherwise converted.</param>
/// <param name="Days">In order.</param>
public sealed record LakeSeries(string Venue, string Symbol, string Type, bool IsRaw, IReadOnlyList<LakeDay> Days)
{
    public DateOnly First => Days[0].Date;

    public DateOnly Last => Days[^1].Date;

    /// <summary>Days between the first and the last that are not there.</summary>
    public IReadOnlyList<DateOnly> Missing
    {
        get
        {
            HashSet<DateOnly> there = [.. Days.Select(day => day.Date)];
            return [.. Enumerable.Range(First.DayNumber, Last.DayNumber - First.DayNumber).Select(DateOnly.FromDayNumber).Where(day => !there.Contains(day))];
        }
    }

    /// <summary>Null where a day was not counted.</summary>
    public long? Rows => Days.Any(day => day.Rows is null) ? null : Days.Sum(day => day.Rows);

    public long Bytes => Days.Sum(day => day.Bytes);
}

/// <summary>What a lake holds, by venue, symbol, type and form.</summary>
public static class LakeCatalog
{
    /// <param name="lake">The lake.</param>
    /// <param name="symbols">Upper-case; empty for all.</param>
    /// <param name="types">Names; empty for all.</param>
    /// <exception cref="InvalidDataException">A partition is no whole Parquet file, or a sidecar no manifest.</exception>
    public static IReadOnlyList<LakeSeries> Read(ILakeStorage lake, IReadOnlyList<string> symbols, IReadOnlyList<string> types)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(symbols);
        ArgumentNullException.ThrowIfNull(types);
        var days = new Dictionary<(string Venue, string Symbol, string Type, bool IsRaw), SortedDictionary<DateOnly, LakeDay>>();
        foreach (LakeFile file in lake.List(""))
        {
            if (!TryPlace(file, out LakePartition at, out bool isRaw)
                || (types.Count > 0 && !types.Contains(at.Type)) || (symbols.Count > 0 && !symbols.Any(symbol => symbol == at.Symbol || (isRaw && RawLake.DatasetSymbol(symbol) == at.Symbol))))
                continue;
            long? rows = isRaw ? CountedRows(lake, file) : FooterRows(lake, file);
            (string, string, string, bool) key = (at.Venue, at.Symbol, at.Type, isRaw);
            if (!days.TryGetValue(key, out SortedDictionary<DateOnly, LakeDay>? series))
                days[key] = series = [];
            series[at.Date] = series.TryGetValue(at.Date, out LakeDay known) ? new LakeDay(at.Date, known.Rows + rows, known.Bytes + file.Length) : new LakeDay(at.Date, rows, file.Length);
        }

        return
        [
            .. days.OrderBy(entry => entry.Key.Venue, StringComparer.Ordinal).ThenBy(entry => entry.Key.Symbol, StringComparer.Ordinal)
                .ThenBy(entry => entry.Key.Type, StringComparer.Ordinal).ThenBy(entry => entry.Key.IsRaw)
                .Select(entry => new LakeSeries(entry.Key.Venue, entry.Key.Symbol, entry.Key.Type, entry.Key.IsRaw, [.. entry.Value.Values])),
        ];
    }

    private static bool TryPlace(LakeFile file, out LakePartition partition, out bool isRaw)
    {
        isRaw = RawLake.TryParse(file.Key, out RawFileName? raw);
        if (isRaw)
        {
            string type = raw!.Kind == RawFileKind.Candles ? LakeTypes.Candles : raw.Type;
            partition = new LakePartition(raw.Venue, type, raw.Symbol, DateOnly.FromDateTime(raw.Start));
            return true;
        }

        return LakePartition.TryParse(file.Key, out partition) && file.Key == partition.Key;
    }

    private static long FooterRows(ILakeStorage lake, LakeFile file)
    {
        using LakeCopy copy = lake.Fetch(file.Key);
        return ParquetFile.CountRows(copy.Path);
    }

    private static long? CountedRows(ILakeStorage lake, LakeFile file)
    {
        string sidecar = file.Key + RawLake.ManifestSuffix;
        if (lake.Find(sidecar) is null)
            return null;
        using LakeCopy copy = lake.Fetch(sidecar);
        try
        {
            return RawFileManifest.Parse(File.ReadAllBytes(copy.Path)).Rows;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{sidecar}: no manifest of a raw file ({error.Message}); delete it and download again", error);
        }
    }
}
