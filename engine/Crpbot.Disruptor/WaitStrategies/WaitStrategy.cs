namespace Crpbot.Disruptor;

/// <summary>How a thread waits for a sequence that is not at hand: spin, yield or block.</summary>
/// <remarks>One instance a ring; consumers and producers of that ring wait the same way. Only called once waiting is needed.</remarks>
public abstract class WaitStrategy
{
    /// <summary>Returns once the barrier has the sequence, the ring is over for it, or the strategy's timeout passed.</summary>
    public abstract SequenceWaitResult WaitFor(long sequence, SequenceBarrier barrier);

    /// <summary>Where this strategy parks threads; whoever advances a sequence wakes them there. Null if it parks nobody.</summary>
    internal virtual WaitSignal? Signal => null;

    /// <summary>Yields where every waiting thread can have a core of its own with one to spare, blocks otherwise.</summary>
    /// <param name="threads">Producers and stages that will wait on the ring.</param>
    public static WaitStrategy ForThisMachine(int threads) =>
        Environment.ProcessorCount > threads ? new YieldingWaitStrategy() : new BlockingWaitStrategy();
}
