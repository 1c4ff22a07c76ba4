using System.Runtime.CompilerServices;

namespace Crpbot.Execution;

/// <summary>Collects the records of one event or signal, in order. The owner empties it; it grows to the busiest event once.</summary>
public sealed class ExecutionBuffer(int capacity = 256)
{
    private ExecutionRecord[] _records = new ExecutionRecord[capacity];

    public int Count { get; private set; }

    public ReadOnlySpan<ExecutionRecord> Records => _records.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Appends a zeroed record and returns it for filling in.</summary>
    public ref ExecutionRecord Add()
    {
        if (Count == _records.Length)
            Grow();
        ref ExecutionRecord added = ref _records[Count++];
        added = default;
        return ref added;
    }

    internal void SetOrderId(int index, long orderId) => _records[index].OrderId = orderId;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow() => Array.Resize(ref _records, _records.Length * 2);
}
