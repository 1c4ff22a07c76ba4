namespace Crpbot.Features;

/// <summary>Third of the UTC day a Bar opens in; fixed hours, no daylight saving.</summary>
public enum Session : byte
{
    /// <summary>Hours 0 to 8.</summary>
    Tokyo = 0,

    /// <summary>Hours 8 to 16.</summary>
    London = 1,

    /// <summary>Hours 16 to 24.</summary>
    NewYork = 2,
}

/// <summary>Where atr stands among its last 20 values.</summary>
public enum VolatilityRegime : byte
{
    /// <summary>Fewer than 20 values of atr.</summary>
    None = 0,
    Low = 1,
    Medium = 2,
    High = 3,
}

/// <summary>What is special about a row.</summary>
[Flags]
public enum FeatureRowFlags : byte
{
    None = 0,

    /// <summary>Fewer than 360 present Bars since the start or the last restart: no Prediction reads the row.</summary>
    Warmup = 1,

    /// <summary>The first Bar after one to five missing ones.</summary>
    AfterGap = 2,

    /// <summary>Nothing traded in a healthy minute.</summary>
    NoTrades = 4,

    /// <summary>The rolling state of section 4 started afresh with this Bar.</summary>
    Restarted = 8,
}
