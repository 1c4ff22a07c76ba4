using Crpbot.Disruptor;
using Xunit;

namespace Crpbot.Engine.Tests.Disruptor;

/// <summary>What both sequencers promise.</summary>
public abstract class SequencerTests
{
    protected const int Capacity = 8;

    protected abstract Sequencer New(int capacity = Capacity);

    protected Sequencer NewGated(out Sequence consumer, int capacity = Capacity)
    {
        Sequencer sequencer = New(capacity);
        consumer = new Sequence();
        sequencer.AddGatingSequences(consumer);
        return sequencer;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(3)]
    [InlineData(12)]
    public void CapacityMustBeAPowerOfTwo(int capacity) => Assert.Throws<ArgumentException>(() => New(capacity));

    [Fact]
    public void ClaimsCountFromZero()
    {
        Sequencer sequencer = NewGated(out _);
        Assert.Equal(0, sequencer.Next());
        Assert.Equal(1, sequencer.Next());
        Assert.Equal(4, sequencer.Next(3));
    }

    [Fact]
    public void NothingIsPublishedByClaiming()
    {
        Sequencer sequencer = NewGated(out _);
        long claimed = sequencer.Next();
        Assert.False(sequencer.IsPublished(claimed));
        sequencer.Publish(claimed);
        Assert.True(sequencer.IsPublished(claimed));
        Assert.False(sequencer.IsPublished(claimed + 1));
    }

    [Fact]
    public void TryNextFailsOnAFullRingAndClaimsNothing()
    {
        Sequencer sequencer = NewGated(out Sequence consumer);
        for (int i = 0; i < Capacity; i++)
        {
            Assert.True(sequencer.TryNext(out long claimed));
            sequencer.Publish(claimed);
        }

        Assert.False(sequencer.TryNext(out _));
        Assert.False(sequencer.TryNext(out _));
        consumer.Set(0);
        Assert.True(sequencer.TryNext(out long next));
        Assert.Equal(Capacity, next);
        Assert.False(sequencer.TryNext(out _));
    }

    [Fact]
    public void TryNextOfManyNeedsRoomForAll()
    {
        Sequencer sequencer = NewGated(out Sequence consumer);
        Assert.True(sequencer.TryNext(6, out long last));
        Assert.Equal(5, last);
        Assert.False(sequencer.TryNext(3, out _));
        Assert.True(sequencer.TryNext(2, out last));
        Assert.Equal(7, last);
        consumer.Set(7);
        Assert.True(sequencer.TryNext(Capacity, out last));
        Assert.Equal(15, last);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Capacity + 1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void ClaimsOutsideTheRingAreRefused(int count)
    {
        Sequencer sequencer = NewGated(out _);
        Assert.Throws<ArgumentOutOfRangeException>(() => sequencer.Next(count));
        Assert.Throws<ArgumentOutOfRangeException>(() => sequencer.TryNext(count, out _));
        Assert.Equal(0, sequencer.Next());
    }

    [Fact]
    public void RemainingCapacityFollowsClaimsAndConsumers()
    {
        Sequencer sequencer = NewGated(out Sequence consumer);
        Assert.Equal(Capacity, sequencer.RemainingCapacity);
        sequencer.Publish(sequencer.Next(5));
        Assert.Equal(3, sequencer.RemainingCapacity);
        consumer.Set(2);
        Assert.Equal(6, sequencer.RemainingCapacity);
    }

    [Fact]
    public void TheSlowestConsumerGates()
    {
        Sequencer sequencer = NewGated(out Sequence quick);
        Sequence slow = new();
        sequencer.AddGatingSequences(slow);
        for (int i = 0; i < Capacity; i++)
            sequencer.Publish(sequencer.Next());
        quick.Set(7);
        Assert.False(sequencer.TryNext(out _));
        slow.Set(0);
        Assert.True(sequencer.TryNext(out _));
    }

    [Fact]
    public void AConsumerThatJoinsLaterStartsAtTheCursor()
    {
        Sequencer sequencer = NewGated(out Sequence first);
        for (int i = 0; i < 5; i++)
            sequencer.Publish(sequencer.Next());
        Sequence late = new();
        sequencer.AddGatingSequences(late);
        Assert.Equal(4, late.Value);
        first.Set(4);
        Assert.True(sequencer.RemoveGatingSequence(first));
        Assert.False(sequencer.RemoveGatingSequence(first));
        Assert.True(sequencer.TryNext(Capacity, out _));
        Assert.Throws<InvalidOperationException>(() => sequencer.RemoveGatingSequence(late));
    }

    [Fact]
    public void ARingThatNobodyReadsRefusesToLap()
    {
        Sequencer sequencer = New();
        for (int i = 0; i < Capacity; i++)
            sequencer.Publish(sequencer.Next());
        Assert.Contains("AddGatingSequences", Assert.Throws<InvalidOperationException>(() => sequencer.Next()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoClaimFollowsCompletion()
    {
        Sequencer sequencer = NewGated(out _);
        sequencer.Publish(sequencer.Next());
        sequencer.Complete();
        Assert.Throws<InvalidOperationException>(() => sequencer.Next());
        Assert.Throws<InvalidOperationException>(() => sequencer.Next(2));
        Assert.Throws<InvalidOperationException>(() => sequencer.TryNext(out _));
        Assert.True(sequencer.Lifecycle.IsCompleted);
    }

    [Fact]
    public void AFullRingThatIsHaltedReleasesTheProducerWithTheFault()
    {
        Sequencer sequencer = NewGated(out _);
        for (int i = 0; i < Capacity; i++)
            sequencer.Publish(sequencer.Next());
        InvalidDataException fault = new("no such symbol");
        Thread halting = new(() =>
        {
            Thread.Sleep(20);
            sequencer.Lifecycle.Halt("stage 'book' failed", fault);
        });
        halting.Start();
        RingHaltedException thrown = Assert.Throws<RingHaltedException>(() => sequencer.Next());
        halting.Join();
        Assert.Same(fault, thrown.InnerException);
        Assert.Contains("stage 'book' failed", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<RingHaltedException>(() => sequencer.TryNext(out _));
    }

    [Fact]
    public void AProducerMayAskAtAnyTimeWhetherTheRingIsHalted()
    {
        Sequencer sequencer = NewGated(out _);
        sequencer.Lifecycle.ThrowIfHalted();
        InvalidDataException fault = new("bad");
        sequencer.Lifecycle.Halt("stage 'risk' failed", fault);
        Assert.Same(fault, Assert.Throws<RingHaltedException>(sequencer.Lifecycle.ThrowIfHalted).InnerException);
    }

    [Fact]
    public void OnlyTheFirstHaltIsKept()
    {
        Sequencer sequencer = New();
        Exception first = new InvalidDataException("first");
        sequencer.Lifecycle.Halt("first", first);
        sequencer.Lifecycle.Halt("second", new InvalidDataException("second"));
        Assert.Same(first, sequencer.Lifecycle.Fault);
    }

    [Fact]
    public void SlotsAreReusedManyLapsOn()
    {
        Sequencer sequencer = NewGated(out Sequence consumer, capacity: 2);
        RingBuffer<long> ring = new(2);
        SequenceBarrier barrier = sequencer.NewBarrier();
        for (long i = 0; i < 10_000; i++)
        {
            long claimed = sequencer.Next();
            ring[claimed] = i;
            sequencer.Publish(claimed);
            Assert.Equal(SequenceWaitResult.Available(i), barrier.WaitFor(i));
            Assert.Equal(i, ring[i]);
            Assert.False(sequencer.IsPublished(i - 2));
            consumer.Set(i);
        }
    }

    [Fact]
    public void ClaimAndPublishAllocateNothing()
    {
        Sequencer sequencer = NewGated(out Sequence consumer);
        void Lap(int times)
        {
            for (int i = 0; i < times; i++)
            {
                long last = sequencer.Next(3);
                sequencer.Publish(last - 2, last);
                consumer.Set(last);
                if (sequencer.TryNext(out long one))
                    sequencer.Publish(one);
                consumer.Set(one);
            }
        }

        Lap(1_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Lap(100_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}

public sealed class SingleProducerSequencerTests : SequencerTests
{
    protected override Sequencer New(int capacity = Capacity) => new SingleProducerSequencer(capacity, new YieldingWaitStrategy());

    [Fact]
    public void PublishingTheLastOfABatchPublishesAll()
    {
        Sequencer sequencer = NewGated(out _);
        long last = sequencer.Next(4);
        sequencer.Publish(last - 3, last);
        Assert.Equal(3, sequencer.Cursor.Value);
        Assert.Equal(SequenceWaitResult.Available(3), sequencer.NewBarrier().WaitFor(0));
    }

    [Fact]
    public void CompletionGivesUpWhatWasClaimedOnly()
    {
        Sequencer sequencer = NewGated(out _);
        sequencer.Publish(sequencer.Next());
        sequencer.Next();
        sequencer.Complete();
        SequenceBarrier barrier = sequencer.NewBarrier();
        Assert.Equal(SequenceWaitResult.Available(0), barrier.WaitFor(0));
        Assert.Equal(SequenceWaitResult.Completed, barrier.WaitFor(1));
    }
}

public sealed class MultiProducerSequencerTests : SequencerTests
{
    protected override Sequencer New(int capacity = Capacity) => new MultiProducerSequencer(capacity, new YieldingWaitStrategy());

    [Fact]
    public void EventsAreSeenInOrderThoughPublishedOutOfOrder()
    {
        Sequencer sequencer = NewGated(out _);
        long a = sequencer.Next(), b = sequencer.Next(), c = sequencer.Next();
        SequenceBarrier barrier = sequencer.NewBarrier();
        sequencer.Publish(c);
        Assert.False(barrier.TryWait(a, out _));
        sequencer.Publish(a);
        Assert.Equal(SequenceWaitResult.Available(a), barrier.WaitFor(a));
        Assert.False(barrier.TryWait(b, out _));
        sequencer.Publish(b);
        Assert.Equal(SequenceWaitResult.Available(c), barrier.WaitFor(a));
        Assert.Equal(SequenceWaitResult.Available(c), barrier.WaitFor(b));
    }

    [Fact]
    public void ABatchIsSeenOnlyAsFarAsItIsPublished()
    {
        Sequencer sequencer = NewGated(out _);
        sequencer.Next(4);
        sequencer.Publish(2, 3);
        Assert.Equal(-1, sequencer.HighestPublished(0, 3));
        sequencer.Publish(0);
        Assert.Equal(0, sequencer.HighestPublished(0, 3));
        sequencer.Publish(1);
        Assert.Equal(3, sequencer.HighestPublished(0, 3));
        Assert.Equal(2, sequencer.HighestPublished(0, 2));
    }

    [Fact]
    public void LastLapsPublicationIsNotThisLaps()
    {
        Sequencer sequencer = NewGated(out Sequence consumer);
        sequencer.Next(Capacity);
        sequencer.Publish(0, Capacity - 1);
        consumer.Set(Capacity - 1);
        long claimed = sequencer.Next();
        Assert.False(sequencer.NewBarrier().TryWait(claimed, out _));
    }

    [Fact]
    public void ConcurrentClaimsAreDistinctAndLeaveNoGap()
    {
        const int Each = 20_000, Threads = 4;
        Sequencer sequencer = NewGated(out _, capacity: 1 << 17);
        long[][] claims = new long[Threads][];
        Thread[] threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int me = t;
            claims[me] = new long[Each];
            threads[me] = new Thread(() =>
            {
                for (int i = 0; i < Each; i++)
                {
                    long claimed;
                    if (i % 2 == 0)
                        claimed = sequencer.Next();
                    else if (!sequencer.TryNext(out claimed))
                        throw new InvalidOperationException("the ring has room for all");
                    claims[me][i] = claimed;
                    sequencer.Publish(claimed);
                }
            });
            threads[me].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        long[] all = [.. claims.SelectMany(mine => mine).Order()];
        Assert.Equal(Enumerable.Range(0, Each * Threads).Select(i => (long)i), all);
        Assert.Equal(Each * Threads - 1, sequencer.HighestPublished(0, sequencer.Cursor.Value));
    }
}
