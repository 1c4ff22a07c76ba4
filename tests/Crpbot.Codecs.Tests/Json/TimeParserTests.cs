using System.Globalization;
using System.Text;
using Crpbot.Codecs.Json;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Json;

public class TimeParserTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("2021-04-17T16:43:37.075687Z", 1618677817075687000)]
    [InlineData("2021-04-17T16:43:37.1Z", 1618677817100000000)]
    [InlineData("2021-04-17T16:43:37.123456789Z", 1618677817123456789)]
    [InlineData("2021-04-17T16:43:37.1234567899999Z", 1618677817123456789)]
    [InlineData("2021-04-17T18:43:37+02:00", 1618677817000000000)]
    [InlineData("2021-04-17T15:13:37.5-01:30", 1618677817500000000)]
    [InlineData("2024-02-29T23:59:59.999999999Z", 1709251199999999999)]
    [InlineData("1969-12-31T23:59:59Z", -1000000000)]
    [InlineData("0001-01-01T00:00:00.000000Z", long.MinValue)]
    public void ATimeBecomesNanoseconds(string text, long nanos)
    {
        Assert.True(TimeParser.TryParseIso(Encoding.UTF8.GetBytes(text), out long parsed));
        Assert.Equal(nanos, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2021-04-17")]
    [InlineData("2021-04-17T16:43")]
    [InlineData("2021-04-17T16:43Z")]
    [InlineData("2021-04-17T16:43:37")]
    [InlineData("2021-04-17T16:43:37.Z")]
    [InlineData("2021-04-17 16:43:37Z")]
    [InlineData("2021-04-31T16:43:37Z")]
    [InlineData("2023-02-29T16:43:37Z")]
    [InlineData("2021-13-01T16:43:37Z")]
    [InlineData("2021-00-01T16:43:37Z")]
    [InlineData("0000-01-01T16:43:37Z")]
    [InlineData("2021-04-17T24:00:00Z")]
    [InlineData("2021-04-17T16:60:37Z")]
    [InlineData("2021-04-17T16:43:60Z")]
    [InlineData("2021-04-17T16:43:37z")]
    [InlineData("2021-04-17T16:43:37Zx")]
    [InlineData("2021-04-17T16:43:37+0200")]
    [InlineData("2021-04-17T16:43:37+24:00")]
    [InlineData("2300-01-01T00:00:00Z")]
    [InlineData("20a1-04-17T16:43:37Z")]
    public void ATextThatIsNoTimeIsRefused(string text) => Assert.False(TimeParser.TryParseIso(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData(1723161255208, 1723161255208000000)]
    [InlineData(1723161255208123, 1723161255208123000)]
    public void AnEpochIsReadByItsMagnitude(long value, long nanos)
    {
        Assert.True(TimeParser.TryFromEpoch(value, out UnixNanos time));
        Assert.Equal(nanos, time.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(999_999_999_999_999)]
    [InlineData(long.MaxValue)]
    public void AnImpossibleEpochIsRefused(long value) => Assert.False(TimeParser.TryFromEpoch(value, out _));

    [Fact]
    public void TheQuickReaderAgreesWithThePlainOneOnEveryLength()
    {
        var random = new Random(3);
        var minutes = new MinuteCache();
        int quick = 0;
        for (int i = 0; i < 100_000; i++)
        {
            var time = new DateTime(random.NextInt64(new DateTime(1965, 1, 1).Ticks, new DateTime(2100, 1, 1).Ticks), DateTimeKind.Utc);
            string fraction = random.Next(11) is var digits and > 0 ? "." + random.NextInt64(1_000_000_000_000).ToString("D12", CultureInfo.InvariantCulture)[..digits] : "";
            byte[] text = Encoding.UTF8.GetBytes(time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + fraction + "Z");
            if (random.Next(4) == 0)
                text[random.Next(text.Length)] = (byte)random.Next(256);
            byte[] padded = [.. text, .. new byte[random.Next(40)]];
            bool plain = TimeParser.TryParseIso(text, out long plainNanos);
            var cursor = new TemplateCursor(padded, 0);
            if (!cursor.TakeTime(minutes, out long nanos) || cursor.Position != text.Length)
                continue;
            quick++;
            Assert.True(plain, Encoding.Latin1.GetString(text));
            Assert.Equal(plainNanos, nanos);
        }

        Assert.InRange(quick, 50_000, 100_000);
    }
}
