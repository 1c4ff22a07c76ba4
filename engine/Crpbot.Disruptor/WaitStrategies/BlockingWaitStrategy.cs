namespace Crpbot.Disruptor;

/// <summary>Parks the thread until someone advances. Costs no core while idle, some microseconds to wake; the default for few cores.</summary>
public sealed class BlockingWaitStrategy : WaitStrategy
{
    private readonly WaitSignal _signal = new();
    private readonly TimeSpan _timeout;
    private readonly int _yields;

    /// <param name="timeout">The longest wait before <see cref="SequenceWaitResult.Timeout"/>; null waits for good.</param>
    /// <param name="yields">How often the core is offered to others before parking: a neighbour that is just behind saves both the wake.</param>
    public BlockingWaitStrategy(TimeSpan? timeout = null, int yields = 10)
    {
        _timeout = timeout ?? Timeout.InfiniteTimeSpan;
        if (_timeout <= TimeSpan.Zero && _timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "the timeout must be positive");
        ArgumentOutOfRangeException.ThrowIfNegative(yields);
        _yields = yields;
    }

    internal override WaitSignal Signal => _signal;

    /// <inheritdoc/>
    public override SequenceWaitResult WaitFor(long sequence, SequenceBarrier barrier)
    {
        SequenceWaitResult result;
        for (int i = 0; i < _yields; i++)
        {
            if (barrier.TryWait(sequence, out result))
                return result;
            Thread.Yield();
        }

        return _signal.Park(sequence, barrier, _timeout);
    }
}
