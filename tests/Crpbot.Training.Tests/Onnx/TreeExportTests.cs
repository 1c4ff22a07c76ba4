using Crpbot.Inference;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Learning;
using Crpbot.Training.Onnx;
using Crpbot.Training.Tests.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Onnx;

public class TreeExportTests
{
    // x0 ≤ 1 ? 10 : (x1 ≤ −2 ? 20 : 30), and a constant.
    private static readonly DecisionTree Branching = new([0, 1], [1, -2], [~0, ~1], [1, ~2], [10, 20, 30]);
    private static readonly DecisionTree Leaf = new([], [], [], [], [0.25f]);

    [Fact]
    public void RowsReachTheirLeavesAndTheBorderGoesBelow()
    {
        Assert.Equal([10, 10, 20, 30], Run(new TreeEnsemble(2, [Branching], 1, 0), [0, 0], [1, 5], [1.0001f, -2], [2, -1.9999f]));
        Assert.Equal([-4.5f, -4.5f, -9.5f, -14.5f], Run(new TreeEnsemble(2, [Branching], -0.5, 0.5), [0, 0], [1, 5], [1.0001f, -2], [2, -1.9999f]));
    }

    [Fact]
    public void ATreeOfOneLeafIsItsLeaf()
    {
        Assert.Equal([0.25f], Run(new TreeEnsemble(2, [Leaf], 1, 0), [3, 4]));
        Assert.Equal([10.5f, 30.5f], Run(new TreeEnsemble(2, [Leaf, Branching, Leaf], 1, 0), [0, 0], [2, 0]));
    }

    [Fact]
    public void NoTreeIsTheOffset() => Assert.Equal([0.75f], Run(new TreeEnsemble(2, [], 2, 0.75), [3, 4]));

    [Fact]
    public void TheNewestBarOfASequenceIsRead()
    {
        byte[] graph = OnnxExporter.Export(new TreeEnsemble(2, [Branching], 1, 0), 3, "hash", new Dictionary<string, string> { ["crpbot.data"] = "x" });
        using var model = new OnnxModel(graph, OnnxExporter.InputName, OnnxExporter.OutputName, 3, 2);
        float[] input = [0, 0, 0, 0, 5, 5];
        input.CopyTo(model.Input);
        model.Run();
        Assert.Equal(30, model.Output[0]);
        Assert.Equal("hash", model.Metadata[ModelPackage.FeatureHashKey]);
        Assert.Equal("x", model.Metadata["crpbot.data"]);
    }

    [Fact]
    public void RandomForestsEqualThePlainWalk()
    {
        var random = new Xoshiro256(5, 0);
        DecisionTree[] trees = [.. Enumerable.Range(0, 40).Select(_ => Grow(ref random, random.NextBelow(12)))];
        var ensemble = new TreeEnsemble(5, trees, 0.5, -0.1);
        float[][] rows = [.. Enumerable.Range(0, 200).Select(_ => Draw(ref random))];
        float[] answers = Run(ensemble, rows);
        for (int i = 0; i < rows.Length; i++)
            Assert.Equal(LightGbmTrainerTests.Evaluate(ensemble, rows[i]), answers[i], 1e-5);
    }

    private static float[] Draw(ref Xoshiro256 random)
    {
        var row = new float[5];
        for (int i = 0; i < row.Length; i++)
            row[i] = (float)random.NextNormal();
        return row;
    }

    // Node i's parent is a random earlier node with a free side: leaves fill what stays free.
    private static DecisionTree Grow(ref Xoshiro256 random, int nodes)
    {
        var free = new List<(int Node, bool IsBelow)>();
        var below = new int[nodes];
        var above = new int[nodes];
        var features = new int[nodes];
        var thresholds = new float[nodes];
        void Hang((int Node, bool IsBelow) place, int child) => (place.IsBelow ? below : above)[place.Node] = child;
        for (int node = 0; node < nodes; node++)
        {
            if (node > 0)
            {
                int at = random.NextBelow(free.Count);
                Hang(free[at], node);
                free.RemoveAt(at);
            }

            free.Add((node, true));
            free.Add((node, false));
            (features[node], thresholds[node]) = (random.NextBelow(5), (float)random.NextNormal());
        }

        for (int leaf = 0; leaf < free.Count; leaf++)
            Hang(free[leaf], ~leaf);
        var leaves = new float[nodes + 1];
        for (int i = 0; i < leaves.Length; i++)
            leaves[i] = (float)random.NextNormal();
        return new DecisionTree(features, thresholds, below, above, leaves);
    }

    private static float[] Run(TreeEnsemble ensemble, params float[][] rows)
    {
        byte[] graph = OnnxExporter.Export(ensemble, 1, "hash");
        using var model = new OnnxModel(graph, OnnxExporter.InputName, OnnxExporter.OutputName, 1, ensemble.Inputs, rows.Length);
        rows.SelectMany(row => row).ToArray().CopyTo(model.Input);
        model.Run();
        return model.Output.ToArray();
    }
}
