using System.Text.Json;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Venues;
using Crpbot.Engine.Sources;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Engine;

/// <summary>Bytes that hot operations allocate once warm, held to <c>bench/gates/allocations.json</c>: exact, so they gate a merge where times cannot.</summary>
public sealed class AllocationGateTests : IDisposable
{
    private const int Times = 10_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-gates-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EveryOperationAllocatesExactlyWhatItsGateAllows()
    {
        string gates = Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, "bench", "gates", "allocations.json");
        var allowed = new SortedDictionary<string, long>(JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(gates))!, StringComparer.Ordinal);
        var measured = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["CoinbaseParser.Parse"] = Parse(),
            ["BookBuilder.Apply"] = ApplyToBook(),
            ["FeatureEngine.Apply"] = ApplyToFeatures(),
            ["CandleFeatures.Apply"] = ApplyCandles(),
            ["OnnxModel.Run"] = RunModel(),
        };
        string capture = Path.Combine(_folder, "day.capture");
        SimulatedDays.Write(capture, new SimulationOptions(), new InstrumentTable(), 1);
        foreach (ThreadLayout layout in Enum.GetValues<ThreadLayout>())
            measured[$"Replay.{layout}"] = ReplayDay(capture, layout);
        Assert.Equal(allowed, measured);
    }

    /// <summary>Bytes of <see cref="Times"/> calls after as many that warm up.</summary>
    private static long Measure(Action<int> operation)
    {
        for (int i = 0; i < Times; i++)
            operation(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Times; i++)
            operation(i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static long Parse()
    {
        var parser = new CoinbaseParser(new InstrumentTable());
        var output = new MarketEventBuffer();
        byte[] snapshot = """{"type":"snapshot","product_id":"BTC-USD","bids":[["60000.00","1.5"]],"asks":[["60000.01","2.5"]]}"""u8.ToArray();
        byte[] update = """{"type":"l2update","product_id":"BTC-USD","changes":[["buy","60000.00","1.25"]],"time":"2024-08-08T12:00:00.123456Z"}"""u8.ToArray();
        Assert.Equal(ParseStatus.Done, parser.Parse(snapshot, new UnixNanos(1), output).Status);
        return Measure(_ =>
        {
            output.Clear();
            parser.Parse(update, new UnixNanos(2), output);
            if (output.Count != 1)
                throw new InvalidOperationException($"{output.Count} events, expected 1");
        });
    }

    private static long ApplyToBook()
    {
        MarketEvent[] events = HourOfEvents(out _);
        var book = new BookBuilder();
        return Measure(i => book.Apply(events[i % Times]));
    }

    private static long ApplyToFeatures()
    {
        MarketEvent[] events = HourOfEvents(out Instrument instrument);
        var engine = new FeatureEngine(instrument);
        return Measure(i => engine.Apply(events[i % Times]));
    }

    private static long ApplyCandles()
    {
        var features = new CandleFeatures();
        var values = new double[FeatureSchema.CandleCount];
        var inputs = new double[FeatureSchema.CandleCount];
        var reasons = new MissingReason[FeatureSchema.CandleCount];
        int bar = 0;
        return Measure(i =>
        {
            double price = 100 + i % 17;
            features.Apply(price, price + 1, price - 1, price + 0.5, 3, new UnixNanos(bar++ * UnixNanos.PerMinute), values, inputs, reasons);
        });
    }

    private static long RunModel()
    {
        using ModelPackage package = ModelPackage.Load(Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, "native-models", "models", "sim-lstm-53", "1"));
        package.Manifest.Golden.Input.CopyTo(package.Model.Input);
        return Measure(i =>
        {
            if (i % 100 == 0)
                package.Model.Run();
        });
    }

    /// <summary>The second of two passes over a simulated day: nothing is left to grow, so every thread of the layout must stand still.</summary>
    private static long ReplayDay(string capture, ThreadLayout layout)
    {
        var instruments = new InstrumentTable();
        using var source = new CaptureSource(capture, instruments, ReadRange.All, new DamageLog(strict: true));
        using var engine = new TradingEngine(new EngineOptions { Instruments = instruments, Layout = layout });
        ReplayReport report = Replay.Run(engine, [], source, passes: 2);
        Assert.True(report.Bars > 1000);
        return report.AllocatedBytes;
    }

    /// <summary>The first events of one Instrument of the simulated market.</summary>
    private static MarketEvent[] HourOfEvents(out Instrument instrument)
    {
        var table = new InstrumentTable();
        var history = new SimulatedHistory(new MarketSimulator(new SimulationOptions(), table));
        var buffer = new MarketEventBuffer();
        var events = new List<MarketEvent>();
        instrument = table.All[0];
        while (events.Count < Times && history.Next(new(long.MaxValue), buffer))
        {
            foreach (ref readonly MarketEvent e in buffer.Events)
            {
                if (e.Instrument == instrument.Id && events.Count < Times)
                    events.Add(e);
            }

            buffer.Clear();
        }

        return [.. events];
    }
}
