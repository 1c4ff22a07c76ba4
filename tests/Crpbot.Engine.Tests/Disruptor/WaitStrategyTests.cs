using Crpbot.Disruptor;
using Xunit;

namespace Crpbot.Engine.Tests.Disruptor;

/// <summary>What every way of waiting promises, run for each, with one producer and with several.</summary>
public abstract class WaitStrategyTests
{
    protected abstract WaitStrategy New();

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private struct Collect(int capacity) : IEventHandler<long>
    {
        public readonly long[] Seen = new long[capacity];
        public int Count;
        public int Batches;

        public void OnEvent(ref long slot, long sequence, bool endOfBatch)
        {
            Seen[Count++] = slot;
            if (endOfBatch)
                Batches++;
        }
    }

    private struct AddOne : IEventHandler<long>
    {
        public void OnEvent(ref long slot, long sequence, bool endOfBatch) => slot++;
    }

    private struct FailAt(long at) : IEventHandler<long>
    {
        public void OnEvent(ref long slot, long sequence, bool endOfBatch)
        {
            if (sequence == at)
                throw new InvalidDataException($"bad event {sequence}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EveryEventArrivesOnceAndInOrder(bool multi)
    {
        const int Count = 2_000;
        RingBuffer<long> ring = new(64);
        Sequencer sequencer = NewSequencer(64, multi);
        var consumer = EventProcessor.ForEach("collect", ring, sequencer.NewBarrier(), new Collect(Count));
        sequencer.AddGatingSequences(consumer.Sequence);
        consumer.Start();
        Produce(ring, sequencer, Count);
        sequencer.Complete();
        Assert.Equal(ProcessorExit.Drained, await consumer.Completion.WaitAsync(Patience));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), consumer.Handler.Handler.Seen);
        Assert.InRange(consumer.Handler.Handler.Batches, 1, Count);
        Assert.Equal(Count - 1, consumer.Sequence.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ALaterStageSeesWhatTheEarlierOnesWrote(bool multi)
    {
        const int Count = 600;
        RingBuffer<long> ring = new(16);
        Sequencer sequencer = NewSequencer(16, multi);
        var first = EventProcessor.ForEach("first", ring, sequencer.NewBarrier(), default(AddOne));
        var second = EventProcessor.ForEach("second", ring, sequencer.NewBarrier(first.Sequence), default(AddOne));
        var last = EventProcessor.ForEach("last", ring, sequencer.NewBarrier(first.Sequence, second.Sequence), new Collect(Count));
        sequencer.AddGatingSequences(last.Sequence);
        IEventProcessor[] stages = [first, second, last];
        foreach (IEventProcessor stage in stages)
            stage.Start();
        Produce(ring, sequencer, Count);
        sequencer.Complete();
        await Task.WhenAll(stages.Select(stage => stage.Completion)).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(2, Count).Select(i => (long)i), last.Handler.Handler.Seen);
    }

    [Fact]
    public void AWaitEndsWhenTheSequenceIsPublishedLater()
    {
        Sequencer sequencer = NewSequencer(8, multi: false);
        SequenceBarrier barrier = sequencer.NewBarrier();
        Thread publisher = new(() =>
        {
            Thread.Sleep(30);
            sequencer.Publish(sequencer.Next(2));
        });
        publisher.Start();
        Assert.Equal(SequenceWaitResult.Available(1), WaitOutTimeouts(barrier, 0));
        publisher.Join();
    }

    [Fact]
    public void AWaitEndsWhenTheRingIsHalted()
    {
        Sequencer sequencer = NewSequencer(8, multi: false);
        SequenceBarrier barrier = sequencer.NewBarrier();
        Thread halting = new(() =>
        {
            Thread.Sleep(30);
            sequencer.Lifecycle.Halt("an operator said so");
        });
        halting.Start();
        Assert.Equal(SequenceWaitResult.Halted, WaitOutTimeouts(barrier, 0));
        halting.Join();
    }

    [Fact]
    public void AWaitEndsWhenTheRingIsCompleted()
    {
        Sequencer sequencer = NewSequencer(8, multi: false);
        sequencer.Publish(sequencer.Next());
        SequenceBarrier barrier = sequencer.NewBarrier();
        Thread completing = new(() =>
        {
            Thread.Sleep(30);
            sequencer.Complete();
        });
        completing.Start();
        Assert.Equal(SequenceWaitResult.Completed, WaitOutTimeouts(barrier, 1));
        Assert.Equal(SequenceWaitResult.Available(0), barrier.WaitFor(0));
        completing.Join();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AFailingStageStopsEveryoneAndFreesTheBlockedProducer(bool multi)
    {
        RingBuffer<long> ring = new(16);
        Sequencer sequencer = NewSequencer(16, multi);
        var healthy = EventProcessor.ForEach("healthy", ring, sequencer.NewBarrier(), default(AddOne));
        var failing = EventProcessor.ForEach("failing", ring, sequencer.NewBarrier(), new FailAt(100));
        var after = EventProcessor.ForEach("after", ring, sequencer.NewBarrier(healthy.Sequence, failing.Sequence), default(AddOne));
        sequencer.AddGatingSequences(after.Sequence);
        IEventProcessor[] stages = [healthy, failing, after];
        foreach (IEventProcessor stage in stages)
            stage.Start();
        RingHaltedException thrown = Assert.Throws<RingHaltedException>(() => Produce(ring, sequencer, 100_000));
        Assert.IsType<InvalidDataException>(thrown.InnerException);
        Assert.Contains("'failing'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("bad event 100", thrown.Message, StringComparison.Ordinal);

        Assert.Equal(ProcessorExit.Halted, await healthy.Completion.WaitAsync(Patience));
        Assert.Equal(ProcessorExit.Halted, await after.Completion.WaitAsync(Patience));
        await Assert.ThrowsAsync<InvalidDataException>(() => failing.Completion.WaitAsync(Patience));
        Assert.IsType<InvalidDataException>(failing.Fault);
        Assert.Null(healthy.Fault);
        Assert.InRange(after.Sequence.Value, -1, 99);
    }

    [Fact]
    public async Task WaitingAndWakingAllocateNothing()
    {
        RingBuffer<long> ring = new(4);
        Sequencer sequencer = NewSequencer(4, multi: false);
        AllocationWitness witness = new();
        var consumer = EventProcessor.ForEach("witness", ring, sequencer.NewBarrier(), witness);
        sequencer.AddGatingSequences(consumer.Sequence);
        consumer.Start();
        Produce(ring, sequencer, 2_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2_000; i++)
        {
            sequencer.Publish(sequencer.Next());
            if (i % 100 == 0)
                Thread.Sleep(1);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        sequencer.Complete();
        await consumer.Completion.WaitAsync(Patience);
        Assert.Equal(0, allocated);
        Assert.Equal(0, witness.Allocated);
    }

    private sealed class AllocationWitness : IEventHandler<long>
    {
        private long _before;

        public long Allocated { get; private set; }

        public void OnEvent(ref long slot, long sequence, bool endOfBatch)
        {
            if (sequence == 1_999)
                _before = GC.GetAllocatedBytesForCurrentThread();
            else if (sequence > 1_999)
                Allocated = GC.GetAllocatedBytesForCurrentThread() - _before;
        }
    }

    protected Sequencer NewSequencer(int capacity, bool multi) =>
        multi ? new MultiProducerSequencer(capacity, New()) : new SingleProducerSequencer(capacity, New());

    protected static SequenceWaitResult WaitOutTimeouts(SequenceBarrier barrier, long sequence)
    {
        SequenceWaitResult result;
        do
            result = barrier.WaitFor(sequence);
        while (result == SequenceWaitResult.Timeout);
        return result;
    }

    private static void Produce(RingBuffer<long> ring, Sequencer sequencer, int count)
    {
        for (long i = 0; i < count;)
        {
            int size = (int)Math.Min(1 + i % 3, count - i);
            long last = sequencer.Next(size);
            for (long sequence = last - size + 1; sequence <= last; sequence++)
                ring[sequence] = i++;
            sequencer.Publish(last - size + 1, last);
        }
    }
}

public sealed class BusySpinWaitStrategyTests : WaitStrategyTests
{
    protected override WaitStrategy New() => new BusySpinWaitStrategy();
}

public sealed class YieldingWaitStrategyTests : WaitStrategyTests
{
    protected override WaitStrategy New() => new YieldingWaitStrategy();
}

public sealed class BlockingWaitStrategyTests : WaitStrategyTests
{
    protected override WaitStrategy New() => new BlockingWaitStrategy();

    [Fact]
    public void SilenceEndsInATimeout()
    {
        SingleProducerSequencer sequencer = new(8, new BlockingWaitStrategy(TimeSpan.FromMilliseconds(5)));
        Assert.Equal(SequenceWaitResult.Timeout, sequencer.NewBarrier().WaitFor(0));
    }

    [Fact]
    public void ATimeoutMustBePositive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockingWaitStrategy(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockingWaitStrategy(TimeSpan.FromSeconds(-3)));
    }

    [Fact]
    public void AMachineWithFewCoresBlocks()
    {
        Assert.IsType<BlockingWaitStrategy>(WaitStrategy.ForThisMachine(Environment.ProcessorCount));
        Assert.IsType<YieldingWaitStrategy>(WaitStrategy.ForThisMachine(Environment.ProcessorCount - 1));
    }
}

/// <summary>Parks at once and wakes by timeout too: the path the other suites seldom reach.</summary>
public sealed class BlockingAtOnceWaitStrategyTests : WaitStrategyTests
{
    protected override WaitStrategy New() => new BlockingWaitStrategy(TimeSpan.FromMilliseconds(50), yields: 0);
}
