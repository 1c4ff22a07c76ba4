using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Crpbot.Testing;
using SharedData = Crpbot.Testing.MarketData;
using Xunit;

namespace Crpbot.Pipeline.Tests.Tardis;

/// <summary>A test against Tardis' own client library, skipped with a reason where it, Node, the stand-ins or the recordings are absent.</summary>
public sealed class TardisPeerFactAttribute : FactAttribute
{
    public TardisPeerFactAttribute() => Skip = TardisPeer.WhyAbsent;
}

/// <summary>As <see cref="TardisPeerFactAttribute"/>, for theories.</summary>
public sealed class TardisPeerTheoryAttribute : TheoryAttribute
{
    public TardisPeerTheoryAttribute() => Skip = TardisPeer.WhyAbsent;
}

/// <summary>tardis-dev of npm behind tardis-machine's wire format, over recorded minutes: what it sends is not ours.</summary>
/// <remarks>
/// <code>
///   recorded minutes ─► stand-in of the API ─► tardis-dev ─► bridge: HTTP and WebSocket ─► the engine
///   recorded minutes ─► stand-in of the exchange ─► tardis-dev ─► bridge: WebSocket ─► the engine
/// </code>
/// </remarks>
public sealed class TardisPeer : IAsyncLifetime, IDisposable
{
    internal const string CoinbaseMinute = "2021/04/17/16/43";
    internal const string HostileMinute = "2021/05/01/00/00";
    internal static readonly string[] CoinbaseSymbols = ["SKL-USD", "SKL-BTC", "BAND-GBP", "NMR-EUR", "BAND-BTC", "YFI-BTC", "DASH-BTC", "NU-GBP", "CRV-EUR", "SKL-GBP"];
    internal static readonly string[] BinanceMinutes = ["2021/04/05/18/33", "2021/04/05/18/34", "2021/04/05/18/35"];
    internal static readonly string[] BinanceSymbols = ["AXSBNB", "BTCAUD", "BTCSTUSDT", "DENTUSDT", "ETHBRL", "MANAUSDT", "NEOUSDC", "QTUMETH", "RENBTCETH", "ZILUSDT"];

    private const string CoinbaseRecording = "cryptofeed/COINBASE.ws.28.0.part1.gz";
    private const string BinanceRecording = "cryptofeed/BINANCE-b38f7c.0.gz";
    private static readonly string Packages = Path.Combine(SharedData.RepositoryRoot, "artifacts", "node", "node_modules");
    private static readonly string[] Tools = ["tardis-api-standin.mjs", "exchange-ws-standin.mjs", "tardis-dev-bridge.mjs", "redirect-hosts.mjs"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<NodeProcess> _processes = [];

    internal static string? WhyAbsent { get; } =
        !Directory.Exists(Path.Combine(Packages, "tardis-dev")) || !Directory.Exists(Path.Combine(Packages, "ws"))
            ? "npm's tardis-dev and ws are absent; tests/run.sh installs them where npm is"
        : Array.Find(Tools, tool => SharedData.Tool(tool) is null) is { } tool ? $"the tool {tool} beside the market data is absent"
        : !SharedData.Has(CoinbaseRecording) || !SharedData.Has(BinanceRecording) ? "the recordings of market data/cryptofeed are absent; set CRPBOT_DATA"
        : null;

    /// <summary>The stand-in of Tardis' API; faults are posted to it.</summary>
    internal Uri Api { get; private set; } = null!;

    /// <summary>The bridge over recorded minutes, HTTP.</summary>
    internal Uri Http { get; private set; } = null!;

    /// <summary>The same, WebSocket.</summary>
    internal Uri WebSocket { get; private set; } = null!;

    internal string this[string name] => _folder[name];

    public async Task InitializeAsync()
    {
        if (WhyAbsent is not null)
            return;
        Directory.CreateSymbolicLink(_folder["node_modules"], Packages);
        await Import("coinbase", CoinbaseRecording);
        await Import("binance", BinanceRecording);
        WriteHostileMinute();
        Api = new Uri((await Start("tardis-api-standin.mjs", [], "serve", "--root", _folder["rec"], "--port", "0", "--quiet")).Line.Split(' ')[^1]);
        (Http, WebSocket, _) = await StartBridge(new()
        {
            ["REDIRECT"] = $"api.tardis.dev={Api.GetLeftPart(UriPartial.Authority)}",
            ["NODE_OPTIONS"] = $"--import {SharedData.Tool("redirect-hosts.mjs")}",
        });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        foreach (NodeProcess process in _processes)
            process.Dispose();
        _folder.Dispose();
    }

    /// <summary>A minute as its raw lines; several in a row make one file.</summary>
    internal string MinuteFile(string exchange, params string[] minutes)
    {
        string path = _folder[$"{exchange}-{minutes[0].Replace('/', '-')}.ndjson"];
        using FileStream file = File.Create(path);
        foreach (string minute in minutes)
        {
            string stored = Path.Combine(_folder["rec"], "feeds", exchange, minute + ".ndjson");
            using Stream source = File.Exists(stored) ? File.OpenRead(stored) : new GZipStream(File.OpenRead(stored + ".gz"), CompressionMode.Decompress);
            source.CopyTo(file);
        }

        return path;
    }

    /// <summary>An exchange that plays its minute to the bridge's live stream.</summary>
    /// <returns>The bridge's WebSocket address, and the bridge to be killed by tests that want that.</returns>
    internal async Task<(Uri Address, NodeProcess Bridge)> StartLive(string minuteStart, params string[] play)
    {
        int port = NodeProcess.FreePorts();
        string[] arguments = ["--root", _folder["rec"], "--exchange", "coinbase", "--from", minuteStart, "--port", $"{port}", .. play];
        await Start("exchange-ws-standin.mjs", [], arguments);
        (_, Uri address, NodeProcess bridge) = await StartBridge(new() { ["WSS_URL_COINBASE"] = $"ws://127.0.0.1:{port}" });
        return (address, bridge);
    }

    /// <summary>The body of a replay over HTTP, whatever the status.</summary>
    internal async Task<(int Status, string Body)> Replay(string exchange, string[] symbols, string from, string to)
    {
        using var client = new HttpClient();
        string options = JsonSerializer.Serialize(new { exchange, symbols, from, to, dataTypes = new[] { "trade", "book_change" }, withDisconnectMessages = true });
        using HttpResponseMessage answer = await client.GetAsync(new Uri(Http, $"/replay-normalized?options={Uri.EscapeDataString(options)}"));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Makes the API fail as the JSON says; <c>[]</c> heals it.</summary>
    internal async Task SetFaults(string faults)
    {
        using var client = new HttpClient();
        using var content = new StringContent(faults);
        (await client.PostAsync(new Uri(Api, "/_faults"), content)).EnsureSuccessStatusCode();
    }

    private async Task<(Uri Http, Uri WebSocket, NodeProcess Bridge)> StartBridge(Dictionary<string, string> environment)
    {
        int port = NodeProcess.FreePorts();
        (NodeProcess bridge, _) = await Start(
            "tardis-dev-bridge.mjs", environment, "--port", $"{port}", "--endpoint", "https://api.tardis.dev/v1", "--cache-dir", _folder[$"cache-{port}"]);
        return (new Uri($"http://127.0.0.1:{port}"), new Uri($"ws://127.0.0.1:{port + 1}"), bridge);
    }

    private async Task<(NodeProcess Process, string Line)> Start(string tool, Dictionary<string, string> environment, params string[] arguments)
    {
        (NodeProcess Process, string Line) started = await NodeProcess.Start(tool, Path.GetDirectoryName(_folder["x"])!, environment, arguments);
        _processes.Add(started.Process);
        return started;
    }

    /// <summary>The stand-in's own import: the minutes are not of our making either.</summary>
    private async Task Import(string exchange, string recording)
    {
        string text = _folder[exchange + ".txt"];
        using (var source = new GZipStream(File.OpenRead(SharedData.Path(recording)), CompressionMode.Decompress))
        using (FileStream target = File.Create(text))
            await source.CopyToAsync(target);
        (NodeProcess import, string line) = await NodeProcess.Start(
            "tardis-api-standin.mjs", Path.GetDirectoryName(text)!, new Dictionary<string, string>(),
            "import", "--root", _folder["rec"], "--exchange", exchange, text);
        import.Dispose();
        Assert.Contains("\"minutes\"", line, StringComparison.Ordinal);
    }

    /// <summary>What doubles, JSON, a lost connection and lost trades do to a recording.</summary>
    private void WriteHostileMinute()
    {
        foreach ((string exchange, string lines) in ((string, string)[])[("coinbase", CoinbaseLines), ("binance", BinanceLines)])
        {
            string path = Path.Combine(_folder["rec"], "feeds", exchange, HostileMinute + ".ndjson");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, lines, new UTF8Encoding(false));
        }
    }

    private const string BinanceLines = """
        2021-05-01T00:00:01.0000000Z {"stream":"btcusdt@trade","data":{"e":"trade","E":1619827201000,"s":"BTCUSDT","t":10,"p":"57700.01","q":"0.001","b":1,"a":2,"T":1619827200999,"m":true,"M":true}}
        2021-05-01T00:00:02.0000000Z {"stream":"btcusdt@trade","data":{"e":"trade","E":1619827202000,"s":"BTCUSDT","t":11,"p":"57700.02","q":"0.002","b":1,"a":2,"T":1619827201999,"m":false,"M":true}}
        2021-05-01T00:00:03.0000000Z {"stream":"btcusdt@trade","data":{"e":"trade","E":1619827203000,"s":"BTCUSDT","t":14,"p":"57700.03","q":"0.003","b":1,"a":2,"T":1619827202999,"m":true,"M":true}}

        """;

    private const string CoinbaseLines = """
        2021-05-01T00:00:00.9999999Z {"type":"l2update","product_id":"BTC-USD","changes":[["buy","99.00","1"]],"time":"2021-05-01T00:00:00.900000Z"}
        2021-05-01T00:00:01.1234567Z {"type":"snapshot","product_id":"BTC-USD","asks":[["100.10","1.5"],["100.20","0.-10000"],["100.30","0.00000001"]],"bids":[["100.00","2.00000001"],["99.99","0.00"]]}
        2021-05-01T00:00:02.5000009Z {"type":"match","trade_id":9007199254740992,"maker_order_id":"a","taker_order_id":"b","side":"sell","size":"0.00000001","price":"100.10","product_id":"BTC-USD","sequence":6,"time":"2021-05-01T00:00:02.400001Z"}
        2021-05-01T00:00:02.6000000Z {"type":"match","trade_id":9007199254740993,"maker_order_id":"a","taker_order_id":"b","side":"buy","size":"0.5","price":"100.00","product_id":"BTC-USD","sequence":7,"time":"2021-05-01T00:00:02.500001Z"}
        2021-05-01T00:00:03.0000000Z {"type":"l2update","product_id":"BTC-USD","changes":[["buy","100.00","0.00000000"],["sell","100.10","3"],["sell","100.40","none"]],"time":"2021-05-01T00:00:02.900000Z"}
        2021-05-01T00:00:03.1000000Z {"type":"l2update","product_id":"BTC-USD","changes":[["buy","98.123456789012345678","1"]],"time":"2021-05-01T00:00:03.000000Z"}
        2021-05-01T00:00:04.1000000Z {"type":"match","trade_id":41,"maker_order_id":"a","taker_order_id":"b","side":"buy","size":"0.25","price":"2100.25","product_id":"ETH-USD","sequence":7,"time":"2021-05-01T00:00:04.000001Z"}
        2021-05-01T00:00:04.2000000Z {"type":"match","trade_id":44,"maker_order_id":"a","taker_order_id":"b","side":"buy","size":"100.123456789012345678","price":"2100.25","product_id":"ETH-USD","sequence":8,"time":"2021-05-01T00:00:04.100001Z"}
        2021-05-01T00:00:04.3000000Z {"type":"match","trade_id":45,"maker_order_id":"a","taker_order_id":"b","side":"buy","size":"0.75","price":"2100.50","product_id":"ETH-USD","sequence":9,"time":"2021-05-01T00:00:04.200001Z"}


        2021-05-01T00:00:09.0000000Z {"type":"l2update","product_id":"BTC-USD","changes":[["buy","90.00","5"]],"time":"2021-05-01T00:00:08.900000Z"}
        2021-05-01T00:00:10.1000000Z {"type":"snapshot","product_id":"BTC-USD","asks":[["101.10","1.5"]],"bids":[["101.00","2"]],"time":"2021-05-01T00:00:10.050000Z"}
        2021-05-01T00:00:10.2000000Z {"type":"match","trade_id":60,"maker_order_id":"a","taker_order_id":"b","side":"buy","size":"0.5","price":"101.00","product_id":"BTC-USD","sequence":70,"time":"2021-05-01T00:00:10.100001Z"}

        """;
}
