using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Crpbot.Codecs.Instruments;
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
    /// <summary>The largest scale of a <see cref="DecimalStep"/>; a larger one stands for a step that is no power of ten.</summary>
    private const int DecimalScaleMax = 18;

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeText(out ReadOnlySpan<byte> text)
    {
        int end = FindTextEnd(ref _start, _position, _length);
        text = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _start, _position), end - _position);
        _position = end;
        return Peek() == '"';
    }

    /// <summary>Takes a quoted decimal such as 61837.63, up to its closing quote, in whole units of 10^-scale; negative ones are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeDecimal(int scale, out long value)
    {
        if (TakeNumberText(scale, out value))
            return true;
        (value, int end) = DecimalPlainly(ref _start, _position, _length, scale);
        _position += end;
        return end != 0;
    }

    /// <summary>Takes a bare JSON number in whole units of 10^-scale: a zero in front must be its only whole digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeNumber(int scale, out long value)
    {
        int start = _position;
        bool isPadded = Peek() == '0' && start + 1 < _length && char.IsAsciiDigit((char)Unsafe.Add(ref _start, start + 1));
        return TakeNumberText(scale, out value) & !isPadded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TakeNumberText(int scale, out long value)
    {
        int end;
        if (_length - _position < DecimalKernel.Width)
        {
            (value, end) = DecimalNearEnd(ref _start, _position, _length, scale);
            _position += end;
            return end != 0;
        }

        if (DecimalKernel.TryMeasure(Vector128.LoadUnsafe(ref Unsafe.Add(ref _start, _position)), out Vector128<byte> digits, out int point, out end)
            && DecimalKernel.TryConvert(digits, point, end, scale, out value))
        {
            _position += end;
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>Takes a decimal whose scale is not known yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeDecimal(out MeasuredDecimal measured)
    {
        bool measurable = DecimalKernel.TryMeasure(Window(_position), out Vector128<byte> digits, out int point, out int end);
        measured = new MeasuredDecimal(digits, point, end);
        _position += end;
        return measurable;
    }

    /// <summary>Takes a JSON integer of at most 16 digits, without superfluous zeros in front.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakeInteger(out long value)
    {
        Vector128<byte> digits = Window(_position) - Vector128.Create((byte)'0');
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
        const int nanoDigits = 9;
        nanos = 0;
        if (_length - _position <= secondsAt)
            return false;
        ref byte start = ref Unsafe.Add(ref _start, _position);
        if (Unsafe.Add(ref start, secondsAt - 1) == ':' & minutes.TryFind(Vector128.LoadUnsafe(ref start), out long minuteNanos)
            && DecimalKernel.TryMeasure(Window(_position + secondsAt), out Vector128<byte> digits, out int point, out int end)
            && point == 2
            && DecimalKernel.TryConvert(digits, point, end, nanoDigits, out nanos)
            && nanos < UnixNanos.PerMinute)
        {
            nanos += minuteNanos;
            _position += secondsAt + end;
            bool utc = Peek() == 'Z';
            _position++;
            return utc;
        }

        return false;
    }

    /// <summary>The 16 bytes from a position on, zeros past the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Vector128<byte> Window(int position)
    {
        int left = _length - position;
        return left >= DecimalKernel.Width
            ? Vector128.LoadUnsafe(ref Unsafe.Add(ref _start, position))
            : WindowNearEnd(ref _start, left, _length);
    }

    // The helpers below take the fields one by one: a method that took the cursor itself would force it out of the registers.

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> WindowNearEnd(ref byte start, int left, int length) =>
        length < DecimalKernel.Width
            ? Vector128<byte>.Zero
            : DecimalKernel.LoadShifted(ref Unsafe.Add(ref start, length - DecimalKernel.Width), DecimalKernel.Width - left);

    /// <summary>A decimal among the last 15 bytes; an end of 0 says there is none.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long Value, int End) DecimalNearEnd(ref byte start, int position, int length, int scale) =>
        DecimalKernel.TryMeasure(WindowNearEnd(ref start, length - position, length), out Vector128<byte> digits, out int point, out int end)
            && DecimalKernel.TryConvert(digits, point, end, scale, out long value) ? (value, end) : (0, 0);

    /// <summary>Any decimal up to the closing quote that the kernel cannot hold: a book has levels at 10^8 and beyond.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long Value, int End) DecimalPlainly(ref byte start, int position, int length, int scale)
    {
        int end = FindTextEnd(ref start, position, length);
        ReadOnlySpan<byte> text = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, position), end - position);
        return scale <= DecimalScaleMax && DecimalParser.ParseSteps(text, new DecimalStep(1, scale), out long value) == ParseError.None && value >= 0
            ? (value, text.Length)
            : (0, 0);
    }

    /// <summary>The first byte from a position on that is no plain text: a quote, a backslash, a control character, beyond ASCII, or the end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FindTextEnd(ref byte start, int position, int length)
    {
        for (; length - position >= DecimalKernel.Width; position += DecimalKernel.Width)
        {
            Vector128<byte> window = Vector128.LoadUnsafe(ref Unsafe.Add(ref start, position));
            // Signed: bytes from 0x80 are negative, so one comparison finds them and the control characters.
            Vector128<byte> stops = Vector128.LessThan(window.AsSByte(), Vector128.Create((sbyte)0x20)).AsByte()
                | Vector128.Equals(window, Vector128.Create((byte)'"')) | Vector128.Equals(window, Vector128.Create((byte)'\\'));
            uint mask = stops.ExtractMostSignificantBits();
            if (mask != 0)
                return position + BitOperations.TrailingZeroCount(mask);
        }

        for (; position < length; position++)
        {
            if (Unsafe.Add(ref start, position) is < 0x20 or >= 0x80 or (byte)'"' or (byte)'\\')
                break;
        }

        return position;
    }
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
