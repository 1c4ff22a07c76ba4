using Crpbot.Inference;
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

    /// <summary>Highest and lowest trade price of the Bar, and the feature <c>atr</c>; NaN where unknown. Only triple-barrier labels read them.</summary>
    public double[] High { get; } = NewUnknown(count);

    public double[] Low { get; } = NewUnknown(count);

    public double[] Atr { get; } = NewUnknown(count);

    /// <summary>Mid at the Bar's end; NaN without a valid book.</summary>
    public double[] Mid { get; } = new double[count];

    /// <summary>[count, features], scale-free inputs before scaling; NaN is missing.</summary>
    public double[] Inputs { get; } = new double[count * features];

    /// <summary>Rows no Prediction may read.</summary>
    public bool[] Warmup { get; } = new bool[count];

    /// <summary>The simulator's own probability; NaN where nobody knows it.</summary>
    public double[] TrueProbabilityUp { get; } = NewUnknown(count);

    public ReadOnlySpan<double> InputsOf(int row) => Inputs.AsSpan(row * features, features);

    public Span<double> WritableInputsOf(int row) => Inputs.AsSpan(row * features, features);

    private static double[] NewUnknown(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }
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

    /// <summary>Drops the simulator's probabilities where they are about another question: they are about direction.</summary>
    public void ForgetTruthUnlessOf(LabelKind label)
    {
        if (label != LabelKind.TripleBarrier)
            return;
        foreach (SymbolRows rows in Symbols)
            Array.Fill(rows.TrueProbabilityUp, double.NaN);
    }
}
