using BenchmarkDotNet.Attributes;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Bench.MarketData;

/// <summary>One level change: near the best, where most quotes move, and across a deep book as a venue's messages go.</summary>
[MemoryDiagnoser]
public class L2BookBench
{
    private const int Changes = 65_536;

    private readonly L2Book _book = new();
    private readonly NaiveL2Book _naive = new();
    private MarketEvent[] _near = [];
    private MarketEvent[] _deep = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(2);
        _deep = [.. BookMessages.Make(new InstrumentId(1), Changes + 2 * BookMessages.Depth + 1).Skip(2 * BookMessages.Depth + 1)];
        _near = new MarketEvent[Changes];
        for (int i = 0; i < Changes; i++)
        {
            bool isBid = random.Next(2) == 0;
            _near[i].Side = isBid ? Side.Buy : Side.Sell;
            _near[i].Price = new(600_000 + (isBid ? -random.Next(8) : 1 + random.Next(8)));
            _near[i].Quantity = new(random.Next(3) * random.Next(1, 100));
        }

        foreach (MarketEvent e in BookMessages.Make(new InstrumentId(1), 2 * BookMessages.Depth + 1).Skip(1))
        {
            _book.Set(e.Side, e.Price, e.Quantity);
            _naive.Set(e.Side, e.Price, e.Quantity);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = 1024)]
    public int NaiveNear()
    {
        int sum = 0;
        foreach (ref readonly MarketEvent e in _near.AsSpan(0, 1024))
            sum += _naive.Change(e.Side, e.Price, e.Quantity) ? 1 : 0;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Changes)]
    public int ChangeNear() => Change(_near);

    [Benchmark(OperationsPerInvoke = Changes)]
    public int ChangeDeep() => Change(_deep);

    private int Change(MarketEvent[] changes)
    {
        int sum = 0;
        foreach (ref readonly MarketEvent e in changes.AsSpan())
            sum += _book.Change(e.Side, e.Price, e.Quantity) ? 1 : 0;
        return sum;
    }
}
