using Crpbot.Disruptor;
using Xunit;

namespace Crpbot.Engine.Tests.Disruptor;

public sealed class EventProcessorTests
{
    private readonly RingBuffer<long> _ring = new(16);
    private readonly SingleProducerSequencer _sequencer = new(16, new BlockingWaitStrategy());

    private sealed class Batches : IBatchEventHandler<long>
    {
        public readonly List<(long First, int Count, bool End)> Calls = [];

        public void OnBatch(Span<long> slots, long first, bool endOfBatch) => Calls.Add((first, slots.Length, endOfBatch));
    }

    [Fact]
    public void TheBatchLimitHandsBackSlotsEarlyAndEndsTheBatchOnce()
    {
        Batches batches = new();
        EventProcessor<long, Batches> processor = new("limited", _ring, _sequencer.NewBarrier(), batches, batchLimit: 5);
        _sequencer.AddGatingSequences(processor.Sequence);
        _sequencer.Publish(_sequencer.Next(12));
        _sequencer.Complete();
        processor.Run();
        Assert.Equal([(0, 5, false), (5, 5, false), (10, 2, true)], batches.Calls);
    }

    [Fact]
    public async Task CompletingAnEmptyRingDrainsAtOnce()
    {
        var processor = EventProcessor.ForBatch("empty", _ring, _sequencer.NewBarrier(), new Batches());
        _sequencer.Complete();
        processor.Run();
        Assert.Equal(ProcessorExit.Drained, await processor.Completion);
        Assert.Empty(processor.Handler.Calls);
    }

    [Fact]
    public void AStageRunsOnce()
    {
        var processor = EventProcessor.ForBatch("once", _ring, _sequencer.NewBarrier(), new Batches());
        _sequencer.Complete();
        processor.Run();
        Assert.Throws<InvalidOperationException>(processor.Run);
    }

    [Fact]
    public async Task AwaitingAFailedStageRethrows()
    {
        var processor = EventProcessor.ForEach("failing", _ring, _sequencer.NewBarrier(), new Failing());
        _sequencer.AddGatingSequences(processor.Sequence);
        processor.Start();
        _sequencer.Publish(_sequencer.Next());
        await Assert.ThrowsAsync<InvalidDataException>(() => processor.Completion);
        Assert.True(_sequencer.Lifecycle.IsHalted);
        Assert.Equal(-1, processor.Sequence.Value);
    }

    private struct Failing : IEventHandler<long>
    {
        public void OnEvent(ref long slot, long sequence, bool endOfBatch) => throw new InvalidDataException("bad");
    }

    [Fact]
    public void TheThreadCarriesTheStagesName()
    {
        var processor = EventProcessor.ForBatch("features", _ring, _sequencer.NewBarrier(), new Batches());
        Thread thread = processor.Start();
        Assert.Equal("features", thread.Name);
        _sequencer.Complete();
        Assert.True(thread.Join(TimeSpan.FromSeconds(20)));
    }
}
