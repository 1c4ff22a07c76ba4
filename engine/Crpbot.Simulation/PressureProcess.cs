using Crpbot.Messages;
using Crpbot.Simulation.Numerics;

namespace Crpbot.Simulation;

/// <summary>The hidden minutes of one Instrument: pressure, fair price, regime. Knows no book and no trade.</summary>
/// <remarks>
/// It draws from a stream of its own, so a run at minute level walks through the same minutes as the full event stream, thousands
/// of times faster.
/// </remarks>
internal sealed class PressureProcess
{
    private readonly PressureModel _model;
    private readonly double _volatility;
    private readonly ulong _seed;
    private readonly ulong _regimeStream;
    private Xoshiro256 _random;
    private long _nextMinute;

    /// <param name="model">The law.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="instrument">Start price and volatility.</param>
    /// <param name="startTicks">Start price in ticks.</param>
    /// <param name="start">First minute.</param>
    public PressureProcess(PressureModel model, ulong seed, SimulatedInstrument instrument, double startTicks, UnixNanos start)
    {
        _model = model;
        _seed = seed;
        _volatility = instrument.VolatilityBps * 1e-4;
        _random = new Xoshiro256(seed, StreamOf(instrument.Symbol, "minutes"));
        _regimeStream = StreamOf(instrument.Symbol, "regimes");
        _nextMinute = start.Value / UnixNanos.PerMinute;
        FairTicks = startTicks;
        Pressure = _random.NextNormal();
        Multiplier = 1;
    }

    /// <summary>x, shown during the minute and known at its end.</summary>
    public double Pressure { get; private set; }

    /// <summary>The fair price at the minute's end, in ticks, not rounded; the mid just before the end is its nearest half-tick.</summary>
    public double FairTicks { get; private set; }

    /// <summary>The regime's volatility multiplier in this minute.</summary>
    public double Multiplier { get; private set; }

    /// <summary>Standard deviation of this minute's move, in ticks.</summary>
    public double MoveTicks { get; private set; }

    /// <summary>P(up over the next h Bars) at the minute's end.</summary>
    public double ProbabilityUp { get; private set; }

    /// <summary>Twice the mid at the minute's end, in whole ticks.</summary>
    public long EndMidDoubled => (long)Math.Floor(2 * FairTicks + 0.5);

    /// <summary>Draws the next minute.</summary>
    public void Step()
    {
        long minute = _nextMinute++;
        long block = minute / PressureModel.RegimeMinutes;
        int regime = PressureModel.RegimeOf(Xoshiro256.Hash(_seed, _regimeStream, (ulong)block));
        Multiplier = PressureModel.MultiplierOf(regime);
        double deviation = Multiplier * _volatility;
        MoveTicks = deviation * FairTicks;
        double move = deviation * (_model.Drift * Pressure + _model.Noise * _random.NextNormal());
        FairTicks *= PortableMath.Exp(move);
        double persistence = _model.Persistence;
        Pressure = persistence * Pressure + Math.Sqrt(1 - persistence * persistence) * _random.NextNormal();
        int remaining = (int)((block + 1) * PressureModel.RegimeMinutes - 1 - minute);
        ProbabilityUp = _model.ProbabilityUp(Pressure, regime, remaining);
    }

    /// <summary>A number for (symbol, purpose), FNV-1a.</summary>
    public static ulong StreamOf(string symbol, string purpose)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in symbol)
            hash = (hash ^ c) * 1099511628211;
        hash *= 1099511628211;
        foreach (char c in purpose)
            hash = (hash ^ c) * 1099511628211;
        return hash;
    }
}
