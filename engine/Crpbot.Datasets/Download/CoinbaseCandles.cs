using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;

namespace Crpbot.Datasets.Download;

/// <summary>Coinbase Exchange's free one-minute candles: one CSV for each product and UTC day, from five answers.</summary>
/// <remarks>
/// An answer holds at most 300 candles, newest first, and may be empty in the middle of a range: minutes without a trade have no candle. Whether <c>end</c> is
/// inclusive does not matter here: each request asks for a minute more than it keeps.
/// </remarks>
internal sealed class CoinbaseCandles : IRawSource
{
    private const int MinutesARequest = 288; // a fifth of a day; one more is still below 300
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(5);
    private readonly ServiceClient _client;
    private readonly FileFetcher _fetcher;
    private readonly RetryRule _retry;
    private readonly DownloadMeter _meter;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, string> _unknown = new(StringComparer.Ordinal);

    /// <param name="fetcher">Of the Coinbase service.</param>
    /// <param name="symbols">Products.</param>
    /// <param name="retry">For each answer.</param>
    /// <param name="meter">Told of every byte.</param>
    /// <param name="clock">Says which days are over.</param>
    public CoinbaseCandles(FileFetcher fetcher, IEnumerable<string> symbols, RetryRule retry, DownloadMeter meter, TimeProvider clock)
    {
        (_fetcher, _client, _retry, _meter, _clock) = (fetcher, fetcher.Client, retry, meter, clock);
        Series = [.. symbols.Select(RawLake.DatasetSymbol).Distinct().Select(symbol =>
            new RawSeries(RawLake.CandlesVenue, RawLake.CandlesType, symbol, $"coinbase candles {symbol}"))];
    }

    public IReadOnlyList<RawSeries> Series { get; }

    public TimeSpan Step => TimeSpan.FromDays(1);

    public int DefaultConcurrency => 4;

    public bool HasFreeDays => false;

    public bool HasKey => false;

    public string? WhyMissing(RawPartition partition) =>
        partition.Start + Step + Settled > _clock.GetUtcNow().UtcDateTime ? "the day is not over yet" : _unknown.GetValueOrDefault(partition.Series.Symbol);

    public void RecordMissing(RawPartition partition) => _fetcher.RecordMissing(PathOf(partition), DayAddress(partition));

    public PartitionResult? Find(RawPartition partition) =>
        _fetcher.Find(PathOf(partition), DayAddress(partition), content => ContentCheck.Candles(content, partition.Start)) is { } manifest
            ? PartitionResult.Of(manifest, downloaded: false) : null;

    public async Task<PartitionResult> FetchAsync(RawPartition partition, CancellationToken cancellation)
    {
        var rows = new CandleRows();
        DateTime day = partition.Start;
        for (DateTime start = day; start < day + Step; start = start.AddMinutes(MinutesARequest))
            await FetchRowsAsync(partition.Series.Symbol, start, rows, cancellation).ConfigureAwait(false);

        byte[] csv = rows.ToCsv();
        var manifest = new RawFileManifest(_client.Locate(DayAddress(partition)).PathAndQuery, csv.Length, Convert.ToHexStringLower(SHA256.HashData(csv)),
            rows.Count == 0 ? RawFileStatus.Empty : RawFileStatus.Whole, csv.Length, rows.Count);
        using LakeTemporary temporary = _fetcher.Lake.CreateTemporary(PathOf(partition));
        await temporary.Stream.WriteAsync(csv, cancellation).ConfigureAwait(false);
        _fetcher.Lake.Commit(temporary, PathOf(partition), manifest);
        return PartitionResult.Of(manifest, downloaded: true);
    }

    private async Task FetchRowsAsync(string symbol, DateTime start, CandleRows rows, CancellationToken cancellation)
    {
        DateTime end = start.AddMinutes(MinutesARequest);
        try
        {
            await _retry.RunAsync(async (_, token) =>
            {
                using ServiceResponse response = await _client.GetAsync(_client.Locate(Address(symbol, start, end)), token).ConfigureAwait(false);
                using var body = new MemoryStream();
                await response.CopyToAsync((piece, _) =>
                {
                    body.Write(piece.Span);
                    _meter.AddBytes(piece.Length);
                    return ValueTask.CompletedTask;
                }, token).ConfigureAwait(false);
                rows.Add(body.GetBuffer().AsSpan(0, (int)body.Length), start, end);
                return true;
            }, cancellation).ConfigureAwait(false);
        }
        catch (ServiceException error) when (error.Failure == Failure.NotFound)
        {
            // The address names no day: what is not found is the product.
            _unknown.TryAdd(symbol, "404, the source has none");
            throw;
        }
    }

    private static string PathOf(RawPartition partition) => RawLake.CandlesPath(partition.Series.Symbol, DateOnly.FromDateTime(partition.Start));

    /// <summary>The day as one address, for the sidecar.</summary>
    private string DayAddress(RawPartition partition) => Address(partition.Series.Symbol, partition.Start, partition.Start + Step);

    private static string Address(string symbol, DateTime start, DateTime end) => string.Create(CultureInfo.InvariantCulture,
        $"/products/{Uri.EscapeDataString(symbol)}/candles?granularity=60&start={start:yyyy-MM-ddTHH:mm:ssZ}&end={end:yyyy-MM-ddTHH:mm:ssZ}");
}
