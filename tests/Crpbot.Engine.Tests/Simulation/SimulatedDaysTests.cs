using System.Runtime.InteropServices;
using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

public sealed class SimulatedDaysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-days-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ADayReadsBackAsTheEventsOfTheSimulator()
    {
        var options = new SimulationOptions { Seed = 4 };
        string path = Path.Combine(_folder, "day.crp");
        MarketSimulator left = SimulatedDays.Write(path, options, new InstrumentTable(), 1);
        Assert.True(left.NextTime >= options.FirstMidnight + UnixNanos.PerDay);

        var table = new InstrumentTable();
        using var reader = CaptureReader.Open(path, table);
        Assert.True(reader.IsComplete);
        Assert.Contains("seed 4", reader.Header.Source, StringComparison.Ordinal);
        var again = new SimulatedHistory(new MarketSimulator(options, new InstrumentTable()));
        var expected = new MarketEventBuffer();
        int at = 0;
        while (reader.ReadBlock(out ReadOnlySpan<MarketEvent> events))
        {
            while (expected.Count - at < events.Length && again.Next(options.FirstMidnight + UnixNanos.PerDay, expected))
            {
            }

            Assert.True(MemoryMarshal.AsBytes(events).SequenceEqual(MemoryMarshal.AsBytes(expected.Events.Slice(at, events.Length))));
            at += events.Length;
        }

        Assert.Equal(expected.Count, at);
        Assert.False(again.Next(options.FirstMidnight + UnixNanos.PerDay, expected));
        Assert.Equal(["coinbase:BTC-USD", "coinbase:ETH-USD", "coinbase:SOL-USD"], table.All.Select(i => i.Name));
    }

    [Fact]
    public void EqualOptionsMakeEqualFilesAndHistoryGoesOnInAnother()
    {
        var options = new SimulationOptions { Instruments = [SimulatedInstrument.Defaults[0]] };
        string one = Path.Combine(_folder, "1.crp");
        string two = Path.Combine(_folder, "2.crp");
        SimulatedDays.Write(one, options, new InstrumentTable(), 1);
        MarketSimulator simulator = SimulatedDays.Write(two, options, new InstrumentTable(), 1);
        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(two));
        Assert.True(SimulatedDays.Write(Path.Combine(_folder, "3.crp"), simulator, options.FirstMidnight + UnixNanos.PerDay + UnixNanos.PerHour) > 10_000);
        Assert.Equal(1 + 1440 + 60, simulator.Truth.ClosedBars(simulator.Instruments[0].Id));
    }
}
