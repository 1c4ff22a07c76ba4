using System.Buffers.Binary;

namespace Crpbot.Codecs.WebSockets;

/// <summary>A whole message or control frame; the payload is valid until the parser or the pipe goes on.</summary>
public readonly ref struct WebSocketMessage
{
    internal WebSocketMessage(Opcode kind, ReadOnlySpan<byte> payload)
    {
        Kind = kind;
        Payload = payload;
    }

    /// <summary>Text, Binary, Ping, Pong or Close.</summary>
    public Opcode Kind { get; }

    /// <summary>Unmasked; of a Close, code and reason as they came.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Of a Close; 1005 when the peer gave none.</summary>
    public int CloseCode => Kind == Opcode.Close && Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : WebSockets.CloseCode.NoStatus;

    /// <summary>Of a Close, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> CloseReason => Kind == Opcode.Close && Payload.Length > 2 ? Payload[2..] : default;
}
