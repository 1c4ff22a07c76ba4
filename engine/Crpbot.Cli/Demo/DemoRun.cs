using System.Diagnostics;
using Crpbot.Cli.Commands;
using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Venues;
using Crpbot.Engine;
using Crpbot.Engine.Live;
using Crpbot.Engine.Sources;
using Crpbot.Inference;
using Crpbot.MarketData.Feeds;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Telemetry;

namespace Crpbot.Cli.Demo;

internal sealed record DemoOptions(double Seconds, double Speed, ulong Seed, string Folder, string Model);

/// <summary>The demo: three days and a half of simulated history through the real engine, then its continuation live over loopback, traded on paper.</summary>
internal static class DemoRun
{
    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Folder);
        string historyPath = Path.Combine(options.Folder, "history.capture");
        string livePath = Path.Combine(options.Folder, "live.capture");
        using ModelPackage model = Models.Load(options.Model, ExecutionProvider.Cpu);
        var simulation = new SimulationOptions { Seed = options.Seed, HorizonBars = model.Manifest.Label.HorizonBars };

        Console.Out.WriteLine($"simulating history: BTC-USD, ETH-USD and SOL-USD, seed {options.Seed}");
        long start = Stopwatch.GetTimestamp();
        var market = new InstrumentTable();
        var simulator = new MarketSimulator(simulation, market);
        long events = SimulatedDays.Write(historyPath, simulator, SimulatedDays.WarmAt(simulation));
        Console.Out.WriteLine($"  {events:N0} events in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {new FileInfo(historyPath).Length / 1e6:F1} MB: {historyPath}");

        var instruments = new InstrumentTable();
        await using var exchange = new SimulatedExchange(simulator, options.Speed);
        await exchange.StartAsync(cancellation).ConfigureAwait(false);
        using var writer = new CaptureWriter(livePath, instruments, new CaptureHeader(Product.Name, exchange.CoinbaseEndpoint.ToString(), simulation.Start));
        LiveFeed feed;
        using (var engine = new TradingEngine(new EngineOptions { Instruments = instruments, Model = model, Record = writer, LedgerCapacity = 4096 }))
        {
            start = Stopwatch.GetTimestamp();
            using (var history = new CaptureSource(historyPath, instruments, ReadRange.All, new DamageLog(strict: true)))
                Replay.Warm(engine, [history]);
            Console.Out.WriteLine($"  engine warmed in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s; live at {exchange.Clock.Now}");

            feed = Connect(engine, exchange, options, cancellation, out Task connection);
            var view = new DemoView(engine, feed, options, exchange.Clock);
            await view.ShowAsync(connection).ConfigureAwait(false);
            await connection.ConfigureAwait(false);
            engine.Complete();
            writer.Complete();
            Report(engine, feed, options, historyPath, livePath);
        }

        CaptureReplay.ReportDamage(feed.Damage);
        return ExitCode.Done;
    }

    /// <summary>Starts the receiving thread.</summary>
    private static LiveFeed Connect(TradingEngine engine, SimulatedExchange exchange, DemoOptions options, CancellationToken cancellation, out Task connection)
    {
        Rehearse();
        long start = Stopwatch.GetTimestamp();
        string[] symbols = [.. exchange.Symbols];
        FeedOptions address = FeedAddresses.Coinbase(exchange.CoinbaseEndpoint, symbols);
        var feed = new LiveFeed(engine, new CoinbaseParser(engine.Options.Instruments), exchange.Clock.At,
            () => !cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds, new DamageLog(strict: false));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                new VenueConnection(address with { MaxAttempts = 5 }, feed).Run();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        })
        { IsBackground = true, Name = "receiver" }.Start();
        connection = done.Task;
        return feed;
    }

    /// <summary>Parses some messages nobody sees, so that the first real ones do not wait for the compiler.</summary>
    private static void Rehearse()
    {
        string[] messages =
        [
            """{"type":"snapshot","product_id":"BTC-USD","bids":[["100.00","1"]],"asks":[["101.00","2"]],"time":"2025-01-01T00:00:00.000000Z"}""",
            """{"type":"l2update","product_id":"BTC-USD","changes":[["buy","100.00","3"],["sell","101.00","0"]],"time":"2025-01-01T00:00:00.000000Z"}""",
            """{"type":"match","trade_id":1,"maker_order_id":"a","taker_order_id":"b","side":"sell","size":"0.5","price":"101.00","product_id":"BTC-USD","sequence":6,"time":"2025-01-01T00:00:00.000000Z"}""",
            """{"type":"heartbeat","sequence":90,"last_trade_id":1,"product_id":"BTC-USD","time":"2025-01-01T00:00:00.000000Z"}""",
        ];
        byte[][] texts = [.. messages.Select(System.Text.Encoding.UTF8.GetBytes)];
        var parser = new CoinbaseParser(new InstrumentTable());
        var unseen = new MarketEventBuffer();
        for (int i = 0; i < 500; i++)
        {
            unseen.Clear();
            parser.Parse(texts[i % texts.Length], UnixNanos.None, unseen);
        }
    }

    private static void Report(TradingEngine engine, LiveFeed feed, DemoOptions options, string historyPath, string livePath)
    {
        string log = Path.Combine(options.Folder, "latency.hlog");
        string page = Path.Combine(options.Folder, "latency.html");
        IReadOnlyList<LatencyHistogram> stages = engine.Latencies.Snapshot();
        DateTime end = DateTime.UtcNow;
        LatencyLog.Write(log, stages, end - TimeSpan.FromSeconds(options.Seconds), end);
        LatencyReportCommand.WritePage(page, "Demo: wire to decision over loopback", stages,
            $"{feed.Frames:N0} messages at {options.Speed:G} times market speed, seed {options.Seed}; every message measured from the read that completed it.",
            $"Collections during the run: {feed.Gen0}; bytes allocated by the receiving thread after warm-up: {feed.AllocatedBytes:N0}.");
        Ledger.Print(engine, Console.Out);
        Console.Out.WriteLine();
        Console.Out.WriteLine("Latency");
        Console.Out.WriteLine(LatencyReport.Table(stages));
        Console.Out.WriteLine($"collections {feed.Gen0}, bytes allocated by the receiving thread after warm-up {feed.AllocatedBytes:N0}, late events {engine.LateEvents:N0}");
        Console.Out.WriteLine($"decisions {engine.DecisionHash}; the same from the recording:");
        Console.Out.WriteLine($"  crpbot capture replay {livePath} --history {historyPath} --model {options.Model}");
        Console.Out.WriteLine($"histograms {log}, plot {page}");
    }
}
