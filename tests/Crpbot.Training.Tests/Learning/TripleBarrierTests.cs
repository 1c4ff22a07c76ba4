using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public class TripleBarrierTests
{
    private const int Horizon = 4;

    [Fact]
    public void LabelsEqualThePlainDefinitionOverRandomWalks()
    {
        var random = new Xoshiro256(11, 0);
        var seen = new Dictionary<string, int>();
        for (int market = 0; market < 30; market++)
        {
            SymbolRows rows = Walk(ref random, 200);
            PriceBarrier target = Draw(ref random), stop = Draw(ref random);
            for (int row = 0; row < rows.Count; row++)
            {
                (bool? label, string why) = Plain(rows, row, target, stop);
                seen[why] = seen.GetValueOrDefault(why) + 1;
                Assert.Equal(label, Find(rows, row, Horizon, target, stop));
            }
        }

        Assert.Equal(["both", "hole", "horizon", "stop", "target", "tie", "unknown", "warm"], seen.Keys.Order());
    }

    [Fact]
    public void BothTouchedInOneBarIsTheStopAndTheFirstBarDecides()
    {
        SymbolRows rows = Flat(Horizon + 1);
        var one = new PriceBarrier { Size = 100, Unit = BarrierUnit.Bps };
        (rows.High[2], rows.Low[2]) = (101, 99);
        Assert.False(Find(rows, 0, Horizon, one, one));
        rows.High[1] = 101;
        Assert.True(Find(rows, 0, Horizon, one, one));
        rows.Low[1] = 99;
        Assert.False(Find(rows, 0, Horizon, one, one));
    }

    [Fact]
    public void ABarBeyondTheHorizonOrTheEntryBarItselfDoesNotCount()
    {
        SymbolRows rows = Flat(Horizon + 2);
        var one = new PriceBarrier { Size = 1, Unit = BarrierUnit.Atr };
        (rows.Low[0], rows.High[Horizon + 1]) = (90, 110);
        Assert.Null(Find(rows, 0, Horizon, one, one));
        rows.Close[Horizon] = 100.5;
        Assert.True(Find(rows, 0, Horizon, one, one));
        rows.Close[Horizon] = 99.5;
        Assert.False(Find(rows, 0, Horizon, one, one));
    }

    [Fact]
    public void TheBuilderTakesTheLabelAndForgetsTheTruthAboutDirection()
    {
        TrainingTable table = PlantedTable.Create(300);
        foreach (SymbolRows rows in table.Symbols)
        {
            rows.Close.CopyTo(rows.High, 0);
            rows.Close.CopyTo(rows.Low, 0);
        }

        var options = new SampleOptions { SequenceLength = 1, HorizonBars = Horizon, Label = LabelKind.TripleBarrier, Target = PriceBarrier.Parse("20bps"), Stop = PriceBarrier.Parse("5bps") };
        Sample[] samples = SampleBuilder.Build(table, options);
        Assert.InRange(samples.Length, 500, 600);
        Assert.All(samples, s => Assert.Equal(Find(table.Symbols[s.Symbol], s.Row, Horizon, options.Target!, options.Stop!), s.Up));
        // A near stop is touched more often than a far target.
        Assert.InRange(samples.Average(s => s.Up ? 1.0 : 0), 0.1, 0.45);
        table.ForgetTruthUnlessOf(LabelKind.MidDirection);
        Assert.False(double.IsNaN(table.Symbols[1].TrueProbabilityUp[7]));
        table.ForgetTruthUnlessOf(options.Label);
        Assert.All(table.Symbols, rows => Assert.All(rows.TrueProbabilityUp, truth => Assert.True(double.IsNaN(truth))));
    }

    [Theory]
    [InlineData("2atr", 2, BarrierUnit.Atr)]
    [InlineData("0.5bps", 0.5, BarrierUnit.Bps)]
    public void ABarrierReadsWhatItWrites(string text, double size, BarrierUnit unit)
    {
        PriceBarrier barrier = PriceBarrier.Parse(text);
        Assert.Equal((size, unit, text), (barrier.Size, barrier.Unit, barrier.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("atr")]
    [InlineData("0atr")]
    [InlineData("-1bps")]
    [InlineData("2")]
    [InlineData("2pct")]
    [InlineData("1e999bps")]
    public void WhatIsNoBarrierIsRefused(string text) => Assert.Throws<FormatException>(() => PriceBarrier.Parse(text));

    [Fact]
    public void AReturnIsTheBarriersDistanceOrTheMoveToTheHorizon()
    {
        SymbolRows rows = Flat(Horizon + 1);
        (PriceBarrier target, PriceBarrier stop) = (PriceBarrier.Parse("200bps"), PriceBarrier.Parse("1.5atr"));
        Assert.Equal(0, TripleBarrier.FindReturn(rows, 0, Horizon, target, stop));
        rows.Close[Horizon] = 101;
        Assert.Equal(0.01, TripleBarrier.FindReturn(rows, 0, Horizon, target, stop)!.Value, 1e-12);
        rows.Low[3] = 90;
        Assert.Equal(-0.015, TripleBarrier.FindReturn(rows, 0, Horizon, target, stop)!.Value, 1e-12);
        rows.High[2] = 110;
        Assert.Equal(0.02, TripleBarrier.FindReturn(rows, 0, Horizon, target, stop)!.Value, 1e-12);
    }

    private static bool? Find(SymbolRows rows, int row, int horizonBars, PriceBarrier target, PriceBarrier stop) => SampleBuilder.FindLabel(
        rows, row, new SampleOptions { HorizonBars = horizonBars, Label = LabelKind.TripleBarrier, Target = target, Stop = stop });

    /// <summary>The definition, spelled out in the slow way.</summary>
    private static (bool? Label, string Why) Plain(SymbolRows rows, int row, PriceBarrier target, PriceBarrier stop)
    {
        int[] later = [.. Enumerable.Range(1, Horizon).Select(n => Array.IndexOf(rows.OpenTime, rows.OpenTime[row] + n * UnixNanos.PerMinute))];
        if (later.Contains(-1))
            return (null, "hole");
        if (later.Any(i => double.IsNaN(rows.High[i]) || double.IsNaN(rows.Low[i])))
            return (null, "unknown");
        double Distance(PriceBarrier barrier) => barrier.Unit == BarrierUnit.Atr ? barrier.Size * rows.Atr[row] : rows.Close[row] * barrier.Size / 10_000;
        double up = rows.Close[row] + Distance(target), down = rows.Close[row] - Distance(stop);
        if (double.IsNaN(up) || double.IsNaN(down))
            return (null, "warm");
        int target1 = Array.FindIndex(later, i => rows.High[i] >= up), stop1 = Array.FindIndex(later, i => rows.Low[i] <= down);
        if (target1 >= 0 && target1 == stop1)
            return (false, "both");
        if (stop1 >= 0 && (target1 < 0 || stop1 < target1))
            return (false, "stop");
        if (target1 >= 0)
            return (true, "target");
        int sign = rows.Close[later[^1]].CompareTo(rows.Close[row]);
        return sign == 0 ? (null, "tie") : (sign > 0, "horizon");
    }

    private static PriceBarrier Draw(ref Xoshiro256 random) =>
        random.NextBelow(2) == 0 ? new PriceBarrier { Size = 0.5 + 2 * random.NextDouble(), Unit = BarrierUnit.Atr } : new PriceBarrier { Size = 100 + random.NextBelow(400), Unit = BarrierUnit.Bps };

    // Whole prices near 100, so that ties and exact touches happen; holes, Bars without trades, and an atr that warms up.
    private static SymbolRows Walk(ref Xoshiro256 random, int count)
    {
        var rows = new SymbolRows("x", count, 0);
        long minute = 0;
        double price = 100;
        for (int row = 0; row < count; row++)
        {
            minute += random.NextBelow(30) == 0 ? 2 : 1;
            rows.OpenTime[row] = new UnixNanos(minute * UnixNanos.PerMinute);
            rows.Close[row] = price = Math.Clamp(price + random.NextBelow(3) - 1, 50, 150);
            bool isQuiet = random.NextBelow(40) == 0;
            rows.High[row] = isQuiet ? double.NaN : price + random.NextBelow(3);
            rows.Low[row] = isQuiet ? double.NaN : price - random.NextBelow(3);
            rows.Atr[row] = row < 14 ? double.NaN : 1 + random.NextBelow(2);
        }

        return rows;
    }

    private static SymbolRows Flat(int count)
    {
        var rows = new SymbolRows("x", count, 0);
        for (int row = 0; row < count; row++)
        {
            rows.OpenTime[row] = new UnixNanos(row * UnixNanos.PerMinute);
            rows.Close[row] = rows.High[row] = rows.Low[row] = 100;
            rows.Atr[row] = 1;
        }

        return rows;
    }
}
