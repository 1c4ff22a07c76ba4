using BenchmarkDotNet.Attributes;
using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Bench.Features;

/// <summary>The feature engine over ten busy minutes of a seeded book, beside the book alone; one operation is one pass.</summary>
/// <remarks>A pass is about 460,000 events: a message is five BookDeltas at an exponential distance from the touch, every tenth message a Trade.</remarks>
[MemoryDiagnoser]
public class FeatureEngineBench
{
    private const int Messages = 100_000;
    private const int Minutes = 10;
    private const int LevelsPerMessage = 5;
    private static readonly Instrument Instrument =
        new(new InstrumentId(1), "binance-futures", "BTCUSDT", new DecimalStep(1, 1), new DecimalStep(1, 3), false);

    private readonly FeatureEngine _engine = new(Instrument);
    private readonly FeatureRow _row = new();
    private readonly BookBuilder _book = new(4096);
    private MarketEvent[] _events = [];
    private long _shift;

    /// <summary>Mean distance of a change from the touch, in ticks.</summary>
    [Params(5, 200)]
    public int Distance { get; set; }

    [GlobalSetup]
    public void Setup() => _events = Create(Distance);

    [Benchmark(Baseline = true)]
    public long BookOnly()
    {
        foreach (ref readonly MarketEvent e in _events.AsSpan())
            _book.Apply(e);
        return _book.Book.BestBid.Price.Ticks;
    }

    [Benchmark]
    public double BookBarsAndFeatures()
    {
        foreach (ref readonly MarketEvent original in _events.AsSpan())
        {
            // Time goes on from pass to pass: a minute closes once.
            MarketEvent e = original;
            e.ReceiveTime += _shift;
            e.ExchangeTime += _shift;
            _engine.Apply(e);
            if (e.Kind == MarketEventKind.Timer)
                _engine.CloseBar(e, _row);
        }

        _shift += Minutes * UnixNanos.PerMinute;
        return _row.Values[FeatureIndex.OfiL10];
    }

    private static MarketEvent[] Create(int distance)
    {
        var random = new Random(7);
        List<MarketEvent> events = [];
        const long step = Minutes * UnixNanos.PerMinute / Messages;
        long mid = 600_000;
        long nextEnd = UnixNanos.PerMinute;
        MarketEvent At(long time, MarketEventKind kind, bool isLast) => new()
        {
            ExchangeTime = new(time),
            ReceiveTime = new(time + 5_000_000),
            Instrument = Instrument.Id,
            Kind = kind,
            Flags = isLast ? MarketEventFlags.LastInMessage : MarketEventFlags.None,
        };

        events.Add(At(0, MarketEventKind.BookClear, false));
        for (int i = 1; i <= 1000; i++)
        {
            events.Add(At(0, MarketEventKind.BookDelta, false) with { Side = Side.Buy, Price = new(mid - i), Quantity = new(random.Next(1, 5000)) });
            events.Add(At(0, MarketEventKind.BookDelta, i == 1000) with { Side = Side.Sell, Price = new(mid + i), Quantity = new(random.Next(1, 5000)) });
        }

        for (int message = 1; message < Messages; message++)
        {
            long time = message * step;
            if (time >= nextEnd + UnixNanos.PerSecond)
            {
                events.Add(At(nextEnd, MarketEventKind.Timer, true) with { ReceiveTime = new(nextEnd + 250_000_000), Instrument = InstrumentId.All });
                nextEnd += UnixNanos.PerMinute;
            }

            if (message % 10 == 0)
            {
                Side side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
                events.Add(At(time, MarketEventKind.Trade, true) with
                {
                    Side = side, Price = new(side == Side.Buy ? mid + 1 : mid - 1), Quantity = new(random.Next(1, 1000)), Channel = Channel.Trades,
                });
                continue;
            }

            for (int i = 0; i < LevelsPerMessage; i++)
            {
                Side side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
                long away = 1 + (long)(-distance * Math.Log(1 - random.NextDouble()));
                events.Add(At(time, MarketEventKind.BookDelta, i == LevelsPerMessage - 1) with
                {
                    Side = side, Price = new(side == Side.Buy ? mid - away : mid + away), Quantity = new(away > 1 ? random.Next(5000) : random.Next(1, 5000)),
                });
            }
        }

        long end = Minutes * UnixNanos.PerMinute;
        events.Add(At(end, MarketEventKind.Timer, true) with { ReceiveTime = new(end + 250_000_000), Instrument = InstrumentId.All });
        return [.. events];
    }
}
