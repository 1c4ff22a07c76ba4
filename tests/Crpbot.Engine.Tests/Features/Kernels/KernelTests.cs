using Crpbot.Features.Kernels;
using Xunit;
using Plain = Crpbot.Features.Kernels.Reference;

namespace Crpbot.Engine.Tests.Features.Kernels;

/// <summary>Every kernel against its plain version, at every length and every alignment of the tail.</summary>
public class KernelTests
{
    [Fact]
    public void SumsAgreeAtEveryLength() => ForEveryLength((values, other) =>
        AssertClose(Plain.WindowSum.Of(values), WindowSum.Of(values), Magnitude(values)));

    [Fact]
    public void DotProductsAgreeAtEveryLength() => ForEveryLength((values, other) =>
        AssertClose(Plain.DotProduct.Of(values, other), DotProduct.Of(values, other), Magnitude(values) * 1e3));

    [Fact]
    public void DeviationsAgreeAtEveryLength() => ForEveryLength((values, other) =>
    {
        if (values.IsEmpty)
            return;
        double mean = Deviation.ShiftedMean(values, out double deviation);
        double plainMean = Plain.Deviation.ShiftedMean(values, out double plainDeviation);
        AssertClose(plainMean, mean, Magnitude(values));
        AssertClose(plainDeviation, deviation, Magnitude(values));
    });

    [Fact]
    public void PercentilesAndMediansAgreeAtEveryLength() => ForEveryLength((values, other) =>
    {
        if (values.IsEmpty)
            return;
        double[] sorted = [.. values.ToArray().Order()];
        foreach (double q in (double[])[0, 0.33, 0.5, 0.67, 0.95, 1])
            AssertClose(Plain.Percentile.Of(sorted, q), Percentile.OfSorted(sorted, q), Magnitude(values));
        AssertClose(Plain.Percentile.Of(sorted, 0.5), Percentile.Median(values.ToArray()), Magnitude(values));
    });

    [Fact]
    public void LogarithmsAgreeToTheLastBits()
    {
        var random = new Random(4);
        for (int round = 0; round < 2000; round++)
        {
            double[] values = [.. Enumerable.Range(0, 24).Select(_ => Math.Exp((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 3))))];
            values[random.Next(24)] = 1;
            double[] plain = [.. values];
            NaturalLog.InPlace(values);
            Plain.NaturalLog.InPlace(plain);
            for (int i = 0; i < values.Length; i++)
                Assert.True(Math.Abs(plain[i] - values[i]) <= 1e-15 * Math.Max(Math.Abs(plain[i]), 1e-3), $"ln: {plain[i]:R} is not {values[i]:R}");
        }

        double[] ones = [.. Enumerable.Repeat(1.0, 8)];
        NaturalLog.InPlace(ones);
        Assert.All(ones, value => Assert.Equal(0, value));
    }

    [Fact]
    public void SlopesAgreeAndAreExactOnALine()
    {
        var random = new Random(5);
        for (int round = 0; round < 500; round++)
        {
            double[] values = [.. Enumerable.Range(0, Slope.Length).Select(_ => random.NextDouble() * 1000)];
            AssertClose(Plain.Slope.Of(values), Slope.Of(values), 1000);
        }

        Assert.Equal(3, Slope.Of([.. Enumerable.Range(0, Slope.Length).Select(i => 3.0 * i + 8)]), 12);
    }

    [Fact]
    public void OrderFlowIsExactAtEveryLength()
    {
        var random = new Random(6);
        for (int length = 0; length <= 256; length += 4)
        {
            for (int round = 0; round < 20; round++)
            {
                long[] ticks = Longs(length, 5), lots = Longs(length, 1 << 20), oldTicks = Longs(length, 5), oldLots = Longs(length, 1 << 20);
                if (length > 0 && round % 3 == 0)
                    (ticks[^1], oldTicks[0], lots[^1]) = (long.MinValue, long.MaxValue, 0);
                Assert.Equal(Plain.OrderFlow.Bids(ticks, lots, oldTicks, oldLots), OrderFlow.Bids(ticks, lots, oldTicks, oldLots));
                Assert.Equal(Plain.OrderFlow.Asks(ticks, lots, oldTicks, oldLots), OrderFlow.Asks(ticks, lots, oldTicks, oldLots));
            }
        }

        long[] Longs(int length, int below) => [.. Enumerable.Range(0, length).Select(_ => (long)random.Next(below))];
    }

    [Fact]
    public void BandsAndLotsAgreeAtEveryLengthAndEdge()
    {
        var random = new Random(7);
        for (int length = 0; length <= 256; length++)
        {
            for (int offset = 0; offset < 4; offset++)
            {
                long[] ticks = new long[offset + length], lots = new long[offset + length];
                for (int i = 0; i < ticks.Length; i++)
                    (ticks[i], lots[i]) = ((i == 0 ? 1000 : ticks[i - 1]) + random.Next(1, 4), random.Next(1, 100_000));
                ReadOnlySpan<long> quantities = lots.AsSpan(offset);
                ReadOnlySpan<long> bids = ticks.AsSpan(offset);
                ReadOnlySpan<long> asks = (long[])[.. bids.ToArray().Reverse()];
                Assert.Equal(Plain.LotSum.Of(quantities), LotSum.Of(quantities));
                long edge = length == 0 ? 1000 : bids[random.Next(length)] + random.Next(-1, 2);
                foreach (long limit in (long[])[edge, 0, long.MaxValue])
                {
                    AssertClose(Plain.BandNotional.Bids(bids, quantities, limit), BandNotional.Bids(bids, quantities, limit), 1e10);
                    AssertClose(Plain.BandNotional.Asks(asks, quantities, limit), BandNotional.Asks(asks, quantities, limit), 1e10);
                }
            }
        }
    }

    internal static void AssertClose(double expected, double actual, double magnitude) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-13 * Math.Max(magnitude, 1e-300), $"{expected:R} is not {actual:R}");

    private static double Magnitude(ReadOnlySpan<double> values)
    {
        double sum = 1;
        foreach (double value in values)
            sum += Math.Abs(value);
        return sum;
    }

    private delegate void Check(ReadOnlySpan<double> values, ReadOnlySpan<double> other);

    private static void ForEveryLength(Check check)
    {
        var random = new Random(3);
        for (int length = 0; length <= 256; length++)
        {
            for (int offset = 0; offset < 4; offset++)
            {
                // What lies beyond the span is poison: a kernel that reads it answers NaN.
                double[] memory = [.. Enumerable.Repeat(double.NaN, length + offset + 8)];
                double[] other = [.. memory];
                for (int i = 0; i < length; i++)
                {
                    memory[offset + i] = (random.NextDouble() - 0.3) * Math.Pow(10, random.Next(-3, 4));
                    other[offset + i] = (random.NextDouble() - 0.5) * 100;
                }

                check(memory.AsSpan(offset, length), other.AsSpan(offset, length));
            }
        }
    }
}
