using System.Net.Sockets;

namespace Crpbot.Codecs.WebSockets;

/// <summary>A socket read by one thread that must not sleep past its timers: while nothing arrives, the thread is lent out.</summary>
/// <remarks>
/// Sits below TLS as well as plain TCP, so an idle call comes on the reading thread in both cases, without a timeout exception that would
/// break a TLS stream and without an allocation.
/// </remarks>
internal sealed class PollingStream(Socket socket, TimeSpan idleInterval) : Stream
{
    private readonly int _pollMicroseconds = (int)Math.Clamp(idleInterval.TotalMicroseconds, 100, 10_000_000);

    /// <summary>Called while nothing arrives; false ends the connection.</summary>
    public Func<bool>? OnIdle { get; set; }

    /// <summary>The idle call ended the connection.</summary>
    public bool WasAbandoned { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        while (socket.Available == 0 && !socket.Poll(_pollMicroseconds, SelectMode.SelectRead))
        {
            if (OnIdle?.Invoke() == false)
            {
                WasAbandoned = true;
                return 0;
            }
        }

        return socket.Receive(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
            buffer = buffer[socket.Send(buffer)..];
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
