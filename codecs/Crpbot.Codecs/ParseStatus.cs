namespace Crpbot.Codecs;

/// <summary>How far a parser came.</summary>
public enum ParseStatus : byte
{
    /// <summary>Whole and understood.</summary>
    Done = 0,

    /// <summary>The input ends before the message does; nothing was consumed.</summary>
    NeedMoreData = 1,

    /// <summary>Refused: malformed, or a value that this Instrument cannot represent.</summary>
    Invalid = 2,

    /// <summary>Well-formed, of a type nobody reads; counted as unknown.</summary>
    Unknown = 3,
}

/// <summary>Why a message was refused.</summary>
public enum ParseError : byte
{
    None = 0,
    UnexpectedEnd,
    UnexpectedByte,
    InvalidUtf8,
    InvalidEscape,
    NestedTooDeep,
    MissingField,
    DuplicateField,
    WrongType,
    InvalidNumber,
    NumberOutOfRange,
    NotAWholeTick,
    NotAWholeLot,
    NotPositive,
    InvalidTime,
    InvalidSide,
    InvalidSymbol,
    TrailingBytes,
}

/// <summary>What a refusal means for the file it was read from.</summary>
public enum RefusalKind : byte
{
    /// <summary>One row or message cannot be read, or not be represented.</summary>
    Value = 0,

    /// <summary>The file ends early.</summary>
    Truncated,

    /// <summary>Bytes are wrong: checksums, compressed data, text that is no recording.</summary>
    Corrupt,
}

/// <summary>A parser's ruling on one message: a value, never an exception.</summary>
/// <param name="Status">Done, Unknown or Invalid.</param>
/// <param name="Error">Set when Invalid.</param>
/// <param name="Position">Byte offset into the message where it was refused.</param>
public readonly record struct ParseResult(ParseStatus Status, ParseError Error, int Position)
{
    public static readonly ParseResult Done;

    public static readonly ParseResult Unknown = new(ParseStatus.Unknown, ParseError.None, 0);

    public static ParseResult Invalid(ParseError error, int position) => new(ParseStatus.Invalid, error, position);
}
