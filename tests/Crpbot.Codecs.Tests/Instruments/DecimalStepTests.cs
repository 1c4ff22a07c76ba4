using Crpbot.Codecs.Instruments;
using Xunit;

namespace Crpbot.Codecs.Tests.Instruments;

public class DecimalStepTests
{
    [Theory]
    [InlineData("0.01", 1, 2)]
    [InlineData("0.010", 1, 2)]
    [InlineData("5", 5, 0)]
    [InlineData("1e-8", 1, 8)]
    [InlineData("0.5", 5, 1)]
    [InlineData("10", 10, 0)]
    public void AnIncrementIsParsedAndNormalised(string text, long mantissa, int scale) =>
        Assert.Equal(new DecimalStep(mantissa, scale), DecimalStep.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-0.01")]
    [InlineData("x")]
    [InlineData("0.0000000000000000001")]
    public void AnImpossibleIncrementIsRefused(string text) => Assert.Throws<FormatException>(() => DecimalStep.Parse(text));

    [Theory]
    [InlineData(1, 2, 4253, "42.53")]
    [InlineData(1, 2, 4250, "42.5")]
    [InlineData(1, 2, -5, "-0.05")]
    [InlineData(5, 1, 3, "1.5")]
    [InlineData(1, 0, 7, "7")]
    [InlineData(1, 8, long.MaxValue, "92233720368.54775807")]
    public void StepsFormatToExactText(long mantissa, int scale, long steps, string text) =>
        Assert.Equal(text, new DecimalStep(mantissa, scale).Format(steps));

    [Fact]
    public void StepsConvertToTheNearestDouble()
    {
        Assert.Equal(61737.63, new DecimalStep(1, 2).ToDouble(6173763));
        Assert.Equal(0.3, new DecimalStep(1, 1).ToDouble(3));
    }
}
