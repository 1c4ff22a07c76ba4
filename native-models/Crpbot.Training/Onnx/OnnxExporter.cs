using Crpbot.Inference;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Onnx;

/// <summary>Writes a trained model as ONNX: <c>sequence</c> [batch, T, F] in, <c>logit</c> [batch, 1] out.</summary>
/// <remarks>
/// No sigmoid in the graph: the calibration is the caller's. Dropout is no node. ONNX Runtime's CPU kernel refuses
/// <c>layout=1</c>, so a Transpose stands in front; models of the newest Bar take it out first, T is 1 unless asked otherwise:
/// <code>
///  sequence [B,T,F] → Transpose → [T,B,F] → LSTM → Y [T,1,B,H] → Squeeze → LSTM → Y_h [1,B,H] → Squeeze → Gemm → logit [B,1]
///  sequence [B,T,F] → Gather → Squeeze → row [B,F] → Gemm → logit
///                                        row [B,F] → TreeEnsembleRegressor → score [B,1] → Gemm → logit
/// </code>
/// </remarks>
internal static class OnnxExporter
{
    public const string InputName = "sequence";
    public const string OutputName = "logit";

    // torch stacks its gate rows i, f, g, o; ONNX wants i, o, f, c, where c is torch's g.
    private static readonly int[] GateOrder = [0, 3, 1, 2];

    public static byte[] Export(LstmWeights weights, int sequenceLength, string featureHash, IReadOnlyDictionary<string, string>? metadata = null)
    {
        OnnxGraph graph = Begin("lstm", sequenceLength, weights.Inputs, featureHash, metadata);
        int hidden = weights.Hidden;
        graph.Node("Transpose", [InputName], ["layer0"], OnnxGraph.Attribute("perm", [1, 0, 2]));
        for (int layer = 0; layer < weights.Layers.Length; layer++)
        {
            LstmLayer from = weights.Layers[layer];
            bool isLast = layer == weights.Layers.Length - 1;
            graph.Constant($"W{layer}", [1, 4 * hidden, from.Inputs], ReorderGates(from.InputWeights, hidden));
            graph.Constant($"R{layer}", [1, 4 * hidden, hidden], ReorderGates(from.HiddenWeights, hidden));
            graph.Constant($"B{layer}", [1, 8 * hidden], [.. ReorderGates(from.InputBias, hidden), .. ReorderGates(from.HiddenBias, hidden)]);
            string[] outputs = isLast ? ["", "last"] : [$"y{layer}"];
            graph.Node("LSTM", [$"layer{layer}", $"W{layer}", $"R{layer}", $"B{layer}"], outputs, OnnxGraph.Attribute("hidden_size", hidden));
            if (isLast)
                continue;
            graph.Constant($"axis{layer}", 1);
            graph.Node("Squeeze", [$"y{layer}", $"axis{layer}"], [$"layer{layer + 1}"]);
        }

        graph.Constant("axisLast", 0);
        graph.Node("Squeeze", ["last", "axisLast"], ["state"]);
        AddHead(graph, "state", weights.HeadWeights, weights.HeadBias);
        return graph.ToArray();
    }

    public static byte[] Export(LogisticWeights weights, int sequenceLength, string featureHash, IReadOnlyDictionary<string, string>? metadata = null)
    {
        OnnxGraph graph = Begin("logistic", sequenceLength, weights.Weights.Length, featureHash, metadata);
        AddNewestBar(graph, sequenceLength);
        AddHead(graph, "row", weights.Weights, weights.Bias);
        return graph.ToArray();
    }

    /// <summary>The trees' sum, then the library's own a·s + b; its sigmoid is the calibration's.</summary>
    public static byte[] Export(TreeEnsemble ensemble, int sequenceLength, string featureHash, IReadOnlyDictionary<string, string>? metadata = null)
    {
        OnnxGraph graph = Begin("trees", sequenceLength, ensemble.Inputs, featureHash, metadata);
        AddNewestBar(graph, sequenceLength);
        graph.ClassicalNode("TreeEnsembleRegressor", ["row"], ["score"], TreeAttributes.Of(ensemble.Trees));
        AddHead(graph, "score", [(float)ensemble.Slope], (float)ensemble.Offset);
        return graph.ToArray();
    }

    private static OnnxGraph Begin(string name, int sequenceLength, int features, string featureHash, IReadOnlyDictionary<string, string>? metadata)
    {
        var graph = new OnnxGraph(name);
        graph.Input(InputName, "batch", sequenceLength, features);
        graph.Output(OutputName, "batch", 1);
        graph.Metadata(ModelPackage.FeatureHashKey, featureHash);
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
            graph.Metadata(key, value);
        return graph;
    }

    private static void AddNewestBar(OnnxGraph graph, int sequenceLength)
    {
        graph.Constant("lastBar", sequenceLength - 1);
        graph.Constant("timeAxis", 1);
        graph.Node("Gather", [InputName, "lastBar"], ["bar"], OnnxGraph.Attribute("axis", 1));
        graph.Node("Squeeze", ["bar", "timeAxis"], ["row"]);
    }

    private static void AddHead(OnnxGraph graph, string from, float[] weights, float bias)
    {
        graph.Constant("headWeights", [1, weights.Length], weights);
        graph.Constant("headBias", [1], [bias]);
        graph.Node("Gemm", [from, "headWeights", "headBias"], [OutputName], OnnxGraph.Attribute("transB", 1));
    }

    private static float[] ReorderGates(float[] rows, int hidden)
    {
        int block = rows.Length / 4;
        var reordered = new float[rows.Length];
        for (int gate = 0; gate < 4; gate++)
            rows.AsSpan(GateOrder[gate] * block, block).CopyTo(reordered.AsSpan(gate * block));
        return reordered;
    }
}
