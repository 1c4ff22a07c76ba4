using System.Reflection;
using Crpbot.Features;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

public class FeatureSchemaTests
{
    [Fact]
    public void OrderIsThatOfTheDefinition()
    {
        const string definition = """
            open high low close volume session_tokyo session_london session_new_york day_of_week is_weekend spread spread_pct atr
            spread_atr_ratio volume_ma volume_ratio volume_trend sma_7 price_sma_7_ratio sma_14 price_sma_14_ratio sma_21
            price_sma_21_ratio sma_50 price_sma_50_ratio rsi macd macd_signal macd_diff bb_high bb_low bb_width bb_position
            obi_l1 obi_l5 obi_10bps microprice_dev_bps book_slope_rel ofi_l1 ofi_l10 taker_imb large_taker_imb
            trade_intensity vpin vwap_dev_1m_bps vwap_dev_30m_bps qspread_bps qspread_std_bps eff_spread_bps impact_5s_bps kyle_lambda
            amihud_illiq rv_1m_bps
            """;
        Assert.Equal(definition.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), FeatureSchema.Names);
        Assert.Equal(53, FeatureSchema.Names.Count);
        Assert.Equal(33, FeatureSchema.CandleNames.Count);
        Assert.Equal("obi_l1", FeatureSchema.MicrostructureNames[0]);
    }

    [Fact]
    public void EveryColumnConstantHasItsName()
    {
        FieldInfo[] constants = typeof(FeatureIndex).GetFields(BindingFlags.Public | BindingFlags.Static);
        Assert.Equal(FeatureSchema.Count, constants.Length);
        foreach (FieldInfo constant in constants)
        {
            string name = FeatureSchema.Names[(int)constant.GetRawConstantValue()!];
            Assert.Equal(name.Replace("_", "", StringComparison.Ordinal), constant.Name, ignoreCase: true);
        }
    }

    [Fact]
    public void HashIsPinned() =>
        Assert.Equal("d3980acb046da4b7fc461027c6fb06624151a13f0a63bb7f938d0b98213dc6a9", FeatureSchema.Hash);

    [Fact]
    public void HashKnowsNamesAndOrder()
    {
        Assert.Equal(FeatureSchema.Hash, FeatureSchema.HashOf(FeatureSchema.Names));
        Assert.NotEqual(FeatureSchema.HashOf(["open", "high"]), FeatureSchema.HashOf(["high", "open"]));
        Assert.NotEqual(FeatureSchema.HashOf(["open"]), FeatureSchema.HashOf(["open", "high"]));
    }

    [Fact]
    public void SubsetsKeepTheModelsOrder() =>
        Assert.Equal([FeatureIndex.Vpin, FeatureIndex.Open], FeatureSchema.IndicesOf(["vpin", "open"]));

    [Theory]
    [InlineData("Open")]
    [InlineData("")]
    [InlineData("obi_l2")]
    public void UnknownNamesAreNamedErrors(string name)
    {
        Assert.False(FeatureSchema.TryIndexOf(name, out _));
        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => FeatureSchema.IndicesOf([name])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARepeatedNameIsAnError() =>
        Assert.Throws<ArgumentException>(() => FeatureSchema.IndicesOf(["open", "open"]));
}
