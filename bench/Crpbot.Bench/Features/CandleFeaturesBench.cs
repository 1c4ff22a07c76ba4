using BenchmarkDotNet.Attributes;
using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Bench.Features;

/// <summary>33 candle features over a seeded random walk; one operation is one Bar.</summary>
[MemoryDiagnoser]
public class CandleFeaturesBench
{
    private const int Bars = 20_000;
    private readonly UnixNanos[] _times = new UnixNanos[Bars];
    private readonly double[] _open = new double[Bars];
    private readonly double[] _high = new double[Bars];
    private readonly double[] _low = new double[Bars];
    private readonly double[] _close = new double[Bars];
    private readonly double[] _volume = new double[Bars];
    private readonly double[] _values = new double[Bars * FeatureSchema.CandleCount];
    private readonly double[] _inputs = new double[Bars * FeatureSchema.CandleCount];
    private readonly MissingReason[] _reasons = new MissingReason[Bars * FeatureSchema.CandleCount];
    private readonly FeatureRowFlags[] _flags = new FeatureRowFlags[Bars];

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        double price = 100;
        for (int i = 0; i < Bars; i++)
        {
            _times[i] = new UnixNanos(i * UnixNanos.PerMinute);
            _open[i] = price;
            price *= 1 + 0.001 * (random.NextDouble() - 0.5);
            _close[i] = price;
            _high[i] = Math.Max(_open[i], price) * 1.0003;
            _low[i] = Math.Min(_open[i], price) * 0.9997;
            _volume[i] = random.NextDouble() * 10;
        }
    }

    [Benchmark(OperationsPerInvoke = Bars)]
    public double BatchBar()
    {
        FeatureBatch.Candles(_times, _open, _high, _low, _close, _volume, _values, _inputs, _reasons, _flags);
        return _values[^1];
    }
}
