namespace Crpbot.Features;

/// <summary>Turns stored values of the 20 microstructure features into scale-free inputs: the column <em>Input</em> of section 6.</summary>
public static class MicrostructureInputs
{
    /// <summary>Writes inputs 33 to 52 from values 33 to 52; NaN stays NaN.</summary>
    /// <param name="values">53 values in the order of the schema.</param>
    /// <param name="inputs">53 places; the first 33 are left as they are.</param>
    public static void Write(ReadOnlySpan<double> values, Span<double> inputs)
    {
        for (int i = FeatureSchema.CandleCount; i < FeatureSchema.Count; i++)
            inputs[i] = Of(i, values[i]);
    }

    /// <summary>The input of one value.</summary>
    /// <param name="feature">33 to 52.</param>
    /// <param name="value">As stored; NaN gives NaN.</param>
    public static double Of(int feature, double value) => feature switch
    {
        FeatureIndex.MicropriceDevBps => Math.Asinh(10 * value),
        FeatureIndex.OfiL1 or FeatureIndex.OfiL10 or FeatureIndex.VwapDev1mBps or FeatureIndex.EffSpreadBps or FeatureIndex.Impact5sBps
            or FeatureIndex.KyleLambda => Math.Asinh(value),
        FeatureIndex.VwapDev30mBps => Math.Asinh(value / 10),
        FeatureIndex.Vpin => 2 * value - 1,
        FeatureIndex.QspreadBps or FeatureIndex.QspreadStdBps => Math.Log(value + 0.001),
        FeatureIndex.AmihudIlliq => Math.Log(1 + value),
        FeatureIndex.Rv1mBps => Math.Log(value + 0.01),
        _ => value,
    };
}
