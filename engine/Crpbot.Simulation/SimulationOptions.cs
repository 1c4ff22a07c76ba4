using Crpbot.Messages;

namespace Crpbot.Simulation;

/// <summary>What market to simulate. Equal options give equal bytes on every machine.</summary>
public sealed record SimulationOptions
{
    /// <summary>The exchange id of the simulated market, so that every stage treats it as that venue.</summary>
    public const string Venue = "coinbase";

    public ulong Seed { get; init; } = 1;

    /// <summary>Bayes-optimal accuracy of the direction over <see cref="HorizonBars"/>: 0.5 is a random walk, 0.65 is the default.</summary>
    public double Difficulty { get; init; } = 0.65;

    /// <summary>Bars over which the direction is predictable to that degree, 1 to 240.</summary>
    public int HorizonBars { get; init; } = 5;

    /// <summary>First instant, a whole minute. The default is a minute before midnight: a receiver's first Bar is the first full minute, and
    /// vpin counts volume from the first midnight it sees.</summary>
    public UnixNanos Start { get; init; } = UnixNanos.FromDateTime(new DateTime(2024, 12, 31, 23, 59, 0, DateTimeKind.Utc));

    /// <summary>The first midnight at or after the start.</summary>
    public UnixNanos FirstMidnight => new((Start.Value + UnixNanos.PerDay - 1) / UnixNanos.PerDay * UnixNanos.PerDay);

    public IReadOnlyList<SimulatedInstrument> Instruments { get; init; } = SimulatedInstrument.Defaults;

    /// <summary>Multiplies the rate of quotes and trades; 1 is about six events a second and Instrument.</summary>
    public double EventRate { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (Start.Value % UnixNanos.PerMinute != 0)
            throw new ArgumentException($"simulation start {Start} is not a whole minute");
        if (EventRate is not (>= 0.1 and <= 100))
            throw new ArgumentException($"event rate {EventRate} is outside 0.1 to 100");
        if (Instruments.Count == 0)
            throw new ArgumentException("a simulated market needs at least one instrument");
        foreach (SimulatedInstrument instrument in Instruments)
        {
            if (!(instrument.Price > 0 && instrument.DepthNotional > 0 && instrument.TradeNotional > 0 && instrument.SpreadBps > 0)
                || instrument.VolatilityBps is not (> 0 and <= 100))
                throw new ArgumentException($"simulated instrument {instrument.Symbol} has a value out of range");
        }
    }
}
