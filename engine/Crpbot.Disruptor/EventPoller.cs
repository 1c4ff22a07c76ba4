namespace Crpbot.Disruptor;

/// <summary>What one look at the ring gave.</summary>
public enum PollResult : byte
{
    /// <summary>Nothing at hand.</summary>
    Idle = 0,

    /// <summary>Events were handled.</summary>
    Processed = 1,

    /// <summary>The producer completed and everything is drained.</summary>
    Completed = 2,

    /// <summary>The ring was halted.</summary>
    Halted = 3,
}

/// <summary>A stage without a thread: whoever owns it looks at the ring when it suits.</summary>
/// <remarks>Used by one thread. Never waits, allocates nothing. Add <see cref="Sequence"/> to the gating sequences, or to the next stage's barrier.</remarks>
public sealed class EventPoller<T>(RingBuffer<T> ring, SequenceBarrier barrier)
    where T : unmanaged
{
    private readonly WaitSignal? _signal = barrier.Signal;

    /// <summary>The last event released.</summary>
    public Sequence Sequence { get; } = new();

    /// <summary>The events at hand that are not released yet, from <paramref name="first"/> to <paramref name="last"/>; false if there are none.</summary>
    /// <exception cref="RingHaltedException">The ring was halted.</exception>
    public bool TryGetAvailable(out long first, out long last)
    {
        first = Sequence.Value + 1;
        bool known = barrier.TryWait(first, out SequenceWaitResult result);
        last = result.Sequence;
        if (known && result == SequenceWaitResult.Halted)
            throw barrier.Lifecycle.HaltedException();
        return known && result.IsAvailable;
    }

    /// <summary>Lets the next stage, or the producer, have the slots up to <paramref name="last"/>.</summary>
    public void Release(long last)
    {
        Sequence.Set(last);
        _signal?.Signal();
    }

    /// <summary>Hands over everything at hand, then releases it. What the handler throws halts the ring and is thrown on.</summary>
    public PollResult Poll<THandler>(ref THandler handler)
        where THandler : IBatchEventHandler<T>
    {
        long next = Sequence.Value + 1;
        if (!barrier.TryWait(next, out SequenceWaitResult result))
            return PollResult.Idle;
        if (!result.IsAvailable)
            return result == SequenceWaitResult.Completed ? PollResult.Completed : PollResult.Halted;
        try
        {
            for (long last = result.Sequence; next <= last;)
            {
                Span<T> run = ring.Run(next, last);
                handler.OnBatch(run, next, next + run.Length > last);
                next += run.Length;
            }
        }
        catch (Exception fault)
        {
            barrier.Lifecycle.Halt($"a polled stage failed after sequence {next - 1}: {fault.Message}", fault);
            throw;
        }

        Release(result.Sequence);
        return PollResult.Processed;
    }
}
