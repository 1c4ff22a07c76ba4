using System.Diagnostics;
using Crpbot.Telemetry;
using HdrHistogram;
using Xunit;

namespace Crpbot.Engine.Tests.Telemetry;

public sealed class LatencyRecorderTests
{
    private static readonly LongHistogram Judge = new(1, LatencyBuckets.HighestNanos, 3);

    [Fact]
    public void BucketsAreThoseOfHdrHistogram()
    {
        Random random = new(7);
        for (int i = 0; i < 200_000; i++)
        {
            long nanos = i < 10_000 ? i : (long)Math.Exp(random.NextDouble() * Math.Log(LatencyBuckets.HighestNanos));
            int index = LatencyBuckets.IndexOf(nanos);
            Assert.Equal(Judge.LowestEquivalentValue(nanos), LatencyBuckets.LowestOf(index));
            Assert.Equal(Judge.NextNonEquivalentValue(nanos) - 1, LatencyBuckets.HighestOf(index));
            Assert.Equal(Judge.MedianEquivalentValue(nanos), LatencyBuckets.MiddleOf(index));
        }
    }

    [Fact]
    public void BucketsFollowOneAnotherWithoutHoleOrOverlap()
    {
        for (int i = 1; i < LatencyBuckets.Count; i++)
        {
            Assert.Equal(LatencyBuckets.HighestOf(i - 1) + 1, LatencyBuckets.LowestOf(i));
            Assert.Equal(i, LatencyBuckets.IndexOf(LatencyBuckets.LowestOf(i)));
            Assert.Equal(i, LatencyBuckets.IndexOf(LatencyBuckets.HighestOf(i)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1_000)]
    [InlineData(9_999)]
    public void PercentilesAreTheNearestRankOfTheSortedValues(int count)
    {
        Random random = new(count);
        LatencyRecorder recorder = new("parse");
        long[] values = new long[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (long)Math.Exp(random.NextDouble() * 20);
            recorder.Record(values[i]);
        }

        Array.Sort(values);
        LatencyHistogram histogram = recorder.Snapshot();
        Assert.Equal(count, histogram.Count);
        foreach ((double fraction, long rank) in ((double, long)[])[(.5, (count + 1) / 2), (.9, (count * 9 + 9) / 10), (.99, (count * 99 + 99) / 100), (.999, (count * 999L + 999) / 1000), (1, count), (0, 1)])
            Assert.Equal(LatencyBuckets.HighestOf(LatencyBuckets.IndexOf(values[rank - 1])), histogram.ValueAt(fraction));
        Assert.InRange(histogram.Summarize().Mean, values.Average() * .999, values.Average() * 1.001);
    }

    [Fact]
    public void AnEmptyRecorderSummarizesToZeroes() =>
        Assert.Equal(default, new LatencyRecorder("empty").Snapshot().Summarize());

    [Fact]
    public void ValuesOutsideTheRangeAreClampedAndCounted()
    {
        LatencyRecorder recorder = new("wire");
        recorder.Record(-1);
        recorder.Record(long.MinValue);
        recorder.Record(LatencyBuckets.HighestNanos + 1);
        recorder.Record(long.MaxValue);
        recorder.Record(0);
        recorder.Record(LatencyBuckets.HighestNanos);
        LatencySnapshot summary = recorder.Snapshot().Summarize();
        Assert.Equal(4, recorder.OutOfRange);
        Assert.Equal(6, summary.Count);
        Assert.Equal(0, summary.Min);
        Assert.InRange(summary.Max, LatencyBuckets.HighestNanos, LatencyBuckets.HighestNanos * 1.001);
    }

    [Fact]
    public void ResetForgetsEverything()
    {
        LatencyRecorder recorder = new("wire");
        recorder.Record(-5);
        recorder.Reset();
        Assert.Equal(0, recorder.OutOfRange);
        Assert.Equal(0, recorder.Snapshot().Count);
    }

    [Fact]
    public void RecordingAndCopyingAllocateNothing()
    {
        LatencyRecorder recorder = new("features");
        LatencyHistogram copy = new("features");
        recorder.RecordBetween(0, 1);
        recorder.CopyTo(copy);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000_000; i++)
            recorder.RecordBetween(i, 3L * i);
        recorder.CopyTo(copy);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1_000_001, copy.Count);
    }

    [Fact]
    public void CopiesTakenMeanwhileNeitherLoseNorInvent()
    {
        LatencyRecorder recorder = new("risk");
        const int Total = 300_000;
        Thread writer = new(() =>
        {
            for (int i = 0; i < Total; i++)
                recorder.Record(i % 5_000);
        });
        writer.Start();
        long last = 0;
        while (writer.IsAlive)
        {
            LatencyHistogram copy = recorder.Snapshot();
            Assert.InRange(copy.Count, last, Total);
            Assert.Equal(copy.Count, copy.Buckets().Sum(bucket => bucket.Count));
            last = copy.Count;
        }

        writer.Join();
        Assert.Equal(Total, recorder.Snapshot().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a,b")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    public void NamesThatALogCannotHoldAreRefused(string stage) => Assert.ThrowsAny<ArgumentException>(() => new LatencyRecorder(stage));

    [Theory]
    [InlineData(1_000_000_000)]
    [InlineData(10_000_000)]
    [InlineData(24_000_000)]
    [InlineData(2_593_906_000)]
    [InlineData(3_579_545)]
    public void TicksBecomeNanosecondsExactly(long frequency)
    {
        Random random = new(1);
        for (int i = 0; i < 10_000; i++)
        {
            long ticks = random.NextInt64(-1L << 40, 1L << 50);
            Int128 product = (Int128)ticks * 1_000_000_000;
            Int128 expected = product / frequency - (product % frequency < 0 ? 1 : 0);
            Assert.Equal((long)expected, MonotonicClock.ToNanos(ticks, frequency));
        }

        Assert.Equal(1_000_000_000, MonotonicClock.ToNanos(Stopwatch.Frequency));
    }
}
