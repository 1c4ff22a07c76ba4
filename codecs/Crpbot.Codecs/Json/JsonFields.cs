using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Json;

/// <summary>Index an object first, then read its fields in the order the reader needs them: the venue chooses the order on the wire.</summary>
/// <remarks>
/// <see cref="IndexFields"/> checks the whole object and notes where the wanted values begin; the others go back to such a place.
/// Numbers may stand as JSON numbers or as strings, as venues differ. A field that is <c>null</c> counts as absent where
/// <see cref="Has"/> is asked, and as a wrong type where it is read.
/// </remarks>
internal static class JsonFields
{
    /// <summary>Where an absent field is.</summary>
    public const int Absent = -1;

    /// <summary>Passes over an object, noting where each wanted field's value begins.</summary>
    /// <param name="at">Receives one position a name; <see cref="Absent"/> where it is missing. A wanted field that stands twice is refused.</param>
    public static bool IndexFields(this ref JsonScanner json, FieldNames names, scoped Span<int> at)
    {
        at[..names.Count].Fill(Absent);
        for (bool _ = json.EnterObject(); json.NextField(out JsonText name);)
        {
            json.Peek();
            int index = names.Find(name);
            if (index >= 0)
            {
                if (at[index] != Absent)
                    return json.Fail(ParseError.DuplicateField, name.Position);
                at[index] = json.Position;
            }

            json.Skip();
        }

        return !json.Failed;
    }

    /// <summary>Whether a field is there and not null.</summary>
    public static bool Has(this ref JsonScanner json, int at)
    {
        if (at == Absent)
            return false;
        json.Seek(at);
        return json.Peek() is not ((byte)'n' or 0);
    }

    /// <summary>Goes to a required field's value.</summary>
    public static bool Go(this ref JsonScanner json, int at)
    {
        if (at == Absent)
            return json.Fail(ParseError.MissingField, json.Position);
        json.Seek(at);
        return !json.Failed;
    }

    public static bool TextAt(this ref JsonScanner json, int at, out JsonText text)
    {
        text = default;
        return json.Go(at) && json.ReadText(out text);
    }

    /// <summary>Reads a number's characters at the current place, whether quoted or bare.</summary>
    public static bool ReadNumeric(this ref JsonScanner json, out ReadOnlySpan<byte> text, out int position)
    {
        text = default;
        position = json.Position;
        if (json.Peek() != '"')
        {
            position = json.Position;
            return json.ReadNumber(out text);
        }

        if (!json.ReadText(out JsonText quoted))
            return false;
        text = quoted.Raw;
        position = quoted.Position;
        return true;
    }

    public static bool ReadPrice(this ref JsonScanner json, DecimalStep tick, out Price price)
    {
        price = default;
        if (!json.ReadNumeric(out ReadOnlySpan<byte> text, out int position))
            return false;
        ParseError error = DecimalParser.ParsePrice(text, tick, out price);
        return error == ParseError.None || json.Fail(error, position);
    }

    public static bool ReadQuantity(this ref JsonScanner json, DecimalStep lot, out Quantity quantity)
    {
        quantity = default;
        if (!json.ReadNumeric(out ReadOnlySpan<byte> text, out int position))
            return false;
        ParseError error = DecimalParser.ParseQuantity(text, lot, out quantity);
        return error == ParseError.None || json.Fail(error, position);
    }

    /// <summary>As <see cref="ReadQuantity"/>, but a text that is no number or negative is answered with <paramref name="usable"/> false.</summary>
    /// <remarks>Coinbase really sent "0.-10000"; Tardis leaves such levels out, and so do we.</remarks>
    public static bool ReadQuantityIfUsable(this ref JsonScanner json, DecimalStep lot, out Quantity quantity, out bool usable)
    {
        (quantity, usable) = (default, false);
        if (!json.ReadNumeric(out ReadOnlySpan<byte> text, out int position))
            return false;
        ParseError error = DecimalParser.ParseQuantity(text, lot, out quantity);
        usable = error == ParseError.None;
        return usable || error is ParseError.InvalidNumber or ParseError.NotPositive || json.Fail(error, position);
    }

    /// <summary>Reads an integer from 0 to 2^63 − 1.</summary>
    public static bool IntegerAt(this ref JsonScanner json, int at, out long value)
    {
        value = 0;
        if (!json.Go(at) || !json.ReadNumeric(out ReadOnlySpan<byte> text, out int position))
            return false;
        return TryParseInteger(text, out value) || json.Fail(IsDigits(text) ? ParseError.NumberOutOfRange : ParseError.InvalidNumber, position);
    }

    /// <summary>Reads an ISO 8601 time.</summary>
    public static bool TimeAt(this ref JsonScanner json, int at, out long nanos)
    {
        nanos = 0;
        return json.TextAt(at, out JsonText text) && (TimeParser.TryParseIso(text.Raw, out nanos) || json.Fail(ParseError.InvalidTime, text.Position));
    }

    /// <summary>Reads an epoch number in milliseconds or microseconds.</summary>
    public static bool EpochAt(this ref JsonScanner json, int at, out UnixNanos time)
    {
        time = default;
        return json.IntegerAt(at, out long value) && (TimeParser.TryFromEpoch(value, out time) || json.Fail(ParseError.InvalidTime, at));
    }

    public static bool BooleanAt(this ref JsonScanner json, int at, out bool value)
    {
        value = false;
        if (!json.Go(at))
            return false;
        value = json.Peek() == 't';
        return json.Peek() is (byte)'t' or (byte)'f' || json.Fail(ParseError.WrongType, at);
    }

    internal static bool TryParseInteger(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        ulong sum = 0;
        if (digits.Length is 0 or > 19)
            return false;
        foreach (byte b in digits)
        {
            if (!char.IsAsciiDigit((char)b))
                return false;
            sum = sum * 10 + (uint)(b - '0');
        }

        value = (long)sum;
        return sum <= long.MaxValue;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => text.Length > 0 && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
}
