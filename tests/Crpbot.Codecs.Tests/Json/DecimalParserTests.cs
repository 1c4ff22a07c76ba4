using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Codecs.Tests.Venues.Reference;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Json;

public class DecimalParserTests
{
    private static readonly DecimalStep Cent = new(1, 2);

    [Theory]
    [InlineData("61837.63", 6183763)]
    [InlineData("61837.63000000", 6183763)]
    [InlineData("0.01", 1)]
    [InlineData("5", 500)]
    [InlineData("1e-2", 1)]
    [InlineData("1E+3", 100000)]
    [InlineData("0.1e-1", 1)]
    [InlineData("100e-4", 1)]
    [InlineData("-2.5", -250)]
    [InlineData("-0", 0)]
    [InlineData("0e999999999999", 0)]
    [InlineData("92233720368547758.07", long.MaxValue)]
    [InlineData("000000000000000000000000000000000000000000000000007.5", 750)]
    [InlineData("1.00000000000000000000000000000000000000000000000000000000000", 100)]
    public void ADecimalBecomesWholeSteps(string text, long steps)
    {
        Assert.Equal(ParseError.None, DecimalParser.ParseSteps(Encoding.UTF8.GetBytes(text), Cent, out long parsed));
        Assert.Equal(steps, parsed);
    }

    [Theory]
    [InlineData("", ParseError.InvalidNumber)]
    [InlineData("-", ParseError.InvalidNumber)]
    [InlineData(".5", ParseError.InvalidNumber)]
    [InlineData("5.", ParseError.InvalidNumber)]
    [InlineData("0.-10000", ParseError.InvalidNumber)]
    [InlineData("1.2.3", ParseError.InvalidNumber)]
    [InlineData("+1", ParseError.InvalidNumber)]
    [InlineData("1e", ParseError.InvalidNumber)]
    [InlineData("1e+", ParseError.InvalidNumber)]
    [InlineData("1e5.0", ParseError.InvalidNumber)]
    [InlineData("NaN", ParseError.InvalidNumber)]
    [InlineData(" 1", ParseError.InvalidNumber)]
    [InlineData("1\0", ParseError.InvalidNumber)]
    [InlineData("0.001", ParseError.NotAWholeTick)]
    [InlineData("1e-3", ParseError.NotAWholeTick)]
    [InlineData("1e-999999999999", ParseError.NotAWholeTick)]
    [InlineData("92233720368547758.08", ParseError.NumberOutOfRange)]
    [InlineData("1e17", ParseError.NumberOutOfRange)]
    [InlineData("1e999999999999", ParseError.NumberOutOfRange)]
    public void AnythingElseIsRefusedAndNeverRounded(string text, ParseError error) =>
        Assert.Equal(error, DecimalParser.ParseSteps(Encoding.UTF8.GetBytes(text), Cent, out _));

    [Theory]
    [InlineData("0", ParseError.NotPositive)]
    [InlineData("-1", ParseError.NotPositive)]
    [InlineData("0.00", ParseError.NotPositive)]
    [InlineData("0.001", ParseError.NotAWholeTick)]
    [InlineData("0.01", ParseError.None)]
    public void APriceIsAboveZero(string text, ParseError error) =>
        Assert.Equal(error, DecimalParser.ParsePrice(Encoding.UTF8.GetBytes(text), Cent, out _));

    [Theory]
    [InlineData("0", ParseError.None)]
    [InlineData("-1", ParseError.NotPositive)]
    [InlineData("0.001", ParseError.NotAWholeLot)]
    public void AQuantityMayBeZero(string text, ParseError error) =>
        Assert.Equal(error, DecimalParser.ParseQuantity(Encoding.UTF8.GetBytes(text), Cent, out _));

    [Theory]
    [InlineData("28147.27373413", 2814727373413, 8)]
    [InlineData("0.00010000", 1, 4)]
    [InlineData("-0.00002754", -2754, 8)]
    [InlineData("1500", 1500, 0)]
    [InlineData("1e-30", 1, 30)]
    [InlineData("0.000", 0, 0)]
    [InlineData("1.5e3", 1500, 0)]
    public void AScaledValueKeepsItsDigits(string text, long mantissa, byte scale)
    {
        Assert.Equal(ParseError.None, DecimalParser.ParseScaled(Encoding.UTF8.GetBytes(text), out long parsed, out byte digits));
        Assert.Equal((mantissa, scale), (parsed, digits));
    }

    [Theory]
    [InlineData("9223372036854775808", ParseError.NumberOutOfRange)]
    [InlineData("1e-256", ParseError.NumberOutOfRange)]
    [InlineData("1e40", ParseError.NumberOutOfRange)]
    [InlineData("x", ParseError.InvalidNumber)]
    public void AScaledValueThatDoesNotFitIsRefused(string text, ParseError error) =>
        Assert.Equal(error, DecimalParser.ParseScaled(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void RandomAndHostileTextsAgreeWithBigIntegers()
    {
        var random = new Random(20240808);
        DecimalStep[] steps = [new(1, 0), new(1, 2), new(1, 8), new(5, 1), new(25, 2), new(10, 0), new(1, 18), new(long.MaxValue, 0), new(3, 5)];
        int accepted = 0;
        for (int i = 0; i < 400_000; i++)
        {
            string text = RandomText(random);
            DecimalStep step = steps[random.Next(steps.Length)];
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            ParseError expected = ReferenceJson.Steps(text, step, out long expectedSteps);
            ParseError fast = DecimalParser.ParseSteps(bytes, step, out long fastSteps);
            ParseError plain = DecimalParser.ParseStepsPlainly(bytes, step, out long plainSteps);
            Assert.True((expected, expectedSteps) == (plain, plainSteps), $"'{text}' step {step}: {plain} {plainSteps}, judge {expected} {expectedSteps}");
            Assert.True((expected, expectedSteps) == (fast, fastSteps), $"'{text}' step {step}: {fast} {fastSteps}, judge {expected} {expectedSteps}");
            accepted += fast == ParseError.None ? 1 : 0;
        }

        Assert.InRange(accepted, 100_000, 380_000);
    }

    [Fact]
    public void ParsingAllocatesNothing()
    {
        byte[][] texts = [.. new[] { "61837.63000000", "0.00001306", "1e-8", "123456789012345678901234567890", "x" }.Select(Encoding.UTF8.GetBytes)];
        long sum = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
            {
                DecimalParser.ParseSteps(texts[i % texts.Length], DecimalStep.Default, out long value);
                sum += value;
            }

            if (round == 1)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.NotEqual(0, sum);
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        if (random.Next(8) == 0)
            text.Append('-');
        int length = random.Next(10) == 0 ? random.Next(0, 45) : random.Next(1, 9);
        for (int i = 0; i < length; i++)
            text.Append((char)('0' + (random.Next(3) == 0 ? 0 : random.Next(10))));
        if (random.Next(4) != 0)
        {
            text.Append('.');
            int digits = random.Next(10) == 0 ? random.Next(0, 45) : random.Next(1, 10);
            for (int i = 0; i < digits; i++)
                text.Append((char)('0' + (random.Next(2) == 0 ? 0 : random.Next(10))));
        }

        if (random.Next(6) == 0)
            text.Append(random.Next(2) == 0 ? 'e' : 'E').Append(random.Next(3) switch { 0 => "-", 1 => "+", _ => "" }).Append(random.Next(0, 30));
        if (random.Next(10) == 0 && text.Length > 0)
            text[random.Next(text.Length)] = "0123456789.-+eE\"/: x"[random.Next(20)];
        return text.ToString();
    }
}
