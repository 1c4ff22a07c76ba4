using System.Text;

namespace Crpbot.Datasets;

/// <summary>The cells of one line, without copying them.</summary>
internal sealed class CandleCells
{
    private (int Start, int Length)[] _cells = new (int, int)[16];

    public int Count { get; private set; }

    /// <summary>Cells up to the last that is not empty: some writers end every row with a separator.</summary>
    public int Filled
    {
        get
        {
            int filled = Count;
            while (filled > 0 && _cells[filled - 1].Length == 0)
                filled--;
            return filled;
        }
    }

    /// <summary>The separator that occurs most: comma, semicolon, tab or bar.</summary>
    public static byte SeparatorOf(ReadOnlySpan<byte> line)
    {
        byte best = (byte)',';
        int most = 0;
        foreach (byte separator in ",;\t|"u8)
        {
            int count = line.Count(separator);
            if (count > most)
                (best, most) = (separator, count);
        }

        return best;
    }

    /// <summary>A cell without its quotes and the blanks around it.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> line, int index) => line.Slice(_cells[index].Start, _cells[index].Length);

    public string TextOf(ReadOnlySpan<byte> line, int index) => Encoding.UTF8.GetString(Of(line, index));

    public void Split(ReadOnlySpan<byte> line, byte separator)
    {
        Count = 0;
        bool hasQuotes = line.Contains((byte)'"');
        for (int start = 0; ;)
        {
            int length = hasQuotes ? QuotedLength(line[start..], separator) : line[start..].IndexOf(separator);
            Add(line, start, length < 0 ? line.Length - start : length);
            if (length < 0)
                return;
            start += length + 1;
        }
    }

    /// <summary>Length up to the next separator outside quotes, negative without one.</summary>
    private static int QuotedLength(ReadOnlySpan<byte> rest, byte separator)
    {
        bool isQuoted = false;
        for (int i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '"')
                isQuoted = !isQuoted;
            else if (rest[i] == separator && !isQuoted)
                return i;
        }

        return -1;
    }

    private void Add(ReadOnlySpan<byte> line, int start, int length)
    {
        int end = start + length;
        while (start < end && line[start] is (byte)' ' or (byte)'"')
            start++;
        while (end > start && line[end - 1] is (byte)' ' or (byte)'"')
            end--;
        if (Count == _cells.Length)
            Array.Resize(ref _cells, Count * 2);
        _cells[Count++] = (start, end - start);
    }
}
