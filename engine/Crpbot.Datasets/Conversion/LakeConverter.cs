using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Lake;

namespace Crpbot.Datasets.Conversion;

/// <summary>Turns the raw files of a lake into its partitions, as many at once as there are cores.</summary>
/// <remarks>
/// Each job depends on nothing but its own raw bytes, so it gives the same bytes on every machine and may run again, or twice at once, without harm. A partition appears
/// whole; a job that died leaves nothing but files of temporary names. A raw file that is not of its kind fails alone.
/// </remarks>
public static class LakeConverter
{
    /// <param name="progress">Told how many more messages were read, from several threads; null for nobody.</param>
    /// <exception cref="InvalidDataException">Strict, and something was refused.</exception>
    public static ConversionReport Run(ILakeStorage lake, ConversionOptions options, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(options);
        ConversionJob[] jobs = [.. Plan(lake, options)];
        var results = new ConversionResult[jobs.Length];
        var failures = new InvalidDataException?[jobs.Length];
        ParallelJobs.Run(jobs.Length, options.Parallel, (i, state) =>
        {
            try
            {
                results[i] = Run(lake, jobs[i], options, progress ?? (_ => { }));
            }
            catch (InvalidDataException error)
            {
                results[i] = ConversionResult.Failed(jobs[i].Key, error.Message);
                failures[i] = error;
                if (options.Strict)
                    state.Stop();
            }
        });
        if (options.Strict && Array.Find(failures, failure => failure is not null) is { } first)
            throw first;
        return new ConversionReport(results);
    }

    private static ConversionResult Run(ILakeStorage lake, ConversionJob job, ConversionOptions options, Action<long> progress)
    {
        RawSource source = job.Identify(lake);
        if (!options.Force && ConversionReceipt.Find(lake, source.Key) is { } receipt && receipt.Covers(source, options, lake))
            return ConversionResult.Skipped(job.Key, receipt.Partitions);
        return job.Run(lake, source, options, progress);
    }

    /// <summary>This worker's jobs, in order of their keys.</summary>
    private static IEnumerable<ConversionJob> Plan(ILakeStorage lake, ConversionOptions options) =>
        Datasets(lake, options).Concat(Feeds(lake, options)).Concat(Candles(lake, options))
            .Where(job => options.Shard.Owns(job.ShardKey))
            .OrderBy(job => job.Key, StringComparer.Ordinal);

    private static IEnumerable<ConversionJob> Datasets(ILakeStorage lake, ConversionOptions options)
    {
        foreach ((RawFileName name, LakeFile file) in RawFiles(lake, RawLake.DatasetsFolder, options))
        {
            if (!TardisCsvTypes.TryParse(name.Type, out TardisCsvType type) || !options.WantsType(name.Type))
                continue;
            if (options.Symbols.Count == 0 || DatasetConversion.IsGroup(name.Symbol) || options.Symbols.Any(symbol => RawLake.DatasetSymbol(symbol) == name.Symbol))
                yield return new DatasetConversion(name, file, type);
        }
    }

    private static IEnumerable<ConversionJob> Feeds(ILakeStorage lake, ConversionOptions options) =>
        options.Types.Count > 0 && options.Types.All(type => type == LakeTypes.Candles)
            ? []
            : RawFiles(lake, RawLake.FeedsFolder, options)
                .GroupBy(slice => (slice.Name.Venue, Day: DateOnly.FromDateTime(slice.Name.Start)))
                .Select(slices => new FeedConversion(slices.Key.Venue, slices.Key.Day, [.. slices]));

    private static IEnumerable<ConversionJob> Candles(ILakeStorage lake, ConversionOptions options) =>
        RawFiles(lake, RawLake.CandlesFolder, options)
            .Where(file => options.WantsType(LakeTypes.Candles) && options.WantsSymbol(file.Name.Symbol))
            .Select(file => new CandleConversion(file.Name, file.File));

    private static IEnumerable<(RawFileName Name, LakeFile File)> RawFiles(ILakeStorage lake, string folder, ConversionOptions options)
    {
        var days = new LakeQuery { From = options.From, To = options.To };
        foreach (LakeFile file in lake.List(folder + "/"))
        {
            if (RawLake.TryParse(file.Key, out RawFileName? name) && (options.Venue is null || name!.Venue == options.Venue) && days.Holds(DateOnly.FromDateTime(name!.Start)))
                yield return (name, file);
        }
    }
}
