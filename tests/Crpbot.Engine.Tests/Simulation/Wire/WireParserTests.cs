using System.Runtime.InteropServices;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Simulation.Wire;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation.Wire;

/// <summary>The engine's own parsers read the simulated exchange back to the very events it sent.</summary>
public sealed class WireParserTests
{
    [Fact]
    public void CoinbaseTextParsesToTheSameBytes()
    {
        var table = new InstrumentTable();
        var simulator = new MarketSimulator(new SimulationOptions(), table);
        var parser = new CoinbaseParser(table);
        var text = new WireText();
        var message = new MarketEventBuffer();
        var parsed = new MarketEventBuffer();
        for (int i = 0; i < 50_000; i++)
        {
            message.Clear();
            parsed.Clear();
            simulator.NextMessage(message);
            ReadOnlySpan<MarketEvent> events = message.Events;
            CoinbaseWire.Write(events, simulator.Table[events[0].Instrument], i, text);
            Assert.Equal(ParseStatus.Done, parser.Parse(text.Written, events[0].ReceiveTime, parsed).Status);
            Assert.True(MemoryMarshal.AsBytes(events).SequenceEqual(MemoryMarshal.AsBytes(parsed.Events)), System.Text.Encoding.UTF8.GetString(text.Written));
        }

        Assert.Equal(0, parser.Dropped);
    }

    [Fact]
    public void TardisTextParsesToTheSameBytesBidsBeforeAsks()
    {
        var table = new InstrumentTable();
        var simulator = new MarketSimulator(new SimulationOptions(), table);
        var parser = new TardisMessageParser(table, new TextIdTable());
        var text = new WireText();
        var message = new MarketEventBuffer();
        var parsed = new MarketEventBuffer();
        for (int i = 0; i < 50_000; i++)
        {
            message.Clear();
            parsed.Clear();
            simulator.NextMessage(message);
            MarketEvent[] expected = [.. message.Events.ToArray().OrderBy(e => e.Kind != MarketEventKind.BookClear).ThenBy(e => e.Side)];
            if (!TardisWire.TryWrite(message.Events, simulator.Table[expected[0].Instrument], text))
                continue;
            foreach (ref MarketEvent e in expected.AsSpan())
                e.Flags &= ~MarketEventFlags.LastInMessage;
            expected[^1].Flags |= MarketEventFlags.LastInMessage;
            Assert.Equal(ParseStatus.Done, parser.Parse(text.Written, expected[0].ReceiveTime, parsed).Status);
            Assert.True(
                MemoryMarshal.AsBytes(expected.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(parsed.Events)), System.Text.Encoding.UTF8.GetString(text.Written));
        }

        Assert.Equal(0, parser.Dropped);
    }
}
