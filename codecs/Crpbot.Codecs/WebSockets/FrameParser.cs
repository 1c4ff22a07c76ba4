using System.Buffers;
using System.Buffers.Binary;
using System.Text.Unicode;

namespace Crpbot.Codecs.WebSockets;

/// <summary>Cuts a byte stream into WebSocket messages. Source: RFC 6455, sections 5 and 7.</summary>
/// <remarks>
/// A whole unfragmented message that lies in one segment is handed out where it lies; anything else is gathered in a buffer that grows to
/// the longest message once. Control frames between fragments come out at once and leave the message being gathered alone. The first
/// invalid byte ends the stream: every later call says so again. One thread; no allocation after the longest message.
/// </remarks>
public sealed class FrameParser
{
    private readonly int _maxMessageLength;
    private readonly bool _peerIsClient;
    private readonly byte[] _control = new byte[125];
    private byte[] _message = new byte[4096];
    private int _messageLength;
    private Opcode _messageKind;
    private FrameHeader _frame;
    private long _frameRemaining;
    private int _controlLength;
    private bool _inFrame;
    private bool _inMessage;
    private bool _closed;

    /// <param name="maxMessageLength">Longer messages are refused, and no more than this is ever gathered.</param>
    /// <param name="peerIsClient">The peer must mask: this is the server's side. A server must not.</param>
    public FrameParser(int maxMessageLength = 64 << 20, bool peerIsClient = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessageLength, 125);
        _maxMessageLength = maxMessageLength;
        _peerIsClient = peerIsClient;
    }

    /// <summary>Why the stream is invalid; None while it is not.</summary>
    public WebSocketError Error { get; private set; }

    /// <summary>Reads the next message.</summary>
    /// <param name="input">The bytes at hand, beginning where the last call's <paramref name="consumed"/> ended.</param>
    /// <param name="consumed">How far the input is done with; also when more data is needed.</param>
    /// <param name="message">Set when the result is Done.</param>
    public ParseStatus Read(in ReadOnlySequence<byte> input, out SequencePosition consumed, out WebSocketMessage message)
    {
        message = default;
        ReadOnlySequence<byte> rest = input;
        ParseStatus status = Error != WebSocketError.None ? ParseStatus.Invalid : ReadFrames(ref rest, ref message);
        consumed = rest.Start;
        return status;
    }

    private ParseStatus ReadFrames(ref ReadOnlySequence<byte> rest, ref WebSocketMessage message)
    {
        while (true)
        {
            if (!_inFrame)
            {
                ParseStatus status = ReadHeader(ref rest);
                if (status != ParseStatus.Done)
                    return status;
                if (TryReadInPlace(ref rest, ref message, out status))
                    return status;
                BeginFrame();
            }

            Gather(ref rest);
            if (_frameRemaining > 0)
                return ParseStatus.NeedMoreData;
            _inFrame = false;
            if (_frame.IsControl)
                return Deliver(_frame.Opcode, _control.AsSpan(0, _controlLength), ref message);
            if (!_frame.IsFinal)
                continue;
            _inMessage = false;
            return Deliver(_messageKind, _message.AsSpan(0, _messageLength), ref message);
        }
    }

    private ParseStatus ReadHeader(ref ReadOnlySequence<byte> rest)
    {
        ParseStatus status;
        WebSocketError error;
        ReadOnlySpan<byte> first = rest.FirstSpan;
        if (first.Length >= FrameHeader.MaxSize || rest.IsSingleSegment)
        {
            status = FrameHeader.Read(first, out _frame, out error);
        }
        else
        {
            Span<byte> copy = stackalloc byte[FrameHeader.MaxSize];
            ReadOnlySequence<byte> head = rest.Length > copy.Length ? rest.Slice(0, copy.Length) : rest;
            head.CopyTo(copy);
            status = FrameHeader.Read(copy[..(int)head.Length], out _frame, out error);
        }

        if (status == ParseStatus.Done)
            error = Check(_frame);
        if (error != WebSocketError.None)
            return Refuse(error);
        if (status == ParseStatus.Done)
            rest = rest.Slice(_frame.Size);
        return status;
    }

    /// <summary>What a well-formed header may still do wrong at this place of the stream.</summary>
    private WebSocketError Check(in FrameHeader frame)
    {
        if (_closed)
            return WebSocketError.FrameAfterClose;
        if (frame.IsMasked != _peerIsClient)
            return _peerIsClient ? WebSocketError.UnmaskedByClient : WebSocketError.MaskedByServer;
        if (frame.IsControl)
            return WebSocketError.None;
        if (frame.Opcode == Opcode.Continuation && !_inMessage)
            return WebSocketError.UnexpectedContinuation;
        if (frame.Opcode != Opcode.Continuation && _inMessage)
            return WebSocketError.ExpectedContinuation;
        long gathered = _inMessage ? _messageLength : 0;
        return frame.PayloadLength > _maxMessageLength - gathered ? WebSocketError.MessageTooLong : WebSocketError.None;
    }

    /// <summary>The fast path: a whole, unmasked message in one segment.</summary>
    private bool TryReadInPlace(ref ReadOnlySequence<byte> rest, ref WebSocketMessage message, out ParseStatus status)
    {
        ReadOnlySpan<byte> first = rest.FirstSpan;
        if (_frame.IsMasked || !_frame.IsFinal || _frame.Opcode == Opcode.Continuation || first.Length < _frame.PayloadLength)
        {
            status = ParseStatus.NeedMoreData;
            return false;
        }

        rest = rest.Slice(_frame.PayloadLength);
        status = Deliver(_frame.Opcode, first[..(int)_frame.PayloadLength], ref message);
        return true;
    }

    private void BeginFrame()
    {
        _inFrame = true;
        _frameRemaining = _frame.PayloadLength;
        if (_frame.IsControl)
        {
            _controlLength = 0;
        }
        else if (_frame.Opcode != Opcode.Continuation)
        {
            _inMessage = true;
            _messageKind = _frame.Opcode;
            _messageLength = 0;
        }
    }

    /// <summary>Takes what is at hand of the frame's payload.</summary>
    private void Gather(ref ReadOnlySequence<byte> rest)
    {
        while (_frameRemaining > 0 && !rest.IsEmpty)
        {
            ReadOnlySpan<byte> part = rest.FirstSpan;
            if (part.Length > _frameRemaining)
                part = part[..(int)_frameRemaining];
            Span<byte> destination = _frame.IsControl ? _control.AsSpan(_controlLength, part.Length) : Room(part.Length);
            if (_frame.IsMasked)
                Masking.Apply(part, destination, _frame.MaskKey, (int)((_frame.PayloadLength - _frameRemaining) & 3));
            else
                part.CopyTo(destination);
            if (_frame.IsControl)
                _controlLength += part.Length;
            else
                _messageLength += part.Length;
            _frameRemaining -= part.Length;
            rest = rest.Slice(part.Length);
        }
    }

    private Span<byte> Room(int length)
    {
        if (_message.Length - _messageLength < length)
            Array.Resize(ref _message, (int)Math.Min(Array.MaxLength, Math.Max((long)_messageLength + length, 2L * _message.Length)));
        return _message.AsSpan(_messageLength, length);
    }

    private ParseStatus Deliver(Opcode kind, ReadOnlySpan<byte> payload, ref WebSocketMessage message)
    {
        if (kind == Opcode.Text && !Utf8.IsValid(payload))
            return Refuse(WebSocketError.InvalidUtf8);
        if (kind == Opcode.Close)
        {
            WebSocketError error = CheckClose(payload);
            if (error != WebSocketError.None)
                return Refuse(error);
            _closed = true;
        }

        message = new WebSocketMessage(kind, payload);
        return ParseStatus.Done;
    }

    private static WebSocketError CheckClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return WebSocketError.None;
        if (payload.Length == 1)
            return WebSocketError.CloseTruncated;
        if (!CloseCode.IsSendable(BinaryPrimitives.ReadUInt16BigEndian(payload)))
            return WebSocketError.CloseCodeInvalid;
        return Utf8.IsValid(payload[2..]) ? WebSocketError.None : WebSocketError.CloseReasonInvalidUtf8;
    }

    private ParseStatus Refuse(WebSocketError error)
    {
        Error = error;
        return ParseStatus.Invalid;
    }
}
