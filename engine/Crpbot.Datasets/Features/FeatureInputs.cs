using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>The rows of one Instrument with the inputs a model reads.</summary>
public sealed class InputRows
{
    public required string Symbol { get; init; }

    /// <summary>Ascending.</summary>
    public required UnixNanos[] Times { get; init; }

    public required double[] Close { get; init; }

    /// <summary>Highest trade price; NaN where the Bar has none.</summary>
    public required double[] High { get; init; }

    /// <summary>Lowest trade price; NaN where the Bar has none.</summary>
    public required double[] Low { get; init; }

    /// <summary>The feature <c>atr</c>, quote currency; NaN while it warms up.</summary>
    public required double[] Atr { get; init; }

    /// <summary>Mid at the Bar's end; NaN without a valid book.</summary>
    public required double[] Mid { get; init; }

    public required FeatureRowFlags[] Flags { get; init; }

    /// <summary>[count, 53], scale-free, before scaling; NaN is missing.</summary>
    public required double[] Inputs { get; init; }

    /// <summary>NaN where nobody knows it.</summary>
    public required double[] TrueProbabilityUp { get; init; }

    public int Count => Times.Length;
}

/// <summary>Recomputes inputs from stored values: datasets keep the values, models read the inputs.</summary>
/// <remarks>
/// The candle inputs need earlier Bars (previous close, mean volume), so the streaming class runs over the stored open, high, low, close
/// and volume again and restarts at the same gaps; the others are functions of their own value. Equal to the streaming engine's inputs
/// to the last bit where the dataset begins with the engine's first Bar.
/// </remarks>
public static class FeatureInputs
{
    /// <returns>One entry an Instrument, in order of first appearance.</returns>
    /// <exception cref="InvalidDataException">An Instrument's times do not ascend.</exception>
    public static IReadOnlyList<InputRows> FromValues(FeatureDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var rowsOf = new Dictionary<string, List<int>>();
        var order = new List<string>();
        for (int i = 0; i < dataset.Count; i++)
        {
            if (!rowsOf.TryGetValue(dataset.Symbols[i], out List<int>? rows))
            {
                rowsOf.Add(dataset.Symbols[i], rows = []);
                order.Add(dataset.Symbols[i]);
            }

            if (rows.Count > 0 && dataset.Times[i] <= dataset.Times[rows[^1]])
                throw new InvalidDataException($"{dataset.Source}: row {i}: {dataset.Symbols[i]} at {dataset.Times[i]} does not follow {dataset.Times[rows[^1]]}");
            rows.Add(i);
        }

        return [.. order.Select(symbol => FromValues(dataset, symbol, rowsOf[symbol]))];
    }

    private static InputRows FromValues(FeatureDataset dataset, string symbol, List<int> rows)
    {
        const int candles = FeatureSchema.CandleCount;
        var inputs = new double[rows.Count * FeatureSchema.Count];
        var flags = new FeatureRowFlags[rows.Count];
        var values = new double[candles];
        var reasons = new MissingReason[candles];
        var features = new CandleFeatures();
        for (int r = 0; r < rows.Count; r++)
        {
            int i = rows[r];
            double Stored(int feature) => dataset.Values[feature][i];
            Span<double> row = inputs.AsSpan(r * FeatureSchema.Count, FeatureSchema.Count);
            bool possible = features.Apply(
                Stored(FeatureIndex.Open), Stored(FeatureIndex.High), Stored(FeatureIndex.Low), Stored(FeatureIndex.Close),
                Stored(FeatureIndex.Volume), dataset.Times[i], values, row[..candles], reasons);
            flags[r] = dataset.Flags[i] | (possible ? features.Flags & FeatureRowFlags.Warmup : FeatureRowFlags.Warmup);
            if (!possible)
                row[..candles].Fill(double.NaN);
            for (int feature = candles; feature < FeatureSchema.Count; feature++)
                row[feature] = MicrostructureInputs.Of(feature, Stored(feature));
        }

        return new InputRows
        {
            Symbol = symbol,
            Times = [.. rows.Select(i => dataset.Times[i])],
            Close = [.. rows.Select(i => dataset.Close[i])],
            High = [.. rows.Select(i => dataset.Values[FeatureIndex.High][i])],
            Low = [.. rows.Select(i => dataset.Values[FeatureIndex.Low][i])],
            Atr = [.. rows.Select(i => dataset.Values[FeatureIndex.Atr][i])],
            Mid = [.. rows.Select(i => (dataset.EndBid[i] + dataset.EndAsk[i]) / 2)],
            Flags = flags,
            Inputs = inputs,
            TrueProbabilityUp = [.. rows.Select(i => dataset.TrueProbabilityUp?[i] ?? double.NaN)],
        };
    }
}
