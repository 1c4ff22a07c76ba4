namespace Crpbot.Codecs;

/// <summary>Keeps the latest trade ids that are no 63-bit integers, so that a MarketEvent can name one by number.</summary>
/// <remarks>
/// Two rings of fixed size, one of entries and one of bytes: adding never fails and never allocates, and in the end overwrites the
/// oldest. Numbers grow by one and are not reused until <see cref="Reset"/>. The receiving thread writes; another thread may read
/// a number it got through the ring buffer, as long as the table holds more entries than that ring has slots.
/// </remarks>
public sealed class TextIdTable
{
    /// <summary>The longest id in bytes; two UUIDs fit.</summary>
    public const int LengthMax = 128;

    private readonly Entry[] _entries;
    private readonly byte[] _bytes;
    private long _count;
    private long _written;

    /// <param name="entries">Ids kept, a power of two.</param>
    /// <param name="bytes">Bytes kept, at least <see cref="LengthMax"/>; the default suffices for all entries being UUIDs.</param>
    public TextIdTable(int entries = 1 << 17, int bytes = 5 << 20)
    {
        if (entries <= 0 || (entries & (entries - 1)) != 0)
            throw new ArgumentException($"{entries} entries: expected a power of two", nameof(entries));
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, LengthMax);
        _entries = new Entry[entries];
        _bytes = new byte[bytes];
    }

    /// <summary>Stores an id and returns its number.</summary>
    /// <exception cref="ArgumentException">The id is longer than <see cref="LengthMax"/>.</exception>
    public long Add(ReadOnlySpan<byte> id)
    {
        if (id.Length > LengthMax)
            throw new ArgumentException($"an id of {id.Length} bytes; at most {LengthMax} are kept", nameof(id));
        int at = (int)(_written % _bytes.Length);
        if (at + id.Length > _bytes.Length)
        {
            _written += _bytes.Length - at;
            at = 0;
        }

        id.CopyTo(_bytes.AsSpan(at));
        _entries[_count & (_entries.Length - 1)] = new Entry(_written, id.Length);
        _written += id.Length;
        return _count++;
    }

    /// <summary>The id of a number; valid until it is overwritten.</summary>
    /// <exception cref="InvalidOperationException">It was never given, or is overwritten already.</exception>
    public ReadOnlySpan<byte> Get(long number)
    {
        Entry entry = _entries[number & (_entries.Length - 1)];
        if (number < 0 | number >= _count | number < _count - _entries.Length || _written - entry.Start > _bytes.Length)
            throw new InvalidOperationException($"text id {number} is not kept: {_count} were added, make the table larger than the ring");
        return _bytes.AsSpan((int)(entry.Start % _bytes.Length), entry.Length);
    }

    /// <summary>Forgets everything; numbers start at 0 again.</summary>
    public void Reset() => (_count, _written) = (0, 0);

    /// <param name="Start">Position in the endless stream of bytes ever written.</param>
    private readonly record struct Entry(long Start, int Length);
}
