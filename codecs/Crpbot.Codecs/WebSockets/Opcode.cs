namespace Crpbot.Codecs.WebSockets;

/// <summary>What a frame carries. Source: RFC 6455, section 5.2.</summary>
public enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>Why a peer's bytes are no WebSocket stream. Each names one sentence of RFC 6455.</summary>
public enum WebSocketError : byte
{
    None = 0,

    /// <summary>RSV1, RSV2 or RSV3 is set and no extension was agreed (5.2).</summary>
    ReservedBits,

    /// <summary>Opcodes 3–7 and B–F (5.2).</summary>
    ReservedOpcode,

    /// <summary>A server must not mask (5.1).</summary>
    MaskedByServer,

    /// <summary>A client must mask (5.1).</summary>
    UnmaskedByClient,

    /// <summary>A 16- or 64-bit length where a shorter form would do (5.2).</summary>
    LengthNotMinimal,

    /// <summary>The top bit of a 64-bit length is set (5.2).</summary>
    LengthOutOfRange,

    /// <summary>A control frame of more than 125 bytes (5.5).</summary>
    ControlTooLong,

    /// <summary>A control frame without FIN (5.5).</summary>
    ControlFragmented,

    /// <summary>A continuation with no message begun (5.4).</summary>
    UnexpectedContinuation,

    /// <summary>A new data frame while a message is unfinished (5.4).</summary>
    ExpectedContinuation,

    /// <summary>Longer than this side accepts; closes with 1009.</summary>
    MessageTooLong,

    /// <summary>Text that is no UTF-8 (8.1); closes with 1007.</summary>
    InvalidUtf8,

    /// <summary>A close frame of one byte (5.5.1).</summary>
    CloseTruncated,

    /// <summary>A close code that no endpoint may send (7.4).</summary>
    CloseCodeInvalid,

    /// <summary>A close reason that is no UTF-8 (5.5.1).</summary>
    CloseReasonInvalidUtf8,

    /// <summary>A frame after the peer's close frame (5.5.1).</summary>
    FrameAfterClose,
}

/// <summary>Close codes this engine uses or meets. Source: RFC 6455, section 7.4.1.</summary>
public static class CloseCode
{
    public const int Normal = 1000;
    public const int GoingAway = 1001;
    public const int ProtocolError = 1002;
    public const int NoStatus = 1005;
    public const int Abnormal = 1006;
    public const int InvalidPayload = 1007;
    public const int PolicyViolation = 1008;
    public const int MessageTooBig = 1009;
    public const int InternalError = 1011;

    /// <summary>Whether an endpoint may send this code: 1004, 1005, 1006 and 1015 are never on the wire.</summary>
    public static bool IsSendable(int code) => code is (>= 1000 and <= 1014 and not (1004 or NoStatus or Abnormal)) or (>= 3000 and <= 4999);

    /// <summary>The code to close with after an error of the peer.</summary>
    public static int For(WebSocketError error) => error switch
    {
        WebSocketError.None => Normal,
        WebSocketError.MessageTooLong => MessageTooBig,
        WebSocketError.InvalidUtf8 => InvalidPayload,
        _ => ProtocolError,
    };
}
