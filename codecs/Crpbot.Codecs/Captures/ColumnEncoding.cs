namespace Crpbot.Codecs.Captures;

/// <summary>How a column's numbers stand in a body; the writer takes the smallest. Values are stored.</summary>
internal enum ColumnEncoding : byte
{
    /// <summary>One value, said once.</summary>
    Constant = 0,

    /// <summary>Whole bytes, 1, 2, 4 or 8 a value, above a minimum: what LZ4 finds repetitions in.</summary>
    Bytes = 1,

    /// <summary>A prefix code for frequent values and bit lengths, then low bits: four interleaved bit streams.</summary>
    Packed = 2,
}

/// <summary>The shape of <see cref="ColumnEncoding.Packed"/>.</summary>
internal static class PackedColumn
{
    /// <summary>Value i stands in stream i mod 4: four chains of dependent loads run beside each other.</summary>
    public const int Streams = 4;

    /// <summary>Longest code. 2^12 table entries of 4 bytes stay in the first-level cache with the rest of the work.</summary>
    public const int MaxCodeBits = 12;

    /// <summary>Values with a code of their own, at most.</summary>
    public const int MaxExact = 1024;

    // One table entry: bits 0–5 code and low bits together, 6–9 code bits, 10 negative, 11 escape, 16–31 symbol.
    public const uint TotalMask = 0x3F;
    public const int CodeShift = 6;
    public const int NegativeShift = 10;
    public const uint EscapeBit = 1 << 11;
    public const int SymbolShift = 16;
}
