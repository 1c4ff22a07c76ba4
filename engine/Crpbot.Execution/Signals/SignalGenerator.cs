using System.Runtime.CompilerServices;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution.Signals;

/// <summary>Turns calibrated predictions into tiered signals of either side, and holds each tier to its hourly limits.</summary>
/// <remarks>
/// One thread. Time is the prediction's, never a clock's. A signal above its limit is still emitted, with the reason in
/// <see cref="Signal.Suppression"/>: only signals that were passed on count towards a limit. Allocates when it first sees an Instrument,
/// and never again.
/// </remarks>
public sealed class SignalGenerator
{
    private readonly SignalOptions _options;
    private readonly long _windowNanos;
    private readonly RollingLimit _highTotal;
    private readonly RollingLimit _mediumTotal;
    private Limits[] _perInstrument = [];

    public SignalGenerator(SignalOptions? options = null)
    {
        _options = options ?? new SignalOptions();
        if (!(_options.LowConfidence >= 0.5 && _options.LowConfidence <= _options.MediumConfidence && _options.MediumConfidence <= _options.HighConfidence && _options.HighConfidence <= 1))
            throw new ArgumentException("confidence thresholds must satisfy 0.5 <= low <= medium <= high <= 1", nameof(options));
        if (_options.WindowSeconds <= 0 || Math.Min(_options.HighPerInstrument, _options.MediumPerInstrument) < 0 || Math.Min(_options.HighInTotal, _options.MediumInTotal) < 0)
            throw new ArgumentException("signal limits must not be negative and their window must be positive", nameof(options));
        _windowNanos = _options.WindowSeconds * UnixNanos.PerSecond;
        _highTotal = new RollingLimit(_options.HighInTotal, _windowNanos);
        _mediumTotal = new RollingLimit(_options.MediumInTotal, _windowNanos);
    }

    /// <summary>Rules on one prediction.</summary>
    /// <param name="p">What the model said at a Bar's close.</param>
    /// <param name="close">The Bar's last trade price.</param>
    /// <param name="atr">Average true range in quote units, for the stop.</param>
    /// <param name="signal">The signal, also when it is suppressed; default otherwise.</param>
    /// <returns>False when there is no usable prediction or its confidence is below the low tier.</returns>
    public bool OnPrediction(in Prediction p, Price close, double atr, out Signal signal)
    {
        signal = default;
        double up = p.ProbabilityUp.Value;
        if (p.Status != PredictionStatus.Ok || !(up >= 0 && up <= 1))
            return false;
        Confidence confidence = p.ProbabilityUp.Confidence;
        SignalTier tier = TierOf(confidence.Value);
        if (tier == SignalTier.None)
            return false;

        signal.Time = p.Time;
        signal.BarOpenTime = p.BarOpenTime;
        signal.Confidence = confidence;
        signal.ProbabilityUp = p.ProbabilityUp;
        signal.Atr = atr;
        signal.Close = close;
        signal.Instrument = p.Instrument;
        signal.HorizonBars = p.HorizonBars;
        signal.Side = p.ProbabilityUp.Side;
        signal.Tier = tier;
        signal.Suppression = tier == SignalTier.Low ? SignalSuppression.LoggedOnly : Admit(tier, p.Instrument, p.Time);
        return true;
    }

    /// <summary>Makes room for an Instrument's limits ahead of its first signal, so that deciding allocates nothing.</summary>
    public void Prepare(InstrumentId instrument)
    {
        if ((uint)instrument.Value >= (uint)_perInstrument.Length)
            AddInstruments(instrument.Value);
    }

    /// <summary>Forgets every signal, as after a restart from the beginning of a capture.</summary>
    public void Reset()
    {
        _highTotal.Clear();
        _mediumTotal.Clear();
        foreach (Limits limits in _perInstrument)
        {
            limits.High.Clear();
            limits.Medium.Clear();
        }
    }

    private SignalTier TierOf(double confidence) =>
        confidence >= _options.HighConfidence ? SignalTier.High
        : confidence >= _options.MediumConfidence ? SignalTier.Medium
        : confidence >= _options.LowConfidence ? SignalTier.Low
        : SignalTier.None;

    private SignalSuppression Admit(SignalTier tier, InstrumentId instrument, UnixNanos now)
    {
        Prepare(instrument);
        Limits own = _perInstrument[instrument.Value];
        RollingLimit perInstrument = tier == SignalTier.High ? own.High : own.Medium;
        RollingLimit total = tier == SignalTier.High ? _highTotal : _mediumTotal;
        if (!perInstrument.HasRoom(now))
            return SignalSuppression.InstrumentLimit;
        if (!total.HasRoom(now))
            return SignalSuppression.TotalLimit;
        perInstrument.Admit(now);
        total.Admit(now);
        return SignalSuppression.None;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddInstruments(int highest)
    {
        int known = _perInstrument.Length;
        Array.Resize(ref _perInstrument, highest + 1);
        for (int i = known; i <= highest; i++)
            _perInstrument[i] = new Limits(new RollingLimit(_options.HighPerInstrument, _windowNanos), new RollingLimit(_options.MediumPerInstrument, _windowNanos));
    }

    private readonly record struct Limits(RollingLimit High, RollingLimit Medium);
}
