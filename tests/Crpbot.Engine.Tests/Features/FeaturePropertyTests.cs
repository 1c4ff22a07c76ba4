using System.Runtime.InteropServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

/// <summary>Section 9 of the definition: what must hold for any stream.</summary>
public class FeaturePropertyTests
{
    private static readonly FeatureOptions Options = new() { QuietLimitNanos = FeatureOptions.QuietLimitWithHeartbeats, SideCheckTrades = int.MaxValue };

    [Fact]
    public void NothingAfterTheCloseChangesABar()
    {
        MarketShape shape = new() { Seed = 61, Minutes = 45, Trouble = 0.1, BookSeconds = 2, LevelTicks = 10 };
        EventScript script = RandomMarket.Create(shape);
        List<MarketEvent> events = script.WithTimers(shape.Minutes);
        List<FeatureRow?> whole = EventScript.Run(new FeatureEngine(script.Instrument, Options), events);
        var random = new Random(61);
        int minute = -1;
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i].Kind != MarketEventKind.Timer)
                continue;
            minute++;
            if (minute % 4 != 0)
                continue;
            List<FeatureRow?> cut = EventScript.Run(new FeatureEngine(script.Instrument, Options), events.Take(i + 1));
            AssertSame(whole[minute], cut[^1]);
            List<MarketEvent> noise = Damage.Wild(events.Skip(i + 1), random.Next(), 1);
            List<FeatureRow?> noisy = EventScript.Run(new FeatureEngine(script.Instrument, Options), [.. events.Take(i + 1), .. noise]);
            for (int k = 0; k <= minute; k++)
                AssertSame(whole[k], noisy[k]);
        }
    }

    [Fact]
    public void EventsOfTheNextMinuteDoNotLeakIntoTheOneThatIsClosing()
    {
        // The same market, once with every event of the next minute held back until after the Timer.
        MarketShape shape = new() { Seed = 62, Minutes = 20, Trouble = 0.1, BookSeconds = 0.1, TradeSeconds = 0.2, LevelTicks = 10 };
        EventScript script = RandomMarket.Create(shape);
        List<MarketEvent> events = script.WithTimers(shape.Minutes, guard: 1.5);
        List<MarketEvent> held = [];
        List<MarketEvent> early = [];
        foreach (MarketEvent e in events)
        {
            UnixNanos end = EventScript.At(60 * (held.Count(h => h.Kind == MarketEventKind.Timer) + 1));
            if (e.Kind != MarketEventKind.Timer && e.ExchangeTime >= end)
            {
                early.Add(e);
                continue;
            }

            held.Add(e);
            if (e.Kind == MarketEventKind.Timer)
            {
                held.AddRange(early);
                early.Clear();
            }
        }

        List<FeatureRow?> asTheyCome = EventScript.Run(new FeatureEngine(script.Instrument, Options), events);
        List<FeatureRow?> heldBack = EventScript.Run(new FeatureEngine(script.Instrument, Options), held);
        int differing = 0;
        for (int i = 0; i < asTheyCome.Count; i++)
        {
            if (asTheyCome[i] is { } row && heldBack[i] is { } other && row.Bar.LateEvents == other.Bar.LateEvents && !row.BitsEqual(other))
                differing++;
        }

        // A message that goes back across the border once the next minute has begun is late in one order and not in the other.
        Assert.True(differing <= 3, $"{differing} of {asTheyCome.Count} minutes differ");
    }

    [Fact]
    public void BatchAndStreamingAgreeToTheLastBit()
    {
        MarketShape shape = new() { Seed = 63, Minutes = 60, Trouble = 0.1, LevelTicks = 10 };
        EventScript script = RandomMarket.Create(shape);
        List<MarketEvent> events = script.WithTimers(shape.Minutes);
        List<FeatureRow> batch = FeatureBatch.Rows(new FeatureEngine(script.Instrument, Options), CollectionsMarshal.AsSpan(events));
        List<FeatureRow> streamed = [.. EventScript.Run(new FeatureEngine(script.Instrument, Options), events).OfType<FeatureRow>()];
        Assert.Equal(streamed.Count, batch.Count);
        Assert.All(streamed.Zip(batch), pair => AssertSame(pair.First, pair.Second));
    }

    [Fact]
    public void ChannelsMayInterleaveAnyhow()
    {
        // All Trades of a minute first, then its book, and the other way round.
        MarketShape shape = new() { Seed = 64, Minutes = 30, BookSeconds = 0.5, LevelTicks = 10 };
        EventScript script = RandomMarket.Create(shape);
        List<MarketEvent> timely = [.. script.WithTimers(shape.Minutes).Where(e => e.Kind == MarketEventKind.Timer || e.ReceiveTime - e.ExchangeTime < 60_000_000)];
        List<FeatureRow?> Sorted(int tradesFirst) => EventScript.Run(
            new FeatureEngine(script.Instrument, Options with { QuietLimitNanos = 60 * UnixNanos.PerSecond }),
            timely.OrderBy(e => (timely.Count(t => t.Kind == MarketEventKind.Timer && t.ReceiveTime < e.ReceiveTime),
                e.Kind == MarketEventKind.Timer ? 2 : e.Kind == MarketEventKind.Trade ? -tradesFirst : 0)));
        List<FeatureRow?> first = Sorted(1);
        List<FeatureRow?> last = Sorted(-1);
        for (int i = 0; i < first.Count; i++)
            AssertSame(first[i], last[i]);
        Assert.True(first.Count(r => r is not null) > 25);
    }

    [Fact]
    public void MirroredMarketsGiveMirroredFeatures()
    {
        MarketShape shape = new() { Seed = 65, Minutes = 150, LevelTicks = 12, Trouble = 0.02, SnapshotMinutes = 20, BookSeconds = 2 };
        EventScript script = RandomMarket.Create(shape);
        // Far from zero, so that the reflection is small against the price.
        const long centre = 200_000;
        List<MarketEvent> events = [.. script.WithTimers(shape.Minutes).Select(e => Moved(e, e.Price.Ticks + centre - 20_000, e.Side))];
        List<MarketEvent> mirrored = [.. events.Select(e => Moved(e, 2 * centre - e.Price.Ticks, e.Side switch { Side.Buy => Side.Sell, Side.Sell => Side.Buy, _ => e.Side }))];
        FeatureOptions options = Options with { LargeNotional = 3000 };
        List<FeatureRow?> rows = EventScript.Run(new FeatureEngine(script.Instrument, options), events);
        List<FeatureRow?> others = EventScript.Run(new FeatureEngine(script.Instrument, options), mirrored);
        int compared = 0, crossing = 0;
        for (int minute = 0; minute < rows.Count; minute++)
        {
            if (rows[minute] is not { } row || others[minute] is not { } other)
            {
                Assert.Equal(rows[minute] is null, others[minute] is null);
                continue;
            }

            for (int i = FeatureSchema.CandleCount; i < FeatureSchema.Count; i++)
            {
                string name = $"minute {minute} {FeatureSchema.Names[i]}: {row.Values[i]:R} and {other.Values[i]:R}";
                bool changesSign = i is <= FeatureIndex.MicropriceDevBps or >= FeatureIndex.OfiL1 and <= FeatureIndex.LargeTakerImb
                    or FeatureIndex.VwapDev1mBps or FeatureIndex.VwapDev30mBps;
                double expected = changesSign ? -row.Values[i] : row.Values[i];
                bool mayCross = i is FeatureIndex.Obi10Bps or FeatureIndex.BookSlopeRel or FeatureIndex.LargeTakerImb;
                if (mayCross)
                {
                    compared++;
                    if (row.Reasons[i] != other.Reasons[i] || Math.Abs(expected - other.Values[i]) > 0.03)
                        crossing++;
                    continue;
                }

                Assert.True(row.Reasons[i] == other.Reasons[i], name);
                if (double.IsNaN(expected))
                    continue;
                bool exact = i is FeatureIndex.ObiL1 or FeatureIndex.ObiL5 or FeatureIndex.OfiL1 or FeatureIndex.OfiL10 or FeatureIndex.TakerImb
                    or FeatureIndex.TradeIntensity or FeatureIndex.Vpin;
                Assert.True(exact ? expected == other.Values[i] : Math.Abs(expected - other.Values[i]) <= 0.01 * Math.Max(1, Math.Abs(expected)), name);
            }
        }

        Assert.True(compared > 200 && crossing < compared / 10, $"{crossing} of {compared} crossed an edge");
    }

    [Fact]
    public void TenTimesThePricesAndQuantitiesChangeOnlyWhatHasAUnit()
    {
        MarketShape shape = new() { Seed = 66, Minutes = 500, LevelTicks = 10, BookSeconds = 4, TradeSeconds = 6, SnapshotMinutes = 60 };
        EventScript script = RandomMarket.Create(shape);
        List<MarketEvent> events = script.WithTimers(shape.Minutes);
        Instrument tenfold = script.Instrument with { Tick = DecimalStep.Parse("0.1"), Lot = DecimalStep.Parse("0.01") };
        List<FeatureRow?> rows = EventScript.Run(new FeatureEngine(script.Instrument, Options), events);
        List<FeatureRow?> others = EventScript.Run(new FeatureEngine(tenfold, Options), events);
        Assert.Equal(MissingReason.Present, rows[^1]!.Reasons[FeatureIndex.LargeTakerImb]);
        for (int minute = 0; minute < rows.Count; minute++)
        {
            for (int i = FeatureSchema.CandleCount; i < FeatureSchema.Count; i++)
            {
                double factor = i switch { FeatureIndex.KyleLambda => 10, FeatureIndex.AmihudIlliq => 100, _ => 1 };
                CandleFeaturesTests.AssertSame(
                    rows[minute]!.Values[i], others[minute]!.Values[i] * factor, 1e-9, $"minute {minute} {FeatureSchema.Names[i]}");
            }

            for (int i = 0; i < FeatureSchema.CandleCount; i++)
                CandleFeaturesTests.AssertSame(rows[minute]!.Inputs[i], others[minute]!.Inputs[i], 1e-8, FeatureSchema.Names[i]);
        }
    }

    [Fact]
    public void AWarmEngineAgreesWithOneThatSawEverything()
    {
        MarketShape shape = new() { Seed = 67, Minutes = 560, LevelTicks = 10, BookSeconds = 5, TradeSeconds = 6, SnapshotMinutes = 30 };
        EventScript script = RandomMarket.Create(shape);
        List<MarketEvent> events = script.WithTimers(shape.Minutes);
        List<FeatureRow?> full = EventScript.Run(new FeatureEngine(script.Instrument, Options), events);
        const int start = 97;
        List<FeatureRow?> part = EventScript.Run(
            new FeatureEngine(script.Instrument, Options), events.Where(e => e.ReceiveTime >= EventScript.At(60 * start)));
        int offset = full.Count - part.Count;
        Assert.True(part.Count > 400);
        for (int i = 361; i < part.Count; i++)
        {
            for (int f = 0; f < FeatureSchema.Count; f++)
            {
                // These remember hours and days.
                if (f is FeatureIndex.LargeTakerImb or FeatureIndex.Vpin)
                    continue;
                double scale = f is >= FeatureIndex.Macd and <= FeatureIndex.MacdDiff ? full[offset + i]!.Values[FeatureIndex.Close] : 1;
                CandleFeaturesTests.AssertSame(full[offset + i]!.Values[f], part[i]!.Values[f], 1e-9 * scale, $"bar {i} {FeatureSchema.Names[f]}");
            }
        }
    }

    [Theory]
    [InlineData(71, 3)]
    [InlineData(72, 20)]
    [InlineData(73, 200)]
    [InlineData(74, 1000)]
    public void FlippedBitsNeverThrowAndNeverGiveNonsense(int seed, int oneIn)
    {
        MarketShape shape = new() { Seed = seed, Minutes = 120, Trouble = 0.05, LevelTicks = 10, SnapshotMinutes = 5, BookSeconds = 0.5 };
        EventScript script = RandomMarket.Create(shape);
        var engine = new FeatureEngine(script.Instrument, Options);
        foreach (FeatureRow? row in EventScript.Run(engine, Damage.Wild(script.WithTimers(shape.Minutes), seed, oneIn)))
        {
            if (row is not null)
                FeatureChecks.IsSane(row, $"seed {seed}");
        }
    }

    [Fact]
    public void NothingIsAllocatedAfterWarmUp()
    {
        MarketShape shape = new() { Seed = 81, Minutes = 30, Trouble = 0.05, BookSeconds = 0.3, LevelTicks = 10 };
        EventScript script = RandomMarket.Create(shape);
        MarketEvent[] events = [.. script.WithTimers(shape.Minutes)];
        var engine = new FeatureEngine(script.Instrument, Options);
        var row = new FeatureRow();
        long shift = 0;
        int Run()
        {
            int rows = 0;
            foreach (MarketEvent original in events)
            {
                MarketEvent e = original;
                e.ReceiveTime += shift;
                e.ExchangeTime += shift;
                engine.Apply(e);
                if (e.Kind == MarketEventKind.Timer && engine.CloseBar(e, row))
                    rows++;
            }

            shift += shape.Minutes * UnixNanos.PerMinute;
            return rows;
        }

        Run();
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int rows = Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(rows > 20);
    }

    [Fact]
    public void AnEngineMadeAsLargeAsAnotherHadGrownAllocatesNothing()
    {
        MarketShape shape = new() { Seed = 82, Minutes = 10, BookSeconds = 0.02, TradeSeconds = 0.02, LevelTicks = 2 };
        EventScript script = RandomMarket.Create(shape);
        MarketEvent[] events = [.. script.WithTimers(shape.Minutes)];
        var row = new FeatureRow();
        var small = new FeatureEngine(script.Instrument, Options with { BookCapacity = 1, TradesCapacity = 1, MidsCapacity = 1, WaitingCapacity = 1 });
        long Run(FeatureEngine engine)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (ref readonly MarketEvent e in events.AsSpan())
            {
                engine.Apply(e);
                if (e.Kind == MarketEventKind.Timer)
                    engine.CloseBar(e, row);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.NotEqual(0, Run(small));
        Assert.Equal(0, Run(new FeatureEngine(script.Instrument, small.GrownOptions)));
    }

    private static MarketEvent Moved(MarketEvent e, long ticks, Side side)
    {
        if (e.Kind is MarketEventKind.Trade or MarketEventKind.BookDelta)
            (e.Price, e.Side) = (new(ticks), side);
        return e;
    }

    private static void AssertSame(FeatureRow? expected, FeatureRow? actual)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is not null)
            Assert.True(expected.BitsEqual(actual!), $"row of {expected.Bar.OpenTime} differs");
    }
}
