using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

public class FeatureCheckpointTests
{
    private static readonly FeatureOptions Options = new()
    {
        QuietLimitNanos = FeatureOptions.QuietLimitWithHeartbeats,
        QuietLimitBeforeHeartbeatsNanos = FeatureOptions.QuietLimitWithoutHeartbeats,
    };

    [Fact]
    public void ARestoredEngineContinuesBitForBit()
    {
        MarketShape shape = new() { Seed = 91, Minutes = 90, Trouble = 0.1, LevelTicks = 10 };
        EventScript script = RandomMarket.Create(shape);
        List<MarketEvent> events = script.WithTimers(shape.Minutes);
        List<FeatureRow?> whole = EventScript.Run(new FeatureEngine(script.Instrument, Options), events);
        var random = new Random(91);
        for (int round = 0; round < 25; round++)
        {
            int cut = round == 0 ? 0 : random.Next(events.Count);
            while (cut > 0 && !events[cut - 1].IsLastInMessage)
                cut--;
            var first = new FeatureEngine(script.Instrument, Options);
            List<FeatureRow?> rows = EventScript.Run(first, events.Take(cut));
            FeatureEngine second = FeatureEngine.Load(new MemoryStream(Saved(first)), script.Instrument, Options);
            rows.AddRange(EventScript.Run(second, events.Skip(cut)));
            Assert.Equal(whole.Count, rows.Count);
            for (int i = 0; i < rows.Count; i++)
                Assert.True(whole[i] is null ? rows[i] is null : whole[i]!.BitsEqual(rows[i]!), $"cut {cut}, minute {i}");
        }
    }

    [Fact]
    public void SavingTwiceGivesTheSameBytes()
    {
        EventScript script = RandomMarket.Create(new MarketShape { Seed = 92, Minutes = 20 });
        var engine = new FeatureEngine(script.Instrument, Options);
        EventScript.Run(engine, script.WithTimers(20));
        byte[] saved = Saved(engine);
        Assert.Equal(saved, Saved(engine));
        Assert.Equal(saved, Saved(FeatureEngine.Load(new MemoryStream(saved), script.Instrument, Options)));
    }

    [Fact]
    public void ADamagedCheckpointIsANamedError()
    {
        EventScript script = RandomMarket.Create(new MarketShape { Seed = 93, Minutes = 3 });
        var engine = new FeatureEngine(script.Instrument, Options);
        EventScript.Run(engine, script.WithTimers(3));
        byte[] saved = Saved(engine);
        for (int at = 0; at < saved.Length; at += 101)
        {
            byte[] flipped = [.. saved];
            flipped[at] ^= 4;
            Assert.Throws<InvalidDataException>(() => FeatureEngine.Load(new MemoryStream(flipped), script.Instrument, Options));
            Assert.Throws<InvalidDataException>(() => FeatureEngine.Load(new MemoryStream(saved, 0, at), script.Instrument, Options));
        }
    }

    [Fact]
    public void AnotherInstrumentOrOptionIsRefused()
    {
        EventScript script = RandomMarket.Create(new MarketShape { Seed = 94, Minutes = 3 });
        byte[] saved = Saved(new FeatureEngine(script.Instrument, Options));
        Instrument other = script.Instrument with { Tick = DecimalStep.Parse("0.1") };
        Assert.Contains("tick 0.1", Assert.Throws<InvalidDataException>(() => FeatureEngine.Load(new MemoryStream(saved), other, Options)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => FeatureEngine.Load(new MemoryStream(saved), script.Instrument, new FeatureOptions()));
    }

    [Fact]
    public void HalfAMessageIsNoMomentToSave()
    {
        EventScript script = new EventScript().Snapshot(0, [(100, 1)], [(101, 1)]);
        var engine = new FeatureEngine(script.Instrument, Options);
        engine.Apply(script.Events[0]);
        Assert.Throws<InvalidOperationException>(() => Saved(engine));
    }

    private static byte[] Saved(FeatureEngine engine)
    {
        using var stream = new MemoryStream();
        engine.Save(stream);
        return stream.ToArray();
    }
}
