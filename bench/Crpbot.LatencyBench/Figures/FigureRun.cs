using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Recordings;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Venues;
using Crpbot.Engine;
using Crpbot.Engine.Live;
using Crpbot.Engine.Sources;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.MarketData;
using Crpbot.MarketData.Feeds;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Telemetry;

namespace Crpbot.LatencyBench.Figures;

/// <summary>Measures every path of the design's table in one run. Each measure checks its answer; medians of several rounds count.</summary>
internal sealed class FigureRun(string dataFolder, string modelFolder, string run)
{
    private const int Rounds = 7;
    private const double WarmupSeconds = 1.5;
    private const string Coinbase = "cryptofeed/COINBASE.ws.28.0.part1.gz";
    private const string Futures = "hftbacktest/usdm/btcusdt_20240808.gz";
    private const string SpotCsv = "tardis-csv-layout/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz";

    private readonly List<Figure> _figures = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-figures-").FullName;

    /// <param name="onlyLake">Measures the lake's jobs and nothing else.</param>
    public IReadOnlyList<Figure> Run(bool onlyLake)
    {
        try
        {
            if (onlyLake)
            {
                new DataFigures(dataFolder, _folder, Add).Measure();
                return _figures;
            }

            ParseCoinbase();
            BinanceFrames();
            Captures();
            CaptureSize();
            Pipeline();
            new DataFigures(dataFolder, _folder, Add).Measure();
            Candles();
            Ring();
            Inference();
            Live();
            return _figures;
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void Add(string path, string measured, string goal, bool? reached, string note)
    {
        _figures.Add(new Figure(path, measured, goal, reached, note, run));
        Console.Error.WriteLine($"{path}: {measured} (to reach {goal}); {note}");
    }

    private void ParseCoinbase()
    {
        byte[][] all = Load(Coinbase);
        byte[][] frames = [.. all.Where(frame => frame.Length < 1000)];
        var parser = new CoinbaseParser(new InstrumentTable());
        var output = new MarketEventBuffer();
        // With their snapshots before them the updates are what they are live; without, they would only be counted as dropped.
        foreach (byte[] frame in all)
            parser.Parse(frame, new UnixNanos(1), output);
        long events = 0;
        double ours = Median(() => Repeat(40, () =>
        {
            foreach (byte[] frame in frames)
            {
                output.Clear();
                if (parser.Parse(frame, new UnixNanos(1), output).Status == ParseStatus.Invalid)
                    throw new InvalidOperationException("a real frame was refused");
                events += output.Count;
            }
        }));
        double walk = Median(() => Repeat(4, () =>
        {
            foreach (byte[] frame in frames)
            {
                var reader = new Utf8JsonReader(frame);
                while (reader.Read())
                    events++;
            }
        }));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] frame in frames)
        {
            output.Clear();
            parser.Parse(frame, new UnixNanos(1), output);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        double rate = 40.0 * frames.Length / ours;
        Add("raw frame → parsed, real Coinbase messages", $"{rate / 1e6:F1} M msg/s, {allocated} B", "≥ 10 M msg/s, 0 B", rate >= 10e6 && allocated == 0,
            $"{frames.Length:N0} frames of {frames.Average(frame => frame.Length):F0} B; a bare Utf8JsonReader walk of the same: {4.0 * frames.Length / walk / 1e6:F1} M msg/s");
    }

    private void BinanceFrames()
    {
        byte[][] frames = Load(Futures);
        long best = 0;
        double book = Median(() => PlayBinance(frames, withFeatures: false, ref best));
        double features = Median(() => PlayBinance(frames, withFeatures: true, ref best));
        Add("frame → L2 book → best bid and ask, Binance futures", $"{book / frames.Length * 1e6:F2} µs a frame", "≤ 0.5 µs", book / frames.Length <= 0.5e-6,
            $"{frames.Length:N0} frames of {frames.Average(frame => frame.Length):F0} B, 6.4 events each; check {best:X}");
        Add("the same and 20 microstructure features", $"{features / frames.Length * 1e6:F2} µs a frame", "≤ 1.0 µs", features / frames.Length <= 1e-6, "the whole FeatureEngine, Bars closed as they come due");
    }

    private static double PlayBinance(byte[][] frames, bool withFeatures, ref long best)
    {
        var instruments = new InstrumentTable();
        var parser = new BinanceParser(instruments, "binance-futures");
        var output = new MarketEventBuffer();
        Instrument instrument = instruments.GetOrAdd("binance-futures", "BTCUSDT");
        var book = new BookBuilder();
        var engine = new FeatureEngine(instrument);
        var row = new FeatureRow();
        var clock = new BarClock();
        parser.SetSnapshotSymbol("BTCUSDT"u8);
        long check = 0;
        long start = Stopwatch.GetTimestamp();
        foreach (byte[] frame in frames)
        {
            output.Clear();
            long time = TimeOf(frame, out int from);
            parser.Parse(frame.AsSpan(from), new UnixNanos(time), output);
            if (withFeatures)
            {
                while (clock.TryTakeTimer(new UnixNanos(time), out MarketEvent timer))
                    engine.CloseBar(timer, row);
                foreach (ref readonly MarketEvent e in output.Events)
                    engine.Apply(e);
                if (output.Count > 0)
                    clock.Observe(output.Events[0]);
                check += engine.Book.BestBid.Price.Ticks;
            }
            else
            {
                foreach (ref readonly MarketEvent e in output.Events)
                    book.Apply(e);
                check += book.Book.BestBid.Price.Ticks ^ book.Book.BestAsk.Price.Ticks;
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        best = check;
        return seconds;
    }

    /// <summary>The recording's own receive time stands in front of the frame, digits of nanoseconds, as <see cref="Load"/> keeps it.</summary>
    private static long TimeOf(byte[] frame, out int from)
    {
        from = frame.AsSpan().IndexOf((byte)'{');
        System.Buffers.Text.Utf8Parser.TryParse(frame, out long time, out _);
        return time;
    }

    private void Captures()
    {
        var instruments = new InstrumentTable();
        string capture = Path.Combine(_folder, "futures.capture");
        using (var source = new ReaderSource(new RecordingMarketReader(Path.Combine(dataFolder, Futures), new BinanceParser(instruments, "binance-futures"), instruments, new TextIdTable(), ReadRange.All, new DamageLog(strict: true))))
        using (var writer = new CaptureWriter(capture, instruments, new CaptureHeader("figures", Futures, UnixNanos.None)))
        {
            Recording.Convert(source, writer);
            writer.Complete();
        }

        double books = EventsPerSecond(capture, PipelineDepth.Book, null, 15, out ReplayReport report);
        Add("capture → book", $"{books / 1e6:F1} M events/s, {report.AllocatedBytes} B", "≥ 30 M events/s", books >= 30e6, $"{report.Events:N0} Binance futures events through the ring, inline; hash {report.DecisionHash}");
        double features = EventsPerSecond(capture, PipelineDepth.Features, null, 15, out report);
        Add("capture → whole pipeline with features", $"{features / 1e6:F1} M events/s, {report.AllocatedBytes} B", "≥ 12 M events/s", features >= 12e6, $"the same capture; hash {report.DecisionHash}");
    }

    private void CaptureSize()
    {
        var instruments = new InstrumentTable();
        string csv = Path.Combine(dataFolder, SpotCsv);
        string capture = Path.Combine(_folder, "spot.capture");
        using (var source = new ReaderSource(new CsvMarketReader(csv, new TardisCsvOptions { Type = TardisCsvType.IncrementalBookL2 }, instruments, new TextIdTable(), ReadRange.All, new DamageLog(strict: false))))
        using (var writer = new CaptureWriter(capture, instruments, new CaptureHeader("figures", SpotCsv, UnixNanos.None)))
        {
            Recording.Convert(source, writer);
            writer.Complete();
        }

        double share = (double)new FileInfo(capture).Length / new FileInfo(csv).Length;
        Add("capture size", $"{share:P0} of the csv.gz", "≤ 50 %", share <= 0.5, $"{new FileInfo(capture).Length:N0} bytes against {new FileInfo(csv).Length:N0}, Binance spot L2");
    }

    private void Pipeline()
    {
        var options = new SimulationOptions();
        string capture = Path.Combine(_folder, "days.capture");
        SimulatedDays.Write(capture, options, new InstrumentTable(), 5);
        using ModelPackage model = ModelPackage.Load(modelFolder);
        double rate = EventsPerSecond(capture, PipelineDepth.All, model, 3, out ReplayReport report);
        Add("capture → predictions, signals, orders", $"{rate / 1e6:F1} M events/s, {report.AllocatedBytes} B, {report.Gen0} collections", "0 B", report.AllocatedBytes == 0 && report.Gen0 == 0,
            $"{report.Events:N0} simulated events a pass, {report.Predictions:N0} predictions, {report.Orders:N0} orders, {report.Fills:N0} fills; hash {report.DecisionHash}");
    }

    private static double EventsPerSecond(string capture, PipelineDepth depth, ModelPackage? model, int passes, out ReplayReport report)
    {
        var instruments = new InstrumentTable();
        using var source = new CaptureSource(capture, instruments, ReadRange.All, new DamageLog(strict: true));
        using var engine = new TradingEngine(new EngineOptions { Instruments = instruments, Depth = depth, Model = model });
        report = Replay.Run(engine, [], source, passes);
        if (report.Warnings.Any(warning => warning.Contains("differently", StringComparison.Ordinal)))
            throw new InvalidOperationException(string.Join("; ", report.Warnings));
        double[] seconds = [.. report.Passes!.Skip(1).Select(pass => pass.Seconds).Order()];
        return report.Events / seconds[seconds.Length / 2];
    }

    private void Candles()
    {
        const int Bars = 500_000;
        var random = new Random(1);
        double[] open = new double[Bars], high = new double[Bars], low = new double[Bars], close = new double[Bars], volume = new double[Bars];
        double price = 60_000;
        for (int i = 0; i < Bars; i++)
        {
            open[i] = price;
            price *= 1 + (random.NextDouble() - 0.5) * 0.001;
            close[i] = price;
            (high[i], low[i], volume[i]) = (Math.Max(open[i], price) * 1.0001, Math.Min(open[i], price) * 0.9999, random.NextDouble() * 10);
        }

        var values = new double[33];
        var inputs = new double[33];
        var reasons = new MissingReason[33];
        double check = 0;
        double seconds = Median(() =>
        {
            var features = new CandleFeatures();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Bars; i++)
            {
                features.Apply(open[i], high[i], low[i], close[i], volume[i], new UnixNanos(i * UnixNanos.PerMinute), values, inputs, reasons);
                check += double.IsFinite(inputs[3]) ? inputs[3] : 0;
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        Add("33 baseline features", $"{Bars / seconds / 1e6:F1} M bars/s", "≥ 5 M bars/s", Bars / seconds >= 5e6, $"{Bars:N0} Bars; check {check:F3}");
    }

    private void Ring()
    {
        double one = MedianOf(5, () => RingPingPong.RingOneWay(40_000_000, 1));
        double batch = MedianOf(5, () => RingPingPong.RingOneWay(40_000_000, 16));
        double channel = MedianOf(5, () => RingPingPong.ChannelOneWay(1_000_000));
        var nanos = new long[300_000];
        RingPingPong.RingRoundTrip(new long[50_000]);
        RingPingPong.RingRoundTrip(nanos);
        Array.Sort(nanos);
        Add("ring, one to one, 64-byte slots", $"{one / 1e6:F0} M/s", "≥ 150 M/s", one >= 150e6, $"Channel<T> in the same run: {channel / 1e6:F1} M/s");
        Add("ring, batches of 16", $"{batch / 1e6:F0} M/s", "≥ 350 M/s", batch >= 350e6, $"{batch / channel:F0} × Channel<T>");
        Add("ring to ring and back", $"p50 {nanos[nanos.Length / 2]} ns, p99 {nanos[nanos.Length * 99 / 100]} ns", "p50 ≤ 220 ns", nanos[nanos.Length / 2] <= 220, $"{nanos.Length:N0} round trips, busy spin");
    }

    private void Inference()
    {
        using ModelPackage model = ModelPackage.Load(modelFolder);
        model.Manifest.Golden.Input.CopyTo(model.Model.Input);
        for (int i = 0; i < 300; i++)
            model.Model.Run();
        var nanos = new long[3000];
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < nanos.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            model.Model.Run();
            nanos[i] = MonotonicClock.NanosBetween(start, Stopwatch.GetTimestamp());
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (Math.Abs(model.Model.Output[0] - model.Manifest.Golden.RawScore) > ModelPackage.GoldenTolerance)
            throw new InvalidOperationException("the model's answer is not the golden one");
        Array.Sort(nanos);
        double p50 = nanos[nanos.Length / 2] / 1e3;
        Add("LSTM window on CPU", $"p50 {p50:F0} µs, p99 {nanos[nanos.Length * 99 / 100] / 1e3:F0} µs, {allocated} B", "p50 ≤ 480 µs", p50 <= 480, "[1,60,53], one thread, ONNX Runtime");
    }

    private void Live()
    {
        var options = new SimulationOptions();
        using ModelPackage model = ModelPackage.Load(modelFolder);
        string history = Path.Combine(_folder, "history.capture");
        var simulator = new MarketSimulator(options, new InstrumentTable());
        SimulatedDays.Write(history, simulator, SimulatedDays.WarmAt(options));
        var exchange = new SimulatedExchange(simulator, 60);
        try
        {
            exchange.StartAsync().GetAwaiter().GetResult();
            var instruments = new InstrumentTable();
            using var engine = new TradingEngine(new EngineOptions { Instruments = instruments, Model = model });
            using (var past = new CaptureSource(history, instruments, ReadRange.All, new DamageLog(strict: true)))
                Replay.Warm(engine, [past]);
            long start = Stopwatch.GetTimestamp();
            var feed = new LiveFeed(engine, new CoinbaseParser(instruments), exchange.Clock.At, () => Stopwatch.GetElapsedTime(start).TotalSeconds < 40, new DamageLog(strict: true));
            new VenueConnection(FeedAddresses.Coinbase(exchange.CoinbaseEndpoint, [.. exchange.Symbols]), feed).Run();
            engine.WaitIdle();
            AddLive(engine, feed);
        }
        finally
        {
            exchange.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private void AddLive(TradingEngine engine, LiveFeed feed)
    {
        Dictionary<string, LatencySnapshot> stages = engine.Latencies.Snapshot().ToDictionary(stage => stage.Stage, stage => stage.Summarize());
        LatencySnapshot wire = stages["wire_to_decision"];
        Add("wire to risk verdict over loopback, no inference", $"p50 {wire.P50 / 1e3:F1} µs, p99 {wire.P99 / 1e3:F0} µs, p99.99 {wire.P9999 / 1e3:F0} µs", "p50 ≤ 5 µs, p99 ≤ 20 µs",
            wire.P50 <= 5000 && wire.P99 <= 20_000, $"{wire.Count:N0} messages of the simulated exchange, first ones included, which shares the two cores; {feed.AllocatedBytes} B after warm-up");
        if (stages.TryGetValue("bar_close_to_order", out LatencySnapshot order))
            Add("bar close to order, inference included", $"p50 {order.P50 / 1e6:F2} ms, p99 {order.P99 / 1e6:F2} ms", "p99 ≤ 1 ms", order.P99 <= 1_000_000, $"{order.Count} Bars with orders; three instruments close together");
    }

    private byte[][] Load(string file)
    {
        using RawRecordingReader reader = RawRecordingReader.Open(Path.Combine(dataFolder, file));
        var frames = new List<byte[]>();
        while (reader.Read(out RawFrame frame))
        {
            if (frame.Kind is RawFrameKind.Message or RawFrameKind.RestSnapshot)
                frames.Add(file == Futures ? [.. System.Text.Encoding.ASCII.GetBytes(frame.ReceiveTime.Value.ToString(CultureInfo.InvariantCulture)), .. frame.Payload] : frame.Payload.ToArray());
        }

        return [.. frames];
    }

    private static double Repeat(int times, Action work)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
            work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(Func<double> measure) => MedianOf(Rounds, measure);

    private static double MedianOf(int rounds, Func<double> measure)
    {
        // Code becomes what it will be only after some calls and some time.
        long start = Stopwatch.GetTimestamp();
        do
            measure();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < WarmupSeconds);
        double[] values = [.. Enumerable.Range(0, rounds).Select(_ => measure()).Order()];
        return values[rounds / 2];
    }
}
