using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Codecs.Recordings;

/// <summary>Reads a recording that lists one connection after the other in order of time.</summary>
/// <remarks>
/// cryptofeed's conversion of its older recordings (a file per connection) writes the files behind one another. Each section is read by a reader of its
/// own, so memory is bounded by the number of sections and nothing is sorted. Equal times keep the order of the file.
/// </remarks>
internal sealed class SectionMerge : IDisposable
{
    private const int MaxSections = 64;

    /// <summary>Kind, connection and time stand before the message.</summary>
    private const int EnvelopeLength = 256;
    private readonly Section[] _sections;
    private Section? _delivered;

    private SectionMerge(string path, List<long> starts)
    {
        _sections = new Section[starts.Count];
        for (int i = 0; i < _sections.Length; i++)
        {
            RawRecordingReader reader = RawRecordingReader.OpenInFileOrder(path);
            reader.SkipTo(starts[i]);
            _sections[i] = new Section(reader, reader.BytesRead, starts[i], i + 1 < starts.Count ? starts[i + 1] : long.MaxValue);
            _sections[i].Advance();
        }
    }

    public long Lines => _sections.Sum(section => section.LinesRead);

    public long BytesRead => _sections.Sum(section => section.BytesRead);

    /// <summary>Opens the file if it is such a recording, of at most 64 sections and whole; otherwise null.</summary>
    public static SectionMerge? TryOpen(string path)
    {
        using Stream text = CompressedInput.Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1), out GzipReadStream? gzip);
        var lines = new LineReader(text);
        LineStatus status = lines.Read(out ReadOnlySpan<byte> line);
        if (!line.StartsWith("{\"t\":\"header\""u8) || line.IndexOf("\"converted_from\""u8) < 0)
            return null;
        List<long> starts = [1];
        UnixNanos last = UnixNanos.None;
        while ((status = lines.Read(out line)) is LineStatus.Line or LineStatus.Unterminated)
        {
            if (!TryReadTime(line, out UnixNanos time))
                continue;
            if (time < last)
                starts.Add(lines.LineNumber);
            last = time;
        }

        bool isWhole = status == LineStatus.End && gzip is not { Damage: not GzipDamage.None };
        return isWhole && starts.Count is > 1 and <= MaxSections ? new SectionMerge(path, starts) : null;
    }

    public bool Read(out RawFrame frame)
    {
        // The delivered frame points into its section's buffer, which therefore moves on only now.
        _delivered?.Advance();
        _delivered = null;
        foreach (Section section in _sections)
        {
            if (section.HasFrame && (_delivered is null || section.Time < _delivered.Time))
                _delivered = section;
        }

        if (_delivered is null)
        {
            frame = default;
            return false;
        }

        _delivered.Reader.ReadAgain(out frame);
        return true;
    }

    public void Dispose()
    {
        foreach (Section section in _sections)
            section.Reader.Dispose();
    }

    /// <summary>Reads the time from the beginning of a line, without looking at the message behind it.</summary>
    private static bool TryReadTime(ReadOnlySpan<byte> line, out UnixNanos time)
    {
        time = default;
        ReadOnlySpan<byte> name = "\"ts\":"u8;
        ReadOnlySpan<byte> envelope = line[..Math.Min(line.Length, EnvelopeLength)];
        int at = envelope.IndexOf(name);
        if (at < 0)
            return false;
        ReadOnlySpan<byte> text = envelope[(at + name.Length)..].TrimStart((byte)' ');
        int end = text.IndexOfAny((byte)',', (byte)'}');
        return end > 0 && EpochText.TryParseSeconds(text[..end], out time);
    }

    private sealed class Section(RawRecordingReader reader, long startOffset, long startLine, long endLine)
    {
        public RawRecordingReader Reader => reader;

        /// <summary>An entry was read and waits to be delivered.</summary>
        public bool HasFrame { get; private set; }

        public UnixNanos Time { get; private set; }

        public long LinesRead { get; private set; }

        public long BytesRead { get; private set; }

        public void Advance()
        {
            HasFrame = reader.Lines < endLine - 1 && reader.Read(out RawFrame frame) && Note(frame);
        }

        private bool Note(in RawFrame frame)
        {
            // An entry without a time keeps its place behind the one before it.
            if (frame.HasReceiveTime)
                Time = frame.ReceiveTime;
            LinesRead = frame.LineNumber - startLine + 1;
            BytesRead = reader.BytesRead - startOffset;
            return true;
        }
    }
}
