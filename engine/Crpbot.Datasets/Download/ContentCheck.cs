using System.Globalization;
using Crpbot.Codecs.Text;

namespace Crpbot.Datasets.Download;

/// <summary>What a whole file holds.</summary>
/// <param name="UncompressedBytes">Length of the content.</param>
/// <param name="Rows">Rows of a CSV without its header; messages of a slice.</param>
internal readonly record struct ContentSummary(long UncompressedBytes, long Rows)
{
    public RawFileStatus Status => Rows == 0 ? RawFileStatus.Empty : RawFileStatus.Whole;
}

/// <summary>Reads files to their end to see whether they are whole. Synchronous, allocates a buffer a file.</summary>
internal static class ContentCheck
{
    private const int BufferLength = 128 * 1024;
    private const int TimeLength = 28; // yyyy-MM-ddTHH:mm:ss.fffffffZ
    private const int MinuteLength = 16; // yyyy-MM-ddTHH:mm
    private static readonly string TimeForm = "dddd-dd-ddTdd:dd:dd.dddddddZ ";

    /// <summary>A gzip file of a CSV whose first line is its header, or of nothing at all.</summary>
    /// <exception cref="InvalidDataException">Truncated, corrupt, or with foreign bytes behind its end.</exception>
    public static ContentSummary Csv(Stream compressed)
    {
        long bytes = 0;
        long lines = 0;
        bool isOpen = false;
        ReadGzip(compressed, piece =>
        {
            bytes += piece.Length;
            lines += piece.Count((byte)'\n');
            isOpen = piece[^1] != '\n';
        });
        return new ContentSummary(bytes, Math.Max(0, lines + (isOpen ? 1 : 0) - 1));
    }

    /// <summary>A gzip file of raw messages, each behind its time of 28 characters and a space; empty lines are lost connections.</summary>
    /// <param name="start">First minute of the slice.</param>
    /// <param name="minutes">Its minutes.</param>
    /// <exception cref="InvalidDataException">Damaged, a line of another form or of another minute, or an unfinished last line.</exception>
    public static ContentSummary Slice(Stream compressed, DateTime start, int minutes)
    {
        var lines = new SliceLines(start, minutes);
        ReadGzip(compressed, lines.Take);
        return lines.Finish();
    }

    /// <summary>A day of candles as <see cref="CoinbaseCandles"/> writes it.</summary>
    /// <exception cref="InvalidDataException">Not such a file, or its last line is unfinished.</exception>
    public static ContentSummary Candles(Stream plain, DateTime day)
    {
        using var reader = new StreamReader(plain, leaveOpen: true);
        string text = reader.ReadToEnd();
        if (!text.StartsWith(CandleRows.Header, StringComparison.Ordinal) || !text.EndsWith('\n'))
            throw new InvalidDataException("no whole file of candles");
        string[] rows = text[CandleRows.Header.Length..].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        long previous = new DateTimeOffset(day).ToUnixTimeSeconds() - 60;
        long end = previous + 60 + 86_400;
        foreach (string row in rows)
        {
            string[] cells = row.Split(',');
            if (cells.Length != 6 || !long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out long time) || time <= previous || time >= end)
                throw new InvalidDataException($"no candle of its day: '{row}'");
            previous = time;
        }

        return new ContentSummary(plain.Length, rows.Length);
    }

    private delegate void TakePiece(ReadOnlySpan<byte> piece);

    private static void ReadGzip(Stream compressed, TakePiece take)
    {
        // "Nothing at all" is one of the forms in which a day without data comes; FileFetcher takes it only when its length was announced.
        if (compressed.Length == 0)
            return;
        using var content = new GzipReadStream(compressed, leaveOpen: true);
        byte[] buffer = new byte[BufferLength];
        int count;
        while ((count = content.Read(buffer)) > 0)
            take(buffer.AsSpan(0, count));
        if (content.Damage != GzipDamage.None)
            throw new InvalidDataException(content.Damage == GzipDamage.Truncated ? "the gzip file ends too early" : "the gzip file is corrupt");
    }

    /// <summary>Looks at the start of every line, wherever the pieces are cut.</summary>
    private sealed class SliceLines
    {
        private readonly string _first;
        private readonly string _last;
        private readonly byte[] _head = new byte[TimeLength + 1];
        private int _headLength;
        private bool _inMessage;
        private long _bytes;
        private long _messages;
        private long _line = 1;

        public SliceLines(DateTime start, int minutes)
        {
            _first = Minute(start);
            _last = Minute(start.AddMinutes(minutes - 1));
        }

        public void Take(ReadOnlySpan<byte> piece)
        {
            _bytes += piece.Length;
            while (!piece.IsEmpty)
            {
                int end = piece.IndexOf((byte)'\n');
                ReadOnlySpan<byte> part = end < 0 ? piece : piece[..end];
                TakePart(part);
                if (end < 0)
                    return;
                EndLine();
                piece = piece[(end + 1)..];
            }
        }

        public ContentSummary Finish() => _headLength == 0 ? new ContentSummary(_bytes, _messages)
            : throw new InvalidDataException($"line {_line}: the last line is unfinished, so the slice is cut");

        private void TakePart(ReadOnlySpan<byte> part)
        {
            int wanted = Math.Min(_head.Length - _headLength, part.Length);
            part[..wanted].CopyTo(_head.AsSpan(_headLength));
            _headLength += wanted;
            _inMessage |= part.Length > wanted;
        }

        private void EndLine()
        {
            if (_headLength > 0)
            {
                CheckHead();
                _messages++;
            }

            (_headLength, _inMessage) = (0, false);
            _line++;
        }

        private void CheckHead()
        {
            bool isTime = _headLength == _head.Length && _inMessage;
            for (int i = 0; isTime && i < TimeForm.Length; i++)
                isTime = TimeForm[i] == 'd' ? char.IsAsciiDigit((char)_head[i]) : _head[i] == TimeForm[i];
            if (!isTime)
                throw new InvalidDataException($"line {_line}: no time of {TimeLength} characters, a space and a message");
            string minute = System.Text.Encoding.ASCII.GetString(_head, 0, MinuteLength);
            if (string.CompareOrdinal(minute, _first) < 0 || string.CompareOrdinal(minute, _last) > 0)
                throw new InvalidDataException($"line {_line}: {minute} is outside the slice's minutes {_first} to {_last}");
        }

        private static string Minute(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
    }
}
