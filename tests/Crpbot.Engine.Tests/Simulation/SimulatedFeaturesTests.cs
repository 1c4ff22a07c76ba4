using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

/// <summary>The engine's own features on the simulated market: whole, in range, and carrying what they should.</summary>
public sealed class SimulatedFeaturesTests
{
    [Fact]
    public void OnceWarmEveryFeatureIsThereAndTheBooksShowPressure()
    {
        var options = new SimulationOptions { Seed = 12, Difficulty = 0.65 };
        var table = new InstrumentTable();
        var simulator = new MarketSimulator(options, table);
        var history = new SimulatedHistory(simulator);
        FeatureEngine[] engines = [.. simulator.Instruments.Select(i => new FeatureEngine(i))];
        var row = new FeatureRow();
        var events = new MarketEventBuffer();
        UnixNanos warm = SimulatedDays.WarmAt(options);
        string[] shown = ["obi_l1", "obi_l5", "obi_10bps", "taker_imb"];
        var samples = new List<(double LogOdds, double[] Shown)>();
        int missing = 0;
        while (history.Next(warm + UnixNanos.PerDay / 2, events))
        {
            foreach (ref readonly MarketEvent e in events.Events)
            {
                foreach (FeatureEngine engine in engines)
                {
                    engine.Apply(e);
                    if (e.Kind != MarketEventKind.Timer)
                        continue;
                    Assert.True(engine.CloseBar(e, row));
                    UnixNanos bar = row.Bar.OpenTime;
                    Assert.True(simulator.Truth.TryGetEndMidDoubled(engine.Instrument.Id, bar, out long mid));
                    Assert.Equal(mid, row.Bar.EndBid.Ticks + row.Bar.EndAsk.Ticks);
                    if (bar < warm)
                        continue;
                    for (int i = 0; i < FeatureSchema.Count; i++)
                        missing += double.IsNaN(row.Values[i]) ? 1 : 0;
                    Assert.True(simulator.Truth.TryGetProbabilityUp(engine.Instrument.Id, bar, out double p));
                    double[] values = new double[shown.Length];
                    for (int i = 0; i < shown.Length; i++)
                        values[i] = row.Values[FeatureSchema.IndexOf(shown[i])];
                    samples.Add((Math.Log(p / (1 - p)), values));
                }
            }

            events.Clear();
        }

        Assert.Equal(0, missing);
        Assert.InRange(samples.Count, 2_100, 2_160);
        Assert.All(engines, engine => Assert.True(engine.LateEvents == 0 && engine.Refused == 0 && engine.IsBookValid));
        double[] floors = [0.95, 0.95, 0.95, 0.3];
        for (int i = 0; i < shown.Length; i++)
        {
            double correlation = Correlation(samples, i);
            Assert.True(correlation >= floors[i], $"{shown[i]} correlates {correlation:0.000} with the truth");
        }
    }

    private static double Correlation(List<(double LogOdds, double[] Shown)> samples, int feature)
    {
        double meanX = samples.Average(s => s.LogOdds);
        double meanY = samples.Average(s => s.Shown[feature]);
        double xy = samples.Sum(s => (s.LogOdds - meanX) * (s.Shown[feature] - meanY));
        double xx = samples.Sum(s => (s.LogOdds - meanX) * (s.LogOdds - meanX));
        double yy = samples.Sum(s => (s.Shown[feature] - meanY) * (s.Shown[feature] - meanY));
        return xy / Math.Sqrt(xx * yy);
    }
}
