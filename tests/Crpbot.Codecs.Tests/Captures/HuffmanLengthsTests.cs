using Crpbot.Codecs.Captures;
using Xunit;

namespace Crpbot.Codecs.Tests.Captures;

public class HuffmanLengthsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(300)]
    [InlineData(1100)]
    [InlineData(4096)]
    public void LengthsAreACompletePrefixCodeWithinTheLimit(int symbols)
    {
        var random = new Random(symbols);
        for (int round = 0; round < 20; round++)
        {
            int[] counts = [.. Enumerable.Range(0, symbols).Select(_ => 1 + (int)Math.Exp(random.NextDouble() * round))];
            byte[] lengths = new byte[symbols];
            new HuffmanLengths().Compute(counts, lengths, 12);
            if (symbols == 1)
            {
                Assert.Equal(0, lengths[0]);
                continue;
            }

            Assert.All(lengths, l => Assert.InRange(l, 1, 12));
            Assert.Equal(1 << 12, lengths.Sum(l => 1 << (12 - l)));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(200)]
    public void WithoutReachingTheLimitTheCodeIsTheShortest(int symbols)
    {
        var random = new Random(symbols);
        int[] counts = [.. Enumerable.Range(0, symbols).Select(_ => random.Next(1, 100))];
        byte[] lengths = new byte[symbols];
        new HuffmanLengths().Compute(counts, lengths, 20);

        // Huffman's own way: join the two rarest until one is left; the cost is the sum of all joins.
        var heap = new PriorityQueue<long, long>(counts.Select(c => ((long)c, (long)c)));
        long cost = 0;
        while (heap.Count > 1)
        {
            long joined = heap.Dequeue() + heap.Dequeue();
            cost += joined;
            heap.Enqueue(joined, joined);
        }

        Assert.Equal(cost, counts.Select((c, i) => (long)c * lengths[i]).Sum());
    }
}
