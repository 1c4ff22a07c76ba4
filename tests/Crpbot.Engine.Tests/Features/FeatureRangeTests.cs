using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

/// <summary>Long runs: no infinity, everything inside its range, everything warm when the engine said so.</summary>
public class FeatureRangeTests
{
    [MarketDataFact("coinbase-1m/BTC-USD_1m_2023-11-25_2023-12-22.csv.gz", "coinbase-1m/SOL-USD_1m_2023-11-25_2023-12-22.csv.gz")]
    public void FourWeeksOfRealCandlesStayInRange()
    {
        foreach (string file in (string[])["BTC-USD_1m_2023-11-25_2023-12-22.csv.gz", "SOL-USD_1m_2023-11-25_2023-12-22.csv.gz"])
        {
            Crpbot.Datasets.CandleSeries candles = CandleFileReader.Read(Crpbot.Testing.MarketData.Path($"coinbase-1m/{file}"));
            double[] values = new double[candles.Count * 33], inputs = new double[candles.Count * 33];
            var reasons = new MissingReason[candles.Count * 33];
            var flags = new FeatureRowFlags[candles.Count];
            FeatureBatch.Candles(
                candles.Times, candles.Open, candles.High, candles.Low, candles.Close, candles.Volume, values, inputs, reasons, flags);
            int warm = 0;
            for (int bar = 0; bar < candles.Count; bar++)
            {
                bool isWarm = (flags[bar] & FeatureRowFlags.Warmup) == 0;
                warm += isWarm ? 1 : 0;
                for (int i = 0; i < 33; i++)
                {
                    double value = values[bar * 33 + i];
                    if (!isWarm && double.IsNaN(value))
                        continue;
                    (double low, double high) = FeatureChecks.RangeOf(i);
                    Assert.True(double.IsFinite(value) && value >= low && value <= high, $"{file} bar {bar} {FeatureSchema.Names[i]} is {value}");
                    Assert.True(!isWarm || double.IsFinite(inputs[bar * 33 + i]), $"{file} bar {bar} {FeatureSchema.Names[i]} input");
                }
            }

            Assert.True(warm > candles.Count / 2, $"{file}: {warm} of {candles.Count} rows are warm");
        }
    }

    [Fact]
    public void SimulatedDaysAreWarmAndInRange()
    {
        var market = new MarketSimulator(new SimulationOptions { Seed = 3, EventRate = 0.2 }, new InstrumentTable());
        var history = new SimulatedHistory(market);
        var engine = new FeatureEngine(market.Instruments[0]);
        var row = new FeatureRow();
        var events = new MarketEventBuffer();
        UnixNanos until = market.Options.FirstMidnight + 4 * UnixNanos.PerDay;
        while (history.Next(until, events))
        {
            foreach (ref readonly MarketEvent e in events.Events)
            {
                engine.Apply(e);
                if (e.Kind == MarketEventKind.Timer && engine.CloseBar(e, row))
                    FeatureChecks.IsSane(row, row.Bar.OpenTime.ToString());
            }

            events.Clear();
        }

        Assert.Equal(SideCheckVerdict.Trusted, engine.SideCheck.Verdict);
        Assert.False(row.IsWarmup);
        for (int i = 0; i < FeatureSchema.Count; i++)
        {
            Assert.True(row.Reasons[i] == MissingReason.Present, $"{FeatureSchema.Names[i]}: {row.Reasons[i]}");
            Assert.Equal(row.Bar.OpenTime + UnixNanos.PerMinute, engine.WarmFrom(i));
        }
    }
}
