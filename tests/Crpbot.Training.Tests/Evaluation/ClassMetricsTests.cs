using Crpbot.Training.Evaluation;
using Xunit;
using Repository = Crpbot.Testing.MarketData;

namespace Crpbot.Training.Tests.Evaluation;

public class ClassMetricsTests
{
    private const string Published = "fi2010-deeplob-predictions/preds_k0.npz";

    [Crpbot.Testing.MarketDataFact(Published)]
    public void APublishedModelsAnswersGiveItsPublishedFigures()
    {
        string path = Repository.Path(Published);
        int[] truth = [.. Npz.Read<long>(path, "y_true", "<i8").Select(k => (int)k)];
        int[] said = [.. Npz.Read<long>(path, "y_pred", "<i8").Select(k => (int)k)];
        var metrics = ClassMetrics.Of(truth, said, 3);
        Assert.Equal(139_488, metrics.Samples);
        Assert.Equal(0.8347, metrics.Accuracy, 5e-5);
        Assert.Equal(0.8216, metrics.Weighted.F1, 5e-5);
        Assert.Equal(0.7194, metrics.Macro.F1, 5e-5);
        Assert.Equal([21_127L, 98_602L, 19_759L], metrics.Classes.Select(c => c.Support));
        var ofProbabilities = ClassMetrics.OfProbabilities(truth, Npz.Read<float>(path, "y_probs", "<f4"), 3);
        Assert.Equal(metrics.Confusion, ofProbabilities.Confusion);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void FiguresEqualThePlainDefinitions(int classes)
    {
        var random = new Random(classes);
        int[] truth = [.. Enumerable.Range(0, 2_000).Select(_ => random.Next(classes))];
        int[] said = [.. truth.Select(k => random.Next(3) > 0 ? k : random.Next(classes))];
        var metrics = ClassMetrics.Of(truth, said, classes);
        (int True, int Said)[] pairs = [.. truth.Zip(said)];
        Assert.Equal(pairs.Average(p => p.True == p.Said ? 1.0 : 0), metrics.Accuracy, 1e-12);
        double weighted = 0;
        for (int k = 0; k < classes; k++)
        {
            double precision = pairs.Where(p => p.Said == k).Average(p => p.True == k ? 1.0 : 0);
            double recall = pairs.Where(p => p.True == k).Average(p => p.Said == k ? 1.0 : 0);
            double f1 = 2 * precision * recall / (precision + recall);
            Assert.Equal(precision, metrics.Classes[k].Precision, 1e-12);
            Assert.Equal(recall, metrics.Classes[k].Recall, 1e-12);
            Assert.Equal(f1, metrics.Classes[k].F1, 1e-12);
            weighted += f1 * pairs.Count(p => p.True == k) / pairs.Length;
            for (int j = 0; j < classes; j++)
                Assert.Equal(pairs.Count(p => p == (k, j)), metrics.Confusion[k, j]);
        }

        Assert.Equal(weighted, metrics.Weighted.F1, 1e-12);
        Assert.Equal(metrics.Classes.Average(c => c.F1), metrics.Macro.F1, 1e-12);
    }

    [Fact]
    public void AClassThatNobodyNamesCountsAsZero()
    {
        var metrics = ClassMetrics.Of([0, 1, 1], [0, 0, 0], 2);
        Assert.Equal(new ClassFigures(0, 0, 0, 2), metrics.Classes[1]);
        Assert.Equal(1.0 / 3, metrics.Classes[0].Precision, 1e-12);
    }

    [Fact]
    public void WhatIsNoClassIsRefused()
    {
        Assert.Throws<InvalidDataException>(() => ClassMetrics.Of([], [], 2));
        Assert.Throws<InvalidDataException>(() => ClassMetrics.Of([0, 1], [0], 2));
        Assert.Contains("sample 1", Assert.Throws<InvalidDataException>(() => ClassMetrics.Of([0, 1], [0, 2], 2)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => ClassMetrics.OfProbabilities([0, 1], [0.5f, 0.5f, 1f], 2));
    }
}
