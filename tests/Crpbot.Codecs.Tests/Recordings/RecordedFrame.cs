using System.IO.Compression;
using System.Text;
using Crpbot.Codecs.Recordings;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Recordings;

/// <summary>A <see cref="RawFrame"/> kept beyond the next read.</summary>
internal sealed record RecordedFrame(RawFrameKind Kind, string Payload, UnixNanos Time, bool HasTime, string Symbol, long Line, long Offset, RecordingDamage Damage)
{
    public static List<RecordedFrame> ReadAll(string text) => ReadAll(Encoding.UTF8.GetBytes(text));

    public static List<RecordedFrame> ReadAll(byte[] bytes, int maxLineLength = 1 << 20)
    {
        var frames = new List<RecordedFrame>();
        using var reader = new RawRecordingReader(new MemoryStream(bytes), maxLineLength);
        while (reader.Read(out RawFrame frame))
        {
            frames.Add(new RecordedFrame(frame.Kind, Encoding.UTF8.GetString(frame.Payload), frame.ReceiveTime, frame.HasReceiveTime,
                Encoding.UTF8.GetString(frame.Symbol), frame.LineNumber, frame.ByteOffset, frame.Damage));
        }

        return frames;
    }

    public static byte[] Gzip(string text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return compressed.ToArray();
    }
}
