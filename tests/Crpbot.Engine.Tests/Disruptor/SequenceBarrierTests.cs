using Crpbot.Disruptor;
using Xunit;

namespace Crpbot.Engine.Tests.Disruptor;

public sealed class SequenceBarrierTests
{
    private readonly SingleProducerSequencer _sequencer = new(16, new YieldingWaitStrategy());

    public SequenceBarrierTests() => _sequencer.AddGatingSequences(new Sequence());

    [Fact]
    public void WithoutDependentsItFollowsTheCursor()
    {
        SequenceBarrier barrier = _sequencer.NewBarrier();
        Assert.False(barrier.TryWait(0, out _));
        _sequencer.Publish(_sequencer.Next(10));
        Assert.Equal(SequenceWaitResult.Available(9), barrier.WaitFor(0));
        Assert.Equal(SequenceWaitResult.Available(9), barrier.WaitFor(9));
        Assert.False(barrier.TryWait(10, out _));
    }

    [Fact]
    public void WithDependentsItFollowsTheSlowest()
    {
        Sequence book = new(), features = new();
        SequenceBarrier barrier = _sequencer.NewBarrier(book, features);
        _sequencer.Publish(_sequencer.Next(10));
        Assert.False(barrier.TryWait(0, out _));
        book.Set(8);
        Assert.False(barrier.TryWait(0, out _));
        features.Set(3);
        Assert.Equal(SequenceWaitResult.Available(3), barrier.WaitFor(0));
        features.Set(9);
        Assert.Equal(SequenceWaitResult.Available(8), barrier.WaitFor(0));
    }

    [Fact]
    public void CompletionLetsTheLastEventsThroughFirst()
    {
        Sequence book = new();
        SequenceBarrier barrier = _sequencer.NewBarrier(book);
        _sequencer.Publish(_sequencer.Next(3));
        _sequencer.Complete();
        Assert.False(barrier.TryWait(0, out _));
        book.Set(2);
        Assert.Equal(SequenceWaitResult.Available(2), barrier.WaitFor(0));
        Assert.Equal(SequenceWaitResult.Completed, barrier.WaitFor(3));
    }

    [Fact]
    public void AHaltGoesBeforeWhatIsAtHand()
    {
        SequenceBarrier barrier = _sequencer.NewBarrier();
        _sequencer.Publish(_sequencer.Next(3));
        _sequencer.Lifecycle.Halt("test");
        Assert.Equal(SequenceWaitResult.Halted, barrier.WaitFor(0));
    }

    [Fact]
    public void ResultsTellThemselvesApart()
    {
        SequenceWaitResult[] all = [SequenceWaitResult.Timeout, SequenceWaitResult.Halted, SequenceWaitResult.Completed, SequenceWaitResult.Available(0)];
        Assert.Equal(4, all.Distinct().Count());
        Assert.Equal([false, false, false, true], all.Select(result => result.IsAvailable));
        Assert.Equal(["Timeout", "Halted", "Completed", "Available(0)"], all.Select(result => result.ToString()));
    }
}
