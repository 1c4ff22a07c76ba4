using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Venues.Reference;

/// <summary>Values read the plain way: JsonElement, regular expressions, BigInteger, DateTime.</summary>
public static partial class ReferenceJson
{
    /// <summary>The object's wanted fields by name; a wanted field that stands twice is refused.</summary>
    public static Dictionary<string, JsonElement> Fields(JsonElement element, params string[] wanted)
    {
        Require(element.ValueKind == JsonValueKind.Object, "no object");
        var fields = new Dictionary<string, JsonElement>();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (wanted.Contains(property.Name) && !fields.TryAdd(property.Name, property.Value))
                throw new RefusalException("twice: " + property.Name);
        }

        return fields;
    }

    public static void Require(bool condition, string reason)
    {
        if (!condition)
            throw new RefusalException(reason);
    }

    public static JsonElement Get(this Dictionary<string, JsonElement> fields, string name) =>
        fields.TryGetValue(name, out JsonElement value) ? value : throw new RefusalException("missing " + name);

    public static bool Has(this Dictionary<string, JsonElement> fields, string name) =>
        fields.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public static List<JsonElement> Items(this JsonElement element)
    {
        Require(element.ValueKind == JsonValueKind.Array, "no array");
        return [.. element.EnumerateArray()];
    }

    public static string Text(this JsonElement element)
    {
        Require(element.ValueKind == JsonValueKind.String, "no text");
        return element.GetString()!;
    }

    /// <summary>A number's characters, quoted or bare, escapes untouched.</summary>
    public static string Numeric(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.GetRawText(),
        JsonValueKind.String => element.GetRawText()[1..^1],
        _ => throw new RefusalException("no number"),
    };

    public static string Symbol(this JsonElement element)
    {
        string text = element.Text();
        int bytes = System.Text.Encoding.UTF8.GetByteCount(text);
        Require(bytes is > 0 and <= 64 && !text.Any(c => c <= ' ' || c == '\x7F'), "no symbol");
        return text;
    }

    public static long Integer(this JsonElement element)
    {
        string text = element.Numeric();
        Require(text.Length is > 0 and <= 19 && text.All(char.IsAsciiDigit) && long.TryParse(text, CultureInfo.InvariantCulture, out _), "no integer");
        return long.Parse(text, CultureInfo.InvariantCulture);
    }

    public static Price Price(this JsonElement element, DecimalStep tick)
    {
        ParseError error = Steps(element.Numeric(), tick, out long ticks);
        Require(error == ParseError.None && ticks > 0, $"price {error}");
        return new Price(ticks);
    }

    public static Quantity Quantity(this JsonElement element, DecimalStep lot)
    {
        ParseError error = Steps(element.Numeric(), lot, out long lots);
        Require(error == ParseError.None && lots >= 0, $"quantity {error}");
        return new Quantity(lots);
    }

    /// <summary>Null when the text is no number or negative.</summary>
    public static Quantity? QuantityIfUsable(this JsonElement element, DecimalStep lot)
    {
        ParseError error = Steps(element.Numeric(), lot, out long lots);
        if (error == ParseError.InvalidNumber || (error == ParseError.None && lots < 0))
            return null;
        Require(error == ParseError.None, $"quantity {error}");
        return new Quantity(lots);
    }

    /// <summary>Nanoseconds since 1970, long.MinValue when earlier than 1678.</summary>
    public static long Time(this JsonElement element)
    {
        Require(element.ValueKind == JsonValueKind.String, "no time");
        Match match = IsoTime().Match(element.GetRawText()[1..^1]);
        Require(match.Success
            && DateTime.TryParseExact(match.Groups[1].Value, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), "no time");
        var time = DateTime.ParseExact(match.Groups[1].Value, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        BigInteger nanos = ((BigInteger)time.Ticks - DateTime.UnixEpoch.Ticks) * 100;
        string fraction = (match.Groups[2].Value + "000000000")[..9];
        nanos += BigInteger.Parse(fraction, CultureInfo.InvariantCulture);
        string zone = match.Groups[3].Value;
        if (zone != "Z")
        {
            (int hours, int minutes) = (int.Parse(zone[1..3], CultureInfo.InvariantCulture), int.Parse(zone[4..], CultureInfo.InvariantCulture));
            Require(hours < 24 && minutes < 60, "no zone");
            nanos -= (hours * 60 + minutes) * (BigInteger)UnixNanos.PerMinute * (zone[0] == '-' ? -1 : 1);
        }

        Require(nanos <= long.MaxValue, "time out of range");
        return nanos < long.MinValue ? long.MinValue : (long)nanos;
    }

    public static UnixNanos Epoch(this JsonElement element)
    {
        long value = element.Integer();
        BigInteger nanos = (BigInteger)value * (value > 1_000_000_000_000_000 ? 1_000 : 1_000_000);
        Require(value > 0 && nanos <= long.MaxValue, "time out of range");
        return new UnixNanos((long)nanos);
    }

    /// <summary>The obvious way: one regular grammar, one BigInteger division.</summary>
    public static ParseError Steps(string text, DecimalStep step, out long steps)
    {
        steps = 0;
        Match match = DecimalText().Match(text);
        if (!match.Success)
            return ParseError.InvalidNumber;
        var digits = BigInteger.Parse(match.Groups[2].Value + match.Groups[3].Value, CultureInfo.InvariantCulture);
        // No text in the tests has 200 digits, so an exponent of ±200 decides as any larger one would.
        BigInteger power = match.Groups[4].Success ? BigInteger.Parse(match.Groups[4].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        int exponent = (int)BigInteger.Clamp(power, -200, 200) - match.Groups[3].Length + step.Scale;
        if (digits.IsZero)
            return ParseError.None;
        BigInteger numerator = digits * BigInteger.Pow(10, Math.Max(exponent, 0));
        BigInteger denominator = BigInteger.Pow(10, Math.Max(-exponent, 0));
        if (numerator % denominator != 0)
            return ParseError.NotAWholeTick;
        BigInteger units = numerator / denominator;
        if (units > (BigInteger)long.MaxValue * step.Mantissa)
            return ParseError.NumberOutOfRange;
        if (units % step.Mantissa != 0)
            return ParseError.NotAWholeTick;
        steps = (long)(units / step.Mantissa) * (match.Groups[1].Length == 1 ? -1 : 1);
        return ParseError.None;
    }

    /// <summary>Mantissa and scale of a decimal without trailing zeros of the fraction.</summary>
    public static (long Mantissa, byte Scale) Scaled(this JsonElement element)
    {
        Match match = DecimalText().Match(element.Numeric());
        Require(match.Success, "no number");
        var mantissa = BigInteger.Parse(match.Groups[2].Value + match.Groups[3].Value, CultureInfo.InvariantCulture);
        BigInteger power = match.Groups[4].Success ? BigInteger.Parse(match.Groups[4].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        int scale = match.Groups[3].Length - (int)BigInteger.Clamp(power, -1000, 1000);
        if (mantissa.IsZero)
            return (0, 0);
        for (; scale > 0 && mantissa % 10 == 0; scale--)
            mantissa /= 10;
        for (; scale < 0; scale++)
            mantissa *= 10;
        Require(mantissa <= long.MaxValue && scale <= 255, "out of range");
        return ((long)mantissa * (match.Groups[1].Length == 1 ? -1 : 1), (byte)scale);
    }

    [GeneratedRegex(@"\A(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\z")]
    private static partial Regex DecimalText();

    [GeneratedRegex(@"\A([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex IsoTime();
}
