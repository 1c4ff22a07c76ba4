using Crpbot.Datasets;
using Crpbot.Datasets.Download;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

public class ContentCheckTests
{
    private const string Text = "exchange,symbol\na,1\nb,2\n";

    [Theory]
    [InlineData(Text, 2)]
    [InlineData("exchange,symbol\na,1\nb,2", 2)]
    [InlineData("exchange,symbol\n", 0)]
    [InlineData("exchange,symbol", 0)]
    [InlineData("", 0)]
    public void RowsAreCountedWithoutTheHeader(string text, int rows) => Assert.Equal(new ContentSummary(text.Length, rows), Csv(TardisServer.Gzip(text)));

    [Fact]
    public void SeveralMembersAreOneFile() => Assert.Equal(new ContentSummary(2 * Text.Length, 5), Csv([.. TardisServer.Gzip(Text), .. TardisServer.Gzip(Text)]));

    [Fact]
    public void EveryPrefixIsTooShort()
    {
        byte[] whole = [.. TardisServer.Gzip(Text), .. TardisServer.Gzip(Text)];
        int members = TardisServer.Gzip(Text).Length;
        for (int length = 1; length < whole.Length; length++)
        {
            if (length != members)
                Assert.Throws<InvalidDataException>(() => Csv(whole[..length]));
        }
    }

    [Fact]
    public void EveryFlippedBitOfTheTrailerAndForeignBytesBehindItAreSeen()
    {
        byte[] whole = TardisServer.Gzip(Text);
        for (int bit = 0; bit < 64; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[^(1 + bit / 8)] ^= (byte)(1 << (bit % 8));
            Assert.Throws<InvalidDataException>(() => Csv(damaged));
        }

        Assert.Throws<InvalidDataException>(() => Csv([.. whole, (byte)'x']));
        Assert.Throws<InvalidDataException>(() => Csv("no gzip at all"u8.ToArray()));
    }

    private static ContentSummary Csv(byte[] bytes) => ContentCheck.Csv(new MemoryStream(bytes));
}
