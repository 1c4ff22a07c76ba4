using System.Globalization;
using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Simulation;

/// <summary>Writes simulated history as captures, Timers included, as if a receiver had recorded it.</summary>
public static class SimulatedDays
{
    /// <summary>When every one of the 53 features is live, to an engine that began at the options' start.</summary>
    /// <remarks>
    /// Three days and a half after the first midnight. vpin is the last: it needs two whole days to know its bucket, then fifty buckets, which is
    /// a day of average volume; over many seeds it was live after 2.8 to 3.2 days.
    /// </remarks>
    public static UnixNanos WarmAt(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.FirstMidnight + 3 * UnixNanos.PerDay + UnixNanos.PerDay / 2;
    }

    /// <summary>Simulates from the options' start through whole days from the first midnight on, and records it all.</summary>
    /// <param name="path">The capture; replaced if it exists.</param>
    /// <param name="options">The market.</param>
    /// <param name="table">Receives the Instruments.</param>
    /// <param name="days">How many days, 1 or more.</param>
    /// <returns>The simulator, standing where the history ends: hand it to <see cref="SimulatedExchange"/> to go on.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static MarketSimulator Write(string path, SimulationOptions options, InstrumentTable table, int days)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        var simulator = new MarketSimulator(options, table);
        Write(path, simulator, options.FirstMidnight + days * UnixNanos.PerDay);
        return simulator;
    }

    /// <summary>Records a simulator from where it stands.</summary>
    /// <param name="path">The capture; replaced if it exists.</param>
    /// <param name="simulator">Left standing at <paramref name="until"/>.</param>
    /// <param name="until">Exclusive end, in ExchangeTime.</param>
    /// <returns>Events written, Timers included.</returns>
    public static long Write(string path, MarketSimulator simulator, UnixNanos until)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        SimulationOptions options = simulator.Options;
        string source = string.Create(
            CultureInfo.InvariantCulture,
            $"simulated market, seed {options.Seed}, difficulty {options.Difficulty}, horizon {options.HorizonBars} bars, start {options.Start}, rate {options.EventRate}");

        // Stamped with market time: equal options make equal files.
        using var writer = new CaptureWriter(path, simulator.Table, new CaptureHeader("crpbot", source, options.Start));
        var history = new SimulatedHistory(simulator);
        var events = new MarketEventBuffer();
        while (history.Next(until, events))
        {
            writer.Write(events.Events);
            events.Clear();
        }

        writer.Complete();
        return writer.EventCount;
    }
}
