using Crpbot.Messages;

namespace Crpbot.Codecs.Recordings;

/// <summary>What one entry of a raw recording is.</summary>
public enum RawFrameKind : byte
{
    None = 0,

    /// <summary>A frame the venue sent.</summary>
    Message,

    /// <summary>A REST answer that holds an order book, to be merged with the stream.</summary>
    RestSnapshot,

    /// <summary>Another REST answer: products, exchange information.</summary>
    RestAnswer,

    /// <summary>A connection was opened.</summary>
    Connected,

    /// <summary>A frame the recorder sent: a subscription.</summary>
    Sent,

    /// <summary>The connection was lost.</summary>
    Disconnected,

    /// <summary>What the recorder says about itself.</summary>
    Header,

    /// <summary>Something that could not be read; see <see cref="RawFrame.Damage"/>. Reading goes on where it can.</summary>
    Damage,
}

/// <summary>Why an entry could not be read.</summary>
public enum RecordingDamage : byte
{
    None = 0,

    /// <summary>The gzip file ends early; every complete line before this point was delivered.</summary>
    TruncatedGzip,

    /// <summary>The gzip file's data or checksum is wrong; what came before this point may be wrong too.</summary>
    CorruptGzip,

    /// <summary>The last line has no line feed and its JSON is incomplete.</summary>
    UnterminatedLine,

    /// <summary>A line over the limit of 64 MiB.</summary>
    LineTooLong,

    /// <summary>No known form of recording: no JSON where the message should stand.</summary>
    NoJson,

    /// <summary>The receive time cannot be read.</summary>
    BadTime,

    /// <summary>The recorder's envelope around the message is no valid JSON.</summary>
    BadEnvelope,
}

/// <summary>One entry of a raw recording; its spans are valid until the next read.</summary>
public ref struct RawFrame
{
    public RawFrameKind Kind;

    /// <summary>The exact bytes of the venue's JSON, for Message, RestSnapshot, RestAnswer and Sent; of a Header the whole line.</summary>
    public ReadOnlySpan<byte> Payload;

    /// <summary>When the recorder received it; <see cref="UnixNanos.None"/> where the line gives no time.</summary>
    public UnixNanos ReceiveTime;

    public bool HasReceiveTime;

    /// <summary>The receive time as it is written in the recording.</summary>
    public ReadOnlySpan<byte> ReceiveTimeText;

    /// <summary>Of a RestSnapshot, where its URL tells it; otherwise empty.</summary>
    public ReadOnlySpan<byte> Symbol;

    /// <summary>Of a REST answer, connection or sent frame, where known.</summary>
    public ReadOnlySpan<byte> Url;

    /// <summary>The recorder's name for the connection, where known.</summary>
    public ReadOnlySpan<byte> Connection;

    /// <summary>1 upwards.</summary>
    public long LineNumber;

    /// <summary>Where the line begins, in bytes of the decompressed recording.</summary>
    public long ByteOffset;

    public RecordingDamage Damage;
}
