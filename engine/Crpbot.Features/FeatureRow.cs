using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>One closed Bar and its 53 features: what is stored, what a model sees, and why anything is missing.</summary>
/// <remarks>Preallocated and reused: whoever keeps a row copies it with <see cref="CopyTo"/>. The arrays never change length.</remarks>
public sealed class FeatureRow
{
    private readonly double[] _values = new double[FeatureSchema.Count];
    private readonly double[] _inputs = new double[FeatureSchema.Count];
    private readonly MissingReason[] _reasons = new MissingReason[FeatureSchema.Count];

    public FeatureRow() => Clear();

    public Bar Bar;

    public FeatureRowFlags Flags;

    public VolatilityRegime VolatilityRegime;

    public Session Session;

    /// <summary>Stored values in the order of <see cref="FeatureSchema.Names"/>; NaN where the reason is not Present.</summary>
    public Span<double> Values => _values;

    /// <summary>Scale-free inputs before scaling, parallel to <see cref="Values"/>; NaN where the input is not defined.</summary>
    public Span<double> Inputs => _inputs;

    /// <summary>Parallel to <see cref="Values"/>.</summary>
    public Span<MissingReason> Reasons => _reasons;

    public bool IsWarmup => (Flags & FeatureRowFlags.Warmup) != 0;

    /// <summary>Average true range of the last 14 Bars in quote units; NaN before the 15th Bar.</summary>
    public double Atr => _values[FeatureIndex.Atr];

    /// <summary>Sets everything to missing.</summary>
    public void Clear()
    {
        Bar = default;
        Flags = FeatureRowFlags.Warmup;
        (VolatilityRegime, Session) = (VolatilityRegime.None, Session.Tokyo);
        _values.AsSpan().Fill(double.NaN);
        _inputs.AsSpan().Fill(double.NaN);
        _reasons.AsSpan().Fill(MissingReason.Warmup);
    }

    /// <summary>Sets the 20 microstructure features as they are where nobody saw Trades or a book, in candles for instance.</summary>
    /// <remarks>By class (features-33, section 5): states have no book, flows no feed, and estimates were never made.</remarks>
    public void MissMicrostructure()
    {
        _values.AsSpan(FeatureSchema.CandleCount).Fill(double.NaN);
        _inputs.AsSpan(FeatureSchema.CandleCount).Fill(double.NaN);
        for (int feature = FeatureSchema.CandleCount; feature < FeatureSchema.Count; feature++)
        {
            _reasons[feature] = feature switch
            {
                >= FeatureIndex.OfiL1 and <= FeatureIndex.TradeIntensity or FeatureIndex.VwapDev1mBps => MissingReason.FeedDown,
                FeatureIndex.EffSpreadBps or FeatureIndex.Impact5sBps => MissingReason.NoTrades,
                FeatureIndex.Vpin or FeatureIndex.VwapDev30mBps or FeatureIndex.KyleLambda or FeatureIndex.AmihudIlliq => MissingReason.Warmup,
                _ => MissingReason.NoBook,
            };
        }
    }

    public void CopyTo(FeatureRow destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        (destination.Bar, destination.Flags) = (Bar, Flags);
        (destination.VolatilityRegime, destination.Session) = (VolatilityRegime, Session);
        _values.CopyTo(destination._values, 0);
        _inputs.CopyTo(destination._inputs, 0);
        _reasons.CopyTo(destination._reasons, 0);
    }

    /// <summary>Same Bar, tags, reasons and bits of every value and input.</summary>
    public bool BitsEqual(FeatureRow other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return MemoryMarshal.AsBytes(new ReadOnlySpan<Bar>(in Bar))
                .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<Bar>(in other.Bar))) &&
            (Flags, VolatilityRegime, Session) == (other.Flags, other.VolatilityRegime, other.Session) &&
            _reasons.AsSpan().SequenceEqual(other._reasons) &&
            MemoryMarshal.Cast<double, long>(_values)
                .SequenceEqual(MemoryMarshal.Cast<double, long>(other._values)) &&
            MemoryMarshal.Cast<double, long>(_inputs)
                .SequenceEqual(MemoryMarshal.Cast<double, long>(other._inputs));
    }
}
