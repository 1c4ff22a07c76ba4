using System.Buffers;
using System.Text;
using Crpbot.Codecs.WebSockets;

namespace Crpbot.Codecs.Tests.WebSockets;

/// <summary>Makes frames and reads streams cut in any way, for the frame tests.</summary>
internal static class Frames
{
    public static byte[] Of(Opcode opcode, byte[] payload, uint? maskKey = null, bool isFinal = true)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Write(output, opcode, payload, maskKey, isFinal);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Text(string text, bool isFinal = true) => Of(Opcode.Text, Encoding.UTF8.GetBytes(text), null, isFinal);

    public static byte[] Close(int code, string reason = "")
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteClose(output, code, Encoding.UTF8.GetBytes(reason), null);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a stream that arrives in the given parts; one line a message, the last one the error if there is one.</summary>
    public static List<string> Read(FrameParser parser, IEnumerable<byte[]> parts)
    {
        var lines = new List<string>();
        byte[] pending = [];
        foreach (byte[] part in parts)
        {
            // The unread rest and the new part stand in two segments, as in a pipe.
            ReadOnlySequence<byte> input = TwoSegments(pending, part);
            while (true)
            {
                ParseStatus status = parser.Read(input, out SequencePosition consumed, out WebSocketMessage message);
                input = input.Slice(consumed);
                if (status == ParseStatus.NeedMoreData)
                    break;
                if (status == ParseStatus.Invalid)
                {
                    lines.Add($"error {parser.Error}");
                    return lines;
                }

                lines.Add($"{message.Kind} {Convert.ToHexString(message.Payload)}");
            }

            pending = input.ToArray();
        }

        return lines;
    }

    public static List<string> Read(params byte[][] frames) => Read(new FrameParser(), [frames.SelectMany(frame => frame).ToArray()]);

    private static ReadOnlySequence<byte> TwoSegments(byte[] first, byte[] second)
    {
        if (first.Length == 0)
            return new ReadOnlySequence<byte>(second);
        var head = new Segment(first, 0);
        Segment tail = head.Append(second);
        return new ReadOnlySequence<byte>(head, 0, tail, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long runningIndex) => (Memory, RunningIndex) = (bytes, runningIndex);

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
