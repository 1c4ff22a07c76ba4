namespace Crpbot.Simulation;

/// <summary>One simulated product of the exchange <c>coinbase</c>.</summary>
/// <param name="Symbol">The venue's symbol.</param>
/// <param name="Price">Where its price starts, in quote units.</param>
/// <param name="VolatilityBps">Standard deviation of a minute's return in the normal regime.</param>
/// <param name="SpreadBps">Usual distance of best bid and ask; never below one tick.</param>
/// <param name="DepthNotional">Usual notional of the best level, in quote units; the levels behind hold half as much again.</param>
/// <param name="TradeNotional">Median notional of a market order, in quote units; the mean is about three times that.</param>
public sealed record SimulatedInstrument(
    string Symbol, double Price, double VolatilityBps, double SpreadBps, double DepthNotional, double TradeNotional)
{
    /// <summary>BTC-USD, ETH-USD, SOL-USD at prices, spreads and volumes of their real size.</summary>
    /// <remarks>SOL's volatility keeps a five-minute return about ninety half-ticks wide, so that ties are rare.</remarks>
    public static IReadOnlyList<SimulatedInstrument> Defaults { get; } =
    [
        new("BTC-USD", 60_000, 6, 0.25, 36_000, 1_500),
        new("ETH-USD", 3_000, 8, 0.35, 24_000, 900),
        new("SOL-USD", 160, 13, 0.65, 15_000, 600),
    ];
}
