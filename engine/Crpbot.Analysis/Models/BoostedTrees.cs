using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;

namespace Crpbot.Analysis.Models;

/// <summary>Gradient-boosted trees by LightGBM, scored here: asking the library row by row costs a hundred times the trees.</summary>
internal sealed class BoostedTrees : IDirectionModel
{
    private readonly int[][] _features;
    private readonly float[][] _thresholds;
    private readonly int[][] _below;
    private readonly int[][] _above;
    private readonly double[][] _leaves;
    private readonly double _bias;
    private readonly double _slope;
    private readonly double _offset;

    private BoostedTrees(LightGbmBinaryModelParameters model, PlattCalibrator calibrator)
    {
        var ensemble = model.TrainedTreeEnsemble;
        _features = [.. ensemble.Trees.Select(tree => tree.NumericalSplitFeatureIndexes.ToArray())];
        _thresholds = [.. ensemble.Trees.Select(tree => tree.NumericalSplitThresholds.ToArray())];
        _below = [.. ensemble.Trees.Select(tree => tree.LeftChild.ToArray())];
        _above = [.. ensemble.Trees.Select(tree => tree.RightChild.ToArray())];
        _leaves = [.. ensemble.Trees.Zip(ensemble.TreeWeights, (tree, weight) => tree.LeafValues.Select(value => value * weight).ToArray())];
        (_bias, _slope, _offset) = (ensemble.Bias, calibrator.Slope, calibrator.Offset);
    }

    /// <exception cref="DllNotFoundException">The system lacks OpenMP (libgomp1).</exception>
    public static BoostedTrees Fit(ModelRows rows, int seed) => Fit(rows, seed, out _);

    /// <param name="rows">To learn from.</param>
    /// <param name="seed">Equal seeds give equal trees.</param>
    /// <param name="library">Answers by the library itself, for a test of ours.</param>
    internal static BoostedTrees Fit(ModelRows rows, int seed, out Func<ModelRows, float[]> library)
    {
        var context = new MLContext(seed);
        var trainer = context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            NumberOfIterations = 80,
            NumberOfLeaves = 15,
            LearningRate = 0.05,
            // Small leaves learn the noise of overlapping labels.
            MinimumExampleCountPerLeaf = Math.Max(20, rows.Count / 300),
            NumberOfThreads = 1,
            Deterministic = true,
            Seed = seed,
            Silent = true,
        });
        var fitted = trainer.Fit(Load(context, rows));
        library = other => [.. context.Data.CreateEnumerable<Answer>(fitted.Transform(Load(context, other)), reuseRowObject: false).Select(answer => answer.Probability)];
        return new BoostedTrees(fitted.Model.SubModel, fitted.Model.Calibrator);
    }

    public double ProbabilityUp(ReadOnlySpan<float> row)
    {
        double score = _bias;
        for (int t = 0; t < _leaves.Length; t++)
        {
            int[] features = _features[t], below = _below[t], above = _above[t];
            float[] thresholds = _thresholds[t];
            // Nodes count from 0, leaves are complements; a tree without nodes is one leaf.
            int node = features.Length == 0 ? ~0 : 0;
            while (node >= 0)
                node = row[features[node]] <= thresholds[node] ? below[node] : above[node];
            score += _leaves[t][~node];
        }

        return 1 / (1 + Math.Exp(_slope * score + _offset));
    }

    private static IDataView Load(MLContext context, ModelRows rows)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Example));
        schema[nameof(Example.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows.Width);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, rows.Count).Select(i => new Example { Features = rows.Of(i).ToArray(), Label = rows.Up[i] }), schema);
    }

    private sealed class Example
    {
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    private sealed class Answer
    {
        public float Probability { get; set; }
    }
}
