using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class SampleBuilderTests
{
    private static readonly SampleOptions Options = new() { SequenceLength = 4, HorizonBars = 3, MissingPerFeatureMax = 1 };

    [Fact]
    public void SamplesEqualThePlainDefinitionOverRandomHoles()
    {
        TrainingTable table = PlantedTable.Create(800);
        var random = new Random(3);
        foreach (SymbolRows rows in table.Symbols)
        {
            long shift = 0;
            for (int row = 0; row < rows.Count; row++)
            {
                shift += random.Next(25) == 0 ? random.Next(1, 4) * UnixNanos.PerMinute : 0;
                rows.OpenTime[row] += shift;
                rows.Warmup[row] = row < 10 || random.Next(60) == 0;
                rows.Close[row] = Math.Round(rows.Close[row]);
                for (int i = 0; i < table.Features; i++)
                {
                    if (random.Next(12) == 0)
                        rows.WritableInputsOf(row)[i] = double.NaN;
                }
            }
        }

        var plain = new List<Sample>();
        for (int symbol = 0; symbol < 2; symbol++)
        {
            SymbolRows rows = table.Symbols[symbol];
            for (int row = 3; row < rows.Count; row++)
            {
                int later = Array.IndexOf(rows.OpenTime, rows.OpenTime[row] + 3 * UnixNanos.PerMinute);
                bool whole = rows.OpenTime[row] - rows.OpenTime[row - 3] == 3 * UnixNanos.PerMinute;
                bool warm = !rows.Warmup[(row - 3)..(row + 1)].Any(w => w);
                bool known = Enumerable.Range(0, 4).All(i => Enumerable.Range(row - 3, 4).Count(r => double.IsNaN(rows.InputsOf(r)[i])) <= 1);
                if (whole && warm && known && later >= 0 && rows.Close[later] != rows.Close[row])
                    plain.Add(new Sample(symbol, row, rows.OpenTime[row], rows.Close[later] > rows.Close[row]));
            }
        }

        Sample[] samples = SampleBuilder.Build(table, Options);
        Assert.InRange(plain.Count, 100, 1_400);
        Assert.Equal(plain.OrderBy(s => s.Time.Value).ThenBy(s => s.Symbol), samples);
    }

    [Fact]
    public void TheLabelReadsTheMidWhenAsked()
    {
        TrainingTable table = PlantedTable.Create(50);
        SymbolRows rows = table.Symbols[0];
        rows.Mid[10] = 5;
        (rows.Mid[13], rows.Close[10], rows.Close[13]) = (4, 4, 5);
        Assert.True(SampleBuilder.FindLabel(rows, 10, Options));
        Assert.False(SampleBuilder.FindLabel(rows, 10, Options with { Label = LabelKind.MidDirection }));
        rows.Mid[13] = double.NaN;
        Assert.Null(SampleBuilder.FindLabel(rows, 10, Options with { Label = LabelKind.MidDirection }));
        rows.Close[13] = rows.Close[10];
        Assert.Null(SampleBuilder.FindLabel(rows, 10, Options));
    }

    [Fact]
    public void TheStrideThinsByTheMinute()
    {
        Sample[] all = SampleBuilder.Build(PlantedTable.Create(100), Options);
        Sample[] thinned = SampleBuilder.Build(PlantedTable.Create(100), Options with { Stride = 5 });
        Assert.Equal(all.Where(s => s.Time.Value / UnixNanos.PerMinute % 5 == 0), thinned);
    }
}
