using System.Text;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class RiskLimitsTests
{
    [Fact]
    public void ThePresetsAreTheNumbersOfTheRulePage()
    {
        RiskLimits two = RiskPresets.Ftmo2Step;
        Assert.Equal((0.05m, 0.10m, 0.10m, 4, false), (two.MaxDailyLoss, two.MaxTotalLoss, two.ProfitTarget, two.MinTradingDays, two.TrailingTotalLoss));
        Assert.Equal((0.045m, 0.09m, 0.04m, 0.08m, 0.0025m), (two.StopOpeningDailyLoss, two.StopOpeningTotalLoss, two.WarnDailyLoss, two.WarnTotalLoss, two.EmergencyMargin));
        Assert.Equal((0.000325m, 3.3m, 0.01m), (two.CommissionPerSide, two.MaxLeverage, two.RiskPerTrade));
        RiskLimits one = RiskPresets.Ftmo1Step;
        Assert.Equal((0.03m, 0.10m, 0.10m, 0, true, 0.5m), (one.MaxDailyLoss, one.MaxTotalLoss, one.ProfitTarget, one.MinTradingDays, one.TrailingTotalLoss, one.BestDayShare));
        foreach (RiskLimits preset in RiskPresets.All)
            preset.Validate();
    }

    [Fact]
    public void LimitsSurviveTheRoundTripThroughJson()
    {
        RiskLimits limits = RiskPresets.Ftmo1Step with { InitialCapital = 25_000m, News = [new DateTime(2026, 1, 14, 13, 30, 0, DateTimeKind.Utc)] };
        RiskLimits read = RiskLimits.Parse(limits.ToJson());
        Assert.Equal(limits.ToJson(), read.ToJson());
        Assert.Equal(limits.News, read.News);
        Assert.Equal(10m, read.ContractOf("ETH-USD")!.Size);
    }

    [Theory]
    [InlineData("""{"name":"x","source":"me","maxDailyLos":0.05}""", "maxDailyLos")]
    [InlineData("""{"name":"x","source":"me","maxDailyLoss":1.5}""", "maxDailyLoss must be")]
    [InlineData("""{"name":"x","source":"me","stopOpeningDailyLoss":0.06}""", "stopOpeningDailyLoss must be")]
    [InlineData("""{"name":"x"}""", "source")]
    [InlineData("""{"name":"x","source":"me",""", "risk limits")]
    public void AMistakeInTheFileIsNamed(string json, string named)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => RiskLimits.Parse(Encoding.UTF8.GetBytes(json)));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BTC-USD", 1)]
    [InlineData("BTCUSDT", 1)]
    [InlineData("ETHUSDT", 10)]
    [InlineData("ETHBTC", 0)]
    [InlineData("BTCDOMUSDT", 0)]
    [InlineData("DOGE-USD", 0)]
    public void AContractBelongsToABaseQuotedInDollars(string symbol, int size) =>
        Assert.Equal(size, RiskPresets.Ftmo2Step.ContractOf(symbol)?.Size ?? 0);
}
