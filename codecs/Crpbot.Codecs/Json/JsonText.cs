namespace Crpbot.Codecs.Json;

/// <summary>A JSON string as it stands in the message, without its quotes.</summary>
internal readonly ref struct JsonText(ReadOnlySpan<byte> raw, int position, bool escaped)
{
    /// <summary>The longest unescaped text anybody compares or reads: symbols, types, sides.</summary>
    public const int PlainLengthMax = 256;

    public ReadOnlySpan<byte> Raw { get; } = raw;

    /// <summary>Offset of the first byte after the opening quote.</summary>
    public int Position { get; } = position;

    public bool Escaped { get; } = escaped;

    /// <summary>Whether the text, unescaped, equals a plain one.</summary>
    public bool Is(ReadOnlySpan<byte> plain)
    {
        if (!Escaped)
            return Raw.SequenceEqual(plain);
        Span<byte> buffer = stackalloc byte[PlainLengthMax];
        return TryUnescape(buffer, out int length) && buffer[..length].SequenceEqual(plain);
    }

    /// <summary>Writes the text with its escapes resolved, as UTF-8.</summary>
    /// <returns>False when it does not fit or an escape names half a surrogate pair.</returns>
    public bool TryUnescape(Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> rest = Raw;
        while (rest.Length > 0)
        {
            int plain = rest.IndexOf((byte)'\\');
            plain = plain < 0 ? rest.Length : plain;
            if (!rest[..plain].TryCopyTo(destination[length..]))
                return false;
            length += plain;
            rest = rest[plain..];
            if (rest.Length == 0)
                break;
            if (!TryDecode(ref rest, out System.Text.Rune rune) || !rune.TryEncodeToUtf8(destination[length..], out int written))
                return false;
            length += written;
        }

        return true;
    }

    private static bool TryDecode(ref ReadOnlySpan<byte> rest, out System.Text.Rune rune)
    {
        byte kind = rest[1];
        if (kind != 'u')
        {
            char single = kind switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                _ => (char)kind,
            };
            rest = rest[2..];
            rune = new System.Text.Rune(single);
            return true;
        }

        char first = HexUnit(rest);
        rest = rest[6..];
        if (!char.IsSurrogate(first))
        {
            rune = new System.Text.Rune(first);
            return true;
        }

        rune = default;
        if (rest.Length < 6 || rest[0] != '\\' || rest[1] != 'u' || !System.Text.Rune.TryCreate(first, HexUnit(rest), out rune))
            return false;
        rest = rest[6..];
        return true;
    }

    private static char HexUnit(ReadOnlySpan<byte> escape)
    {
        int unit = 0;
        for (int i = 2; i < 6; i++)
            unit = unit << 4 | (escape[i] <= '9' ? escape[i] - '0' : (escape[i] | 0x20) - 'a' + 10);
        return (char)unit;
    }
}
