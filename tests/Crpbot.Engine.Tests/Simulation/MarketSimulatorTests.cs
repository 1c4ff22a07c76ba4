using System.IO.Hashing;
using System.Runtime.InteropServices;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

public sealed class MarketSimulatorTests
{
    private static readonly SimulationOptions Options = new();

    [Fact]
    public void EqualSeedsGiveEqualBytes() => Assert.Equal(Hash(Options, 200_000), Hash(Options with { }, 200_000));

    [Fact]
    public void TheBytesAreTheOnesOfEveryOtherMachine() => Assert.Equal("17613a2a5b08e3ea", Hash(Options, 200_000).ToString("x16"));

    [Fact]
    public void AnotherSeedGivesAnotherMarket() => Assert.NotEqual(Hash(Options, 20_000), Hash(Options with { Seed = 2 }, 20_000));

    [Fact]
    public void AnInstrumentIsTheSameMarketWithoutTheOthers()
    {
        var table = new InstrumentTable();
        SimulationOptions alone = Options with { Instruments = [SimulatedInstrument.Defaults[1]] };
        UnixNanos until = Options.Start + UnixNanos.PerDay;
        SimulatedTruth together = SimulatedTruth.Generate(Options, table, until);
        SimulatedTruth single = SimulatedTruth.Generate(alone, table, until);
        InstrumentId ether = table.GetOrAdd("coinbase", "ETH-USD").Id;
        UnixNanos bar = Options.Start + 700 * UnixNanos.PerMinute;
        Assert.True(together.TryGetProbabilityUp(ether, bar, out double one) & single.TryGetProbabilityUp(ether, bar, out double other));
        Assert.Equal(one, other);
    }

    [Fact]
    public void TimeGrowsAndMessagesAreAtomic()
    {
        var simulator = new MarketSimulator(Options, new InstrumentTable());
        var message = new MarketEventBuffer();
        (UnixNanos exchange, UnixNanos receive) = (Options.Start, UnixNanos.None);
        for (int i = 0; i < 300_000; i++)
        {
            message.Clear();
            UnixNanos announced = simulator.NextTime;
            Assert.True(simulator.NextMessage(message));
            ReadOnlySpan<MarketEvent> events = message.Events;
            MarketEvent first = events[0];
            Assert.True(first.ExchangeTime >= exchange && first.ReceiveTime > receive, $"message {i} goes back in time");
            Assert.Equal(announced, first.ExchangeTime);
            Assert.InRange(first.ReceiveTime - first.ExchangeTime, 2_000_000, 8_000_000);
            for (int j = 0; j < events.Length; j++)
            {
                Assert.Equal(j == events.Length - 1, events[j].IsLastInMessage);
                Assert.True(events[j].ExchangeTime == first.ExchangeTime && events[j].ReceiveTime == first.ReceiveTime && events[j].Instrument == first.Instrument);
            }

            (exchange, receive) = (first.ExchangeTime, first.ReceiveTime);
        }
    }

    [Fact]
    public void TradeIdsCountUpAndHeartbeatsComeEachSecond()
    {
        var simulator = new MarketSimulator(Options, new InstrumentTable());
        var message = new MarketEventBuffer();
        long[] ids = new long[4];
        UnixNanos[] beats = new UnixNanos[4];
        int trades = 0;
        while (simulator.NextTime < Options.Start + UnixNanos.PerHour)
        {
            message.Clear();
            simulator.NextMessage(message);
            MarketEvent e = message.Events[0];
            int slot = e.Instrument.Value;
            if (e.Kind == MarketEventKind.Trade)
            {
                Assert.True(ids[slot] == 0 || e.Sequence == ids[slot] + 1);
                ids[slot] = e.Sequence;
                trades++;
            }
            else if (e.Kind == MarketEventKind.Heartbeat)
            {
                Assert.True(beats[slot] == default || e.ExchangeTime - beats[slot] == UnixNanos.PerSecond);
                beats[slot] = e.ExchangeTime;
            }
        }

        Assert.InRange(trades, 3 * 60 * 10, 3 * 60 * 120);
        Assert.All(beats[1..], last => Assert.True(last >= Options.Start + UnixNanos.PerHour - UnixNanos.PerSecond));
    }

    [Fact]
    public void GeneratesWithoutAllocatingPerEvent()
    {
        var simulator = new MarketSimulator(Options, new InstrumentTable());
        var message = new MarketEventBuffer();
        simulator.AdvanceTo(Options.Start + UnixNanos.PerHour);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200_000; i++)
        {
            message.Clear();
            simulator.NextMessage(message);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ADayHasAboutSixEventsASecondAndInstrument()
    {
        var simulator = new MarketSimulator(Options, new InstrumentTable());
        var message = new MarketEventBuffer();
        long events = 0;
        while (simulator.NextTime < Options.Start + UnixNanos.PerDay)
        {
            message.Clear();
            simulator.NextMessage(message);
            events += message.Count;
        }

        Assert.InRange(events / (3 * 86_400.0), 4, 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30 * UnixNanos.PerSecond)]
    public void AStartThatIsNoWholeMinuteIsRefused(long off) =>
        Assert.Throws<ArgumentException>(() => new MarketSimulator(Options with { Start = Options.Start + off }, new InstrumentTable()));

    private static ulong Hash(SimulationOptions options, int messages)
    {
        var simulator = new MarketSimulator(options, new InstrumentTable());
        var message = new MarketEventBuffer();
        var hash = new XxHash3();
        for (int i = 0; i < messages; i++)
        {
            message.Clear();
            simulator.NextMessage(message);
            hash.Append(MemoryMarshal.AsBytes(message.Events));
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
