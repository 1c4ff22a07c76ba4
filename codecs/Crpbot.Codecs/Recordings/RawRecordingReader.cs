using System.Text.Json;
using Crpbot.Codecs.Json;
using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Codecs.Recordings;

/// <summary>Reads raw frame recordings line by line: tardis, hftbacktest, both cryptofeed forms and NDJSON; gzip or plain.</summary>
/// <remarks>
/// The form is recognised by each line's content (drawn in <c>codecs/docs/recordings.md</c>), so recordings may be concatenated. Memory is bounded by
/// the longest line, and nothing is allocated once that was seen. Damage is a frame, never an exception; a failing disk throws <see cref="IOException"/>.
/// One thread at a time.
/// </remarks>
public sealed class RawRecordingReader : IDisposable
{
    private readonly Stream _stream;
    private readonly GzipReadStream? _gzip;
    private readonly LineReader _lines;
    private readonly CryptofeedLine _cryptofeed = new();
    private SectionMerge? _merge;
    private bool _ended;
    private bool _expectsDisconnects;
    private bool _disconnected;

    /// <param name="stream">Gzip when it begins with gzip's magic, otherwise text. Disposed with the reader.</param>
    /// <param name="maxLineLength">Longer lines are skipped and reported.</param>
    public RawRecordingReader(Stream stream, int maxLineLength = LineReader.DefaultMaxLineLength)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLineLength, 1);
        _stream = CompressedInput.Open(stream, out _gzip);
        _lines = new LineReader(_stream, maxLineLength);
    }

    /// <summary>Lines read so far.</summary>
    public long Lines => _merge?.Lines ?? _lines.LineNumber;

    /// <summary>Decompressed bytes of the lines read so far.</summary>
    public long BytesRead => _merge?.BytesRead ?? _lines.BytesRead;

    /// <summary>Damage frames delivered so far.</summary>
    public long DamageCount { get; private set; }

    /// <summary>Opens a file; one that lists its connections one after the other is read in order of time.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="InvalidDataException">It is a folder.</exception>
    public static RawRecordingReader Open(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"{path} is a folder, not a recording");
        SectionMerge? merge = SectionMerge.TryOpen(path);
        RawRecordingReader reader = OpenInFileOrder(path);
        reader._merge = merge;
        return reader;
    }

    /// <summary>Reads the next entry; false at the end of the recording.</summary>
    public bool Read(out RawFrame frame)
    {
        if (_merge is not null)
            return _merge.Read(out frame);
        frame = default;
        while (!_ended)
        {
            LineStatus status = _lines.Read(out ReadOnlySpan<byte> line);
            frame.LineNumber = _lines.LineNumber;
            frame.ByteOffset = _lines.LineOffset;
            switch (status)
            {
                case LineStatus.Line:
                    if (ReadLine(line, ref frame))
                        return true;
                    break;
                case LineStatus.TooLong:
                    return Damaged(ref frame, RecordingDamage.LineTooLong);
                case LineStatus.Unterminated:
                    _ended = true;
                    return ReadLastLine(line, ref frame);
                default:
                    _ended = true;
                    RecordingDamage damage = GzipDamageOf();
                    if (damage == RecordingDamage.None)
                        return false;
                    frame.LineNumber++;
                    frame.ByteOffset = _lines.BytesRead;
                    return Damaged(ref frame, damage);
            }
        }

        return false;
    }

    public void Dispose()
    {
        _merge?.Dispose();
        _stream.Dispose();
    }

    internal static RawRecordingReader OpenInFileOrder(string path) =>
        new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1, FileOptions.SequentialScan));

    /// <summary>Skips the lines before one.</summary>
    internal void SkipTo(long lineNumber)
    {
        while (_lines.LineNumber < lineNumber - 1 && _lines.Read(out _) != LineStatus.End)
        {
        }
    }

    /// <summary>Delivers the undamaged entry just read once more.</summary>
    internal void ReadAgain(out RawFrame frame)
    {
        frame = default;
        frame.LineNumber = _lines.LineNumber;
        frame.ByteOffset = _lines.LineOffset;
        ReadLine(_lines.Current, ref frame);
    }

    private RecordingDamage GzipDamageOf() => _gzip?.Damage switch
    {
        GzipDamage.Truncated => RecordingDamage.TruncatedGzip,
        GzipDamage.Corrupt => RecordingDamage.CorruptGzip,
        _ => RecordingDamage.None,
    };

    private bool Damaged(ref RawFrame frame, RecordingDamage damage)
    {
        DamageCount++;
        frame.Kind = RawFrameKind.Damage;
        frame.Damage = damage;
        frame.Payload = default;
        return true;
    }

    /// <summary>Delivers the last line if it is whole: files joined without a final line feed are common, cut ones must not look like them.</summary>
    private bool ReadLastLine(ReadOnlySpan<byte> line, ref RawFrame frame)
    {
        RecordingDamage damage = GzipDamageOf();
        if (damage != RecordingDamage.None)
            return Damaged(ref frame, damage);
        if (!ReadLine(line, ref frame))
            return false;
        if (frame.Kind == RawFrameKind.Damage)
        {
            frame.Damage = RecordingDamage.UnterminatedLine;
            return true;
        }

        return frame.Payload.IsEmpty || IsWholeJson(frame.Payload) || Damaged(ref frame, RecordingDamage.UnterminatedLine);
    }

    private static bool IsWholeJson(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Fills the frame from one line; false when the line says nothing.</summary>
    private bool ReadLine(ReadOnlySpan<byte> line, ref RawFrame frame)
    {
        line = line.Trim(" \t"u8);
        if (line.IsEmpty)
            return ReadEmptyLine(ref frame);
        RecordingDamage damage = line[0] switch
        {
            (byte)'{' or (byte)'[' => ReadObject(line, ref frame),
            >= (byte)'0' and <= (byte)'9' => ReadTimed(line, ref frame),
            _ => CryptofeedLine.ReadOldText(line, ref frame),
        };
        if (damage != RecordingDamage.None)
            return Damaged(ref frame, damage);
        _disconnected = frame.Kind == RawFrameKind.Disconnected;
        return true;
    }

    /// <summary>In tardis' recordings an empty line is a lost connection, and several in a row are one.</summary>
    private bool ReadEmptyLine(ref RawFrame frame)
    {
        if (!_expectsDisconnects || _disconnected)
            return false;
        _disconnected = true;
        frame.Kind = RawFrameKind.Disconnected;
        return true;
    }

    private RecordingDamage ReadTimed(ReadOnlySpan<byte> line, ref RawFrame frame)
    {
        int end = line.IndexOf((byte)' ');
        if (end < 0)
            return RecordingDamage.NoJson;
        ReadOnlySpan<byte> time = line[..end];
        bool isIso = time.Length > 10 && time[4] == '-' && time[10] == 'T';
        if (time[^1] == ':')
            time = time[..^1];
        frame.Payload = line[(end + 1)..].TrimStart(" \t"u8);
        if (frame.Payload.IsEmpty || frame.Payload[0] is not ((byte)'{' or (byte)'['))
            return RecordingDamage.NoJson;
        _expectsDisconnects = isIso;
        return SetKindAndTime(ref frame, time, isIso);
    }

    private RecordingDamage ReadObject(ReadOnlySpan<byte> line, ref RawFrame frame)
    {
        if (line.StartsWith("{\"t\":"u8) || line.StartsWith("{\"t\" :"u8))
            return _cryptofeed.ReadJson(line, ref frame);
        if (line.IndexOf("\"message\""u8) < 0 || !MessageEnvelope.TryFind(line, out MessageEnvelope envelope))
        {
            frame.Payload = line;
            frame.Kind = KindOf(line);
            _expectsDisconnects = false;
            // tardis' normalised messages carry their receive time themselves.
            return MessageEnvelope.TryFindTime(line, out ReadOnlySpan<byte> own) ? SetKindAndTime(ref frame, own, isIso: true) : RecordingDamage.None;
        }

        _expectsDisconnects = true;
        frame.Payload = line.Slice(envelope.MessageStart, envelope.MessageLength);
        frame.Kind = KindOf(frame.Payload);
        if (envelope.TimeLength == 0)
            return RecordingDamage.None;
        ReadOnlySpan<byte> time = line.Slice(envelope.TimeStart, envelope.TimeLength);
        return SetKindAndTime(ref frame, time, isIso: time.Length > 10 && time[4] == '-');
    }

    private static RecordingDamage SetKindAndTime(ref RawFrame frame, ReadOnlySpan<byte> time, bool isIso)
    {
        bool hasPoint = time.Contains((byte)'.');
        UnixNanos value;
        if (isIso)
        {
            if (!TimeParser.TryParseIso(time, out long nanos) || nanos == long.MinValue)
                return RecordingDamage.BadTime;
            value = new UnixNanos(nanos);
        }
        else if (hasPoint ? !EpochText.TryParseSeconds(time, out value) : !EpochText.TryParseInteger(time, out value))
        {
            return RecordingDamage.BadTime;
        }

        frame.ReceiveTime = value;
        frame.HasReceiveTime = true;
        frame.ReceiveTimeText = time;
        frame.Kind = KindOf(frame.Payload);
        return RecordingDamage.None;
    }

    /// <summary>Recorders write Binance's REST depth answer between the frames of the stream, as it came.</summary>
    private static RawFrameKind KindOf(ReadOnlySpan<byte> payload) =>
        payload.StartsWith("{\"lastUpdateId\""u8) ? RawFrameKind.RestSnapshot : RawFrameKind.Message;
}
