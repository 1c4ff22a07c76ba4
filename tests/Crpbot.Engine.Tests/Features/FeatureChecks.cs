using Crpbot.Features;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

/// <summary>What must hold for every row, whatever came in.</summary>
internal static class FeatureChecks
{
    public static void IsSane(FeatureRow row, string at)
    {
        for (int i = 0; i < FeatureSchema.Count; i++)
        {
            double value = row.Values[i];
            string name = $"{at} {FeatureSchema.Names[i]} is {value:R}";
            Assert.True(double.IsNaN(value) == (row.Reasons[i] != MissingReason.Present), $"{name}, reason {row.Reasons[i]}");
            Assert.False(double.IsInfinity(value), name);
            Assert.False(double.IsInfinity(row.Inputs[i]), name + " (input)");
            if (double.IsNaN(value))
                continue;
            (double low, double high) = RangeOf(i);
            Assert.True(value >= low && value <= high, name);
        }

        Assert.True(row.Bar.Low <= row.Bar.Open && row.Bar.Open <= row.Bar.High && row.Bar.Low <= row.Bar.Close && row.Bar.Close <= row.Bar.High, at);
        Assert.True(row.Bar.Low.Ticks > 0 && row.Bar.Volume.Lots >= 0 && row.Bar.BuyVolume.Lots + row.Bar.SellVolume.Lots <= row.Bar.Volume.Lots, at);
    }

    public static (double Low, double High) RangeOf(int feature) => feature switch
    {
        FeatureIndex.ObiL1 or FeatureIndex.ObiL5 or FeatureIndex.Obi10Bps or FeatureIndex.TakerImb or FeatureIndex.LargeTakerImb => (-1, 1),
        FeatureIndex.BookSlopeRel or FeatureIndex.TradeIntensity => (-5, 5),
        FeatureIndex.Vpin => (0, 1),
        FeatureIndex.QspreadBps => (double.Epsilon, 20_000),
        FeatureIndex.QspreadStdBps or FeatureIndex.AmihudIlliq or FeatureIndex.Rv1mBps => (0, double.MaxValue),
        FeatureIndex.Rsi => (0, 100),
        FeatureIndex.DayOfWeek => (0, 6),
        >= FeatureIndex.SessionTokyo and <= FeatureIndex.IsWeekend => (0, 1),
        FeatureIndex.Spread or FeatureIndex.SpreadPct or FeatureIndex.Atr or FeatureIndex.SpreadAtrRatio or FeatureIndex.BbWidth
            or FeatureIndex.Volume or FeatureIndex.VolumeMa or FeatureIndex.VolumeRatio => (0, double.MaxValue),
        _ => (double.MinValue, double.MaxValue),
    };
}
