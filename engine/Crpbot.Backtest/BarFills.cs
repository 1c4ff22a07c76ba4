using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest;

/// <summary>What a Bar lets one say about fills inside it. Pure.</summary>
internal static class BarFills
{
    /// <summary>Whether a position's stop or target was reached in a Bar, and the worst price it saw until then.</summary>
    /// <remarks>
    /// The open comes first: beyond a level, it is the fill. Then the stop before the target when the range holds both, for a Bar does not say
    /// which came first. Last the end quote, where a book stood beyond a level at which nothing traded.
    /// </remarks>
    /// <param name="price">In ticks; inside the Bar's range, or its end quote.</param>
    /// <param name="worst">In ticks, at least the stop where it was reached.</param>
    /// <returns>Stop, Target, or Open when neither was reached.</returns>
    public static OrderPurpose Touch(BarTape tape, int row, bool isLong, long stop, long target, out long price, out long worst)
    {
        // Of a short everything is mirrored: higher is worse.
        long sign = isLong ? 1 : -1;
        long open = sign * tape.Open[row], adverse = sign * (isLong ? tape.Low : tape.High)[row], good = sign * (isLong ? tape.High : tape.Low)[row];
        long quote = tape.IsQuoted(row) ? sign * (isLong ? tape.EndBid : tape.EndAsk)[row] : open;
        (stop, target) = (sign * stop, sign * target);
        (OrderPurpose reached, long at, long least) =
            open <= stop ? (OrderPurpose.Stop, open, open)
            : open >= target ? (OrderPurpose.Target, open, open)
            : adverse <= stop ? (OrderPurpose.Stop, stop, stop)
            : good >= target ? (OrderPurpose.Target, target, adverse)
            : quote <= stop ? (OrderPurpose.Stop, quote, quote)
            : quote >= target ? (OrderPurpose.Target, quote, adverse)
            : (OrderPurpose.Open, 0, Math.Min(adverse, quote));
        (price, worst) = (sign * at, sign * least);
        return reached;
    }
}

/// <summary>One Instrument of a run: its tape, and the plan of the position that is open in it.</summary>
internal struct Market(BarTape tape, InstrumentTerms terms)
{
    private readonly bool _hasQuotes = Enumerable.Range(0, tape.Count).Any(tape.IsQuoted);

    public readonly BarTape Tape = tape;
    public readonly InstrumentTerms Terms = terms;
    public readonly InstrumentId Id = tape.Instrument.Id;

    public UnixNanos ExitTime;
    public Price Stop;
    public Price Target;
    public SignalTier Tier;

    // The entry, until its trade is written.
    public UnixNanos EntryTime;
    public Price EntryPrice;
    public ProbabilityUp ProbabilityUp;
    public Notional Fees;
    public Notional Slippage;
    public int EntryRow;

    // Of the minute that is being lived.
    public int Row;
    public OrderPurpose Touched;
    public Price TouchPrice;

    /// <summary>A tape that has quotes has none while its book is not valid, and then nothing crosses; a tape of candles is taken to be there.</summary>
    public readonly bool CanTrade(int row) => !_hasQuotes || Tape.IsQuoted(row);

    /// <summary>What the risk check sees and positions are marked at: the end quote, or the close and the stated spread around it.</summary>
    public readonly (Price Bid, Price Ask) Quote(int row, long halfSpreadBillionths)
    {
        if (Tape.IsQuoted(row))
            return (new Price(Tape.EndBid[row]), new Price(Tape.EndAsk[row]));
        long half = Math.Max(1, (long)((Int128)Tape.Close[row] * halfSpreadBillionths / 1_000_000_000));
        return (new Price(Tape.Close[row] - half), new Price(Tape.Close[row] + half));
    }

    /// <summary>The price a market order is filled at: always one that stands in the tape.</summary>
    public readonly Price MarketPrice(int row, Side side) =>
        new(!Tape.IsQuoted(row) ? Tape.Close[row] : side == Side.Buy ? Tape.EndAsk[row] : Tape.EndBid[row]);

    /// <summary>What crossing costs beside the price, in parts per billion of the value.</summary>
    public readonly long CrossingCost(int row, long slippage, long halfSpread) => Tape.IsQuoted(row) ? slippage : slippage + halfSpread;
}
