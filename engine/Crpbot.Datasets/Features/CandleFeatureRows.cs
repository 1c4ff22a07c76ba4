using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Candles to the 33 candle features; the 20 of the book are missing.</summary>
public static class CandleFeatureRows
{
    /// <summary>Inputs of every candle, by the streaming class.</summary>
    public static InputRows FromCandles(CandleSeries candles)
    {
        ArgumentNullException.ThrowIfNull(candles);
        int width = FeatureSchema.CandleCount, count = candles.Count;
        var values = new double[count * width];
        var inputs = new double[count * width];
        var reasons = new MissingReason[count * width];
        var flags = new FeatureRowFlags[count];
        FeatureBatch.Candles(
            candles.Times, candles.Open, candles.High, candles.Low, candles.Close, candles.Volume, values, inputs, reasons, flags);
        double[] whole = NewNaN(count * FeatureSchema.Count);
        for (int row = 0; row < count; row++)
            inputs.AsSpan(row * width, width).CopyTo(whole.AsSpan(row * FeatureSchema.Count));
        return new InputRows
        {
            Symbol = candles.Symbol,
            Times = candles.Times,
            Close = candles.Close,
            High = candles.High,
            Low = candles.Low,
            Atr = [.. Enumerable.Range(0, count).Select(row => values[row * width + FeatureIndex.Atr])],
            Mid = NewNaN(count),
            Flags = flags,
            Inputs = whole,
            TrueProbabilityUp = NewNaN(count),
        };
    }

    private static double[] NewNaN(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }
}
