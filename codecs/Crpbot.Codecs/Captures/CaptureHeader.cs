using System.Buffers;
using Crpbot.Messages;
using MessagePack;

namespace Crpbot.Codecs.Captures;

/// <summary>Who wrote a capture from what, and when: the MessagePack map at its start.</summary>
/// <param name="Software">Name and version of the writing program.</param>
/// <param name="Source">What was recorded: a venue and its channels, a file's name.</param>
/// <param name="Created">Given by the caller, so that equal inputs can make equal files.</param>
public sealed record CaptureHeader(string Software, string Source, UnixNanos Created)
{
    /// <summary>The version this program writes, and the highest it reads.</summary>
    public const int CurrentFormatVersion = 1;

    public int FormatVersion { get; init; } = CurrentFormatVersion;

    internal byte[] ToMessagePack()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteMapHeader(4);
        writer.Write("formatVersion");
        writer.Write(FormatVersion);
        writer.Write("software");
        writer.Write(Software);
        writer.Write("source");
        writer.Write(Source);
        writer.Write("created");
        writer.Write(Created.Value);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="MessagePackSerializationException">The bytes are no such map.</exception>
    internal static CaptureHeader FromMessagePack(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        var header = new CaptureHeader("", "", UnixNanos.None);
        for (int fields = reader.ReadMapHeader(); fields > 0; fields--)
        {
            switch (reader.ReadString())
            {
                case "formatVersion":
                    header = header with { FormatVersion = reader.ReadInt32() };
                    break;
                case "software":
                    header = header with { Software = reader.ReadString() ?? "" };
                    break;
                case "source":
                    header = header with { Source = reader.ReadString() ?? "" };
                    break;
                case "created":
                    header = header with { Created = new UnixNanos(reader.ReadInt64()) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return header;
    }
}
