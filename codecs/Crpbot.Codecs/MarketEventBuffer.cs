using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.Codecs;

/// <summary>The events of one venue message, collected before any is published: a message is parsed whole or not at all.</summary>
/// <remarks>Owned by the receiving thread. Grows to the largest snapshot once, then allocates nothing.</remarks>
public sealed class MarketEventBuffer(int capacity = 1024)
{
    private MarketEvent[] _events = new MarketEvent[capacity];

    public int Count { get; private set; }

    public ReadOnlySpan<MarketEvent> Events => _events.AsSpan(0, Count);

    public Span<MarketEvent> Writable => _events.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Drops everything added after the first <paramref name="count"/> events.</summary>
    public void Truncate(int count) => Count = count;

    /// <summary>Appends a zeroed event and returns it for filling in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref MarketEvent Add()
    {
        if (Count == _events.Length)
            Grow();
        ref MarketEvent added = ref _events[Count++];
        added = default;
        return ref added;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow() => Array.Resize(ref _events, _events.Length * 2);
}
