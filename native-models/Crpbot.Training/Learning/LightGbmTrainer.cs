using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;

namespace Crpbot.Training.Learning;

/// <summary>How trees are grown. The defaults suit some ten thousand rows of overlapping labels.</summary>
internal sealed record LightGbmOptions
{
    /// <summary>At most; growing stops early.</summary>
    public int Trees { get; init; } = 300;

    /// <summary>Leaves of a tree, at most.</summary>
    public int Leaves { get; init; } = 15;

    public double LearningRate { get; init; } = 0.05;

    /// <summary>Trees without a better validation loss before growing ends; the best count is kept.</summary>
    public int PatienceTrees { get; init; } = 30;

    /// <summary>Samples a leaf has at least; 0 is a 300th of them, 20 at least: small leaves learn the noise of overlapping labels.</summary>
    public int SamplesPerLeafMin { get; init; }

    public int Seed { get; init; } = 1;
}

/// <summary>The trees, and what the library said with them to the validation samples.</summary>
internal sealed record LightGbmResult(TreeEnsemble Ensemble, double[] ProbeLogits);

/// <summary>Gradient-boosted trees on the newest Bar by LightGBM, through ML.NET. One thread, so that equal seeds give equal trees.</summary>
internal static class LightGbmTrainer
{
    /// <param name="source">Scaled rows; a missing input is 0 in them, never NaN.</param>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="validation">Samples that decide how many trees are kept; never learned from.</param>
    /// <param name="options">How.</param>
    /// <exception cref="PlatformNotSupportedException">The system lacks OpenMP (libgomp1).</exception>
    public static LightGbmResult Train(SequenceSource source, Sample[] train, Sample[] validation, LightGbmOptions options)
    {
        var context = new MLContext(options.Seed);
        LightGbmBinaryTrainer trainer = context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            NumberOfIterations = options.Trees,
            NumberOfLeaves = options.Leaves,
            LearningRate = options.LearningRate,
            MinimumExampleCountPerLeaf = options.SamplesPerLeafMin > 0 ? options.SamplesPerLeafMin : Math.Max(20, train.Length / 300),
            EarlyStoppingRound = options.PatienceTrees,
            EvaluationMetric = LightGbmBinaryTrainer.Options.EvaluateMetricType.Logloss,
            NumberOfThreads = 1,
            Deterministic = true,
            Seed = options.Seed,
            Silent = true,
        });
        IDataView held = Load(context, source, validation);
        try
        {
            var fitted = trainer.Fit(Load(context, source, train), held);
            PlattCalibrator squash = fitted.Model.Calibrator;
            double[] logits = [.. fitted.Transform(held).GetColumn<float>("Score").Select(score => -(squash.Slope * score + squash.Offset))];
            return new LightGbmResult(Copy(fitted.Model.SubModel, squash, source.Features), logits);
        }
        catch (DllNotFoundException e)
        {
            throw new PlatformNotSupportedException($"LightGBM's library cannot be loaded; it needs OpenMP, on Debian: apt install libgomp1 ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    private static TreeEnsemble Copy(LightGbmBinaryModelParameters model, PlattCalibrator squash, int inputs)
    {
        var ensemble = model.TrainedTreeEnsemble;
        DecisionTree[] trees = [.. ensemble.Trees.Zip(ensemble.TreeWeights, (tree, weight) => new DecisionTree(
            [.. tree.NumericalSplitFeatureIndexes], [.. tree.NumericalSplitThresholds], [.. tree.LeftChild], [.. tree.RightChild],
            [.. tree.LeafValues.Select(value => (float)(value * weight))]))];
        return new TreeEnsemble(inputs, trees, -squash.Slope, -squash.Offset - squash.Slope * ensemble.Bias);
    }

    private static IDataView Load(MLContext context, SequenceSource source, Sample[] samples)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Example));
        schema[nameof(Example.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, source.Features);
        return context.Data.LoadFromEnumerable(samples.Select(sample => new Example { Features = source.LastRow(sample).ToArray(), Label = sample.Up }), schema);
    }

    private sealed class Example
    {
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }
}
