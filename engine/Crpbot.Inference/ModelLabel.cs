using System.Globalization;
using System.Text.Json.Serialization;

namespace Crpbot.Inference;

/// <summary>What a Label says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LabelKind>))]
public enum LabelKind
{
    /// <summary>Sign of the last trade price's change over the horizon.</summary>
    CloseDirection,

    /// <summary>Sign of the mid-price's change over the horizon.</summary>
    MidDirection,

    /// <summary>Whether a long from the last trade price reaches its target before its stop; at the horizon, the sign of the change.</summary>
    TripleBarrier,
}

/// <summary>What a barrier's size is counted in.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BarrierUnit>))]
public enum BarrierUnit
{
    /// <summary>The feature <c>atr</c> of the Bar at entry.</summary>
    Atr,

    /// <summary>Ten-thousandths of the entry price.</summary>
    Bps,
}

/// <summary>How far from the entry price a barrier stands.</summary>
public sealed record PriceBarrier
{
    /// <summary>Above 0.</summary>
    public required double Size { get; init; }

    public required BarrierUnit Unit { get; init; }

    /// <summary>Distance from the entry in quote currency; NaN where <paramref name="atr"/> is needed and missing.</summary>
    public double DistanceAt(double price, double atr) => Size * (Unit == BarrierUnit.Atr ? atr : price / 10_000);

    /// <summary>Reads what <see cref="ToString"/> writes: <c>2atr</c>, <c>25bps</c>.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static PriceBarrier Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string unit = text.Length > 3 ? text[^3..] : "";
        bool isKnown = unit is "atr" or "bps";
        return isKnown && double.TryParse(text[..^3], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double size) && size > 0 && double.IsFinite(size)
            ? new PriceBarrier { Size = size, Unit = unit == "atr" ? BarrierUnit.Atr : BarrierUnit.Bps }
            : throw new FormatException($"'{text}' is no barrier: write a number above 0 and its unit, as in 2atr or 25bps");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Size}{(Unit == BarrierUnit.Atr ? "atr" : "bps")}");
}

/// <summary>What the model predicts, and how far ahead.</summary>
public sealed record ModelLabel
{
    public required LabelKind Kind { get; init; }

    /// <summary>Bars of one minute after the Bar's close.</summary>
    public required int HorizonBars { get; init; }

    /// <summary>Triple-barrier: above the entry. Null for a direction.</summary>
    public PriceBarrier? Target { get; init; }

    /// <summary>Triple-barrier: below the entry. Null for a direction.</summary>
    public PriceBarrier? Stop { get; init; }

    /// <summary>Names the first thing that makes this no label, or null.</summary>
    public string? FindFault()
    {
        if (HorizonBars < 1)
            return $".horizonBars is {HorizonBars}, expected 1 or more";
        if (Kind != LabelKind.TripleBarrier)
            return Target is null && Stop is null ? null : $" is {Kind} and has a target or a stop";
        foreach ((string name, PriceBarrier? barrier) in new[] { ("target", Target), ("stop", Stop) })
        {
            if (barrier is null || !(barrier.Size > 0) || !double.IsFinite(barrier.Size))
                return $".{name} is {barrier?.ToString() ?? "absent"}, expected a size above 0";
        }

        return null;
    }
}
