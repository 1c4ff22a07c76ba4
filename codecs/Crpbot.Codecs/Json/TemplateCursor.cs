using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Crpbot.Messages;

namespace Crpbot.Codecs.Json;

/// <summary>Reads a message by the template its venue always sends it in: literal, value, literal, value.</summary>
/// <remarks>
/// The quick way in: it understands one order of fields, no whitespace and no escapes, and on the first surprise says false, whereupon the
/// parser starts again with <see cref="JsonScanner"/>, which rules. Each byte is either compared with a literal or checked as part
/// of a value, so what a template accepts is exactly what the scanner would accept. Allocation-free.
/// </remarks>
internal ref struct TemplateCursor
{
    private readonly ref byte _start;
    private readonly int _length;
    private int _position;

    public TemplateCursor(ReadOnlySpan<byte> text, int position)
    {
        _start = ref MemoryMarshal.GetReference(text);
        _length = text.Length;
        _position = position;
    }

    public readonly bool AtEnd => _position == _length;

    public readonly int Position => _position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Take(ReadOnlySpan<byte> literal)
    {
        if (_length - _position < literal.Length
            || !MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _start, _position), literal.Length).SequenceEqual(literal))
        {
            return false;
        }

        _position += literal.Length;
        return true;
    }

    /// <summary>The byte at hand, 0 at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly byte Peek() => _position < _length ? Unsafe.Add(ref _start, _position) : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(int count) => _position += count;

    /// <summary>Takes a string's characters up to its closing quote: printable ASCII without escapes.</summary>
    public bool TakeText(out ReadOnlySpan<byte> text)
    {
        int at = _position;
        while (_length - at >= DecimalKernel.Width)
        {
            Vector128<byte> window = Vector128.LoadUnsafe(ref Unsafe.Add(ref _start, at));
            // Signed: bytes from 0x80 are negative, so one comparison finds them and the control characters.
            Vector128<byte> stops = Vector128.LessThan(window.AsSByte(), Vector128.Create((sbyte)0x20)).AsByte()
                | Vector128.Equals(window, Vector128.Create((byte)'"')) | Vector128.Equals(window, Vector128.Create((byte)'\\'));
            uint mask = stops.ExtractMostSignificantBits();
            if (mask != 0)
            {
                at += BitOperations.TrailingZeroCount(mask);
                text = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _start, _position), at - _position);
                _position = at;
                return Unsafe.Add(ref _start, at) == '"';
            }

            at += DecimalKernel.Width;
        }

        return TakeTextNearEnd(at, out text);
    }

    private bool TakeTextNearEnd(int at, out ReadOnlySpan<byte> text)
    {
        for (; at < _length; at++)
        {
            byte b = Unsafe.Add(ref _start, at);
            if (b is < 0x20 or >= 0x80 or (byte)'"' or (byte)'\\')
                break;
        }

        text = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _start, _position), at - _position);
        _position = at;
        return Peek() == '"';
    }

    /// <summary>Takes a decimal such as 61837.63 in whole units of 10^-scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeDecimal(int scale, out long value)
    {
        if (DecimalKernel.TryMeasure(Window(), out Vector128<byte> digits, out int point, out int end)
            && DecimalKernel.TryConvert(digits, point, end, scale, out value))
        {
            _position += end;
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>As TakeDecimal, for a JSON number: a zero in front must be its only whole digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeNumber(int scale, out long value)
    {
        int start = _position;
        bool isPadded = Peek() == '0' && start + 1 < _length && char.IsAsciiDigit((char)Unsafe.Add(ref _start, start + 1));
        return TakeDecimal(scale, out value) & !isPadded;
    }

    /// <summary>Takes a decimal whose scale is not known yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeDecimal(out MeasuredDecimal measured)
    {
        bool measurable = DecimalKernel.TryMeasure(Window(), out Vector128<byte> digits, out int point, out int end);
        measured = new MeasuredDecimal(digits, point, end);
        _position += end;
        return measurable;
    }

    /// <summary>Takes a JSON integer of at most 16 digits, without superfluous zeros in front.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeInteger(out long value)
    {
        Vector128<byte> digits = Window() - Vector128.Create((byte)'0');
        uint others = Vector128.GreaterThan(digits, Vector128.Create((byte)9)).ExtractMostSignificantBits();
        int count = BitOperations.TrailingZeroCount(others | 1u << DecimalKernel.Width);
        value = DecimalKernel.Integer(digits, count);
        if (count == 0 || (count > 1 & digits.ToScalar() == 0) || _position + count >= _length)
            return false;
        _position += count;
        return true;
    }

    /// <summary>Takes an ISO 8601 time up to and including its Z.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeTime(MinuteCache minutes, out long nanos)
    {
        const int secondsAt = TimeParser.MinuteLength + 1;
        nanos = 0;
        if (_length - _position < secondsAt + DecimalKernel.Width)
            return TakeTimeNearEnd(minutes, out nanos);
        ref byte start = ref Unsafe.Add(ref _start, _position);
        Vector128<byte> seconds = Vector128.LoadUnsafe(ref Unsafe.Add(ref start, secondsAt));
        return TakeTime(minutes, Vector128.LoadUnsafe(ref start), Unsafe.Add(ref start, secondsAt - 1), seconds, out nanos);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeTimeNearEnd(MinuteCache minutes, out long nanos)
    {
        const int secondsAt = TimeParser.MinuteLength + 1;
        nanos = 0;
        if (_length - _position < secondsAt + 3)
            return false;
        ref byte start = ref Unsafe.Add(ref _start, _position);
        _position += secondsAt;
        Vector128<byte> seconds = Window();
        _position -= secondsAt;
        return TakeTime(minutes, Vector128.LoadUnsafe(ref start), Unsafe.Add(ref start, secondsAt - 1), seconds, out nanos);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TakeTime(MinuteCache minutes, Vector128<byte> minute, byte colon, Vector128<byte> seconds, out long nanos)
    {
        const int nanoDigits = 9;
        if (colon == ':' & minutes.TryFind(minute, out long minuteNanos)
            && DecimalKernel.TryMeasure(seconds, out Vector128<byte> digits, out int point, out int end)
            && point == 2
            && DecimalKernel.TryConvert(digits, point, end, nanoDigits, out nanos)
            && nanos < UnixNanos.PerMinute)
        {
            nanos += minuteNanos;
            _position += TimeParser.MinuteLength + 1 + end;
            bool utc = Peek() == 'Z';
            _position++;
            return utc;
        }

        nanos = 0;
        return false;
    }

    /// <summary>The next 16 bytes, zeros past the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Vector128<byte> Window()
    {
        int left = _length - _position;
        return left >= DecimalKernel.Width ? Vector128.LoadUnsafe(ref Unsafe.Add(ref _start, _position)) : WindowNearEnd(left);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly Vector128<byte> WindowNearEnd(int left) =>
        _length < DecimalKernel.Width
            ? Vector128<byte>.Zero
            : DecimalKernel.LoadShifted(ref Unsafe.Add(ref _start, _length - DecimalKernel.Width), DecimalKernel.Width - left);
}

/// <summary>A decimal found but not yet scaled: the message names the Instrument later.</summary>
internal readonly struct MeasuredDecimal(Vector128<byte> digits, int point, int end)
{
    public bool TryScale(int scale, out long value) => DecimalKernel.TryConvert(digits, point, end, scale, out value);
}

/// <summary>Remembers the last minute whose text was parsed: consecutive messages share it.</summary>
internal sealed class MinuteCache
{
    private Vector128<byte> _text = Vector128.Create("1970-01-01T00:00"u8);
    private long _nanos;

    /// <summary>Nanoseconds since 1970 of <c>yyyy-MM-ddTHH:mm</c>; false when it is no time or before 1970.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(Vector128<byte> minute, out long nanos)
    {
        nanos = _nanos;
        return minute == _text || TryParse(minute, out nanos);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryParse(Vector128<byte> minute, out long nanos)
    {
        Span<byte> text = stackalloc byte[TimeParser.MinuteLength];
        minute.CopyTo(text);
        nanos = 0;
        // 2261 keeps the product within 63 bits.
        if (!TimeParser.TryParseMinute(text, out long minutes) || minutes < 0 || text.SequenceCompareTo("2262"u8) >= 0)
            return false;
        (_text, _nanos) = (minute, nanos = minutes * UnixNanos.PerMinute);
        return true;
    }
}
