using Crpbot.Features;

namespace Crpbot.Datasets;

/// <summary>The scale-free input of a microstructure value: a function of that value alone. Source: features-33, section 6.</summary>
internal static class MicrostructureInput
{
    public static double Of(int feature, double value) => feature switch
    {
        FeatureIndex.MicropriceDevBps => Math.Asinh(10 * value),
        FeatureIndex.OfiL1 or FeatureIndex.OfiL10 or FeatureIndex.VwapDev1mBps or FeatureIndex.EffSpreadBps
            or FeatureIndex.Impact5sBps or FeatureIndex.KyleLambda => Math.Asinh(value),
        FeatureIndex.VwapDev30mBps => Math.Asinh(value / 10),
        FeatureIndex.Vpin => 2 * value - 1,
        FeatureIndex.QspreadBps or FeatureIndex.QspreadStdBps => Math.Log(value + 0.001),
        FeatureIndex.AmihudIlliq => Math.Log(1 + value),
        FeatureIndex.Rv1mBps => Math.Log(value + 0.01),
        _ => value,
    };
}
