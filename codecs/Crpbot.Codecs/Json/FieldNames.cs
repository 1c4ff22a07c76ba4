using System.Text;

namespace Crpbot.Codecs.Json;

/// <summary>The fields one kind of object is read for; a field's index is its place in the list.</summary>
internal sealed class FieldNames(params string[] names)
{
    private readonly byte[][] _names = [.. names.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The index of every name of one byte: Binance has little else.</summary>
    private readonly sbyte[] _singles = [.. Enumerable.Range(0, 256).Select(b => (sbyte)Array.IndexOf(names, ((char)b).ToString()))];

    public int Count => _names.Length;

    /// <returns>The field's index, −1 when nobody asks for it.</returns>
    public int Find(in JsonText name)
    {
        if (name.Escaped)
            return FindEscaped(name);
        ReadOnlySpan<byte> raw = name.Raw;
        if (raw.Length == 1)
            return _singles[raw[0]];
        for (int i = 0; i < _names.Length; i++)
        {
            byte[] candidate = _names[i];
            if (candidate.Length == raw.Length && raw.SequenceEqual(candidate))
                return i;
        }

        return -1;
    }

    private int FindEscaped(in JsonText name)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (name.Is(_names[i]))
                return i;
        }

        return -1;
    }
}
