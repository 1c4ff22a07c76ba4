namespace Crpbot.Codecs.Text;

/// <summary>What <see cref="LineReader.Read"/> found.</summary>
public enum LineStatus : byte
{
    End = 0,

    /// <summary>A line that ended with a line feed.</summary>
    Line,

    /// <summary>The last bytes of the input, without a line feed.</summary>
    Unterminated,

    /// <summary>A line over the limit; it was skipped.</summary>
    TooLong,
}

/// <summary>Cuts a stream into lines at LF or CRLF, without copying and with a bound on memory.</summary>
/// <remarks>The buffer grows to the longest line once; then nothing is allocated. A UTF-8 byte order mark is skipped.</remarks>
public sealed class LineReader(Stream stream, int maxLineLength = LineReader.DefaultMaxLineLength)
{
    public const int DefaultMaxLineLength = 64 * 1024 * 1024;
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private int _currentStart;
    private int _currentLength;
    private bool _atEnd;
    private long _bufferOffset;

    /// <summary>Of the line just read, 1 upwards.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Where the line just read begins, in bytes of the decompressed input.</summary>
    public long LineOffset { get; private set; }

    /// <summary>Bytes of all lines read so far, line feeds included.</summary>
    public long BytesRead => _bufferOffset + _start;

    /// <summary>The line just read, until the next is.</summary>
    public ReadOnlySpan<byte> Current => _buffer.AsSpan(_currentStart, _currentLength);

    /// <summary>Reads the next line; the span is valid until the next call.</summary>
    /// <exception cref="IOException">The stream fails.</exception>
    public LineStatus Read(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        for (; ; )
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = Take(searched + at, 1);
                return LineStatus.Line;
            }

            searched = _end - _start;
            if (searched > maxLineLength)
                return SkipLongLine(out line);
            if (!_atEnd && Fill())
                continue;
            if (searched == 0)
            {
                line = default;
                return LineStatus.End;
            }

            line = Take(searched, 0);
            return LineStatus.Unterminated;
        }
    }

    private ReadOnlySpan<byte> Take(int length, int terminator)
    {
        LineNumber++;
        LineOffset = _bufferOffset + _start;
        (_currentStart, _currentLength) = (_start, length);
        _start += length + terminator;
        if (LineOffset == 0 && Current.StartsWith("\uFEFF"u8))
            (_currentStart, _currentLength) = (_currentStart + 3, length - 3);
        if (_currentLength > 0 && Current[^1] == (byte)'\r')
            _currentLength--;
        return Current;
    }

    private LineStatus SkipLongLine(out ReadOnlySpan<byte> line)
    {
        LineNumber++;
        LineOffset = _bufferOffset + _start;
        line = default;
        for (; ; )
        {
            int at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (at >= 0)
            {
                _start += at + 1;
                return LineStatus.TooLong;
            }

            _start = _end;
            if (!Fill())
                return LineStatus.TooLong;
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _bufferOffset += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        int count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        _atEnd = count == 0;
        return count > 0;
    }
}
