using Crpbot.Disruptor;
using Xunit;

namespace Crpbot.Engine.Tests.Disruptor;

public sealed class EventPollerTests
{
    private readonly RingBuffer<long> _ring = new(8);
    private readonly SingleProducerSequencer _sequencer = new(8, new YieldingWaitStrategy());
    private readonly EventPoller<long> _poller;

    public EventPollerTests()
    {
        _poller = new EventPoller<long>(_ring, _sequencer.NewBarrier());
        _sequencer.AddGatingSequences(_poller.Sequence);
    }

    private sealed class Log : IBatchEventHandler<long>
    {
        public readonly List<string> Calls = [];

        public long FailAt = -1;

        public void OnBatch(Span<long> slots, long first, bool endOfBatch)
        {
            if (first <= FailAt && FailAt < first + slots.Length)
                throw new InvalidDataException("bad");
            Calls.Add($"{first}:{string.Join(',', slots.ToArray())}{(endOfBatch ? "." : "")}");
        }
    }

    [Fact]
    public void NothingPublishedIsIdle()
    {
        Log log = new();
        Assert.Equal(PollResult.Idle, _poller.Poll(ref log));
        Assert.False(_poller.TryGetAvailable(out _, out _));
        Assert.Empty(log.Calls);
    }

    [Fact]
    public void ABatchThatWrapsComesInTwoRunsAndEndsOnce()
    {
        Log log = new();
        Publish(6);
        Assert.Equal(PollResult.Processed, _poller.Poll(ref log));
        Publish(5);
        Assert.Equal(PollResult.Processed, _poller.Poll(ref log));
        Assert.Equal(PollResult.Idle, _poller.Poll(ref log));
        Assert.Equal(["0:0,1,2,3,4,5.", "6:6,7", "8:8,9,10."], log.Calls);
    }

    [Fact]
    public void SlotsStayClaimedUntilReleased()
    {
        Publish(8);
        Assert.True(_poller.TryGetAvailable(out long first, out long last));
        Assert.Equal((0, 7), (first, last));
        Assert.False(_sequencer.TryNext(out _));
        _poller.Release(3);
        Assert.True(_sequencer.TryNext(4, out _));
        Assert.False(_sequencer.TryNext(out _));
        Assert.True(_poller.TryGetAvailable(out first, out last));
        Assert.Equal((4, 7), (first, last));
    }

    [Fact]
    public void ALaterPollerWaitsForTheEarlier()
    {
        EventPoller<long> later = new(_ring, _sequencer.NewBarrier(_poller.Sequence));
        Log log = new();
        Publish(3);
        Assert.Equal(PollResult.Idle, later.Poll(ref log));
        _poller.Poll(ref log);
        Assert.Equal(PollResult.Processed, later.Poll(ref log));
    }

    [Fact]
    public void CompletionComesAfterTheLastEvent()
    {
        Log log = new();
        Publish(2);
        _sequencer.Complete();
        Assert.Equal(PollResult.Processed, _poller.Poll(ref log));
        Assert.Equal(PollResult.Completed, _poller.Poll(ref log));
        Assert.False(_poller.TryGetAvailable(out _, out _));
    }

    [Fact]
    public void AHaltedRingIsToldAndThrown()
    {
        Log log = new();
        Publish(2);
        _sequencer.Lifecycle.Halt("test");
        Assert.Equal(PollResult.Halted, _poller.Poll(ref log));
        Assert.Throws<RingHaltedException>(() => _poller.TryGetAvailable(out _, out _));
    }

    [Fact]
    public void AFailingHandlerHaltsTheRingAndReleasesNothing()
    {
        Log log = new() { FailAt = 2 };
        Publish(4);
        Assert.Throws<InvalidDataException>(() => _poller.Poll(ref log));
        Assert.IsType<InvalidDataException>(_sequencer.Lifecycle.Fault);
        Assert.Equal(-1, _poller.Sequence.Value);
    }

    [Fact]
    public void EveryEventIsMarkedAndOnlyTheLastEndsTheBatch()
    {
        PerEvent<long, Marks> handler = new(new Marks());
        Publish(6);
        _poller.Poll(ref handler);
        Publish(5);
        _poller.Poll(ref handler);
        Assert.Equal(["0", "1", "2", "3", "4", "5.", "6", "7", "8", "9", "10."], handler.Handler.Seen);
    }

    private sealed class Marks : IEventHandler<long>
    {
        public readonly List<string> Seen = [];

        public void OnEvent(ref long slot, long sequence, bool endOfBatch) => Seen.Add($"{slot}{(endOfBatch ? "." : "")}");
    }

    private struct Sum : IEventHandler<long>
    {
        public long Total;

        public void OnEvent(ref long slot, long sequence, bool endOfBatch) => Total += slot;
    }

    [Fact]
    public void PollingAllocatesNothing()
    {
        PerEvent<long, Sum> sum = default;
        void Lap(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Publish(5);
                _poller.Poll(ref sum);
            }
        }

        Lap(1_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Lap(200_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1_004_999L * 1_005_000 / 2, sum.Handler.Total);
    }

    private void Publish(int count)
    {
        for (int i = 0; i < count; i++)
        {
            long sequence = _sequencer.Next();
            _ring[sequence] = sequence;
            _sequencer.Publish(sequence);
        }
    }
}
