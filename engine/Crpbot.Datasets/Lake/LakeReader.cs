using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;

namespace Crpbot.Datasets.Lake;

/// <summary>Reads a lake as one stream of messages in order of ReceiveTime.</summary>
/// <remarks>
/// Per venue, symbol and type the days follow one another; a day comes from its Parquet file, or from the downloaded CSV where it was not converted. At a tie of
/// ReceiveTime the order is venue, symbol, then <see cref="LakeTypes.InOrder"/>. One file of each series is open at a time.
/// </remarks>
public static class LakeReader
{
    /// <summary>The files a query reads, one a partition: by venue, symbol, day and type.</summary>
    public static IReadOnlyList<LakeSource> Partitions(ILakeStorage lake, LakeQuery query)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(query);
        var found = new Dictionary<(string Venue, string Symbol, DateOnly Date, TardisCsvType Type), LakeSource>();
        foreach (LakeSource source in Files(lake, query.Venue))
        {
            LakePartition partition = source.Partition;
            if (!query.Holds(partition.Date) || (query.Types.Count > 0 && !query.Types.Contains(source.Type)) || !IsWanted(query, source))
                continue;
            // A raw file cannot tell BTC-USD from BTC/USD by its name, so both share one place here and Parquet, which can, goes first.
            (string, string, DateOnly, TardisCsvType) key = (partition.Venue, RawLake.DatasetSymbol(partition.Symbol), partition.Date, source.Type);
            if (!found.TryGetValue(key, out LakeSource? known) || (known.IsRaw && !source.IsRaw))
                found[key] = source;
        }

        IEnumerable<LakeSource> chosen = query.Types.Count > 0 ? found.Values : WithoutCoarserBooks(found.Values);
        return [.. chosen.OrderBy(source => source.Partition, LakePartition.Order)];
    }

    /// <summary>Opens what a query names; a reader without messages when the lake has nothing of it.</summary>
    /// <param name="lake">Must live as long as the reader.</param>
    /// <param name="query">What to read.</param>
    /// <param name="instruments">Gives ticks and lots of raw files; those of Parquet files are added.</param>
    /// <param name="damage">Counts what is refused.</param>
    /// <param name="ownsLake">The lake is disposed with the reader.</param>
    public static MarketReader Open(ILakeStorage lake, LakeQuery query, InstrumentTable instruments, DamageLog damage, bool ownsLake = false)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(query);
        var textIds = new TextIdTable();
        var range = new ReadRange(query.From, query.To);
        MarketReader OpenPart(LakeSource source)
        {
            LakeCopy copy = lake.Fetch(source.File.Key);
            try
            {
                MarketReader reader = source.IsRaw
                    ? new CsvMarketReader(copy.Path, new TardisCsvOptions { Type = source.Type }, instruments, textIds, range, damage)
                    : new ParquetMarketReader(copy.Path, instruments, textIds, range, damage);
                return copy.IsTemporary ? new CopiedMarketReader(copy, reader) : reader;
            }
            catch
            {
                copy.Dispose();
                throw;
            }
        }

        MarketReader[] series =
        [
            .. Partitions(lake, query)
                .GroupBy(source => (source.Partition.Venue, Symbol: RawLake.DatasetSymbol(source.Partition.Symbol), source.Type))
                .OrderBy(group => group.Key.Venue, StringComparer.Ordinal).ThenBy(group => group.Key.Symbol, StringComparer.Ordinal).ThenBy(group => LakeTypes.RankOf(group.Key.Type))
                .Select(group => new ChainedMarketReader(
                    [.. group.OrderBy(source => source.Partition.Date).Select(source => (LakeQuery.StartOf(source.Partition.Date.AddDays(1)), (Func<MarketReader>)(() => OpenPart(source))))],
                    instruments, textIds, range, damage)),
        ];
        var merged = new MergedMarketReader(series, instruments, textIds, range, damage);
        return ownsLake ? new MergedLakeReader(lake, merged) : merged;
    }

    private static IEnumerable<LakeSource> Files(ILakeStorage lake, string? venue)
    {
        IEnumerable<LakeFile> files = venue is null
            ? lake.List("")
            : lake.List($"venue={Uri.EscapeDataString(venue)}/").Concat(lake.List($"{RawLake.DatasetsFolder}/{venue}/"));
        foreach (LakeFile file in files)
        {
            if (file.Key.StartsWith(RawLake.DatasetsFolder, StringComparison.Ordinal))
            {
                if (RawLake.TryParse(file.Key, out RawFileName? raw) && TardisCsvTypes.TryParse(raw!.Type, out TardisCsvType rawType))
                    yield return new LakeSource(new LakePartition(raw.Venue, raw.Type, raw.Symbol, DateOnly.FromDateTime(raw.Start)), rawType, file, IsRaw: true);
            }
            else if (LakePartition.TryParse(file.Key, out LakePartition partition) && file.Key == partition.Key && TardisCsvTypes.TryParse(partition.Type, out TardisCsvType type))
            {
                yield return new LakeSource(partition, type, file, IsRaw: false);
            }
        }
    }

    private static bool IsWanted(LakeQuery query, LakeSource source) =>
        query.Symbols.Count == 0
        || query.Symbols.Any(symbol => source.IsRaw ? RawLake.DatasetSymbol(symbol) == source.Partition.Symbol : symbol == source.Partition.Symbol);

    private static IEnumerable<LakeSource> WithoutCoarserBooks(IEnumerable<LakeSource> sources)
    {
        foreach (IGrouping<(string, string, DateOnly), LakeSource> day in sources.GroupBy(source => (source.Partition.Venue, RawLake.DatasetSymbol(source.Partition.Symbol), source.Partition.Date)))
        {
            TardisCsvType finest = day.Select(source => source.Type).Where(LakeTypes.IsBook).OrderBy(LakeTypes.RankOf).FirstOrDefault();
            foreach (LakeSource source in day)
            {
                if (!LakeTypes.IsBook(source.Type) || source.Type == finest)
                    yield return source;
            }
        }
    }
}
