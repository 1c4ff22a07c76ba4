using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

/// <summary>The order that a signal asks for: side, stop, target and the time to leave. One rule for paper, live and backtest.</summary>
public static class SignalOrder
{
    /// <param name="s">Passed on by its tier's limits.</param>
    /// <param name="bestBid">Of the market the order would cross.</param>
    /// <param name="bestAsk">Of the same.</param>
    /// <param name="terms">Of the signal's Instrument.</param>
    /// <param name="options">Distances of stop and target.</param>
    /// <returns>Without stop and target where the average true range is no number: the risk check refuses that.</returns>
    public static OrderRequest Of(in Signal s, Price bestBid, Price bestAsk, InstrumentTerms terms, ExecutionOptions options)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(options);
        var request = new OrderRequest
        {
            Time = s.Time,
            ExitTime = s.Time + s.HorizonBars * UnixNanos.PerMinute,
            Reference = s.Close,
            Instrument = s.Instrument,
            Side = s.Side,
            Tier = s.Tier,
        };
        bool buy = s.Side == Side.Buy;
        long entry = (buy ? bestAsk : bestBid).Ticks;
        double distance = Math.Ceiling(Math.Max(options.StopAtrMultiple * s.Atr / terms.Instrument.Tick.ToDouble(1), options.MinStopFraction * entry));
        double reach = Math.Ceiling(options.TargetMultiple * distance);
        if (distance >= 1 && reach < 1L << 52)
        {
            request.Stop = new Price(buy ? entry - (long)distance : entry + (long)distance);
            request.Target = new Price(buy ? entry + (long)reach : entry - (long)reach);
        }

        return request;
    }
}
