using Crpbot.Messages;

namespace Crpbot.Training.Learning;

/// <summary>One Instrument's rows, oldest first. Rows of two Instruments never share a sequence.</summary>
internal sealed class SymbolRows(string symbol, int count, int features)
{
    public string Symbol { get; } = symbol;

    public int Count { get; } = count;

    public UnixNanos[] OpenTime { get; } = new UnixNanos[count];

    /// <summary>Last trade price.</summary>
    public double[] Close { get; } = new double[count];

    /// <summary>Mid at the Bar's end; NaN without a valid book.</summary>
    public double[] Mid { get; } = new double[count];

    /// <summary>[count, features], scale-free inputs before scaling; NaN is missing.</summary>
    public double[] Inputs { get; } = new double[count * features];

    /// <summary>Rows no Prediction may read.</summary>
    public bool[] Warmup { get; } = new bool[count];

    /// <summary>The simulator's own probability; NaN where nobody knows it.</summary>
    public double[] TrueProbabilityUp { get; } = [.. Enumerable.Repeat(double.NaN, count)];

    public ReadOnlySpan<double> InputsOf(int row) => Inputs.AsSpan(row * features, features);

    public Span<double> WritableInputsOf(int row) => Inputs.AsSpan(row * features, features);
}

/// <summary>What a model learns from: the rows of some Instruments under one list of features.</summary>
/// <param name="Source">Where it came from, in words.</param>
/// <param name="Sha256">Hash of the files, lower-case hex.</param>
/// <param name="FeatureNames">In the order of the inputs.</param>
/// <param name="Symbols">At least one.</param>
internal sealed record TrainingTable(
    string Source, string Sha256, IReadOnlyList<string> FeatureNames, IReadOnlyList<SymbolRows> Symbols)
{
    public int Features => FeatureNames.Count;
}
