using Crpbot.Codecs.WebSockets;
using Xunit;

namespace Crpbot.Codecs.Tests.WebSockets;

public class MaskingTests
{
    [Fact]
    public void TheVectorFormEqualsThePlainOneAtEveryLengthAndOffset()
    {
        var random = new Random(3);
        for (int length = 0; length <= 256; length++)
        {
            byte[] source = new byte[length + 3];
            random.NextBytes(source);
            uint key = (uint)random.NextInt64(1L << 32);
            byte[] expected = new byte[length + 3];
            Masking.ApplyPlain(source, expected, key);
            for (int offset = 0; offset < 4; offset++)
            {
                byte[] actual = new byte[length];
                int skipped = Math.Min(offset, 3);
                Masking.Apply(source.AsSpan(skipped, length), actual, key, offset);
                Assert.Equal(expected.AsSpan(skipped, length).ToArray(), actual);
            }
        }
    }

    [Fact]
    public void MaskingTwiceGivesTheSourceBack()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        byte[] copy = (byte[])bytes.Clone();
        Masking.Apply(copy, copy, 0x12345678, 0);
        Assert.NotEqual(bytes, copy);
        Masking.Apply(copy, copy, 0x12345678, 0);
        Assert.Equal(bytes, copy);
    }

    [Fact]
    public void TheSpecificationsExampleHolds()
    {
        // RFC 6455, section 5.7: a masked "Hello".
        byte[] frame = Convert.FromHexString("818537FA213D7F9F4D5158");
        Assert.Equal([$"Text {Convert.ToHexString("Hello"u8)}"], Frames.Read(new FrameParser(peerIsClient: true), [frame]));
        Assert.Equal(frame, Frames.Of(Opcode.Text, "Hello"u8.ToArray(), 0x3D21FA37));
    }
}
