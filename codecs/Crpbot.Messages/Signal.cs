using System.Runtime.InteropServices;

namespace Crpbot.Messages;

/// <summary>Calibrated P(up), a fraction. Not a confidence: 0.1 is a strong opinion.</summary>
public readonly record struct ProbabilityUp(double Value)
{
    public Confidence Confidence => new(Math.Max(Value, 1 - Value));

    public Side Side => Value >= 0.5 ? Side.Buy : Side.Sell;
}

/// <summary>max(P, 1 − P), a fraction in [0.5, 1].</summary>
public readonly record struct Confidence(double Value);

/// <summary>Strength of a Signal. Low is logged and never traded.</summary>
public enum SignalTier : byte
{
    None = 0,
    Low = 1,
    Medium = 2,
    High = 3,
}

/// <summary>Why a Bar has no Prediction, or that it has one.</summary>
public enum PredictionStatus : byte
{
    Ok = 0,

    /// <summary>A feature the model reads has not seen enough history.</summary>
    Warmup = 1,

    /// <summary>A Bar of the sequence is missing, or a feature is NaN more often than the model allows.</summary>
    IncompleteWindow = 2,

    /// <summary>The model answered with something that is no probability.</summary>
    NotANumber = 3,
}

/// <summary>What the model said at one Bar's close.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Prediction
{
    public UnixNanos BarOpenTime;

    /// <summary>The Timer's ReceiveTime.</summary>
    public UnixNanos Time;

    /// <summary>NaN unless Status is Ok.</summary>
    public ProbabilityUp ProbabilityUp;

    /// <summary>The model's uncalibrated output.</summary>
    public double RawScore;
    public InstrumentId Instrument;
    public int HorizonBars;
    public PredictionStatus Status;
    private readonly byte _reserved0;
    private readonly ushort _reserved1;
    private readonly int _reserved2;
}

/// <summary>Why a Signal was not passed on to risk.</summary>
public enum SignalSuppression : byte
{
    None = 0,

    /// <summary>Low tier: logged only.</summary>
    LoggedOnly = 1,

    /// <summary>The tier's hourly limit of this Instrument is used up.</summary>
    InstrumentLimit = 2,

    /// <summary>The tier's hourly limit of all Instruments together is used up.</summary>
    TotalLimit = 3,
}

/// <summary>A thresholded intent with side and strength.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Signal
{
    public UnixNanos Time;
    public UnixNanos BarOpenTime;
    public Confidence Confidence;
    public ProbabilityUp ProbabilityUp;

    /// <summary>Average true range of the Bar in quote units, for the stop.</summary>
    public double Atr;

    /// <summary>Last trade price of the Bar.</summary>
    public Price Close;
    public InstrumentId Instrument;
    public int HorizonBars;
    public Side Side;
    public SignalTier Tier;
    public SignalSuppression Suppression;
    private readonly byte _reserved0;
    private readonly int _reserved1;
}
