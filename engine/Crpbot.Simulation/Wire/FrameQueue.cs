using System.Buffers;

namespace Crpbot.Simulation.Wire;

/// <summary>Messages on their way to one client: the exchange's thread adds, the client's sender takes all there are.</summary>
/// <remarks>
/// Two pooled buffers that swap places. Bounded: a client that reads so slowly that its buffer would outgrow the limit is refused, and
/// the exchange cuts it. Nothing is allocated once both buffers have their size.
/// </remarks>
internal sealed class FrameQueue(int bytesMax) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private Batch _filling = new();
    private Batch _sending = new();
    private bool _closed;

    /// <summary>Copies one message.</summary>
    /// <returns>False when the client is too slow, or the queue closed.</returns>
    public bool TryAdd(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_closed || _filling.Length + frame.Length > bytesMax)
                return false;
            _filling.Add(frame);
            Wake();
        }

        return true;
    }

    /// <summary>Waits for messages and returns all of them; the result is valid until the next call. Null once closed.</summary>
    public async ValueTask<Batch?> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_filling.Count > 0)
                {
                    (_filling, _sending) = (_sending, _filling);
                    _filling.Clear();
                    return _sending;
                }

                if (_closed)
                    return null;
            }

            await _arrived.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes no more; what is in it may still be taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Wake();
        }
    }

    public void Dispose()
    {
        Close();
        _filling.Return();
        _sending.Return();
    }

    private void Wake()
    {
        if (_arrived.CurrentCount == 0)
            _arrived.Release();
    }

    /// <summary>Whole messages, one after the other.</summary>
    public sealed class Batch
    {
        private byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
        private int[] _ends = new int[256];

        public int Count { get; private set; }

        public int Length { get; private set; }

        public ReadOnlyMemory<byte> this[int index]
        {
            get
            {
                int start = index == 0 ? 0 : _ends[index - 1];
                return _bytes.AsMemory(start, _ends[index] - start);
            }
        }

        internal void Add(ReadOnlySpan<byte> frame)
        {
            if (Length + frame.Length > _bytes.Length)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, Length + frame.Length));
                _bytes.AsSpan(0, Length).CopyTo(larger);
                Return();
                _bytes = larger;
            }

            if (Count == _ends.Length)
                Array.Resize(ref _ends, 2 * Count);
            frame.CopyTo(_bytes.AsSpan(Length));
            Length += frame.Length;
            _ends[Count++] = Length;
        }

        internal void Clear() => (Count, Length) = (0, 0);

        internal void Return()
        {
            if (_bytes.Length > 0)
                ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }
}
