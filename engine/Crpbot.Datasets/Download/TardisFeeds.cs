using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Crpbot.Datasets.Download;

/// <summary>Tardis' raw data feeds: the venue's own messages, minute by minute.</summary>
/// <remarks>
/// A slice covers <c>sliceSize</c> minutes, counted from each full hour, whatever the range asked for: so two runs never cut the same minutes differently. When
/// the service sends fewer minutes than asked for, the rest of the slice follows as files of their own.
/// </remarks>
internal sealed class TardisFeeds : IRawSource
{
    public const int SliceSizeMax = 10;
    private static readonly TimeSpan Behind = TimeSpan.FromMinutes(6); // recordings come so much later; the official clients ask no earlier
    private readonly FileFetcher _fetcher;
    private readonly FilterSet _filters;
    private readonly ExchangeAvailability? _availability;
    private readonly int _sliceSize;
    private readonly TimeProvider _clock;

    private TardisFeeds(FileFetcher fetcher, string exchange, FilterSet filters, ExchangeAvailability? availability, int sliceSize, TimeProvider clock)
    {
        (_fetcher, _filters, _availability, _sliceSize, _clock) = (fetcher, filters, availability, sliceSize, clock);
        Series = [new RawSeries(exchange, RawLake.FeedType, filters.Hash, $"{exchange} raw messages {filters.Json}")];
    }

    public IReadOnlyList<RawSeries> Series { get; }

    public TimeSpan Step => TimeSpan.FromMinutes(_sliceSize);

    public int DefaultConcurrency => 60;

    public bool HasFreeDays => true;

    public bool HasKey => _fetcher.Client.HasKey;

    /// <summary>Settles the slice size: what the lake already has, what is asked for, or what the service suggests for the first minute.</summary>
    /// <param name="sliceSize">1 to 10; null follows the service.</param>
    /// <param name="from">First minute of the range.</param>
    /// <param name="clock">Says which minutes have been.</param>
    /// <exception cref="FormatException">The lake has these messages in slices of another size.</exception>
    /// <exception cref="ServiceException">The service does not answer for the first minute.</exception>
    public static async Task<TardisFeeds> OpenAsync(
        FileFetcher fetcher, string exchange, FilterSet filters, ExchangeAvailability? availability, int? sliceSize, DateTime from, RetryRule retry,
        TimeProvider clock, CancellationToken cancellation)
    {
        string note = $"{RawLake.FeedFolder(exchange, filters.Hash)}/{RawLake.FiltersName}";
        int? known = fetcher.Lake.ReadSmall(note) is { } bytes ? ParseSliceSize(note, bytes) : null;
        if (known is not null && sliceSize is not null && known != sliceSize)
            throw new FormatException($"the lake holds these messages in slices of {known} minutes: leave --slice-size out, or name another --out");
        DateTime first = availability?.AvailableSince is { } since && since > from ? since.Date : from;
        bool canAsk = availability?.WhyNoFeed(first) is null && first + Behind < clock.GetUtcNow().UtcDateTime;
        int size = known ?? sliceSize ?? (canAsk ? await SuggestedAsync(fetcher.Client, exchange, filters, first, retry, cancellation).ConfigureAwait(false) : 1);
        if (known is null && fetcher.Lake.IsWritable)
            fetcher.Lake.WriteSmall(note, Encoding.UTF8.GetBytes($"{{\"sliceSize\":{size.ToString(CultureInfo.InvariantCulture)},\"filters\":{filters.Json}}}\n"));
        return new TardisFeeds(fetcher, exchange, filters, availability, size, clock);
    }

    public string? WhyMissing(RawPartition partition) =>
        partition.Start + Step + Behind > _clock.GetUtcNow().UtcDateTime ? "not recorded yet" : _availability?.WhyNoFeed(partition.Start);

    public void RecordMissing(RawPartition partition) => _fetcher.RecordMissing(PathOf(partition.Start, _sliceSize), AddressOf(partition.Start, _sliceSize));

    public PartitionResult? Find(RawPartition partition)
    {
        var total = new Slices();
        DateTime end = partition.Start + Step;
        for (DateTime at = partition.Start; at < end;)
        {
            if (FindFile(at, (int)(end - at).TotalMinutes) is not ({ } manifest, int minutes))
                return null;
            total.Add(manifest, downloaded: false);
            at = at.AddMinutes(minutes);
        }

        return total.ToResult();
    }

    public async Task<PartitionResult> FetchAsync(RawPartition partition, CancellationToken cancellation)
    {
        var total = new Slices();
        DateTime end = partition.Start + Step;
        for (DateTime at = partition.Start; at < end;)
        {
            int wanted = (int)(end - at).TotalMinutes;
            (RawFileManifest Manifest, int Minutes)? here = FindFile(at, wanted);
            bool download = here is null;
            (RawFileManifest manifest, int minutes) = here ?? await FetchFileAsync(at, wanted, cancellation).ConfigureAwait(false);
            total.Add(manifest, download);
            at = at.AddMinutes(minutes);
        }

        return total.ToResult();
    }

    /// <summary>The slice of the lake that begins at a minute and ends with the partition or before.</summary>
    private (RawFileManifest Manifest, int Minutes)? FindFile(DateTime start, int minutesMax)
    {
        for (int minutes = minutesMax; minutes > 0; minutes--)
        {
            int size = minutes;
            if (_fetcher.Find(PathOf(start, size), AddressOf(start, minutesMax), content => ContentCheck.Slice(content, start, size)) is { } manifest)
                return (manifest, size);
        }

        return null;
    }

    private async Task<(RawFileManifest Manifest, int Minutes)> FetchFileAsync(DateTime start, int minutes, CancellationToken cancellation)
    {
        int got = minutes;
        RawFileManifest manifest = await _fetcher.FetchAsync(AddressOf(start, minutes), PathOf(start, minutes), response =>
        {
            got = SizeOf(response, minutes);
            int size = got;
            return (PathOf(start, size), content => ContentCheck.Slice(content, start, size));
        }, acceptGzip: true, cancellation).ConfigureAwait(false);
        return (manifest, got);
    }

    private static int SizeOf(ServiceResponse response, int asked)
    {
        int size = response.Number("x-slice-size") ?? 1;
        return size >= 1 && size <= asked ? size : throw new ServiceException(Failure.Transient, $"asked for {asked} minutes, got x-slice-size {size}");
    }

    private static Task<int> SuggestedAsync(
        ServiceClient client, string exchange, FilterSet filters, DateTime minute, RetryRule retry, CancellationToken cancellation) =>
        retry.RunAsync(async (_, token) =>
        {
            Uri address = client.Locate(Address(exchange, filters, minute, 1));
            using ServiceResponse response = await client.GetAsync(address, token, acceptGzip: true).ConfigureAwait(false);
            int suggested = Math.Clamp(response.Number("x-suggested-slice-size") ?? 1, 1, SliceSizeMax);
            // Slices begin at the full hour; one that the hour is no multiple of would reach into the next.
            return Enumerable.Range(1, suggested).Last(size => 60 % size == 0);
        }, cancellation);

    private static int? ParseSliceSize(string note, byte[] bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return document.RootElement.GetProperty("sliceSize").GetInt32();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{note}: no description of slices ({error.Message}); delete it and run again", error);
        }
    }

    private string PathOf(DateTime start, int minutes) => RawLake.SlicePath(Series[0].Venue, _filters.Hash, start, minutes);

    private string AddressOf(DateTime start, int minutes) => Address(Series[0].Venue, _filters, start, minutes);

    private static string Address(string exchange, FilterSet filters, DateTime start, int minutes)
    {
        string size = minutes > 1 ? string.Create(CultureInfo.InvariantCulture, $"&sliceSize={minutes}") : "";
        string from = start.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        return $"/data-feeds/{exchange}?from={from}&offset=0{size}&filters={Uri.EscapeDataString(filters.Json)}";
    }

    /// <summary>The files of one partition.</summary>
    private sealed class Slices
    {
        private int _files;
        private int _downloaded;
        private long _bytes;
        private bool _hasRows;

        public void Add(RawFileManifest manifest, bool downloaded)
        {
            _files++;
            _downloaded += downloaded ? 1 : 0;
            _bytes += manifest.Bytes;
            _hasRows |= manifest.Status == RawFileStatus.Whole;
        }

        public PartitionResult ToResult() => new(_hasRows ? PartitionState.Whole : PartitionState.Empty, _downloaded, _files, _bytes);
    }
}
