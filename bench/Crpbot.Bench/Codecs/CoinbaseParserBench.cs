using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Bench.Codecs;

/// <summary>Real Coinbase Exchange frames of 123 bytes on average (snapshots left out) to events; the mean is that of one message.</summary>
[MemoryDiagnoser]
public class CoinbaseParserBench
{
    private const int Messages = 3_983;
    private static readonly UnixNanos Now = new(1_618_677_817_000_000_000);
    private readonly MarketEventBuffer _output = new(1 << 16);
    private readonly CoinbaseParser _parser = new(new InstrumentTable());
    private readonly CoinbaseParser _scanner = new(new InstrumentTable()) { UsesTemplates = false };
    private byte[][] _messages = [];

    [GlobalSetup]
    public void Load()
    {
        byte[][] all = RecordedMessages.Load("cryptofeed/COINBASE.ws.28.0.part1.gz");
        foreach (byte[] message in all)
        {
            _parser.Parse(message, Now, _output);
            _scanner.Parse(message, Now, _output);
        }

        _output.Clear();
        _messages = [.. all.Where(m => m.Length < 1_000 && !m.AsSpan().StartsWith("{\"type\":\"subs"u8))];
        if (_messages.Length != Messages)
            throw new InvalidOperationException($"{_messages.Length} messages, expected {Messages}");
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public long Parse() => ParseAll(_parser);

    [Benchmark(OperationsPerInvoke = Messages)]
    public long ParseWithoutTemplates() => ParseAll(_scanner);

    /// <summary>The base class library walks the tokens and keeps nothing.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public long WalkWithUtf8JsonReader()
    {
        long tokens = 0;
        foreach (byte[] message in _messages)
        {
            var reader = new Utf8JsonReader(message);
            while (reader.Read())
                tokens++;
        }

        return tokens;
    }

    private long ParseAll(CoinbaseParser parser)
    {
        long events = 0;
        foreach (byte[] message in _messages)
        {
            _output.Clear();
            parser.Parse(message, Now, _output);
            events += _output.Count;
        }

        return events;
    }
}
