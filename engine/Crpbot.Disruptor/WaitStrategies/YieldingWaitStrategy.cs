namespace Crpbot.Disruptor;

/// <summary>Looks a hundred times, then offers the core to others between looks. Low latency where threads and cores are about equal in number.</summary>
public sealed class YieldingWaitStrategy(int spins = 100) : WaitStrategy
{
    /// <inheritdoc/>
    public override SequenceWaitResult WaitFor(long sequence, SequenceBarrier barrier)
    {
        SequenceWaitResult result;
        int left = spins;
        while (!barrier.TryWait(sequence, out result))
        {
            if (left > 0)
            {
                left--;
                BusySpinWaitStrategy.Pause();
            }
            else
            {
                Thread.Yield();
            }
        }

        return result;
    }
}
