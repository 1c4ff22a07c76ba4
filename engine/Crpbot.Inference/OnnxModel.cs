using Microsoft.ML.OnnxRuntime;

namespace Crpbot.Inference;

/// <summary>One graph with its input and output bound once: a call computes in place and allocates nothing.</summary>
/// <remarks>
/// Owned by one thread. <see cref="Input"/> is [batch, T, F] and <see cref="Output"/> [batch], both pinned arrays that the session
/// reads and writes directly. One graph thread: at this size a second one costs more than it brings.
/// </remarks>
public sealed class OnnxModel : IDisposable
{
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _runOptions = new();
    private readonly OrtValue _inputValue;
    private readonly OrtValue _outputValue;
    private readonly float[] _input;
    private readonly float[] _output;

    /// <param name="graph">The ONNX file's bytes.</param>
    /// <param name="inputName">A float32 tensor [batch, T, F].</param>
    /// <param name="outputName">A float32 tensor [batch, 1].</param>
    /// <exception cref="InvalidDataException">The bytes are no graph of this shape.</exception>
    public OnnxModel(byte[] graph, string inputName, string outputName, int sequenceLength, int features, int batch = 1, ExecutionProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        _options = CreateOptions();
        try
        {
            string? warning = provider?.AppendTo(_options);
            if (warning is null && provider?.LibraryPath is not null)
                (_session, warning) = CreateOrFallBack(graph, provider);
            else
                _session = new InferenceSession(graph, _options);
            Warnings = warning is null ? [] : [warning];
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"not a usable ONNX graph: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        CheckTensor(_session.InputMetadata, inputName, [-1, sequenceLength, features], "input");
        CheckTensor(_session.OutputMetadata, outputName, [-1, 1], "output");
        (SequenceLength, Features, Batch) = (sequenceLength, features, batch);
        _input = GC.AllocateArray<float>(batch * sequenceLength * features, pinned: true);
        _output = GC.AllocateArray<float>(batch, pinned: true);
        _inputValue = OrtValue.CreateTensorValueFromMemory(_input, [batch, sequenceLength, features]);
        _outputValue = OrtValue.CreateTensorValueFromMemory(_output, [batch, 1]);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(inputName, _inputValue);
        _binding.BindOutput(outputName, _outputValue);
    }

    public int Batch { get; }

    public int SequenceLength { get; }

    public int Features { get; }

    /// <summary>What a user must see: a provider that was asked for and is not used.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The graph's own metadata: feature names, hashes, training data.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>[batch, T, F], oldest Bar first; fill it, then <see cref="Run"/>.</summary>
    public Span<float> Input => _input;

    /// <summary>One logit a sequence, of the last <see cref="Run"/>.</summary>
    public ReadOnlySpan<float> Output => _output;

    /// <summary>Computes <see cref="Output"/> from <see cref="Input"/>.</summary>
    public void Run() => _session.RunWithBinding(_runOptions, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        _inputValue.Dispose();
        _outputValue.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
        _options.Dispose();
    }

    private static SessionOptions CreateOptions() => new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };

    private (InferenceSession Session, string? Warning) CreateOrFallBack(byte[] graph, ExecutionProvider provider)
    {
        try
        {
            return (new InferenceSession(graph, _options), null);
        }
        catch (OnnxRuntimeException e)
        {
            using SessionOptions cpu = CreateOptions();
            string warning = $"execution provider {provider.Name} refused the graph, the CPU computes instead: {e.Message.ReplaceLineEndings(" ")}";
            return (new InferenceSession(graph, cpu), warning);
        }
    }

    private static void CheckTensor(IReadOnlyDictionary<string, NodeMetadata> tensors, string name, int[] shape, string role)
    {
        if (!tensors.TryGetValue(name, out NodeMetadata? tensor))
            throw new InvalidDataException($"the graph has no {role} '{name}', only {string.Join(", ", tensors.Keys)}");
        bool fits = tensor.ElementType == typeof(float) && tensor.Dimensions.Length == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++)
            fits = tensor.Dimensions[i] == -1 || shape[i] == -1 || tensor.Dimensions[i] == shape[i];
        if (!fits)
        {
            throw new InvalidDataException(
                $"{role} '{name}' is {tensor.ElementType.Name}[{string.Join(",", tensor.Dimensions)}], expected Single[{string.Join(",", shape)}]");
        }
    }
}
