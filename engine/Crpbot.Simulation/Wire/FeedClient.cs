using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Crpbot.Simulation.Wire;

/// <summary>What one client wants of one Instrument.</summary>
[Flags]
internal enum Feeds : byte
{
    None = 0,
    Trades = 1,
    Book = 2,
    Heartbeats = 4,
    Tickers = 8,
}

/// <summary>The wire formats served.</summary>
internal enum FeedFormat
{
    Tardis,
    Coinbase,
}

/// <summary>One connection: its subscriptions, its queue, its fault. Subscriptions and queue are filled under the exchange's lock.</summary>
internal sealed class FeedClient(WebSocket socket, HttpContext context, FeedFormat format, int instruments, int bytesMax, ExchangeFault? fault) : IDisposable
{
    private const int RequestBytesMax = 512 * 1024;
    private readonly FrameQueue _queue = new(bytesMax);
    private byte[] _cutFrame = [];
    private bool _ended;

    public FeedFormat Format => format;

    /// <summary>By slot of the exchange's Instruments.</summary>
    public Feeds[] Subscriptions { get; } = new Feeds[instruments];

    /// <summary>Tardis: the client asked for disconnect messages.</summary>
    public bool WantsDisconnects { get; set; }

    /// <summary>Messages accepted for this client.</summary>
    public long Accepted { get; private set; }

    /// <summary>The server is to lose its exchange now; says so once.</summary>
    public bool TakeDisconnect()
    {
        if (fault?.DisconnectAfterMessages is not { } after || Accepted < after)
            return false;
        fault = fault with { DisconnectAfterMessages = null };
        return true;
    }

    /// <summary>Queues one message, or does what the fault asks for.</summary>
    /// <returns>False when the client is too slow and has to be cut.</returns>
    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        if (_ended || fault?.SilentAfterMessages <= Accepted)
            return true;
        if (fault?.CutAfterMessages <= Accepted)
        {
            _cutFrame = frame[..(frame.Length / 2)].ToArray();
            _ended = true;
            _queue.Close();
            return true;
        }

        if (!_queue.TryAdd(frame))
            return false;
        Accepted++;
        return true;
    }

    /// <summary>Ends the connection without a closing handshake.</summary>
    public void Abort()
    {
        _ended = true;
        _queue.Close();
        context.Abort();
    }

    /// <summary>Sends what is queued until the client leaves, is cut or cancelled.</summary>
    /// <param name="onRequest">Called with each text message of the client, on this connection's task.</param>
    /// <param name="cancellation">Ends the connection.</param>
    public async Task RunAsync(Action<ReadOnlyMemory<byte>> onRequest, CancellationToken cancellation)
    {
        Task receiving = ReceiveAsync(onRequest, cancellation);
        while (await _queue.TakeAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            for (int i = 0; i < batch.Count; i++)
                await socket.SendAsync(batch[i], WebSocketMessageType.Text, endOfMessage: true, cancellation).ConfigureAwait(false);
        }

        if (_cutFrame.Length > 0)
        {
            // Returning ends the connection without a closing handshake, but after what was sent: an abort could overtake it.
            await socket.SendAsync(_cutFrame, WebSocketMessageType.Text, endOfMessage: false, cancellation).ConfigureAwait(false);
            return;
        }

        await receiving.ConfigureAwait(false);
    }

    public void Dispose() => _queue.Dispose();

    private async Task ReceiveAsync(Action<ReadOnlyMemory<byte>> onRequest, CancellationToken cancellation)
    {
        byte[] request = new byte[RequestBytesMax];
        int length = 0;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(request.AsMemory(length), cancellation).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation).ConfigureAwait(false);
                    return;
                }

                length += part.Count;
                if (length == request.Length)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, null, cancellation).ConfigureAwait(false);
                    return;
                }

                if (!part.EndOfMessage)
                    continue;
                onRequest(request.AsMemory(0, length));
                length = 0;
            }
        }
        finally
        {
            _queue.Close();
        }
    }
}
