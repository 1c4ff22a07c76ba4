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

    /// <summary>Opens the file if it is such a recording, of at most 64 sections and undamaged; otherwise null.</summary>
    public static SectionMerge? TryOpen(string path)
    {
        using RawRecordingReader scan = RawRecordingReader.OpenInFileOrder(path);
        if (!scan.Read(out RawFrame header) || header.Kind != RawFrameKind.Header || header.Payload.IndexOf("\"converted_from\""u8) < 0)
            return null;
        List<long> starts = [1];
        UnixNanos last = UnixNanos.None;
        while (scan.Read(out RawFrame frame))
        {
            if (frame.Kind == RawFrameKind.Damage)
                return null;
            if (!frame.HasReceiveTime)
                continue;
            if (frame.ReceiveTime < last)
                starts.Add(frame.LineNumber);
            last = frame.ReceiveTime;
        }

        return starts.Count is 1 or > MaxSections ? null : new SectionMerge(path, starts);
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
