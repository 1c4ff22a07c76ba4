using Crpbot.Disruptor;

namespace Crpbot.Stress.Disruptor;

/// <summary>The plain sequencer: claims under a lock, publishes strictly in order. Sound for any number of producers; the twins break one line each.</summary>
internal class PlainSequencer(int capacity) : Sequencer(capacity, new YieldingWaitStrategy(), cursorCountsClaims: false)
{
    private readonly Lock _lock = new();
    private long _claimed = Sequence.Initial;

    public override long Next() => Next(1);

    public override long Next(int count)
    {
        long last = Claim(ref _claimed, count);
        WaitForRoom(last);
        return last;
    }

    public override bool TryNext(int count, out long sequence) => throw new NotSupportedException("the stress never tries");

    public override void Publish(long sequence) => Publish(sequence, sequence);

    public override void Publish(long first, long last)
    {
        while (Cursor.Value < first - 1)
        {
            if (Lifecycle.IsHalted)
                ThrowIfOver();
            Thread.Yield();
        }

        if (last > Cursor.Value)
            Cursor.Set(last);
    }

    public override bool IsPublished(long sequence) => sequence <= Cursor.Value;

    internal override long HighestPublished(long first, long last) => last;

    internal override long Claimed => Volatile.Read(ref _claimed);

    protected virtual long Claim(ref long claimed, int count)
    {
        lock (_lock)
            return claimed += count;
    }

    protected virtual void WaitForRoom(long last)
    {
        if (last >= Capacity)
            WaitForConsumers(last - Capacity);
    }
}

/// <summary>Never waits for the consumers: the producer laps them and overwrites what they read.</summary>
internal sealed class GatingIgnored(int capacity) : PlainSequencer(capacity)
{
    protected override void WaitForRoom(long last)
    {
        // The defect.
    }
}

/// <summary>Moves the cursor when claiming, so a consumer may read a slot that is still being written.</summary>
internal sealed class PublishedBeforeWritten(int capacity) : PlainSequencer(capacity)
{
    public override long Next(int count)
    {
        long last = base.Next(count);
        base.Publish(last - count + 1, last);
        return last;
    }

    public override void Publish(long first, long last)
    {
        // The defect: it is done already.
    }
}

/// <summary>Claims by read, add, write: two producers get the same slots.</summary>
internal sealed class ClaimedWithoutAtomics(int capacity) : PlainSequencer(capacity)
{
    protected override long Claim(ref long claimed, int count)
    {
        long last = Volatile.Read(ref claimed) + count;
        RingStress.Disturb(last);
        Volatile.Write(ref claimed, last);
        return last;
    }
}
