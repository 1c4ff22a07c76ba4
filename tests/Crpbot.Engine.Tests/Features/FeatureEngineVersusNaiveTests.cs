using Crpbot.Features;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

public class FeatureEngineVersusNaiveTests
{
    private FeatureRow LastRow { get; } = new();

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(2, 0.1)]
    [InlineData(3, 0.3)]
    public void AgreesOnALivelyFeed(int seed, double trouble)
    {
        MarketShape shape = new() { Seed = seed, Minutes = 90, Trouble = trouble, LevelTicks = seed == 1 ? 3 : 10 };
        Compare(RandomMarket.Create(shape), shape.Minutes, FeatureOptions.QuietLimitWithHeartbeats);
    }

    [Theory]
    [InlineData(11, 0.05)]
    [InlineData(12, 0.3)]
    public void AgreesWithoutHeartbeats(int seed, double trouble)
    {
        MarketShape shape = new() { Seed = seed, Minutes = 90, Trouble = trouble, HeartbeatSeconds = 0, BookSeconds = 6, TradeSeconds = 20 };
        Compare(RandomMarket.Create(shape), shape.Minutes, FeatureOptions.QuietLimitWithoutHeartbeats);
    }

    [Fact]
    public void AgreesOnAShallowBook()
    {
        MarketShape shape = new() { Seed = 21, Minutes = 40, Levels = 4, BookSeconds = 2, Trouble = 0.1 };
        Compare(RandomMarket.Create(shape), shape.Minutes, FeatureOptions.QuietLimitWithHeartbeats);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(35)]
    [InlineData(36)]
    [InlineData(37)]
    [InlineData(38)]
    public void AgreesOnADamagedFeed(int seed)
    {
        MarketShape shape = new() { Seed = seed, Minutes = 60, Trouble = 0.05, LevelTicks = 10, SnapshotMinutes = 7 };
        EventScript script = RandomMarket.Create(shape);
        var engine = new FeatureEngine(script.Instrument, new FeatureOptions { QuietLimitNanos = FeatureOptions.QuietLimitWithHeartbeats });
        var naive = new NaiveFeatures(script.Instrument, FeatureOptions.QuietLimitWithHeartbeats);
        CompareEvents(engine, naive, Damage.Moderate(script.WithTimers(shape.Minutes), seed));
        Assert.True(engine.LateEvents > 10 && engine.Refused > 10);
    }

    [Fact]
    public void AgreesOnVolumeClocksAndLargeTradesOverDays()
    {
        // Two full days after the first midnight, then enough volume for fifty buckets.
        MarketShape shape = new()
        {
            Seed = 41, Minutes = 66 * 60, BookSeconds = 40, TradeSeconds = 25, HeartbeatSeconds = 20, VolumeGrowth = 1.15, SnapshotMinutes = 500,
        };
        EventScript script = RandomMarket.Create(shape);
        var engine = new FeatureEngine(script.Instrument, new FeatureOptions());
        var naive = new NaiveFeatures(script.Instrument, new FeatureOptions().QuietLimitNanos, candlesEvery: 50);
        int rows = CompareEvents(engine, naive, script.WithTimers(shape.Minutes), candlesEvery: 50);
        Assert.True(rows > 3800);
        Assert.Equal(MissingReason.Present, LastRow.Reasons[FeatureIndex.Vpin]);
        Assert.Equal(MissingReason.Present, LastRow.Reasons[FeatureIndex.LargeTakerImb]);
    }

    [Fact]
    public void AnInvertedFeedIsRefusedFromTheNextHourOn()
    {
        MarketShape shape = new() { Seed = 51, Minutes = 130, BookSeconds = 5, TradeSeconds = 5, UnknownSides = 0, InvertSides = true };
        EventScript script = RandomMarket.Create(shape);
        var engine = new FeatureEngine(script.Instrument, new FeatureOptions { QuietLimitNanos = FeatureOptions.QuietLimitWithHeartbeats });
        List<FeatureRow?> rows = EventScript.Run(engine, script.WithTimers(shape.Minutes));
        Assert.All(rows.Take(60), Assert.NotNull);
        Assert.All(rows.Skip(60), Assert.Null);
        Assert.Equal(SideCheckVerdict.Refused, engine.SideCheck.Verdict);
        Assert.Equal(2, engine.SideCheck.HoursRefused);
        Compare(script, shape.Minutes, FeatureOptions.QuietLimitWithHeartbeats);
    }

    private void Compare(EventScript script, int minutes, long quietLimit)
    {
        var engine = new FeatureEngine(script.Instrument, new FeatureOptions { QuietLimitNanos = quietLimit });
        var naive = new NaiveFeatures(script.Instrument, quietLimit);
        Assert.NotEqual(0, CompareEvents(engine, naive, script.WithTimers(minutes)));
    }

    private int CompareEvents(FeatureEngine engine, NaiveFeatures naive, IEnumerable<MarketEvent> events, int candlesEvery = 1)
    {
        int rows = 0;
        FeatureRow row = LastRow;
        foreach (MarketEvent e in events)
        {
            engine.Apply(e);
            naive.Apply(e);
            if (e.Kind != MarketEventKind.Timer)
                continue;
            bool isPresent = engine.CloseBar(e, row);
            (double[] Values, double[] Inputs, MissingReason[] Reasons, string Regime)? expected = naive.Close(e);
            string at = $"minute {(e.ExchangeTime - EventScript.Start) / UnixNanos.PerMinute - 1}";
            Assert.True(expected.HasValue == isPresent, $"{at}: the plain version says {(expected.HasValue ? "a" : "no")} Bar");
            if (!isPresent)
                continue;
            FeatureChecks.IsSane(row, at);
            rows++;
            // The plain candle features walk through all history: over days only a sample of them is asked.
            for (int i = rows % candlesEvery != 0 ? FeatureSchema.CandleCount : 0; i < FeatureSchema.Count; i++)
            {
                string name = $"{at} {FeatureSchema.Names[i]}";
                Assert.True(expected!.Value.Reasons[i] == row.Reasons[i], $"{name}: expected {expected.Value.Reasons[i]}, got {row.Reasons[i]}");
                CandleFeaturesTests.AssertSame(expected.Value.Values[i], row.Values[i], 1e-9, name);
                CandleFeaturesTests.AssertSame(expected.Value.Inputs[i], row.Inputs[i], 1e-8, name + " input");
            }
        }

        Assert.Equal(naive.Late, engine.LateEvents);
        Assert.Equal(naive.Refused, engine.Refused);
        return rows;
    }
}
