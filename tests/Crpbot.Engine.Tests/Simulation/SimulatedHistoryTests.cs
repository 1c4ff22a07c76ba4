using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

public sealed class SimulatedHistoryTests
{
    [Fact]
    public void EveryFullMinuteIsClosedByOneTimerAfterItsGuard()
    {
        var options = new SimulationOptions();
        var history = new SimulatedHistory(new MarketSimulator(options, new InstrumentTable()));
        var output = new MarketEventBuffer();
        UnixNanos end = options.Start + UnixNanos.PerHour;
        UnixNanos expected = options.Start + 2 * UnixNanos.PerMinute;
        UnixNanos last = UnixNanos.None;
        while (true)
        {
            output.Clear();
            if (!history.Next(end, output))
                break;
            foreach (ref readonly MarketEvent e in output.Events)
            {
                Assert.True(e.ReceiveTime >= last);
                last = e.ReceiveTime;
                if (e.Kind != MarketEventKind.Timer)
                    continue;
                Assert.Equal(expected, e.ExchangeTime);
                Assert.InRange(e.ReceiveTime - expected, 250_000_000, 256_000_000);
                expected += UnixNanos.PerMinute;
            }
        }

        // The first minute is not a full one to a receiver 2 ms late; the last is closed by what comes after the end.
        Assert.Equal(58, history.Timers);
        Assert.Equal(0, output.Count);
    }
}
