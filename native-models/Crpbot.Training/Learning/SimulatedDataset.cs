using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Simulation;

namespace Crpbot.Training.Learning;

/// <summary>Runs the simulated market through the engine's own bar clock and features, and keeps every row with the simulator's truth.</summary>
internal static class SimulatedDataset
{
    /// <param name="path">The dataset to write.</param>
    /// <param name="options">The market.</param>
    /// <param name="days">Simulated days from the options' start.</param>
    /// <param name="progress">Told the share done.</param>
    /// <returns>Rows written.</returns>
    public static long Write(string path, SimulationOptions options, int days, Action<double>? progress = null)
    {
        var table = new InstrumentTable();
        var market = new MarketSimulator(options, table);
        UnixNanos end = options.Start + days * UnixNanos.PerDay;
        SimulatedTruth truth = SimulatedTruth.Generate(options, table, end);
        string source = FormattableString.Invariant(
            $"Simulated market, seed {options.Seed}, difficulty {options.Difficulty} over {options.HorizonBars} bars, {days} days from {options.Start.ToDateTime():yyyy-MM-dd}");
        using var writer = new FeatureDatasetWriter(path, source, options.HorizonBars);
        FeatureEngine[] engines = [.. market.Instruments.Select(instrument => new FeatureEngine(instrument))];
        var clock = new BarClock();
        var row = new FeatureRow();
        var message = new MarketEventBuffer();
        while (market.NextTime < end + UnixNanos.PerMinute)
        {
            message.Clear();
            market.NextMessage(message);
            while (clock.TryTakeTimer(message.Events[0].ReceiveTime, out MarketEvent timer))
            {
                if (timer.ExchangeTime > end)
                    break;
                foreach (FeatureEngine engine in engines)
                {
                    if (engine.CloseBar(timer, row))
                        Write(writer, engine.Instrument, row, truth);
                }

                progress?.Invoke((double)(timer.ExchangeTime - options.Start) / (end - options.Start));
            }

            foreach (ref readonly MarketEvent e in message.Events)
            {
                foreach (FeatureEngine engine in engines)
                    engine.Apply(e);
                clock.Observe(e);
            }
        }

        writer.Close();
        return writer.Rows;
    }

    private static void Write(FeatureDatasetWriter writer, Instrument instrument, FeatureRow row, SimulatedTruth truth)
    {
        if (!truth.TryGetProbabilityUp(instrument.Id, row.Bar.OpenTime, out double probability))
            probability = double.NaN;
        writer.Write(instrument, row, probability);
    }
}
