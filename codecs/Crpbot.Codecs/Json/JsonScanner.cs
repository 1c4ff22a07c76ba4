using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Crpbot.Codecs.Json;

/// <summary>Walks one JSON document (RFC 8259) front to back, checking every byte it passes.</summary>
/// <remarks>
/// At least as strict as System.Text.Json: no comments, no trailing commas, no byte order mark, at most 64 levels, valid UTF-8
/// throughout. A failed call returns false, and so does every loop condition after it; the first <see cref="Error"/> and its
/// <see cref="Position"/> stay. Allocation-free; ends of strings are found by vector search.
/// <code>
/// for (json.EnterObject(); json.NextField(out JsonText name);)
///     if (name.Is("price"u8)) json.ReadText(out price); else json.Skip();
/// json.End();
/// </code>
/// </remarks>
internal ref struct JsonScanner(ReadOnlySpan<byte> json)
{
    public const int DepthMax = 64;

    private static readonly SearchValues<byte> StringStops =
        SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(b => (byte)b)]);

    private readonly ReadOnlySpan<byte> _json = json;
    private int _depth;
    private bool _first;

    public int Position { get; private set; }

    public ParseError Error { get; private set; }

    public readonly bool Failed => Error != ParseError.None;

    public readonly ParseResult Refusal => ParseResult.Invalid(Error, Position);

    /// <summary>Records the first failure.</summary>
    /// <returns>Always false.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Fail(ParseError error, int position)
    {
        if (Error == ParseError.None)
            (Error, Position) = (error, position);
        return false;
    }

    /// <summary>Refuses documents that are not UTF-8 throughout, at the first wrong byte.</summary>
    public bool CheckUtf8()
    {
        if (Utf8.IsValid(_json))
            return true;
        int at = 0;
        while (Rune.DecodeFromUtf8(_json[at..], out _, out int length) == OperationStatus.Done)
            at += length;
        return Fail(ParseError.InvalidUtf8, at);
    }

    /// <summary>Goes back to a value already passed, whose syntax is therefore known to be right.</summary>
    public void Seek(int position) => Position = Failed ? Position : position;

    /// <summary>The next byte that is not whitespace, 0 at the end or after a failure.</summary>
    public byte Peek()
    {
        if (Failed)
            return 0;
        for (; Position < _json.Length; Position++)
        {
            byte b = _json[Position];
            if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                return b;
        }

        return 0;
    }

    public bool EnterObject() => Enter((byte)'{');

    public bool EnterArray() => Enter((byte)'[');

    /// <summary>Stops before the next field's value, or leaves the object and returns false.</summary>
    public bool NextField(out JsonText name)
    {
        name = default;
        if (!NextMember((byte)'}') || !ReadText(out name))
            return false;
        if (Peek() != ':')
            return FailHere();
        Position++;
        return true;
    }

    /// <summary>Stops before the next element, or leaves the array and returns false.</summary>
    public bool NextElement() => NextMember((byte)']');

    /// <summary>Reads a string.</summary>
    public bool ReadText(out JsonText text)
    {
        text = default;
        if (Peek() != '"')
            return FailType();
        int start = Position + 1, at = start;
        bool escaped = false;
        while (true)
        {
            int length = _json[at..].IndexOfAny(StringStops);
            if (length < 0)
                return Fail(ParseError.UnexpectedEnd, _json.Length);
            at += length;
            if (_json[at] == '"')
                break;
            if (_json[at] != '\\')
                return Fail(ParseError.UnexpectedByte, at);
            escaped = true;
            if (!TrySkipEscape(ref at))
                return false;
        }

        Position = at + 1;
        text = new JsonText(_json[start..at], start, escaped);
        return true;
    }

    /// <summary>Reads a number's text.</summary>
    public bool ReadNumber(out ReadOnlySpan<byte> text)
    {
        text = default;
        byte first = Peek();
        if (first != '-' && !char.IsAsciiDigit((char)first))
            return FailType();
        int start = Position, at = start;
        if (first == '-')
            at++;
        int digits = CountDigits(at);
        if (digits == 0)
            return FailNumber(at);
        if (digits > 1 && _json[at] == '0')
            return FailNumber(at + 1);
        at += digits;
        if (at < _json.Length && _json[at] == '.')
        {
            digits = CountDigits(++at);
            if (digits == 0)
                return FailNumber(at);
            at += digits;
        }

        if (at < _json.Length && (_json[at] | 0x20) == 'e')
        {
            at++;
            if (at < _json.Length && _json[at] is (byte)'+' or (byte)'-')
                at++;
            digits = CountDigits(at);
            if (digits == 0)
                return FailNumber(at);
            at += digits;
        }

        Position = at;
        text = _json[start..at];
        return true;
    }

    /// <summary>Passes over one value of any type, checking it.</summary>
    public bool Skip()
    {
        switch (Peek())
        {
            case (byte)'{':
                for (EnterObject(); NextField(out _);)
                    Skip();
                return !Failed;
            case (byte)'[':
                for (EnterArray(); NextElement();)
                    Skip();
                return !Failed;
            case (byte)'"':
                return ReadText(out _);
            case (byte)'t':
                return SkipLiteral("true"u8);
            case (byte)'f':
                return SkipLiteral("false"u8);
            case (byte)'n':
                return SkipLiteral("null"u8);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return ReadNumber(out _);
            default:
                return FailHere();
        }
    }

    /// <summary>Refuses anything but whitespace after the document.</summary>
    public bool End()
    {
        Peek();
        return !Failed && (Position == _json.Length || Fail(ParseError.TrailingBytes, Position));
    }

    private bool Enter(byte open)
    {
        if (Peek() != open)
            return FailType();
        if (_depth == DepthMax)
            return Fail(ParseError.NestedTooDeep, Position);
        _depth++;
        _first = true;
        Position++;
        return true;
    }

    private bool NextMember(byte close)
    {
        byte next = Peek();
        if (next == close)
        {
            Position++;
            _depth--;
            _first = false;
            return false;
        }

        if (!_first)
        {
            if (next != ',')
                return FailHere();
            Position++;
            next = Peek();
            if (next == close)
                return FailHere();
        }

        _first = false;
        return (next != 0 && !Failed) || FailHere();
    }

    private bool TrySkipEscape(ref int at)
    {
        int start = at++;
        if (at == _json.Length)
            return Fail(ParseError.UnexpectedEnd, at);
        switch (_json[at])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                at++;
                return true;
            case (byte)'u':
                for (int end = ++at + 4; at < end; at++)
                {
                    if (at == _json.Length)
                        return Fail(ParseError.UnexpectedEnd, at);
                    if (!char.IsAsciiHexDigit((char)_json[at]))
                        return Fail(ParseError.InvalidEscape, start);
                }

                return true;
            default:
                return Fail(ParseError.InvalidEscape, start);
        }
    }

    private bool SkipLiteral(ReadOnlySpan<byte> literal)
    {
        if (!_json[Position..].StartsWith(literal))
        {
            int same = _json[Position..].CommonPrefixLength(literal);
            return Fail(Position + same == _json.Length ? ParseError.UnexpectedEnd : ParseError.UnexpectedByte, Position + same);
        }

        Position += literal.Length;
        return true;
    }

    private readonly int CountDigits(int at)
    {
        int start = at;
        while (at < _json.Length && char.IsAsciiDigit((char)_json[at]))
            at++;
        return at - start;
    }

    private bool FailNumber(int at) => Fail(at < _json.Length ? ParseError.InvalidNumber : ParseError.UnexpectedEnd, at);

    private bool FailHere() => Fail(Position < _json.Length ? ParseError.UnexpectedByte : ParseError.UnexpectedEnd, Position);

    /// <summary>The value is of another type than the reader asked for, or no value at all.</summary>
    private bool FailType()
    {
        if (Failed)
            return false;
        int start = Position;
        return start == _json.Length || !Skip() ? FailHere() : Fail(ParseError.WrongType, start);
    }
}
