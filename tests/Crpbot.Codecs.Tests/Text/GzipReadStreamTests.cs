using System.IO.Compression;
using Crpbot.Codecs.Text;
using Xunit;

namespace Crpbot.Codecs.Tests.Text;

public class GzipReadStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8191)]
    [InlineData(300_000)]
    public void AnyNumberOfMembersIsReadWhole(int length)
    {
        var random = new Random(length);
        for (int members = 1; members <= 5; members++)
        {
            using var compressed = new MemoryStream();
            using var expected = new MemoryStream();
            for (int i = 0; i < members; i++)
            {
                byte[] part = new byte[length];
                random.NextBytes(part);
                // Half of it compresses, half does not, so that members end anywhere within the inflater's pieces.
                part.AsSpan(0, length / 2).Clear();
                expected.Write(part);
                compressed.Write(Gzip(part));
            }

            compressed.Write(new byte[members]);
            (byte[] read, GzipDamage damage) = ReadAll(compressed.ToArray());
            Assert.Equal(GzipDamage.None, damage);
            Assert.True(expected.ToArray().AsSpan().SequenceEqual(read));
        }
    }

    [Fact]
    public void ACutAtAnyByteIsTruncationAndKeepsWhatWasInflated()
    {
        byte[] content = new byte[20_000];
        new Random(5).NextBytes(content.AsSpan(9_000));
        byte[] whole = Gzip(content);
        for (int length = 2; length < whole.Length; length += length < 40 || length > whole.Length - 40 ? 1 : 17)
        {
            (byte[] read, GzipDamage damage) = ReadAll(whole[..length]);
            Assert.Equal(GzipDamage.Truncated, damage);
            Assert.True(content.AsSpan(0, read.Length).SequenceEqual(read));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-4)]
    [InlineData(-5)]
    [InlineData(-8)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(300)]
    public void AFlippedBitIsCorruption(int position)
    {
        byte[] content = new byte[20_000];
        new Random(6).NextBytes(content);
        byte[] whole = Gzip(content);
        whole[position < 0 ? whole.Length + position : position] ^= 0x20;
        Assert.Equal(GzipDamage.Corrupt, ReadAll(whole).Damage);
    }

    [Fact]
    public void ForeignBytesBehindTheLastMemberAreCorruption() =>
        Assert.Equal(GzipDamage.Corrupt, ReadAll([.. Gzip([1, 2, 3]), .. "hello"u8]).Damage);

    [Fact]
    public void AHeaderWithNameCommentExtraAndChecksumIsSkipped()
    {
        byte[] plain = Gzip([1, 2, 3]);
        byte[] whole = [0x1F, 0x8B, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 0, 2, 0, 9, 9, (byte)'n', 0, (byte)'c', 0, 7, 7, .. plain[10..]];
        (byte[] read, GzipDamage damage) = ReadAll(whole);
        Assert.Equal(GzipDamage.None, damage);
        Assert.Equal([1, 2, 3], read);
    }

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return compressed.ToArray() is { Length: > 0 } bytes ? bytes : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    private static (byte[] Read, GzipDamage Damage) ReadAll(byte[] compressed)
    {
        using var stream = new GzipReadStream(new MemoryStream(compressed));
        using var read = new MemoryStream();
        byte[] buffer = new byte[1000];
        for (int count = stream.Read(buffer); count > 0; count = stream.Read(buffer))
            read.Write(buffer, 0, count);
        return (read.ToArray(), stream.Damage);
    }
}
