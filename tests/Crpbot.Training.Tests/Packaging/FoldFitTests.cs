using Crpbot.Messages;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;
using Crpbot.Training.Tests.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Packaging;

/// <summary>What a fold fits comes from before its test slice, and no fold knows the locked slice.</summary>
public class FoldFitTests
{
    private static readonly UnixNanos End = new(long.MaxValue);

    [Theory]
    [InlineData(ModelArchitecture.Logistic, false)]
    [InlineData(ModelArchitecture.LightGbm, false)]
    [InlineData(ModelArchitecture.LightGbm, true)]
    public void NothingFittedChangesWithTheRowsOfTheTestSlice(object architecture, bool isRolling)
    {
        FitOptions options = Options((ModelArchitecture)architecture, isRolling);
        TrainingTable table = PlantedTable.Create(2_500);
        IReadOnlyList<PurgedSplit> splits = Split(table, options);
        for (int k = 0; k < splits.Count; k++)
        {
            FoldFit fit = new(table, splits[k], 1), damaged = new(Damage(PlantedTable.Create(2_500), splits[k].Borders[3], End), splits[k], 1);
            Assert.Equal(fit.Features, damaged.Features);
            FittedFold fold = fit.Fit(ModelTrainer.Of(options, _ => { }, null)), other = damaged.Fit(ModelTrainer.Of(options, _ => { }, null));
            Assert.Equal(fold.Model.Graph, other.Model.Graph);
            Assert.Equal((fold.Calibration.A, fold.Calibration.B), (other.Calibration.A, other.Calibration.B));
            Assert.NotEqual(fold.Test.Select(s => s.ProbabilityUp), other.Test.Select(s => s.ProbabilityUp));
        }
    }

    [Fact]
    public void ScalingReadsTheTrainingRowsAlone()
    {
        FitOptions options = Options(ModelArchitecture.Logistic, isRolling: true);
        TrainingTable table = PlantedTable.Create(2_500);
        foreach (PurgedSplit split in Split(table, options))
        {
            UnixNanos from = split.Borders[0], end = split.Borders[1];
            TrainingTable around = Damage(Damage(PlantedTable.Create(2_500), default, from), end, End);
            Assert.Equal(new FoldFit(table, split, 1).Features, new FoldFit(around, split, 1).Features);
            Assert.NotEqual(new FoldFit(table, split, 1).Features, new FoldFit(Damage(PlantedTable.Create(2_500), from, end), split, 1).Features);
        }
    }

    [Fact]
    public void TheFoldsSayTheSameWhateverTheLockedSliceHolds()
    {
        FitOptions options = Options(ModelArchitecture.LightGbm, isRolling: false);
        TrainingTable table = PlantedTable.Create(2_500);
        FittedModel fit = ModelFit.Run(table, options, _ => { });
        FittedModel other = ModelFit.Run(Damage(PlantedTable.Create(2_500), fit.Split.Borders[3], End), options, _ => { });
        Assert.Equal(3, fit.Folds.Count);
        Assert.Equal(fit.Folds.Select(f => f.Report.LogLoss), other.Folds.Select(f => f.Report.LogLoss));
        Assert.Equal(fit.WalkForward!.LogLoss, other.WalkForward!.LogLoss);
        Assert.Equal(fit.Folds.Sum(f => f.Report.Samples), fit.WalkForward.Samples);
        Assert.NotEqual(fit.Locked.LogLoss, other.Locked.LogLoss);
        Assert.All(fit.Folds, fold => Assert.True(fold.Report.ShareOfBayes!.Value.Value > 0.93, $"{fold.Report.ShareOfBayes}"));
    }

    private static FitOptions Options(ModelArchitecture architecture, bool isRolling) => new()
    {
        Name = "folds",
        Version = "1",
        Architecture = architecture,
        Samples = new SampleOptions { SequenceLength = 1, HorizonBars = 2, MissingPerFeatureMax = 0 },
        Folds = new WalkForwardOptions(4, isRolling),
        Trees = new LightGbmOptions { Trees = 40 },
    };

    private static IReadOnlyList<PurgedSplit> Split(TrainingTable table, FitOptions options) => WalkForward.Split(
        SampleBuilder.Build(table, options.Samples), options.Samples.HorizonBars, options.EmbargoBars, options.Shares, options.Folds);

    // Noise of another size: whoever reads these rows is another.
    private static TrainingTable Damage(TrainingTable table, UnixNanos from, UnixNanos end)
    {
        var random = new Xoshiro256(99, 1);
        foreach (SymbolRows rows in table.Symbols)
        {
            for (int row = 0; row < rows.Count; row++)
            {
                if (rows.OpenTime[row] < from || rows.OpenTime[row] >= end)
                    continue;
                foreach (ref double input in rows.WritableInputsOf(row))
                    input = 30 * random.NextNormal();
            }
        }

        return table;
    }
}
