using System.Globalization;
using Crpbot.Codecs.Normalization;
using CsCheck;
using Xunit;

namespace Crpbot.Codecs.Tests.Normalization;

public class DecimalTextTests
{
    [Theory]
    [InlineData("4.97800000", "4.978")]
    [InlineData("8010.00000000", "8010")]
    [InlineData("0.00000000", "0")]
    [InlineData("-0", "0")]
    [InlineData("007.50", "7.5")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("+5", "5")]
    [InlineData("-0.010", "-0.01")]
    [InlineData("1e-8", "0.00000001")]
    [InlineData("1.25E3", "1250")]
    [InlineData("12e-1", "1.2")]
    [InlineData("1e300", "1e300")]
    [InlineData("-1.5e-300", "-1.5e-300")]
    [InlineData("", "0")]
    [InlineData("100.123456789012345678", "100.123456789012345678")]
    public void ANumberIsNormalisedExactly(string text, string expected) => Assert.Equal(expected, DecimalText.Of(text).Text);

    [Theory]
    [InlineData("0.-10000")]
    [InlineData("abc")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("1e5x")]
    [InlineData("1 2")]
    [InlineData("--1")]
    [InlineData("1e400")]
    [InlineData("Infinity")]
    public void WhatIsNoFiniteNumberHasNoText(string text) => Assert.Null(DecimalText.Of(text).Text);

    [Fact]
    public void TheTextIsTheSameDouble() =>
        Gen.Double.Where(double.IsFinite).Sample(value =>
        {
            string text = value.ToString("R", CultureInfo.InvariantCulture);
            string normalised = DecimalText.Of(text).Text!;
            Assert.True(double.Parse(normalised, CultureInfo.InvariantCulture) == value, $"{text} became {normalised}");
        }, iter: 20_000);
}
