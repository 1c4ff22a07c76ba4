using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Crpbot.Simulation;

/// <summary>Serves a simulated market over real WebSockets on loopback, in tardis-machine's normalised format and in Coinbase's.</summary>
/// <remarks>
/// It is the outside world: its clock is its own, and one thread sends what is due by it. Market time stands still until the first
/// subscription, so that nothing is missed between a history and its continuation. A client that reads too slowly is cut, never
/// buffered for ever. <see cref="Completion"/> faults if the market's thread fails.
/// </remarks>
public sealed partial class SimulatedExchange : IAsyncDisposable
{
    /// <summary>Bytes that may wait for one client before it is cut.</summary>
    public const int ClientBytesMax = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly MarketSimulator _simulator;
    private readonly string[] _symbols;
    private readonly List<FeedClient> _clients = [];
    private readonly ConcurrentQueue<ExchangeFault> _faults = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ManualResetEventSlim _subscribed = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _host;
    private Thread? _market;
    private long _connections;
    private long _messages;
    private long _slowClients;

    /// <param name="simulator">Advanced to where the history ends; the exchange owns it from now on.</param>
    /// <param name="speed">Market seconds a second.</param>
    public SimulatedExchange(MarketSimulator simulator, double speed = 1)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        _simulator = simulator;
        _symbols = [.. simulator.Instruments.Select(i => i.Symbol)];
        _lastTrades = new MarketEvent[_symbols.Length];
        _tickerDue = new bool[_symbols.Length];
        Clock = new MarketClock(simulator.NextTime.Floor(UnixNanos.PerSecond), speed);
    }

    /// <summary>Market time; stamps ReceiveTime at the receiving end too.</summary>
    public MarketClock Clock { get; }

    /// <summary>The true probabilities of the minutes sent so far.</summary>
    public SimulatedTruth Truth => _simulator.Truth;

    /// <summary>Connections accepted so far.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Venue messages the market has produced so far.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>Clients cut because they read too slowly.</summary>
    public long SlowClientsCut => Interlocked.Read(ref _slowClients);

    /// <summary>Ends with the exchange, and faults if the market failed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The port, once started.</summary>
    public int Port { get; private set; }

    public IReadOnlyList<string> Symbols => _symbols;

    /// <summary>The address of Coinbase's feed format.</summary>
    public Uri CoinbaseEndpoint => new($"ws://127.0.0.1:{Port}/");

    /// <summary>The address of tardis-machine's live stream of trades and books.</summary>
    /// <param name="symbols">Symbols wanted; all when empty.</param>
    public Uri TardisEndpoint(params IReadOnlyList<string> symbols)
    {
        string names = string.Join(',', (symbols.Count == 0 ? _symbols : symbols).Select(s => $"\"{s}\""));
        string options = $$"""{"exchange":"{{SimulationOptions.Venue}}","symbols":[{{names}}],"dataTypes":["trade","book_change"],"withDisconnectMessages":true}""";
        return new Uri($"ws://127.0.0.1:{Port}/ws-stream-normalized?options={Uri.EscapeDataString(options)}");
    }

    /// <summary>Gives the next connection a fault; several wait in line.</summary>
    public void Inject(ExchangeFault fault) => _faults.Enqueue(fault);

    /// <summary>Aborts every connection now.</summary>
    public void CutAll()
    {
        lock (_gate)
        {
            foreach (FeedClient client in _clients)
                client.Abort();
        }
    }

    /// <summary>Listens on a free loopback port.</summary>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        _host = builder.Build();
        _host.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        _host.Run(ServeAsync);
        await _host.StartAsync(cancellation).ConfigureAwait(false);
        Port = new Uri(_host.Urls.First()).Port;
        WarmWriters();
        _market = new Thread(RunMarket) { IsBackground = true, Name = "simulated exchange" };
        _market.Start();
    }

    /// <summary>Writes some messages of a market nobody sees, so that the first real ones do not wait for the compiler.</summary>
    private void WarmWriters()
    {
        var unseen = new MarketSimulator(_simulator.Options, new InstrumentTable());
        var message = new MarketEventBuffer();
        for (int i = 0; i < 500; i++)
        {
            message.Clear();
            unseen.NextMessage(message);
            Instrument instrument = unseen.Table[message.Events[0].Instrument];
            TardisWire.TryWrite(message.Events, instrument, _tardisText);
            CoinbaseWire.Write(message.Events, instrument, 0, _coinbaseText);
        }
    }

    /// <summary>Stops the market, cuts the clients and frees the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _subscribed.Set();
        _market?.Join();
        CutAll();
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await _host.DisposeAsync().ConfigureAwait(false);
        }

        _completion.TrySetResult();
        _stopping.Dispose();
        _subscribed.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        string path = context.Request.Path.Value ?? "/";
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        if (path is not ("/" or "/ws-stream-normalized"))
        {
            await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, "unknown path", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        _faults.TryDequeue(out ExchangeFault? fault);
        FeedFormat format = path == "/" ? FeedFormat.Coinbase : FeedFormat.Tardis;
        using var client = new FeedClient(socket, context, format, _symbols.Length, ClientBytesMax, fault);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        if (format == FeedFormat.Tardis)
        {
            var wanted = new Feeds[_symbols.Length];
            if (FeedRequests.ReadTardis(context.Request.Query["options"].ToString(), _symbols, wanted, out bool withDisconnects) is { } refusal)
            {
                string reason = refusal.Length > 120 ? refusal[..120] : refusal;
                await socket.CloseAsync(WebSocketCloseStatus.InternalServerError, reason, cancellation.Token).ConfigureAwait(false);
                return;
            }

            client.WantsDisconnects = withDisconnects;
            Join(client);
            Subscribe(client, wanted, unsubscribe: false);
        }
        else
        {
            Join(client);
        }

        try
        {
            await client.RunAsync(request => Answer(client, request), cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client left or was cut: the ordinary end of a connection.
        }
        finally
        {
            lock (_gate)
                _clients.Remove(client);
        }
    }

    private void Join(FeedClient client)
    {
        lock (_gate)
            _clients.Add(client);
        Interlocked.Increment(ref _connections);
    }

    private void Answer(FeedClient client, ReadOnlyMemory<byte> request)
    {
        if (client.Format != FeedFormat.Coinbase)
            return;
        var wanted = new Feeds[_symbols.Length];
        string? refusal = FeedRequests.ReadCoinbase(request, _symbols, wanted, out bool unsubscribe);
        if (refusal is null)
        {
            Subscribe(client, wanted, unsubscribe);
            return;
        }

        byte[] error = Encoding.UTF8.GetBytes($$"""{"type":"error","message":"Failed to subscribe","reason":"{{refusal.Replace('"', '\'').Replace('\\', '/')}}"}""");
        lock (_gate)
            Send(client, error);
    }

    /// <summary>The market's thread: sends what is due, sleeps until the next message is.</summary>
    private void RunMarket()
    {
        try
        {
            _subscribed.Wait(_stopping.Token);
            while (!_stopping.IsCancellationRequested)
            {
                lock (_gate)
                {
                    UnixNanos now = Clock.Now;
                    for (int sent = 0; sent < 4096 && _simulator.NextTime <= now; sent++)
                        SendNext();
                }

                double milliseconds = Clock.TimeUntil(_simulator.NextTime).TotalMilliseconds;
                if (milliseconds > 0)
                    Thread.Sleep(Math.Clamp((int)milliseconds, 1, 50));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped before anyone subscribed.
        }
        catch (Exception e)
        {
            _completion.TrySetException(e);
            CutAll();
        }
    }
}
