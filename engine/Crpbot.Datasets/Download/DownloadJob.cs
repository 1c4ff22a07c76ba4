using System.Text.Json;
using System.Threading.RateLimiting;

namespace Crpbot.Datasets.Download;

/// <summary>Puts a download together: services, lake, source, plan. Owns them; one run at a time.</summary>
internal sealed class DownloadJob : IDisposable
{
    private readonly DownloadRequest _request;
    private readonly DownloadLimits _limits;
    private readonly ServiceAddresses _addresses;
    private readonly IRawFiles _lake;
    private readonly RateLimiter _tardisPace;
    private readonly RateLimiter _coinbasePace;
    private readonly RetryRule _retry;
    private readonly List<ServiceClient> _clients = [];

    /// <param name="request">Validated here.</param>
    /// <param name="addresses">Of the services.</param>
    /// <param name="limits">Waits and numbers.</param>
    /// <param name="dryRun">Only looks: nothing is written and no data is asked for.</param>
    /// <exception cref="FormatException">The request cannot be.</exception>
    /// <exception cref="IOException">The lake cannot be written.</exception>
    public DownloadJob(DownloadRequest request, ServiceAddresses addresses, DownloadLimits limits, bool dryRun)
    {
        request.Validate();
        (_request, _addresses, _limits) = (request, addresses, limits);
        _lake = IRawFiles.Open(request.Lake, readOnly: dryRun);
        _tardisPace = ServiceClient.Pace(limits.RequestsPerMinute, TimeSpan.FromMinutes(1));
        _coinbasePace = ServiceClient.Pace(limits.CoinbaseRequestsPerSecond, TimeSpan.FromSeconds(1));
        _retry = new RetryRule(limits);
    }

    public DownloadMeter Meter { get; } = new();

    /// <summary>Something the user should know that stops nothing; one line.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Downloads what the lake does not have.</summary>
    /// <inheritdoc cref="Downloader.RunAsync"/>
    public async Task<DownloadReport> RunAsync(CancellationToken cancellation)
    {
        DownloadPlan plan = await PlanAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await new Downloader(plan, _limits, Meter, _retry).RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException error) when (LakeFolder.IsDiskFull(error))
        {
            throw new IOException($"{_request.Lake}: the disk is full; what is whole stays, make room and run the command again", error);
        }
    }

    /// <summary>Says what a run would do.</summary>
    public async Task<IReadOnlyList<SeriesEstimate>> EstimateAsync(CancellationToken cancellation)
    {
        DownloadPlan plan = await PlanAsync(cancellation).ConfigureAwait(false);
        return SizeEstimate.Of(plan, _lake, _request.Source switch
        {
            DownloadSource.TardisDatasets => RawFileKind.Dataset,
            DownloadSource.TardisFeeds => RawFileKind.Slice,
            _ => RawFileKind.Candles,
        });
    }

    public void Dispose()
    {
        foreach (ServiceClient client in _clients)
            client.Dispose();
        _lake.Dispose();
        _tardisPace.Dispose();
        _coinbasePace.Dispose();
    }

    private async Task<DownloadPlan> PlanAsync(CancellationToken cancellation) =>
        new(await SourceAsync(cancellation).ConfigureAwait(false), _request.From, _request.To, _request.Shard);

    private async Task<IRawSource> SourceAsync(CancellationToken cancellation)
    {
        if (_request.Source == DownloadSource.CoinbaseCandles)
            return new CoinbaseCandles(Fetcher(Client(_addresses.Coinbase, null, _coinbasePace)), _request.Symbols, _retry, Meter, TimeProvider.System);
        ServiceClient api = Client(_addresses.Api, _addresses.Key, _tardisPace);
        ExchangeAvailability? availability = await AvailabilityAsync(api, cancellation).ConfigureAwait(false);
        if (_request.Source == DownloadSource.TardisDatasets)
        {
            FileFetcher datasets = Fetcher(Client(_addresses.Datasets, _addresses.Key, _tardisPace));
            return new TardisDatasets(datasets, _request.Exchange, _request.Types, _request.Symbols, availability, TimeProvider.System);
        }

        IEnumerable<string> channels = _request.Channels.Count > 0 ? _request.Channels : FilterSet.ChannelsOf(_request.Exchange, _request.Types);
        var filters = new FilterSet(channels, _request.Symbols.Select(symbol => FilterSet.SymbolOf(_request.Exchange, symbol)));
        return await TardisFeeds.OpenAsync(
            Fetcher(api), _request.Exchange, filters, availability, _request.SliceSize, _request.From, _retry, TimeProvider.System, cancellation).ConfigureAwait(false);
    }

    /// <summary>The exchange's description; a job can do without, but cannot tell then which days never existed.</summary>
    private async Task<ExchangeAvailability?> AvailabilityAsync(ServiceClient api, CancellationToken cancellation)
    {
        try
        {
            // As the official clients treat JSON calls: few attempts, short waits.
            var brief = new RetryRule(_limits with { Attempts = 3, AttemptsToReach = 2, WaitUnit = _limits.WaitUnit / 4, RetryAfterMax = TimeSpan.FromSeconds(30) });
            using JsonDocument document = await api.GetJsonAsync($"/exchanges/{_request.Exchange}", brief, cancellation).ConfigureAwait(false);
            return ExchangeAvailability.Parse(document.RootElement);
        }
        catch (ServiceException error)
        {
            OnWarning?.Invoke($"what Tardis has of {_request.Exchange} is not known ({error.Message}): every day is asked for");
            return null;
        }
    }

    private ServiceClient Client(Uri address, string? key, RateLimiter pace)
    {
        var client = new ServiceClient(address, key, _limits, pace);
        _clients.Add(client);
        return client;
    }

    private FileFetcher Fetcher(ServiceClient client) => new(client, _lake, _retry, Meter);
}
