namespace Crpbot.Datasets.Download;

/// <summary>How an estimate was come by.</summary>
internal enum EstimateBasis
{
    /// <summary>Files of the same series in the lake.</summary>
    Lake,

    /// <summary>The small table below: the right order of magnitude, no more.</summary>
    Typical,

    /// <summary>Nothing to go by.</summary>
    Unknown,
}

/// <summary>What a run would do for one series.</summary>
/// <param name="Partitions">Of the range and the shard.</param>
/// <param name="Kept">In the lake already.</param>
/// <param name="Missing">That the source says it does not have.</param>
/// <param name="ToDownload">The rest.</param>
/// <param name="Bytes">Of the rest, estimated; null when there is nothing to go by.</param>
internal sealed record SeriesEstimate(string Series, long Partitions, long Kept, long Missing, long ToDownload, long? Bytes, EstimateBasis Basis);

/// <summary>Says before a download what it would bring. Looks at the lake and at metadata only.</summary>
internal static class SizeEstimate
{
    private const int SampledFilesMax = 1000;

    /// <summary>Where the table comes from; printed beside every number that does.</summary>
    public const string TypicalSource =
        "a day of a busy spot symbol, 346 s of Binance BTCUSDT (8 August 2024) in Tardis' CSV layout, gzip, scaled to 24 hours: quiet symbols are far smaller; "
        + "candles: 1,440 rows of about 57 characters";

    // Compressed bytes of those 345.9 s times 86,400 / 345.9.
    private static readonly Dictionary<string, long> TypicalDay = new(StringComparer.Ordinal)
    {
        ["trades"] = 26_400_000,
        ["incremental_book_L2"] = 185_000_000,
        ["book_ticker"] = 68_400_000,
        ["quotes"] = 68_400_000, // the same kind of row: best bid and ask
        ["book_snapshot_25"] = 61_200_000,
        // 1,440 rows of about 57 characters, from the format itself.
        [RawLake.CandlesType] = 82_000,
    };

    public static IReadOnlyList<SeriesEstimate> Of(DownloadPlan plan, IRawFiles lake, RawFileKind kind) =>
        [.. plan.Source.Series.Select(series => Of(plan, series, lake, kind))];

    private static SeriesEstimate Of(DownloadPlan plan, RawSeries series, IRawFiles lake, RawFileKind kind)
    {
        long partitions = 0;
        long kept = 0;
        long missing = 0;
        foreach (RawPartition partition in plan.PartitionsOf(series))
        {
            partitions++;
            if (plan.Source.WhyMissing(partition) is not null)
                missing++;
            else if (plan.Source.Find(partition) is not null)
                kept++;
        }

        long rest = partitions - kept - missing;
        double? each = MeanInLake(series, lake, kind, plan.Source.Step);
        if (each is not null)
            return new SeriesEstimate(series.Title, partitions, kept, missing, rest, (long)(each.Value * rest), EstimateBasis.Lake);
        return kind != RawFileKind.Slice && TypicalDay.TryGetValue(series.Type, out long day)
            ? new SeriesEstimate(series.Title, partitions, kept, missing, rest, day * rest, EstimateBasis.Typical)
            : new SeriesEstimate(series.Title, partitions, kept, missing, rest, null, EstimateBasis.Unknown);
    }

    /// <summary>Mean bytes of a partition of the series; null without a file.</summary>
    private static double? MeanInLake(RawSeries series, IRawFiles lake, RawFileKind kind, TimeSpan step)
    {
        double bytes = 0;
        double partitions = 0;
        string folder = kind switch
        {
            RawFileKind.Dataset => $"{series.Venue}/{series.Type}",
            RawFileKind.Slice => $"{series.Venue}/{series.Symbol}",
            _ => series.Symbol,
        };
        foreach (RawFileName file in lake.FilesOf(kind, folder).Where(file => file.Symbol == series.Symbol).Take(SampledFilesMax))
        {
            if (lake.LengthOf(file.Path) is not { } length)
                continue;
            bytes += length;
            partitions += (file.End - file.Start) / step;
        }

        return partitions > 0 ? bytes / partitions : null;
    }
}
