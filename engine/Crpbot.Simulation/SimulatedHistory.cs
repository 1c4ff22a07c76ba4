using Crpbot.Codecs;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Simulation;

/// <summary>A simulated market as a receiver records it: its messages, and the Timers that close its Bars.</summary>
/// <remarks>One thread; allocates nothing per event. What a capture of <see cref="SimulatedDays"/> holds, without the file.</remarks>
public sealed class SimulatedHistory(MarketSimulator simulator)
{
    private readonly BarClock _clock = new();
    private readonly MarketEventBuffer _message = new();

    /// <summary>Timers given out so far.</summary>
    public long Timers => _clock.Timers;

    /// <summary>Appends the Timers due before the next message, then the message.</summary>
    /// <param name="until">Exclusive end, in ExchangeTime.</param>
    /// <param name="output">Receives at least one event when true is returned.</param>
    /// <returns>False, and nothing appended, once the next message is at or after <paramref name="until"/>.</returns>
    public bool Next(UnixNanos until, MarketEventBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (simulator.NextTime >= until)
            return false;
        _message.Clear();
        simulator.NextMessage(_message);
        UnixNanos received = _message.Events[0].ReceiveTime;
        while (_clock.TryTakeTimer(received, out MarketEvent timer))
            output.Add() = timer;
        foreach (ref readonly MarketEvent e in _message.Events)
        {
            output.Add() = e;
            _clock.Observe(e);
        }

        return true;
    }
}
