using Crpbot.Analysis;
using Crpbot.Analysis.Models;
using Crpbot.Analysis.Statistics;
using Crpbot.Features;
using Xunit;

namespace Crpbot.Engine.Tests.Analysis;

public class BaselineTests
{
    private readonly Random _random = new(21);

    [Fact]
    public void TrainingLabelsEndAnEmbargoBeforeTheTest()
    {
        // Two symbols a minute.
        int[] minutes = [.. Enumerable.Range(0, 4_000).Select(i => 1_000 + i / 2)];
        var options = new AnalysisOptions { EmbargoBars = 60 };
        IReadOnlyList<Fold> folds = WalkForward.Split(minutes, 15, options);
        Assert.Equal(4, folds.Count);
        int last = -1;
        foreach (Fold fold in folds)
        {
            int from = fold.Test.Min(i => minutes[i]);
            Assert.True(fold.Train.Max(i => minutes[i]) + 15 + 60 < from);
            Assert.Equal(from - 76, fold.Train.Max(i => minutes[i]));
            Assert.All(fold.Test, i => Assert.True(i > last));
            last = fold.Test[^1];
        }

        Assert.Equal(minutes.Length - 1, last);
        Assert.Equal(1_800, folds[0].Test.Min(i => minutes[i]));
        Assert.Equal(500, WalkForward.Split(minutes, 15, options with { TrainingRows = 500 }).Max(fold => fold.Train.Length), 60.0);
    }

    [Fact]
    public void ScalingSeesTheTrainingRowsOnly()
    {
        PlantedMarket market = new(seed: 31, strength: 0, symbols: 1);
        int[] columns = [FeatureIndex.Open, FeatureIndex.SessionTokyo], train = [.. Enumerable.Range(0, 1_000)], test = [.. Enumerable.Range(2_000, 1_000)];
        ModelRows Scaled(AnalysisTable table, int[] rows) => TrainingScale.Fit(table, columns, train).Apply(table, columns, rows, new bool[rows.Length]);
        AnalysisTable calm = AnalysisTable.From(market.Symbols, new AnalysisOptions { Horizons = [1] });
        float[] trainValues = Scaled(calm, train).Values, testValues = Scaled(calm, test).Values;
        float[] opens = [.. trainValues.Where((_, i) => i % 2 == 0).Order()];
        Assert.InRange(opens[500], -0.01, 0.01);
        Assert.InRange(opens[750] - opens[250], 1.33, 1.36);
        Assert.InRange(testValues.Where((_, i) => i % 2 == 0).Average(), -0.15, 0.15);
        // A flag is left alone.
        Assert.Equal(calm.Inputs[FeatureIndex.SessionTokyo][2_000], testValues[1]);

        market.Plant(FeatureIndex.Open, (_, row) => row < 1_500 ? market.Symbols[0].Inputs[row * FeatureSchema.Count] : row % 2 == 0 ? double.NaN : 1e6);
        AnalysisTable wild = AnalysisTable.From(market.Symbols, new AnalysisOptions { Horizons = [1] });
        Assert.Equal(trainValues, Scaled(wild, train).Values);
        Assert.Equal([0, 8], Scaled(wild, test).Values.Where((_, i) => i % 2 == 0).Distinct().Order());
    }

    [Fact]
    public void LogisticRegressionFindsTheWeights()
    {
        ModelRows rows = Rows(20_000, x => 1.0 * x[0] - 0.5 * x[1] + 0.3);
        LogisticModel model = LogisticModel.Fit(rows);
        double Logit(params float[] row) => Math.Log(model.ProbabilityUp(row) / (1 - model.ProbabilityUp(row)));
        Assert.Equal(0.3, Logit(0, 0, 0, 0, 0), 0.06);
        Assert.Equal(1.3, Logit(1, 0, 0, 0, 0), 0.1);
        Assert.Equal(-0.2, Logit(0, 1, 0, 0, 0), 0.1);
        Assert.Equal(0.3, Logit(0, 0, 1, 0, 0), 0.1);
    }

    [Fact]
    public void TreesAreScoredAsTheLibraryScoresThem()
    {
        ModelRows rows = Rows(5_000, x => x[0] * x[1] > 0 ? 1.5 : -1.5), others = Rows(2_000, _ => 0);
        BoostedTrees trees = BoostedTrees.Fit(rows, 1, out Func<ModelRows, float[]> library);
        float[] expected = library(others);
        for (int i = 0; i < others.Count; i++)
            Assert.Equal(expected[i], trees.ProbabilityUp(others.Of(i)), 5e-6);
        Assert.True(expected.Max() - expected.Min() > 0.4);
        // What no line can separate.
        ModelRows unseen = Rows(2_000, x => x[0] * x[1] > 0 ? 1.5 : -1.5);
        Assert.True(AccuracyOf(trees, unseen) > 0.75);
        Assert.InRange(AccuracyOf(LogisticModel.Fit(rows), unseen), 0.45, 0.55);
        BoostedTrees again = BoostedTrees.Fit(rows, 1);
        Assert.All(Enumerable.Range(0, others.Count), i => Assert.Equal(trees.ProbabilityUp(others.Of(i)), again.ProbabilityUp(others.Of(i))));
    }

    [Fact]
    public void ScoresEqualTheirDefinitions()
    {
        double[] p = [.. Enumerable.Range(0, 400).Select(_ => _random.Next(20) / 20.0)];
        bool[] up = [.. p.Select(v => _random.NextDouble() < v)];
        var bootstrap = new BlockBootstrap([.. Enumerable.Range(0, 400)], 10, 50, 1);
        var scores = new Scores(p, up, bootstrap);
        Assert.Equal(p.Zip(up).Count(s => s.First >= 0.5 == s.Second) / 400.0, scores.Accuracy, 12);
        Assert.Equal(up.Count(u => u) / 400.0, scores.AlwaysUp, 12);
        Assert.Equal(p.Zip(up).Average(s => -Math.Log(Math.Max(s.Second ? s.First : 1 - s.First, 1e-15))), scores.Loss, 9);
        Assert.Equal(PlainAuc(p, up, [.. Enumerable.Repeat(1, 400)]), scores.Auc, 12);
        for (int r = 0; r < 5; r++)
        {
            int[] weights = [.. bootstrap.BlockOf.Select(block => (int)bootstrap.Draw(r)[block])];
            Assert.Equal(PlainAuc(p, up, weights), scores.Aucs[r], 12);
            Assert.Equal(Enumerable.Range(0, 400).Sum(i => up[i] ? weights[i] : 0) / 400.0, scores.AlwaysUps[r], 12);
        }
    }

    private static double AccuracyOf(IDirectionModel model, ModelRows rows) =>
        Enumerable.Range(0, rows.Count).Count(i => model.ProbabilityUp(rows.Of(i)) >= 0.5 == rows.Up[i]) / (double)rows.Count;

    private static double PlainAuc(double[] p, bool[] up, int[] weights)
    {
        double won = 0, pairs = 0;
        for (int i = 0; i < p.Length; i++)
        {
            for (int j = 0; j < p.Length; j++)
            {
                double weight = up[i] && !up[j] ? weights[i] * weights[j] : 0;
                pairs += weight;
                won += weight * (p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0);
            }
        }

        return won / pairs;
    }

    private ModelRows Rows(int count, Func<float[], double> logit)
    {
        const int Width = 5;
        var values = new float[count * Width];
        var up = new bool[count];
        for (int i = 0; i < count; i++)
        {
            float[] row = [.. Enumerable.Range(0, Width).Select(_ => (float)(4 * _random.NextDouble() - 2))];
            row.CopyTo(values, i * Width);
            up[i] = _random.NextDouble() < 1 / (1 + Math.Exp(-logit(row)));
        }

        return new ModelRows(Width, values, up);
    }
}
