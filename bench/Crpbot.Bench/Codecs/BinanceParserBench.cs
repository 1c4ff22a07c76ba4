using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Bench.Codecs;

/// <summary>A real Binance capture from its first frame to its last, 274 bytes and 6.4 events a frame on futures; the mean is that of one frame.</summary>
[MemoryDiagnoser]
public class BinanceParserBench
{
    private const int Frames = 93_954;
    private static readonly UnixNanos Now = new(1_723_161_255_000_000_000);
    private readonly MarketEventBuffer _output = new(1 << 16);
    private readonly BinanceParser _parser = new(new InstrumentTable(), "binance-futures");
    private byte[][] _frames = [];

    [GlobalSetup]
    public void Load()
    {
        _frames = RecordedMessages.Load("hftbacktest/usdm/btcusdt_20240808.gz");
        if (_frames.Length != Frames)
            throw new InvalidOperationException($"{_frames.Length} frames, expected {Frames}");
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long ParseCapture()
    {
        long events = 0;
        foreach (byte[] frame in _frames)
        {
            _output.Clear();
            _parser.Parse(frame, Now, _output);
            events += _output.Count;
        }

        _output.Clear();
        _parser.Disconnected(Now, _output);
        return events == 598_754 ? events : throw new InvalidOperationException($"{events} events, expected 598754");
    }

    /// <summary>The base class library walks the tokens and keeps nothing.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public long WalkWithUtf8JsonReader()
    {
        long tokens = 0;
        foreach (byte[] frame in _frames)
        {
            var reader = new Utf8JsonReader(frame);
            while (reader.Read())
                tokens++;
        }

        return tokens;
    }
}
