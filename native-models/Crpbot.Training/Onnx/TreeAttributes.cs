using Crpbot.Training.Learning;

namespace Crpbot.Training.Onnx;

/// <summary>Lays trees out as ONNX's TreeEnsembleRegressor wants them: one line a node, all trees in one list.</summary>
/// <remarks>
/// A tree's interior nodes keep their numbers, its leaves follow: leaf i of a tree of n nodes is node n + i. So a tree of one leaf is
/// that leaf alone, node 0.
/// </remarks>
internal static class TreeAttributes
{
    public static ProtoMessage[] Of(IReadOnlyList<DecisionTree> trees)
    {
        var nodes = new List<Node>();
        var leaves = new List<(long Tree, long Node, float Value)>();
        for (int tree = 0; tree < trees.Count; tree++)
            Add(trees[tree], tree, nodes, leaves);
        long[] Column(Func<Node, long> of) => [.. nodes.Select(of)];
        return
        [
            OnnxGraph.Attribute("nodes_treeids", Column(n => n.Tree)),
            OnnxGraph.Attribute("nodes_nodeids", Column(n => n.Number)),
            OnnxGraph.Attribute("nodes_featureids", Column(n => n.Feature)),
            OnnxGraph.Attribute("nodes_values", [.. nodes.Select(n => n.Threshold)]),
            OnnxGraph.Attribute("nodes_modes", [.. nodes.Select(n => n.IsLeaf ? "LEAF" : "BRANCH_LEQ")]),
            OnnxGraph.Attribute("nodes_truenodeids", Column(n => n.Below)),
            OnnxGraph.Attribute("nodes_falsenodeids", Column(n => n.Above)),
            // A missing input never gets here: it is 0 after scaling, or there is no Prediction.
            OnnxGraph.Attribute("nodes_missing_value_tracks_true", Column(_ => 0)),
            OnnxGraph.Attribute("target_treeids", [.. leaves.Select(l => l.Tree)]),
            OnnxGraph.Attribute("target_nodeids", [.. leaves.Select(l => l.Node)]),
            OnnxGraph.Attribute("target_ids", [.. leaves.Select(_ => 0L)]),
            OnnxGraph.Attribute("target_weights", [.. leaves.Select(l => l.Value)]),
            OnnxGraph.Attribute("n_targets", 1),
            OnnxGraph.Attribute("aggregate_function", "SUM"),
            OnnxGraph.Attribute("post_transform", "NONE"),
        ];
    }

    private static void Add(DecisionTree tree, int number, List<Node> nodes, List<(long Tree, long Node, float Value)> leaves)
    {
        int interior = tree.Features.Length;
        long NumberOf(int child) => child >= 0 ? child : interior + ~child;
        for (int i = 0; i < interior; i++)
            nodes.Add(new Node(number, i, tree.Features[i], tree.Thresholds[i], NumberOf(tree.Below[i]), NumberOf(tree.Above[i]), IsLeaf: false));
        for (int i = 0; i <= interior; i++)
        {
            nodes.Add(new Node(number, interior + i, 0, 0, 0, 0, IsLeaf: true));
            leaves.Add((number, interior + i, tree.Leaves[i]));
        }
    }

    private readonly record struct Node(long Tree, long Number, long Feature, float Threshold, long Below, long Above, bool IsLeaf);
}
