namespace Crpbot.Datasets.Download;

/// <summary>Tardis' CSV files: a file for each data type, symbol and UTC day.</summary>
internal sealed class TardisDatasets : IRawSource
{
    private readonly FileFetcher _fetcher;
    private readonly ExchangeAvailability? _availability;
    private readonly TimeProvider _clock;

    /// <param name="fetcher">Of the datasets service.</param>
    /// <param name="exchange">Tardis' exchange id.</param>
    /// <param name="types">Data types.</param>
    /// <param name="symbols">In any spelling.</param>
    /// <param name="availability">Null when it could not be had: then every day is asked for.</param>
    /// <param name="clock">Says which days are over.</param>
    /// <exception cref="FormatException">The exchange has no such symbol or type.</exception>
    public TardisDatasets(
        FileFetcher fetcher, string exchange, IEnumerable<string> types, IEnumerable<string> symbols, ExchangeAvailability? availability, TimeProvider clock)
    {
        (_fetcher, _availability, _clock) = (fetcher, availability, clock);
        Series = [.. from symbol in symbols.Select(RawLake.DatasetSymbol).Distinct()
                     from type in types.Distinct()
                     select new RawSeries(exchange, type, symbol, $"{exchange} {type} {symbol}")];
        foreach (RawSeries series in Series)
            availability?.Require(exchange, series.Type, series.Symbol);
    }

    public IReadOnlyList<RawSeries> Series { get; }

    public TimeSpan Step => TimeSpan.FromDays(1);

    public int DefaultConcurrency => 20;

    public bool HasFreeDays => true;

    public bool HasKey => _fetcher.Client.HasKey;

    public string? WhyMissing(RawPartition partition) =>
        partition.Start + Step > _clock.GetUtcNow().UtcDateTime ? "the day is not over yet" : _availability?.WhyNoDataset(partition.Series.Symbol, partition.Start);

    public void RecordMissing(RawPartition partition) => _fetcher.RecordMissing(PathOf(partition), AddressOf(partition));

    public PartitionResult? Find(RawPartition partition) =>
        _fetcher.Find(PathOf(partition), AddressOf(partition), ContentCheck.Csv) is { } manifest ? PartitionResult.Of(manifest, downloaded: false) : null;

    public async Task<PartitionResult> FetchAsync(RawPartition partition, CancellationToken cancellation)
    {
        string path = PathOf(partition);
        RawFileManifest manifest = await _fetcher.FetchAsync(AddressOf(partition), path, _ => (path, ContentCheck.Csv), acceptGzip: false, cancellation)
            .ConfigureAwait(false);
        return PartitionResult.Of(manifest, downloaded: true);
    }

    private static string PathOf(RawPartition partition) =>
        RawLake.DatasetPath(partition.Series.Venue, partition.Series.Type, partition.Series.Symbol, DateOnly.FromDateTime(partition.Start));

    private static string AddressOf(RawPartition partition) =>
        AddressOf(partition.Series.Venue, partition.Series.Type, partition.Series.Symbol, partition.Start);

    /// <summary>A file's address below the base.</summary>
    internal static string AddressOf(string exchange, string type, string symbol, DateTime day) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"/{exchange}/{type}/{day:yyyy'/'MM'/'dd}/{Uri.EscapeDataString(symbol)}.csv.gz");
}
