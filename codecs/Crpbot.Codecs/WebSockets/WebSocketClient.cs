using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Crpbot.Codecs.WebSockets;

/// <summary>How a connection ended.</summary>
/// <param name="CloseCode">The peer's close code; 1006 when the connection broke without a close frame.</param>
/// <param name="Reason">One line for a log.</param>
/// <param name="Error">What the peer did wrong, if that was why.</param>
public readonly record struct WebSocketEnd(int CloseCode, string Reason, WebSocketError Error);

/// <summary>Receives what a connection brings, on the receiving thread.</summary>
public interface IWebSocketReceiver
{
    /// <summary>A whole message; the payload is valid during the call.</summary>
    /// <param name="wireStamp"><see cref="Stopwatch"/> stamp of the read that completed it.</param>
    void OnMessage(Opcode kind, ReadOnlySpan<byte> payload, long wireStamp);

    /// <summary>Nothing has arrived for the idle interval, or a read has just been worked off. False ends the connection.</summary>
    bool OnIdle();
}

/// <summary>A client connection on one thread: reads into a pipe, cuts messages, answers pings, closes politely.</summary>
/// <remarks>
/// Belongs to the thread that connects and runs it. Reading is synchronous on purpose: the thread that the wire wakes is the thread that
/// parses, with nobody's scheduler between. No allocation after the longest message. While that thread is busy with messages it reads no
/// ping; a timer then sends pongs unasked (RFC 6455, section 5.5.3), so that a slow consumer is not taken for a dead one.
/// </remarks>
public sealed class WebSocketClient : IDisposable
{
    private const int ReadSize = 64 * 1024;

    /// <summary>Servers ping every 20 to 30 s and give up when a whole interval passes without an answer.</summary>
    private static readonly TimeSpan DefaultPongInterval = TimeSpan.FromSeconds(8);

    private readonly Socket _socket;
    private readonly PollingStream _polling;
    private readonly Stream _stream;
    private readonly FrameParser _parser;
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false, minimumSegmentSize: ReadSize));
    private readonly ArrayBufferWriter<byte> _output = new(512);
    private readonly Lock _sending = new();
    private readonly TimeSpan _pongInterval;
    private long _progress;
    private long _progressSeen;

    private WebSocketClient(Socket socket, PollingStream polling, Stream stream, int maxMessageLength, TimeSpan pongInterval)
    {
        (_socket, _polling, _stream, _pongInterval) = (socket, polling, stream, pongInterval);
        _parser = new FrameParser(maxMessageLength);
    }

    /// <summary>Connects and completes the opening handshake.</summary>
    /// <param name="address"><c>ws</c> or <c>wss</c>.</param>
    /// <param name="idleInterval">How often <see cref="IWebSocketReceiver.OnIdle"/> comes while nothing arrives.</param>
    /// <param name="timeout">Of connecting and of the handshake.</param>
    /// <param name="maxMessageLength">Longer messages end the connection with 1009.</param>
    /// <param name="pongInterval">How long the receiver may keep the thread before pongs are sent for it.</param>
    /// <exception cref="SocketException">No connection.</exception>
    /// <exception cref="HttpRequestException">The peer answered, but not as a WebSocket server, or its certificate is not trusted.</exception>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public static WebSocketClient Connect(
        Uri address, TimeSpan idleInterval, TimeSpan timeout, int maxMessageLength = 64 << 20, TimeSpan? pongInterval = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme is not ("ws" or "wss"))
            throw new ArgumentException($"{address}: a WebSocket address begins with ws:// or wss://", nameof(address));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using (var limit = new CancellationTokenSource(timeout))
            {
                try
                {
                    socket.ConnectAsync(address.IdnHost, address.Port, limit.Token).AsTask().GetAwaiter().GetResult();
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"{address.Host}:{address.Port} did not accept a connection within {timeout.TotalSeconds:F0} s");
                }
            }

            var polling = new PollingStream(socket, idleInterval);
            long deadline = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
            polling.OnIdle = () => Stopwatch.GetTimestamp() < deadline;
            var client = new WebSocketClient(socket, polling, Secure(polling, address), maxMessageLength, pongInterval ?? DefaultPongInterval);
            client.Open(address, timeout);
            return client;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends one text message.</summary>
    public void SendText(ReadOnlySpan<byte> payload) => Send(Opcode.Text, payload);

    /// <summary>Receives until the connection ends, from either side.</summary>
    public WebSocketEnd Run(IWebSocketReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        _polling.OnIdle = () =>
        {
            Volatile.Write(ref _progress, _progress + 1);
            return receiver.OnIdle();
        };
        using var keeper = new Timer(_ => PongWhileBusy(), null, _pongInterval, _pongInterval);
        try
        {
            while (true)
            {
                Volatile.Write(ref _progress, _progress + 1);
                // What the handshake's last read brought along comes first.
                if (_pipe.Reader.TryRead(out ReadResult read) && HandleMessages(read.Buffer, Stopwatch.GetTimestamp(), receiver) is { } end)
                    return end;
                if (!receiver.OnIdle())
                    return Abandon();
                if (!Fill())
                    return _polling.WasAbandoned ? Abandon() : new WebSocketEnd(CloseCode.Abnormal, "the connection was closed without a close frame", WebSocketError.None);
            }
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return new WebSocketEnd(CloseCode.Abnormal, error.Message, WebSocketError.None);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static Stream Secure(PollingStream polling, Uri address)
    {
        if (address.Scheme == "ws")
            return polling;
        var secure = new SslStream(polling);
        try
        {
            secure.AuthenticateAsClient(address.IdnHost);
            return secure;
        }
        catch (AuthenticationException error)
        {
            secure.Dispose();
            throw new HttpRequestException($"{address.Host}:{address.Port} cannot be trusted over TLS: {error.Message}", error);
        }
    }

    private void Open(Uri address, TimeSpan timeout)
    {
        string key = Handshake.NewKey();
        Handshake.WriteRequest(_output, address, key);
        SendOutput();
        while (true)
        {
            if (!Fill())
            {
                throw _polling.WasAbandoned
                    ? new TimeoutException($"{address.Host}:{address.Port} did not answer the WebSocket handshake within {timeout.TotalSeconds:F0} s")
                    : new HttpRequestException($"{address.Host}:{address.Port} closed the connection during the WebSocket handshake");
            }

            _pipe.Reader.TryRead(out ReadResult read);
            ReadOnlySequence<byte> buffer = read.Buffer;
            ReadOnlySpan<byte> bytes = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.ToArray();
            switch (Handshake.ReadResponse(bytes, key, out int consumed, out HandshakeError error, out string detail))
            {
                case ParseStatus.Done:
                    _pipe.Reader.AdvanceTo(buffer.GetPosition(consumed));
                    return;
                case ParseStatus.Invalid:
                    throw new HttpRequestException($"{address.Host}:{address.Port} is no WebSocket server here: {error} ({detail})");
                default:
                    _pipe.Reader.AdvanceTo(buffer.Start, buffer.End);
                    break;
            }
        }
    }

    /// <summary>Waits for bytes and takes them; false at the end of the stream.</summary>
    private bool Fill()
    {
        Span<byte> room = _pipe.Writer.GetSpan(ReadSize);
        int count = _stream.Read(room);
        if (count == 0)
            return false;
        _pipe.Writer.Advance(count);
        ValueTask<FlushResult> flush = _pipe.Writer.FlushAsync();
        return flush.IsCompletedSuccessfully ? true : throw new UnreachableException("a pipe without a pause threshold flushes at once");
    }

    private WebSocketEnd? HandleMessages(in ReadOnlySequence<byte> buffer, long wireStamp, IWebSocketReceiver receiver)
    {
        ReadOnlySequence<byte> rest = buffer;
        while (true)
        {
            ParseStatus status = _parser.Read(rest, out SequencePosition consumed, out WebSocketMessage message);
            rest = rest.Slice(consumed);
            if (status == ParseStatus.NeedMoreData)
                break;
            if (status == ParseStatus.Invalid)
            {
                TryClose(CloseCode.For(_parser.Error), default);
                return new WebSocketEnd(CloseCode.For(_parser.Error), $"the peer broke the protocol: {_parser.Error}", _parser.Error);
            }

            switch (message.Kind)
            {
                case Opcode.Ping:
                    Send(Opcode.Pong, message.Payload);
                    break;
                case Opcode.Pong:
                    break;
                case Opcode.Close:
                    WebSocketEnd end = new(message.CloseCode, System.Text.Encoding.UTF8.GetString(message.CloseReason), WebSocketError.None);
                    TryClose(message.CloseCode == CloseCode.NoStatus ? CloseCode.Normal : message.CloseCode, default);
                    return end;
                default:
                    receiver.OnMessage(message.Kind, message.Payload, wireStamp);
                    break;
            }
        }

        _pipe.Reader.AdvanceTo(rest.Start, rest.End);
        return null;
    }

    private WebSocketEnd Abandon()
    {
        TryClose(CloseCode.Normal, default);
        return new WebSocketEnd(CloseCode.Normal, "closed by this side", WebSocketError.None);
    }

    /// <summary>On the timer's thread.</summary>
    private void PongWhileBusy()
    {
        long progress = Volatile.Read(ref _progress);
        if (progress != _progressSeen)
        {
            _progressSeen = progress;
            return;
        }

        try
        {
            Send(Opcode.Pong, default);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The receiving thread meets the same broken connection when it reads on, and reports it.
        }
    }

    private void Send(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        lock (_sending)
        {
            FrameWriter.Write(_output, opcode, payload, MaskKey());
            SendOutput();
        }
    }

    /// <summary>Says good-bye to a peer that may already be gone.</summary>
    private void TryClose(int code, ReadOnlySpan<byte> reason)
    {
        try
        {
            lock (_sending)
            {
                FrameWriter.WriteClose(_output, code, reason, MaskKey());
                SendOutput();
            }

            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The connection is over either way, which the caller reports.
        }
    }

    private void SendOutput()
    {
        try
        {
            _stream.Write(_output.WrittenSpan);
        }
        finally
        {
            _output.ResetWrittenCount();
        }
    }

    private static uint MaskKey()
    {
        Span<byte> key = stackalloc byte[4];
        RandomNumberGenerator.Fill(key);
        return BitConverter.ToUInt32(key);
    }
}
