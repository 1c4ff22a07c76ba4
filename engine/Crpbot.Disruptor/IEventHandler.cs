namespace Crpbot.Disruptor;

/// <summary>A stage that takes one event after another.</summary>
/// <remarks>Implemented by a struct, the call is inlined into the batch loop. Called by one thread. Throwing halts the ring.</remarks>
public interface IEventHandler<T> where T : unmanaged
{
    /// <param name="slot">Ours until the batch ends; later stages see what is written here.</param>
    /// <param name="sequence">The event's place in the stream.</param>
    /// <param name="endOfBatch">Set on the last event at hand: the moment to flush.</param>
    void OnEvent(ref T slot, long sequence, bool endOfBatch);
}

/// <summary>A stage that takes runs of events.</summary>
/// <inheritdoc cref="IEventHandler{T}"/>
public interface IBatchEventHandler<T> where T : unmanaged
{
    /// <param name="slots">At least one, in order; ours until the call returns. A batch that wraps comes in two calls.</param>
    /// <param name="first">The sequence of the first slot.</param>
    /// <param name="endOfBatch">Whether the last slot is the last event at hand.</param>
    void OnBatch(Span<T> slots, long first, bool endOfBatch);
}

/// <summary>Feeds an event handler from a batch.</summary>
public struct PerEvent<T, THandler>(THandler handler) : IBatchEventHandler<T>
    where T : unmanaged
    where THandler : IEventHandler<T>
{
    public THandler Handler = handler;

    /// <inheritdoc/>
    public void OnBatch(Span<T> slots, long first, bool endOfBatch)
    {
        int last = slots.Length - 1;
        for (int i = 0; i < slots.Length; i++)
            Handler.OnEvent(ref slots[i], first + i, endOfBatch & (i == last));
    }
}
