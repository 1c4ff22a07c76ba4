using System.Buffers.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Simulation.Wire;

/// <summary>UTF-8 text under construction. Grows to the largest message once, then allocates nothing.</summary>
internal sealed class WireText
{
    private byte[] _bytes = new byte[16 * 1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public WireText Clear()
    {
        Length = 0;
        return this;
    }

    public WireText Add(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(utf8.Length));
        Length += utf8.Length;
        return this;
    }

    /// <summary>Appends an ASCII name, such as a symbol.</summary>
    public WireText Add(string ascii)
    {
        Span<byte> room = Room(ascii.Length);
        for (int i = 0; i < ascii.Length; i++)
            room[i] = (byte)ascii[i];
        Length += ascii.Length;
        return this;
    }

    public WireText Add(long value)
    {
        Utf8Formatter.TryFormat(value, Room(20), out int written);
        Length += written;
        return this;
    }

    /// <summary>Appends a number of steps as an exact decimal.</summary>
    /// <param name="step">The increment.</param>
    /// <param name="steps">How many; not negative.</param>
    /// <param name="trim">Leaves trailing zeros out, as JavaScript prints numbers.</param>
    public WireText Add(DecimalStep step, long steps, bool trim)
    {
        // Right to left: fraction digits, point, whole digits.
        Span<byte> digits = stackalloc byte[48];
        int at = digits.Length;
        Int128 value = (Int128)steps * step.Mantissa;
        bool trimming = trim;
        for (int i = 0; i < step.Scale; i++)
        {
            int digit = (int)(value % 10);
            value /= 10;
            trimming &= digit == 0;
            if (!trimming)
                digits[--at] = (byte)('0' + digit);
        }

        if (at < digits.Length)
            digits[--at] = (byte)'.';
        do
        {
            digits[--at] = (byte)('0' + (int)(value % 10));
            value /= 10;
        }
        while (value > 0);
        return Add(digits[at..]);
    }

    /// <summary>Appends ISO 8601 with six fraction digits and Z.</summary>
    public WireText Add(UnixNanos time)
    {
        DateTime utc = time.ToDateTime();
        Span<byte> room = Room(27);
        Digits(room[..4], utc.Year);
        room[4] = (byte)'-';
        Digits(room[5..7], utc.Month);
        room[7] = (byte)'-';
        Digits(room[8..10], utc.Day);
        room[10] = (byte)'T';
        Digits(room[11..13], utc.Hour);
        room[13] = (byte)':';
        Digits(room[14..16], utc.Minute);
        room[16] = (byte)':';
        Digits(room[17..19], utc.Second);
        room[19] = (byte)'.';
        Digits(room[20..26], (int)(utc.Ticks % TimeSpan.TicksPerSecond / 10));
        room[26] = (byte)'Z';
        Length += 27;
        return this;
    }

    private static void Digits(Span<byte> room, int value)
    {
        for (int i = room.Length - 1; i >= 0; i--)
        {
            room[i] = (byte)('0' + value % 10);
            value /= 10;
        }
    }

    private Span<byte> Room(int count)
    {
        if (Length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        return _bytes.AsSpan(Length, count);
    }
}
