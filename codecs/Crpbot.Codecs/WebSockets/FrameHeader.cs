using System.Buffers.Binary;

namespace Crpbot.Codecs.WebSockets;

/// <summary>The 2 to 14 bytes in front of a frame's payload. Source: RFC 6455, section 5.2.</summary>
/// <remarks>
/// <code>
///  0               1               2 …
///  F RRR opcode    M length7       [length16 | length64]  [mask key, 4]   payload
/// </code>
/// </remarks>
internal readonly record struct FrameHeader(bool IsFinal, Opcode Opcode, bool IsMasked, long PayloadLength, uint MaskKey, int Size)
{
    public const int MaxSize = 14;

    private const int MaxControlPayload = 125;

    public bool IsControl => ((byte)Opcode & 0x8) != 0;

    /// <summary>Reads a header from the first bytes of a frame.</summary>
    /// <param name="bytes">As many as are at hand; <see cref="MaxSize"/> are always enough.</param>
    /// <param name="error">Set when the result is Invalid.</param>
    public static ParseStatus Read(ReadOnlySpan<byte> bytes, out FrameHeader header, out WebSocketError error)
    {
        header = default;
        error = WebSocketError.None;
        if (bytes.Length < 2)
            return ParseStatus.NeedMoreData;
        byte first = bytes[0];
        bool masked = (bytes[1] & 0x80) != 0;
        int length7 = bytes[1] & 0x7F;
        if ((first & 0x70) != 0)
            return Invalid(WebSocketError.ReservedBits, out error);
        var opcode = (Opcode)(first & 0x0F);
        if (opcode is not (Opcode.Continuation or Opcode.Text or Opcode.Binary or Opcode.Close or Opcode.Ping or Opcode.Pong))
            return Invalid(WebSocketError.ReservedOpcode, out error);
        bool final = (first & 0x80) != 0;
        if (opcode >= Opcode.Close)
        {
            if (length7 > MaxControlPayload)
                return Invalid(WebSocketError.ControlTooLong, out error);
            if (!final)
                return Invalid(WebSocketError.ControlFragmented, out error);
        }

        int size = 2 + length7 switch { 126 => 2, 127 => 8, _ => 0 } + (masked ? 4 : 0);
        if (bytes.Length < size)
            return ParseStatus.NeedMoreData;
        ulong length = length7 switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            127 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)length7,
        };
        if (length > long.MaxValue)
            return Invalid(WebSocketError.LengthOutOfRange, out error);
        if ((length7 == 126 && length < 126) || (length7 == 127 && length <= ushort.MaxValue))
            return Invalid(WebSocketError.LengthNotMinimal, out error);
        uint key = masked ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(size - 4)..]) : 0;
        header = new FrameHeader(final, opcode, masked, (long)length, key, size);
        return ParseStatus.Done;
    }

    private static ParseStatus Invalid(WebSocketError what, out WebSocketError error)
    {
        error = what;
        return ParseStatus.Invalid;
    }
}
