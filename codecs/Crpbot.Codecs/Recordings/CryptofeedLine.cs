using System.Text.Json;
using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Codecs.Recordings;

/// <summary>Reads the two forms in which cryptofeed records: JSON lines, and the older text.</summary>
internal sealed class CryptofeedLine
{
    // Reused for every unescaped payload; grows to the longest.
    private byte[] _payload = new byte[64 * 1024];

    /// <summary><c>{"t":"recv","conn":…,"ts":seconds,"url":…,"addr":…,"data":"escaped JSON"}</c>.</summary>
    public RecordingDamage ReadJson(ReadOnlySpan<byte> line, ref RawFrame frame)
    {
        var reader = new Utf8JsonReader(line);
        ReadOnlySpan<byte> type = default;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadOnlySpan<byte> name = reader.ValueSpan;
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                bool isString = reader.TokenType == JsonTokenType.String;
                if (name.SequenceEqual("t"u8))
                    type = reader.ValueSpan;
                else if (name.SequenceEqual("ts"u8))
                    frame.ReceiveTimeText = reader.ValueSpan;
                else if (name.SequenceEqual("conn"u8))
                    frame.Connection = reader.ValueSpan;
                else if (isString && (name.SequenceEqual("url"u8) || name.SequenceEqual("addr"u8)))
                    frame.Url = reader.ValueSpan;
                else if (name.SequenceEqual("data"u8) && isString)
                    {
                    int length = Unescape(ref reader);
                    frame.Payload = _payload.AsSpan(0, length);
                }
                reader.Skip();
                if (name.SequenceEqual("data"u8) && !isString)
                    frame.Payload = line[start..(int)reader.BytesConsumed];
            }
        }
        catch (JsonException)
        {
            return RecordingDamage.BadEnvelope;
        }
        catch (InvalidOperationException)
        {
            // CopyString's word for an escape sequence that is no Unicode.
            return RecordingDamage.BadEnvelope;
        }

        frame.Kind = KindOf(type);
        if (frame.Kind == RawFrameKind.None)
            return RecordingDamage.NoJson;
        if (frame.Kind == RawFrameKind.Header)
            frame.Payload = line;
        if (frame.Kind == RawFrameKind.RestAnswer)
            ClassifyRestAnswer(ref frame);
        bool needsPayload = frame.Kind is RawFrameKind.Message or RawFrameKind.RestSnapshot;
        if (needsPayload && frame.Payload.IsEmpty)
            return RecordingDamage.NoJson;
        frame.HasReceiveTime = EpochText.TryParseSeconds(frame.ReceiveTimeText, out UnixNanos time);
        frame.ReceiveTime = time;
        return needsPayload && !frame.HasReceiveTime ? RecordingDamage.BadTime : RecordingDamage.None;
    }

    /// <summary><c>url -&gt; ts: answer</c>, <c>url &lt;-&gt; ts</c>, <c>url &lt;- ts: sent</c>, <c>configuration: …</c>.</summary>
    /// <remarks>Received frames, <c>ts: frame</c>, begin with a digit and are read by the caller.</remarks>
    public static RecordingDamage ReadOldText(ReadOnlySpan<byte> line, ref RawFrame frame)
    {
        if (line.StartsWith("configuration:"u8))
        {
            frame.Kind = RawFrameKind.Header;
            frame.Payload = line;
            return RecordingDamage.None;
        }

        int urlEnd = line.IndexOf((byte)' ');
        if (urlEnd < 0 || !line[..urlEnd].ContainsScheme())
            return RecordingDamage.NoJson;
        frame.Url = line[..urlEnd];
        ReadOnlySpan<byte> rest = line[(urlEnd + 1)..];
        int arrowEnd = rest.IndexOf((byte)' ');
        if (arrowEnd < 0)
            return RecordingDamage.NoJson;
        ReadOnlySpan<byte> arrow = rest[..arrowEnd];
        rest = rest[(arrowEnd + 1)..];
        frame.Kind = arrow.SequenceEqual("<->"u8) ? RawFrameKind.Connected
            : arrow.SequenceEqual("<-"u8) ? RawFrameKind.Sent
            : arrow.SequenceEqual("->"u8) ? RawFrameKind.RestAnswer
            : RawFrameKind.None;
        if (frame.Kind == RawFrameKind.None)
            return RecordingDamage.NoJson;
        int timeEnd = rest.IndexOf((byte)':');
        frame.ReceiveTimeText = timeEnd < 0 ? rest : rest[..timeEnd];
        frame.HasReceiveTime = EpochText.TryParseSeconds(frame.ReceiveTimeText, out UnixNanos time);
        frame.ReceiveTime = time;
        if (!frame.HasReceiveTime)
            return RecordingDamage.BadTime;
        frame.Payload = timeEnd < 0 ? default : rest[(timeEnd + 1)..].TrimStart((byte)' ');
        if (frame.Kind == RawFrameKind.RestAnswer)
            ClassifyRestAnswer(ref frame);
        return RecordingDamage.None;
    }

    private static RawFrameKind KindOf(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("recv"u8) ? RawFrameKind.Message
        : type.SequenceEqual("http"u8) ? RawFrameKind.RestAnswer
        : type.SequenceEqual("send"u8) ? RawFrameKind.Sent
        : type.SequenceEqual("connect"u8) ? RawFrameKind.Connected
        : type.StartsWith("disconnect"u8) || type.StartsWith("close"u8) ? RawFrameKind.Disconnected
        : type.SequenceEqual("header"u8) ? RawFrameKind.Header
        : RawFrameKind.None;

    /// <summary>An order book is recognised by its content, its symbol by the URL's query.</summary>
    private static void ClassifyRestAnswer(ref RawFrame frame)
    {
        if (!frame.Payload.StartsWith("{\"lastUpdateId\""u8))
            return;
        frame.Kind = RawFrameKind.RestSnapshot;
        int at = frame.Url.IndexOf("symbol="u8);
        if (at < 0)
            return;
        ReadOnlySpan<byte> symbol = frame.Url[(at + "symbol=".Length)..];
        int end = symbol.IndexOf((byte)'&');
        frame.Symbol = end < 0 ? symbol : symbol[..end];
    }

    private int Unescape(ref Utf8JsonReader reader)
    {
        // Unescaping never lengthens.
        int needed = reader.ValueSpan.Length;
        if (_payload.Length < needed)
            _payload = new byte[Math.Max(needed, _payload.Length * 2)];
        return reader.CopyString(_payload);
    }
}

internal static class UrlBytes
{
    public static bool ContainsScheme(this ReadOnlySpan<byte> text) => text.IndexOf("://"u8) > 0;
}
