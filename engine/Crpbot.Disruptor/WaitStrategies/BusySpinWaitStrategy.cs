using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Crpbot.Disruptor;

/// <summary>Looks again and again. Lowest latency; takes a whole core for each waiting thread.</summary>
public sealed class BusySpinWaitStrategy : WaitStrategy
{
    /// <inheritdoc/>
    public override SequenceWaitResult WaitFor(long sequence, SequenceBarrier barrier)
    {
        SequenceWaitResult result;
        while (!barrier.TryWait(sequence, out result))
            Pause();
        return result;
    }

    /// <summary>One pause instruction. Thread.SpinWait(1) is normalized to some 40 ns, which a spinner would add to every round trip.</summary>
    internal static void Pause()
    {
        if (X86Base.IsSupported)
            X86Base.Pause();
        else if (ArmBase.IsSupported)
            ArmBase.Yield();
    }
}
