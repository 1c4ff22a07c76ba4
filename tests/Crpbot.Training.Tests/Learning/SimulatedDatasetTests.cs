using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public sealed class SimulatedDatasetTests : IDisposable
{
    private static readonly SimulationOptions Market = new() { Seed = 11, Difficulty = 0.75, HorizonBars = 5 };
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void InputsRecomputedFromTheDatasetEqualTheStreamToTheBit()
    {
        SimulatedDataset.Write(_path, Market, days: 1);
        Dictionary<string, InputRows> recomputed = FeatureInputs.FromValues(FeatureDatasetReader.Read(_path)).ToDictionary(rows => rows.Symbol);

        // The same market once more, straight through the engine.
        var market = new MarketSimulator(Market, new InstrumentTable());
        FeatureEngine[] engines = [.. market.Instruments.Select(i => new FeatureEngine(i))];
        var next = engines.ToDictionary(e => e.Instrument.Name, _ => 0);
        var clock = new BarClock();
        var row = new FeatureRow();
        var message = new MarketEventBuffer();
        int microstructure = 0;
        while (next.Values.Min() < 1_200)
        {
            message.Clear();
            market.NextMessage(message);
            while (clock.TryTakeTimer(message.Events[0].ReceiveTime, out MarketEvent timer))
            {
                foreach (FeatureEngine engine in engines)
                {
                    if (!engine.CloseBar(timer, row))
                        continue;
                    InputRows rows = recomputed[engine.Instrument.Name];
                    int n = next[engine.Instrument.Name]++;
                    Assert.Equal((row.Bar.OpenTime, row.IsWarmup), (rows.Times[n], (rows.Flags[n] & FeatureRowFlags.Warmup) != 0));
                    for (int i = 0; i < FeatureSchema.Count; i++)
                        Assert.Equal(BitConverter.DoubleToInt64Bits(row.Inputs[i]), BitConverter.DoubleToInt64Bits(rows.Inputs[n * FeatureSchema.Count + i]));
                    microstructure += double.IsNaN(row.Inputs[FeatureIndex.ObiL1]) ? 0 : 1;
                }
            }

            foreach (ref readonly MarketEvent e in message.Events)
            {
                foreach (FeatureEngine engine in engines)
                    engine.Apply(e);
                clock.Observe(e);
            }
        }

        Assert.True(microstructure > 3_000);
    }

    [Fact]
    public void TheTruthOfADatasetPredictsItsLabelsToTheDifficulty()
    {
        SimulatedDataset.Write(_path, Market, days: 3);
        TrainingTable table = TableLoader.Load([_path], ["obi_l1", "close"], horizonBars: 5);
        Assert.Equal(LabelKind.MidDirection, TableLoader.DefaultLabel(table));
        Sample[] samples = SampleBuilder.Build(table, new SampleOptions { SequenceLength = 1, HorizonBars = 5, Label = LabelKind.MidDirection });
        Assert.InRange(samples.Length, 10_000, 3 * 3 * 1_440);
        double right = samples.Average(s => table.Symbols[s.Symbol].TrueProbabilityUp[s.Row] > 0.5 == s.Up ? 1.0 : 0);
        Assert.InRange(right, 0.72, 0.78);
        // A truth about another horizon is no truth here.
        Assert.True(double.IsNaN(TableLoader.Load([_path], ["close"], horizonBars: 15).Symbols[0].TrueProbabilityUp[100]));
    }
}
