namespace Crpbot.Execution.Signals;

/// <summary>Thresholds of the tiers and how many signals each may pass on.</summary>
/// <remarks>Limits count signals that were passed on, over a rolling window of event time.</remarks>
public sealed record SignalOptions
{
    /// <summary>Confidence from which a signal is logged, a fraction.</summary>
    public double LowConfidence { get; init; } = 0.55;

    public double MediumConfidence { get; init; } = 0.65;

    public double HighConfidence { get; init; } = 0.75;

    /// <summary>High-tier signals in any <see cref="WindowSeconds"/>, for one Instrument.</summary>
    public int HighPerInstrument { get; init; } = 5;

    public int MediumPerInstrument { get; init; } = 10;

    /// <summary>High-tier signals in any <see cref="WindowSeconds"/>, all Instruments together.</summary>
    public int HighInTotal { get; init; } = 5;

    public int MediumInTotal { get; init; } = 10;

    /// <summary>Length of the rolling window: an hour of event time.</summary>
    public int WindowSeconds { get; init; } = 3600;
}
