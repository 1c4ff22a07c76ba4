using Crpbot.Analysis;
using Crpbot.Analysis.Statistics;
using Xunit;

namespace Crpbot.Engine.Tests.Analysis;

/// <summary>Each statistic against its plain definition.</summary>
public class StatisticsTests
{
    private readonly Random _random = new(11);

    [Fact]
    public void CorrelationsAndAucEqualTheirDefinitions()
    {
        for (int trial = 0; trial < 20; trial++)
        {
            // Few distinct values, so that ties matter.
            float[] x = [.. Enumerable.Range(0, 150).Select(_ => (float)_random.Next(12))];
            float[] y = [.. x.Select(v => v + 20 * (float)(_random.NextDouble() - 0.5))];
            double[] plainRanks = [.. x.Select(v => x.Count(o => o < v) + (x.Count(o => o == v) - 1) / 2.0)];
            Assert.Equal(plainRanks, Ranks.Of(x));
            Assert.Equal(PlainPearson([.. x.Select(v => (double)v)], [.. y.Select(v => (double)v)]), Correlation.Of([.. x.Select(v => (double)v)], [.. y.Select(v => (double)v)]), 12);
            double won = 0, pairs = 0;
            for (int i = 0; i < x.Length; i++)
            {
                for (int j = 0; j < x.Length; j++)
                {
                    if (!(y[i] > 0) || y[j] > 0)
                        continue;
                    pairs++;
                    won += x[i] > x[j] ? 1 : x[i] == x[j] ? 0.5 : 0;
                }
            }

            Assert.Equal(won / pairs, Ranks.Auc(Ranks.Of(x), y), 12);
        }

        Assert.True(double.IsNaN(Correlation.Of([1, 1, 1], [1, 2, 3])));
    }

    [Fact]
    public void MutualInformationIsThatOfTheTable()
    {
        double[] p = [0.1, 0.3, 0.4, 0.2];
        int[] counts = [.. p.Select(v => (int)(v * 1000))];
        // H(X) + H(Y) − H(X, Y).
        double Entropy(params double[] shares) => -shares.Sum(s => s * Math.Log2(s));
        Assert.Equal(Entropy(0.4, 0.6) + Entropy(0.5, 0.5) - Entropy(p), MutualInformation.BitsOf(counts), 12);
        Assert.Equal(1, MutualInformation.BitsOf([500, 0, 0, 500]), 12);
        Assert.Equal(0, MutualInformation.BitsOf([100, 300, 50, 150]), 12);
    }

    [Fact]
    public void ShiftedLabelsGiveTheBiasAndASmallP()
    {
        byte[] bins = [.. Enumerable.Range(0, 4_000).Select(_ => (byte)_random.Next(MutualInformation.Bins))];
        byte[] noise = [.. bins.Select(_ => (byte)_random.Next(2))];
        byte[] told = [.. bins.Select(b => (byte)(_random.NextDouble() < 0.5 + 0.02 * (b - 7.5) ? 1 : 0))];
        double[] shifts = [.. Enumerable.Range(0, 199).Select(i => 0.1 + 0.8 * i / 199)];
        InformationEstimate nothing = MutualInformation.Measure(bins, noise, [1_500, 2_500], shifts), something = MutualInformation.Measure(bins, told, [1_500, 2_500], shifts);
        // (16 − 1)(2 − 1) / (2·N·ln 2).
        double bias = 15 / (2 * 4_000 * Math.Log(2));
        Assert.InRange(nothing.ByChance, 0.9 * bias, 1.1 * bias);
        Assert.InRange(nothing.P, 0.02, 1);
        Assert.Equal(0.005, something.P, 6);
        Assert.InRange(something.Excess, 0.01, 0.04);
    }

    [Fact]
    public void AShiftKeepsEverySampleInsideItsSymbol()
    {
        // The first symbol is always up, the second never: a shift across the border would mix them.
        byte[] bins = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1], up = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
        InformationEstimate estimate = MutualInformation.Measure(bins, up, [4, 6], [0.25, 0.5, 0.75]);
        Assert.Equal(estimate.Bits, estimate.ByChance, 12);
    }

    [Fact]
    public void QIsTheSmallestRateThatStillFindsTheTest()
    {
        double[] q = Significance.BenjaminiHochberg([0.01, 0.04, double.NaN, 0.03, 0.005, 0.9]);
        Assert.Equal([0.025, 0.05, double.NaN, 0.05, 0.025, 0.9], q.Select(v => Math.Round(v, 12)));
        // A test is found wherever a less sure one is.
        Assert.Equal([0.021, 0.021, 0.021], Significance.BenjaminiHochberg([0.01, 0.02, 0.021]).Select(v => Math.Round(v, 12)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0.3173105078629141)]
    [InlineData(-1.96, 0.04999579029644087)]
    [InlineData(3, 0.0026997960632601866)]
    [InlineData(5, 5.733031437583869e-07)]
    [InlineData(8, 1.2441921148543568e-15)]
    public void PIsThatOfANormal(double z, double expected) => Assert.Equal(1, Significance.OfZ(z) / expected, 8);

    [Fact]
    public void TheIntervalIsAsWideAsTheDependenceDemands()
    {
        int[] minutes = [.. Enumerable.Range(0, 20_000)];
        double[] x = [.. minutes.Select(_ => _random.NextDouble() - 0.5)], y = [.. minutes.Select(_ => _random.NextDouble() - 0.5)];
        Correlation.Of(x, y, new BlockBootstrap(minutes, 1, 400, 1).BlockOf, new BlockBootstrap(minutes, 1, 400, 1), out double independent);
        Assert.InRange(independent * Math.Sqrt(20_000), 0.9, 1.1);
        // Every value stands fifty times: the effective number is a fiftieth.
        double[] slowX = [.. minutes.Select(i => x[i / 50])], slowY = [.. minutes.Select(i => y[i / 50])];
        var blocks = new BlockBootstrap(minutes, 200, 400, 1);
        Estimate slow = Correlation.Of(slowX, slowY, blocks.BlockOf, blocks, out double dependent);
        Assert.InRange(dependent * Math.Sqrt(400), 0.7, 1.3);
        Assert.True(slow.Low < slow.Value && slow.Value < slow.High);
        Assert.InRange((slow.High - slow.Low) / dependent, 3.3, 4.6);
    }

    [Fact]
    public void SymbolsOfAMinuteShareItsBlock()
    {
        var bootstrap = new BlockBootstrap([0, 0, 59, 60, 60, 185], 60, 30, 1);
        Assert.Equal([0, 0, 0, 1, 1, 2], bootstrap.BlockOf);
        for (int r = 0; r < bootstrap.Replicates; r++)
            Assert.Equal(3, bootstrap.Draw(r).ToArray().Sum(count => count));
    }

    [Fact]
    public void TheStabilityIndexSumsTheSharesThatMoved()
    {
        float[] before = [.. Enumerable.Range(0, 1_000).Select(i => (float)i)];
        Assert.Equal(0, Drift.StabilityIndex(before, before), 9);
        // All later values in the last of ten bins.
        float[] after = [.. before.Select(v => v + 900)];
        double expected = 9 * (1e-4 - 0.1) * Math.Log(1e-4 / 0.1) + (1 - 0.1) * Math.Log(1 / 0.1);
        Assert.Equal(expected, Drift.StabilityIndex(before, after), 9);
        Assert.Equal(Math.Log(3), Drift.StabilityIndex([0, 0, 0, 1], [0, 1, 1, 1]), 9);
    }

    [Fact]
    public void GroupsJoinByTheirMeanCorrelation()
    {
        // 0 and 1 are one; 2 is near 0 only; 3 is opposite to 4.
        double[] correlations =
        [
            1, 0.99, 0.93, 0, 0,
            0.99, 1, 0.85, 0, 0,
            0.93, 0.85, 1, 0, 0,
            0, 0, 0, 1, -0.95,
            0, 0, 0, -0.95, double.NaN,
        ];
        Assert.Equal(["0,1", "2", "3,4"], Clusters.Find(correlations, 5, 0.9).Select(group => string.Join(',', group)));
        Assert.Equal(["0,1,2", "3,4"], Clusters.Find(correlations, 5, 0.88).Select(group => string.Join(',', group)));
    }

    private static double PlainPearson(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average();
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }
}
