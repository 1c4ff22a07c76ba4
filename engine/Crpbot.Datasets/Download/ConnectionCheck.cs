using System.Globalization;
using System.Text.Json;
using System.Threading.RateLimiting;
using Crpbot.Codecs.Text;

namespace Crpbot.Datasets.Download;

/// <summary>How a line of the connection test ended.</summary>
internal enum CheckOutcome
{
    Ok,

    /// <summary>Not set up, and not needed.</summary>
    NotConfigured,

    /// <summary>Reached, and the answer is no: a wrong key, no such file.</summary>
    Refused,

    /// <summary>Not reached, or in trouble.</summary>
    Unavailable,
}

/// <summary>One line of the connection test.</summary>
internal sealed record CheckLine(string Name, CheckOutcome Outcome, string Detail);

/// <summary>Asks every service one small question: addresses, key, plan, availability, a free day, the machine.</summary>
internal sealed class ConnectionCheck : IDisposable
{
    private static readonly DateTime SomeFreeDay = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly ServiceAddresses _addresses;
    private readonly string _exchange;
    private readonly string _symbol;
    private readonly DateTime? _day;
    private readonly RateLimiter _pace = ServiceClient.Pace(100, TimeSpan.FromSeconds(1));
    private readonly DownloadLimits _limits;
    private readonly RetryRule _once;
    private readonly List<ServiceClient> _clients = [];

    /// <param name="addresses">Of the services, and the key.</param>
    /// <param name="exchange">Whose availability is asked for.</param>
    /// <param name="symbol">Whose free day is asked for.</param>
    /// <param name="day">The free day; null takes the first of the last month that is exported.</param>
    /// <param name="patience">How long an answer may take.</param>
    public ConnectionCheck(ServiceAddresses addresses, string exchange, string symbol, DateTime? day, TimeSpan patience)
    {
        (_addresses, _exchange, _symbol, _day) = (addresses, exchange, symbol, day);
        _limits = new DownloadLimits { Attempts = 1, Inactivity = patience };
        _once = new RetryRule(_limits);
    }

    /// <summary>The lines, always the same ones in the same order. Never throws for what a service does.</summary>
    public async Task<IReadOnlyList<CheckLine>> RunAsync(CancellationToken cancellation)
    {
        ServiceClient api = Client(_addresses.Api, _addresses.Key);
        var exported = new TaskCompletionSource<DateTime?>();
        Task<CheckLine>[] lines =
        [
            TryAsync("tardis datasets address", () => ReachAsync(Client(_addresses.Datasets, null), "", cancellation)),
            TryAsync("tardis api address", () => ReachAsync(Client(_addresses.Api, null), "/exchanges", cancellation)),
            _addresses.Key is null
                ? NotConfigured("tardis key and plan", $"{ServiceAddresses.KeyName} is not set: the first day of each month is free, other days are refused")
                : TryAsync("tardis key and plan", () => KeyAsync(api, cancellation)),
            Task.FromResult(new CheckLine("tardis limits", CheckOutcome.Ok, Limits())),
            TryAsync($"tardis {_exchange}", () => ExchangeAsync(api, exported, cancellation)),
            TryAsync("tardis free day", () => FreeDayAsync(Client(_addresses.Datasets, _addresses.Key), exported.Task, cancellation)),
            _addresses.Machine is null ? NotConfigured("tardis-machine", $"{ServiceAddresses.MachineName} is not set, e.g. http://localhost:8000")
                : TryAsync("tardis-machine", () => MachineAsync(Client(_addresses.Machine, null), cancellation)),
            TryAsync("coinbase rest", () => CoinbaseAsync(Client(_addresses.Coinbase, null), cancellation)),
        ];
        return await Task.WhenAll(lines).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (ServiceClient client in _clients)
            client.Dispose();
        _pace.Dispose();
    }

    private static string Limits() =>
        string.Create(CultureInfo.InvariantCulture, $"{new DownloadLimits().RequestsPerMinute:N0} requests a minute kept to, 20 files or 60 slices in parallel");

    private static Task<CheckLine> NotConfigured(string name, string detail) => Task.FromResult(new CheckLine(name, CheckOutcome.NotConfigured, detail));

    private static async Task<CheckLine> TryAsync(string name, Func<Task<string>> ask)
    {
        try
        {
            return new CheckLine(name, CheckOutcome.Ok, await ask().ConfigureAwait(false));
        }
        catch (ServiceException error)
        {
            return new CheckLine(name, error.Failure == Failure.Transient ? CheckOutcome.Unavailable : CheckOutcome.Refused, error.Message);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new CheckLine(name, CheckOutcome.Refused, $"the answer has another form than documented: {error.Message}");
        }
    }

    /// <summary>Any answer at all says that the address is right and the way to it open.</summary>
    private static async Task<string> ReachAsync(ServiceClient client, string path, CancellationToken cancellation)
    {
        try
        {
            using ServiceResponse response = await client.GetAsync(client.Locate(path), cancellation).ConfigureAwait(false);
            return $"{client.Address} answers 200";
        }
        catch (ServiceException error) when (error.StatusCode is { } status && (int)status < 500)
        {
            return $"{client.Address} answers {(int)status}";
        }
        catch (ServiceException error)
        {
            throw new ServiceException(error.Failure, $"{client.Address}: {error.Message}", error.StatusCode, inner: error);
        }
    }

    private async Task<string> KeyAsync(ServiceClient api, CancellationToken cancellation)
    {
        using JsonDocument document = await api.GetJsonAsync("/api-key-info", _once, cancellation).ConfigureAwait(false);
        JsonElement[] grants = [.. document.RootElement.EnumerateArray()];
        JsonElement[] ours = [.. grants.Where(grant => Text(grant, "exchange") == _exchange)];
        if (ours.Length == 0)
            throw new ServiceException(Failure.Refused, $"the key is good for {grants.Length} exchanges, {_exchange} is not among them");
        return string.Join("; ", ours.Select(Describe)) + (grants.Length > ours.Length ? $"; and {grants.Length - ours.Length} grants for other exchanges" : "");
    }

    private static string Describe(JsonElement grant)
    {
        int symbols = grant.TryGetProperty("symbols", out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.GetArrayLength() : 0;
        string plan = $"{Text(grant, "accessType") ?? "access"}, plan {Text(grant, "dataPlan") ?? "not told"}";
        return $"{Text(grant, "exchange")}: {plan}, from {Day(grant, "from")} to {Day(grant, "to")}, " + (symbols == 0 ? "all symbols" : $"{symbols} symbols");
    }

    private async Task<string> ExchangeAsync(ServiceClient api, TaskCompletionSource<DateTime?> exported, CancellationToken cancellation)
    {
        try
        {
            using JsonDocument document = await api.GetJsonAsync($"/exchanges/{_exchange}", _once, cancellation).ConfigureAwait(false);
            ExchangeAvailability availability = ExchangeAvailability.Parse(document.RootElement);
            exported.TrySetResult(availability.ExportedUntil);
            string symbols = $"{availability.Symbols.Count} dataset symbols";
            return $"available since {Day(availability.AvailableSince)}, CSV exported until {Day(availability.ExportedUntil)}, {symbols}";
        }
        finally
        {
            exported.TrySetResult(null);
        }
    }

    private async Task<string> FreeDayAsync(ServiceClient datasets, Task<DateTime?> exported, CancellationToken cancellation)
    {
        DateTime day = _day ?? (await exported.ConfigureAwait(false) is { } until ? until.AddDays(-1).AddDays(1 - until.AddDays(-1).Day) : SomeFreeDay);
        string name = string.Create(CultureInfo.InvariantCulture, $"{_exchange} trades {_symbol} {day:yyyy-MM-dd}");
        string path = TardisDatasets.AddressOf(_exchange, "trades", RawLake.DatasetSymbol(_symbol), day);
        using ServiceResponse response = await datasets.GetAsync(datasets.Locate(path), cancellation).ConfigureAwait(false);
        if (!GzipReadStream.HasMagic(await response.ReadStartAsync(2, cancellation).ConfigureAwait(false)))
            throw new ServiceException(Failure.Permanent, $"{name}: the answer is no gzip file");
        string size = response.Length is { } length ? string.Create(CultureInfo.InvariantCulture, $", {length:N0} bytes") : "";
        return $"{name} answers{size}";
    }

    private async Task<string> MachineAsync(ServiceClient machine, CancellationToken cancellation)
    {
        using JsonDocument document = await machine.GetJsonAsync("/health-check", _once, cancellation).ConfigureAwait(false);
        string status = Text(document.RootElement, "status") ?? "tells no status";
        return status == "Healthy" ? $"{machine.Address} is healthy" : throw new ServiceException(Failure.Transient, $"{machine.Address}: {status}");
    }

    private async Task<string> CoinbaseAsync(ServiceClient coinbase, CancellationToken cancellation)
    {
        // Two minutes of a past day: the smallest question of the kind that downloads ask.
        using JsonDocument document = await coinbase.GetJsonAsync(
            "/products/BTC-USD/candles?granularity=60&start=2024-01-01T00:00:00Z&end=2024-01-01T00:01:00Z", _once, cancellation).ConfigureAwait(false);
        return document.RootElement.ValueKind == JsonValueKind.Array ? $"{coinbase.Address} answers with {document.RootElement.GetArrayLength()} candles"
            : throw new ServiceException(Failure.Permanent, $"{coinbase.Address}: the answer is no array of candles");
    }

    private ServiceClient Client(Uri address, string? key)
    {
        var client = new ServiceClient(address, key, _limits, _pace);
        _clients.Add(client);
        return client;
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value.ToString() : null;

    private static string Day(JsonElement of, string name) => Text(of, name) is { Length: >= 10 } text ? text[..10] : "the beginning";

    private static string Day(DateTime? time) => time?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "not told";
}
