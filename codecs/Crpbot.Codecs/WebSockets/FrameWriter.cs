using System.Buffers;
using System.Buffers.Binary;

namespace Crpbot.Codecs.WebSockets;

/// <summary>Writes frames. Source: RFC 6455, section 5.</summary>
public static class FrameWriter
{
    /// <summary>Writes one frame.</summary>
    /// <param name="output">A PipeWriter or any other buffer writer; the caller flushes.</param>
    /// <param name="opcode">Control frames must be final and at most 125 bytes.</param>
    /// <param name="payload">Unmasked.</param>
    /// <param name="maskKey">Four unpredictable bytes from a client; null from a server.</param>
    /// <param name="isFinal">False when continuations follow.</param>
    public static void Write(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, uint? maskKey, bool isFinal = true)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (opcode >= Opcode.Close && (payload.Length > 125 || !isFinal))
            throw new ArgumentException($"a {opcode} frame is final and has at most 125 bytes, not {payload.Length}", nameof(payload));
        Span<byte> frame = output.GetSpan(FrameHeader.MaxSize + payload.Length);
        int size = WriteHeader(frame, opcode, payload.Length, maskKey, isFinal);
        if (maskKey is { } key)
            Masking.Apply(payload, frame[size..], key, 0);
        else
            payload.CopyTo(frame[size..]);
        output.Advance(size + payload.Length);
    }

    /// <summary>Writes a close frame.</summary>
    /// <param name="code">Sendable.</param>
    /// <param name="reason">UTF-8, at most 123 bytes.</param>
    public static void WriteClose(IBufferWriter<byte> output, int code, ReadOnlySpan<byte> reason, uint? maskKey)
    {
        if (!CloseCode.IsSendable(code))
            throw new ArgumentOutOfRangeException(nameof(code), $"close code {code} must not be sent");
        if (reason.Length > 123)
            throw new ArgumentException($"a close reason has at most 123 bytes, not {reason.Length}", nameof(reason));
        Span<byte> payload = stackalloc byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        reason.CopyTo(payload[2..]);
        Write(output, Opcode.Close, payload, maskKey);
    }

    private static int WriteHeader(Span<byte> frame, Opcode opcode, int length, uint? maskKey, bool isFinal)
    {
        frame[0] = (byte)((isFinal ? 0x80 : 0) | (byte)opcode);
        int maskBit = maskKey is null ? 0 : 0x80;
        int size;
        if (length < 126)
        {
            frame[1] = (byte)(maskBit | length);
            size = 2;
        }
        else if (length <= ushort.MaxValue)
        {
            frame[1] = (byte)(maskBit | 126);
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)length);
            size = 4;
        }
        else
        {
            frame[1] = (byte)(maskBit | 127);
            BinaryPrimitives.WriteInt64BigEndian(frame[2..], length);
            size = 10;
        }

        if (maskKey is not { } key)
            return size;
        BinaryPrimitives.WriteUInt32LittleEndian(frame[size..], key);
        return size + 4;
    }
}
