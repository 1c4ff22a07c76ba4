using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class NotionalTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.000000000000000001", "0.000000000000000001")]
    [InlineData("-12.50", "-12.5")]
    [InlineData("79228162514.264337593543950335", null)]
    [InlineData("1234567890.123456789012345678", "1234567890.123456789012345678")]
    public void DecimalsAreKeptExactlyOrRefused(string text, string? expected)
    {
        decimal value = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        if (expected is null)
        {
            Assert.Throws<ArgumentException>(() => Notional.FromDecimal(value / 10_000m));
            Assert.Equal(value, Notional.FromDecimal(value).ToDecimal());
            return;
        }

        Assert.Equal(expected, Notional.FromDecimal(value).ToString());
        Assert.Equal(value, Notional.FromDecimal(value).ToDecimal());
    }

    [Fact]
    public void RoundingGoesTheWayItsNameSaysOnBothSidesOfZero()
    {
        var unit = new Notional(1);
        Assert.Equal(new Notional(0), unit.TimesBillionthsDown(325_000));
        Assert.Equal(new Notional(1), unit.TimesBillionthsUp(325_000));
        Assert.Equal(new Notional(-1), (-unit).TimesBillionthsDown(325_000));
        Assert.Equal(new Notional(0), (-unit).TimesBillionthsUp(325_000));
        Assert.Equal("32.5", Notional.FromWhole(100_000).TimesBillionthsUp(325_000).ToString());
    }

    [Fact]
    public void MoneyThatOverflowsIsADefectAndNotANegativeAmount()
    {
        Assert.Throws<OverflowException>(() => Notional.MaxValue + new Notional(1));
        Assert.Throws<OverflowException>(() => Notional.MaxValue.TimesBillionthsUp(2));
    }
}
