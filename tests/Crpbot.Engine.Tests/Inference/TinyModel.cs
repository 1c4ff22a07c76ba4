using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Crpbot.Features;
using Crpbot.Inference;

namespace Crpbot.Engine.Tests.Inference;

/// <summary>A linear model package written byte by byte, so that tests of loading need no trainer: logit = Σ w·x + b.</summary>
internal static class TinyModel
{
    /// <summary>Columns 2 and 0 of the schema.</summary>
    public static readonly string[] Names = ["low", "open"];
    public const int SequenceLength = 3;
    public static readonly float[] Weights = [0.5f, -1f, 0.25f, 2f, -0.75f, 0.125f];
    public const float Bias = 0.1f;

    public static byte[] Graph(string featureHash, int sequenceLength = SequenceLength, int features = 2, float[]? weights = null)
    {
        byte[] flatten = Message(Text(1, "sequence"), Text(2, "flat"), Text(4, "Flatten"), Field(5, Attribute("axis", 1)));
        byte[] gemm = Message(Text(1, "flat"), Text(1, "weight"), Text(1, "bias"), Text(2, "logit"), Text(4, "Gemm"), Field(5, Attribute("transB", 1)));
        byte[] graph = Message(
            Field(1, flatten), Field(1, gemm), Text(2, "tiny"),
            Field(5, Tensor("weight", [1, sequenceLength * features], weights ?? Weights)), Field(5, Tensor("bias", [1], [Bias])),
            Field(11, ValueInfo("sequence", null, sequenceLength, features)), Field(12, ValueInfo("logit", null, 1)));
        byte[] metadata = Message(Text(1, ModelPackage.FeatureHashKey), Text(2, featureHash));
        return Message(Number(1, 8), Field(7, graph), Field(8, Message(Text(1, ""), Number(2, 17))), Field(14, metadata));
    }

    public static ModelManifest Manifest(byte[] graph)
    {
        float[] golden = [.. Enumerable.Range(0, SequenceLength * Names.Length).Select(i => i * 0.3f - 0.8f)];
        double score = Bias + golden.Zip(Weights, (x, w) => (double)x * w).Sum();
        var calibration = new Calibration { Kind = CalibrationKind.Platt, A = 1.5, B = -0.2 };
        return new ModelManifest
        {
            Format = 1,
            Name = "tiny",
            Version = "1",
            Promoted = false,
            Architecture = "linear",
            SchemaVersion = FeatureSchema.Version,
            FeatureHash = FeatureSchema.HashOf(Names),
            Features =
            [
                new FeatureScaling { Name = "low", Kind = ScalingKind.InterquartileRange, Median = 1, Scale = 2 },
                new FeatureScaling { Name = "open", Kind = ScalingKind.Unscaled },
            ],
            SequenceLength = SequenceLength,
            MissingPerFeatureMax = 1,
            Label = new ModelLabel { Kind = LabelKind.CloseDirection, HorizonBars = 5 },
            Calibration = calibration,
            Graph = new ModelGraph { File = "model.onnx", Sha256 = Convert.ToHexStringLower(SHA256.HashData(graph)), Input = "sequence", Output = "logit" },
            Training = new TrainingSpan
            {
                Source = "none", From = "2026-01-01T00:00:00Z", To = "2026-01-02T00:00:00Z", DataSha256 = new string('0', 64), Symbols = ["X"], Samples = 1, Seed = 1,
                LockedFrom = "2026-01-03T00:00:00Z", LockedTo = "2026-01-04T00:00:00Z",
            },
            Metrics = [new ModelMetric { Name = "accuracy", Value = 0.5, Low = 0.4, High = 0.6, Samples = 10, EffectiveSamples = 2 }],
            Golden = new GoldenPrediction { Input = golden, RawScore = score, ProbabilityUp = calibration.Apply(score) },
        };
    }

    /// <summary>Writes the package to a fresh folder, after <paramref name="change"/>.</summary>
    public static string Write(Func<ModelManifest, ModelManifest>? change = null, byte[]? graph = null)
    {
        string folder = Directory.CreateTempSubdirectory("crpbot-model-").FullName;
        graph ??= Graph(FeatureSchema.HashOf(Names));
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), graph);
        ModelManifest manifest = Manifest(graph);
        (change?.Invoke(manifest) ?? manifest).Write(Path.Combine(folder, ModelManifest.FileName));
        return folder;
    }

    public static ModelPackage Load(string folder, ExecutionProvider? provider = null) => ModelPackage.Load(folder, provider);

    private static byte[] Attribute(string name, long value) => Message(Text(1, name), Number(3, value), Number(20, 2));

    private static byte[] Tensor(string name, long[] dims, float[] values)
    {
        var raw = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * 4), values[i]);
        return Message([.. dims.Select(d => Number(1, d)), Number(2, 1), Text(8, name), Field(9, raw)]);
    }

    private static byte[] ValueInfo(string name, params int?[] dims)
    {
        byte[] shape = Message([.. dims.Select(d => Field(1, d is { } size ? Number(1, size) : Text(2, "batch")))]);
        return Message(Text(1, name), Field(2, Field(1, Message(Number(1, 1), Field(2, shape)))));
    }

    private static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(f => f)];

    private static byte[] Text(int field, string value) => Field(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Field(int field, byte[] value) => [.. Varint((ulong)(field << 3 | 2)), .. Varint((ulong)value.Length), .. value];

    private static byte[] Number(int field, long value) => [.. Varint((ulong)(field << 3)), .. Varint((ulong)value)];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
