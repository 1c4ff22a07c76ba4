using System.Buffers.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

/// <summary>Builds rows of UTF-8 text without allocating and hands them to a stream in large pieces.</summary>
internal sealed class CsvRow(Stream stream)
{
    // The longest number: sign, 39 digits of an Int128, point, and zeros before them.
    private const int MaxNumberLength = 64;
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;
    private bool _midRow;

    public void Text(ReadOnlySpan<byte> text)
    {
        Separate(text.Length);
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    public void Integer(long value)
    {
        Separate(MaxNumberLength);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out int written);
        _length += written;
    }

    /// <summary>Whole microseconds, or three fraction digits when there are nanoseconds.</summary>
    public void Time(UnixNanos time)
    {
        UnixNanos whole = time.Floor(UnixNanos.PerMicrosecond);
        Integer(whole.Value / UnixNanos.PerMicrosecond);
        long nanos = time - whole;
        if (nanos == 0)
            return;
        _buffer[_length++] = (byte)'.';
        Utf8Formatter.TryFormat(nanos, _buffer.AsSpan(_length), out int written, new System.Buffers.StandardFormat('D', 3));
        _length += written;
    }

    /// <summary>Exact decimal text of whole steps, without trailing zeros.</summary>
    public void Decimal(long steps, DecimalStep step)
    {
        Int128 value = (Int128)steps * step.Mantissa;
        Scaled(value, step.Scale);
    }

    /// <summary>Exact decimal text of value × 10^-scale, without trailing zeros.</summary>
    public void Scaled(Int128 value, int scale)
    {
        Separate(MaxNumberLength + scale);
        Span<byte> digits = stackalloc byte[MaxNumberLength];
        bool negative = value < 0;
        UInt128 rest = (UInt128)Int128.Abs(value);
        int start = digits.Length;
        while (rest > ulong.MaxValue)
        {
            (rest, UInt128 digit) = UInt128.DivRem(rest, 10);
            digits[--start] = (byte)('0' + (int)digit);
        }

        for (ulong small = (ulong)rest; small != 0; small /= 10)
            digits[--start] = (byte)('0' + small % 10);
        ReadOnlySpan<byte> significant = digits[start..];
        while (scale > 0 && significant.Length > 0 && significant[^1] == '0')
        {
            significant = significant[..^1];
            scale--;
        }

        if (significant.IsEmpty)
            scale = 0;
        if (negative)
            _buffer[_length++] = (byte)'-';
        int whole = significant.Length - scale;
        if (whole > 0)
            Append(significant[..whole]);
        else
            _buffer[_length++] = (byte)'0';
        if (scale <= 0)
            return;
        _buffer[_length++] = (byte)'.';
        for (; whole < 0; whole++)
            _buffer[_length++] = (byte)'0';
        Append(significant[whole..]);
    }

    public void Empty() => Separate(0);

    public void End()
    {
        Reserve(1);
        _buffer[_length++] = (byte)'\n';
        _midRow = false;
        if (_length > _buffer.Length / 2)
            Flush();
    }

    public void Flush()
    {
        stream.Write(_buffer, 0, _length);
        _length = 0;
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    private void Separate(int more)
    {
        Reserve(more + 1);
        if (_midRow)
            _buffer[_length++] = (byte)',';
        _midRow = true;
    }

    private void Reserve(int more)
    {
        if (_length + more > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + more));
    }
}
