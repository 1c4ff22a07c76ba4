using System.Runtime.InteropServices;

namespace Crpbot.Training.Onnx;

/// <summary>Writes an ONNX model: nodes, constants, one float input and one float output.</summary>
/// <remarks>Field numbers are those of onnx.proto (IR version 8, operator set 17, ai.onnx.ml 3). Only the fields a forward graph needs.</remarks>
internal sealed class OnnxGraph(string name)
{
    private const int FloatType = 1;
    private const int Int64Type = 7;
    private const int IntAttribute = 2;
    private const int IntsAttribute = 7;
    private const int StringAttribute = 3;
    private const int FloatsAttribute = 6;
    private const int StringsAttribute = 8;

    /// <summary>The operator set of classical models, trees among them; the neural one is "".</summary>
    private const string ClassicalDomain = "ai.onnx.ml";

    private readonly List<ProtoMessage> _nodes = [];
    private readonly List<ProtoMessage> _initializers = [];
    private readonly List<ProtoMessage> _metadata = [];
    private ProtoMessage? _input;
    private ProtoMessage? _output;
    private bool _isClassical;

    public void Node(string operation, string[] inputs, string[] outputs, params ProtoMessage[] attributes) =>
        _nodes.Add(CreateNode(operation, inputs, outputs, attributes));

    /// <summary>A node of ai.onnx.ml, version 3.</summary>
    public void ClassicalNode(string operation, string[] inputs, string[] outputs, params ProtoMessage[] attributes)
    {
        _nodes.Add(CreateNode(operation, inputs, outputs, attributes).Add(7, ClassicalDomain));
        _isClassical = true;
    }

    public static ProtoMessage Attribute(string name, long value) => new ProtoMessage().Add(1, name).Add(3, value).Add(20, IntAttribute);

    public static ProtoMessage Attribute(string name, string value) =>
        new ProtoMessage().Add(1, name).Add(4, value).Add(20, StringAttribute);

    public static ProtoMessage Attribute(string name, long[] values)
    {
        ProtoMessage attribute = new ProtoMessage().Add(1, name);
        foreach (long value in values)
            attribute.Add(8, value);
        return attribute.Add(20, IntsAttribute);
    }

    public static ProtoMessage Attribute(string name, float[] values)
    {
        ProtoMessage attribute = new ProtoMessage().Add(1, name);
        foreach (float value in values)
            attribute.Add(7, value);
        return attribute.Add(20, FloatsAttribute);
    }

    public static ProtoMessage Attribute(string name, string[] values)
    {
        ProtoMessage attribute = new ProtoMessage().Add(1, name);
        foreach (string value in values)
            attribute.Add(9, value);
        return attribute.Add(20, StringsAttribute);
    }

    public void Constant(string constant, long[] dims, ReadOnlySpan<float> values) =>
        _initializers.Add(Dims(dims).Add(2, FloatType).Add(8, constant).Add(9, MemoryMarshal.AsBytes(values)));

    public void Constant(string constant, params long[] values) =>
        _initializers.Add(Dims([values.Length]).Add(2, Int64Type).Add(8, constant).Add(9, MemoryMarshal.AsBytes<long>(values)));

    /// <param name="tensor">Name.</param>
    /// <param name="dims">A number, or the name of a dimension left open.</param>
    public void Input(string tensor, params object[] dims) => _input = ValueInfo(tensor, dims);

    public void Output(string tensor, params object[] dims) => _output = ValueInfo(tensor, dims);

    public void Metadata(string key, string value) => _metadata.Add(new ProtoMessage().Add(1, key).Add(2, value));

    public byte[] ToArray()
    {
        var graph = new ProtoMessage();
        foreach (ProtoMessage node in _nodes)
            graph.Add(1, node);
        graph.Add(2, name);
        foreach (ProtoMessage initializer in _initializers)
            graph.Add(5, initializer);
        graph.Add(11, _input!).Add(12, _output!);
        ProtoMessage model = new ProtoMessage().Add(1, 8).Add(2, "crpbot-train").Add(7, graph).Add(8, new ProtoMessage().Add(1, "").Add(2, 17));
        if (_isClassical)
            model.Add(8, new ProtoMessage().Add(1, ClassicalDomain).Add(2, 3));
        foreach (ProtoMessage entry in _metadata)
            model.Add(14, entry);
        return model.ToArray();
    }

    private ProtoMessage CreateNode(string operation, string[] inputs, string[] outputs, ProtoMessage[] attributes)
    {
        var node = new ProtoMessage();
        foreach (string input in inputs)
            node.Add(1, input);
        foreach (string output in outputs)
            node.Add(2, output);
        node.Add(3, $"{operation}_{_nodes.Count}").Add(4, operation);
        foreach (ProtoMessage attribute in attributes)
            node.Add(5, attribute);
        return node;
    }

    private static ProtoMessage Dims(long[] dims)
    {
        var tensor = new ProtoMessage();
        foreach (long dim in dims)
            tensor.Add(1, dim);
        return tensor;
    }

    private static ProtoMessage ValueInfo(string tensor, object[] dims)
    {
        var shape = new ProtoMessage();
        foreach (object dim in dims)
            shape.Add(1, dim is string open ? new ProtoMessage().Add(2, open) : new ProtoMessage().Add(1, Convert.ToInt64(dim, null)));
        ProtoMessage type = new ProtoMessage().Add(1, FloatType).Add(2, shape);
        return new ProtoMessage().Add(1, tensor).Add(2, new ProtoMessage().Add(1, type));
    }
}
