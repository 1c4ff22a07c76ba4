using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Normalization;

/// <summary>A time as tardis-dev keeps it: milliseconds, and microseconds only where the venue's notation showed them.</summary>
/// <param name="Milliseconds">Since 1970.</param>
/// <param name="Micros">0 to 999, the three digits after the millisecond; -1 prints three fraction digits instead of six.</param>
/// <param name="IsKnown">False where the input gave none; the field is then left out.</param>
internal readonly record struct TardisTime(long Milliseconds, int Micros, bool IsKnown)
{
    private const long MicrosecondsFrom = 1_000_000_000_000_000;

    // The last millisecond of the year 9999.
    private const long MaxMilliseconds = 253_402_300_799_999;

    public static readonly TardisTime Unknown;

    /// <summary>Values above 10^15 are microseconds, smaller ones milliseconds.</summary>
    public static bool TryFromEpoch(JsonElement value, out TardisTime time)
    {
        time = default;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long epoch) || epoch < 0)
            return false;
        time = epoch > MicrosecondsFrom ? new TardisTime(epoch / 1000, (int)(epoch % 1000), true) : new TardisTime(epoch, -1, true);
        return time.Milliseconds <= MaxMilliseconds;
    }

    /// <summary>Microseconds are read from texts of 27, 28, 30 or 32 characters only; with any other number of digits they are 0.</summary>
    public static bool TryFromIso(JsonElement value, out TardisTime time)
    {
        time = default;
        if (value.ValueKind != JsonValueKind.String)
            return false;
        byte[] text = Encoding.UTF8.GetBytes(value.GetString()!);
        if (!TimeParser.TryParseIso(text, out long nanos))
            return false;
        int micros = 0;
        if (text.Length is 27 or 28 or 30 or 32)
            _ = int.TryParse(text.AsSpan(23, 3), NumberStyles.None, CultureInfo.InvariantCulture, out micros);
        // The parser has one answer for all years before 1677; Coinbase's "no time" is the year 1.
        long milliseconds = nanos == long.MinValue
            ? (DateTimeOffset.Parse(value.GetString()!, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond
            : new UnixNanos(nanos).Floor(UnixNanos.PerMillisecond).Value / UnixNanos.PerMillisecond;
        time = new TardisTime(milliseconds, micros, true);
        return true;
    }

    /// <summary>A recording's receive time, printed with microseconds if its notation shows them.</summary>
    public static TardisTime FromReceiveTime(UnixNanos time, ReadOnlySpan<byte> text)
    {
        int point = text.IndexOf((byte)'.');
        int fraction = 0;
        while (point >= 0 && point + 1 + fraction < text.Length && char.IsAsciiDigit((char)text[point + 1 + fraction]))
            fraction++;
        bool hasMicros = fraction > 3 || (point < 0 && text.Length > 14 && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0);
        UnixNanos whole = time.Floor(UnixNanos.PerMillisecond);
        return new TardisTime(whole.Value / UnixNanos.PerMillisecond, hasMicros ? (int)((time - whole) / UnixNanos.PerMicrosecond) : -1, true);
    }

    public override string ToString()
    {
        string text = DateTime.UnixEpoch.AddMilliseconds(Milliseconds).ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture);
        return Micros < 0 ? text + "Z" : text + Micros.ToString("D3", CultureInfo.InvariantCulture) + "Z";
    }
}
