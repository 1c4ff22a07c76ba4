using BenchmarkDotNet.Attributes;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Bench.Codecs;

/// <summary>Writing and reading a capture of book messages; the plain decoder is the baseline. Figures are for one event.</summary>
[MemoryDiagnoser]
public class CaptureBench
{
    private const int Events = 16 * 16_384;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"capture-bench-{Environment.ProcessId}.crp");
    private readonly InstrumentTable _table = new();
    private readonly BookBuilder _builder = new();
    private MarketEvent[] _events = [];
    private CaptureReader _reader = null!;
    private byte[] _body = [];
    private BlockHeader _header;

    [GlobalSetup]
    public void Setup()
    {
        _events = BookMessages.Make(_table.GetOrAdd("binance-futures", "BTCUSDT").Id, Events);
        Write();
        _reader = CaptureReader.Open(_path, _table);
        var encoder = new BlockEncoder(_table, 16_384);
        var body = new ByteSink();
        encoder.Encode(_events.AsSpan(0, 16_384), [], -1, body);
        _body = body.Written.ToArray();
        _header = new BlockHeader(_body.Length, _body.Length, 16_384, encoder.InstrumentCount, _events[0].ReceiveTime, _events[16_383].ReceiveTime, 0, 0);
        if (Read() != Events || PlainBlockDecoder.Decode(_body, _header, _table).Count != 16_384)
            throw new InvalidOperationException("the capture does not hold what was written");
        Console.WriteLine($"// {8.0 * new FileInfo(_path).Length / Events:F1} bits an event");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _reader.Dispose();
        File.Delete(_path);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = 16_384)]
    public int DecodePlainly() => PlainBlockDecoder.Decode(_body, _header, _table).Count;

    [Benchmark(OperationsPerInvoke = Events)]
    public long Read()
    {
        _reader.Reset();
        long events = 0;
        while (_reader.ReadBlock(out ReadOnlySpan<MarketEvent> batch))
            events += batch.Length;
        return events;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public Level ReadToBook()
    {
        _reader.Reset();
        _builder.Reset();
        while (_reader.ReadBlock(out ReadOnlySpan<MarketEvent> batch))
        {
            foreach (ref readonly MarketEvent e in batch)
                _builder.Apply(e);
        }

        return _builder.Book.BestBid;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public void Write()
    {
        using var writer = new CaptureWriter(_path, _table, new CaptureHeader("bench", "made up", UnixNanos.None));
        writer.Write(_events);
        writer.Complete();
    }
}
