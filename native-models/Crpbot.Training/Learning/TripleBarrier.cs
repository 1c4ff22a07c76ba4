using Crpbot.Inference;
using Crpbot.Messages;

namespace Crpbot.Training.Learning;

/// <summary>Which of three barriers the price touches first: a target above, a stop below, or the horizon.</summary>
/// <remarks>
/// The entry is the Bar's last trade price, the barriers are measured at that moment and stand still. The question is a long's:
/// <code>
///  + target  a later Bar's high ≥ entry + target, and no Bar up to and with it has a low ≤ entry − stop
///  − stop    a later Bar's low ≤ entry − stop came first, or in the same Bar: what came first inside a Bar is unknown, the loss is assumed
///  else      the change from entry to the horizon's last trade price; no change is no sample
/// </code>
/// All h Bars must be there and have traded prices: were a hole allowed behind an early touch, quick touches would be over-represented.
/// For the same reason that a long loses both ways, P(down) is a short's chance only where the barriers are equal and Bars that touch both rare.
/// </remarks>
internal static class TripleBarrier
{
    /// <param name="rows">One Instrument's.</param>
    /// <param name="row">The entry.</param>
    /// <param name="horizonBars">Bars after it that count.</param>
    /// <param name="target">Above the entry.</param>
    /// <param name="stop">Below the entry.</param>
    /// <returns>What a long makes, as a fraction of the entry: up is above 0. Null where it is unknown.</returns>
    public static double? FindReturn(SymbolRows rows, int row, int horizonBars, PriceBarrier target, PriceBarrier stop)
    {
        int end = row + horizonBars;
        if (end >= rows.Count || rows.OpenTime[end] - rows.OpenTime[row] != horizonBars * UnixNanos.PerMinute)
            return null;
        double entry = rows.Close[row];
        double above = target.DistanceAt(entry, rows.Atr[row]), below = stop.DistanceAt(entry, rows.Atr[row]);
        if (!(above > 0) || !(below > 0))
            return null;
        double? touched = null;
        for (int later = row + 1; later <= end; later++)
        {
            double high = rows.High[later], low = rows.Low[later];
            if (double.IsNaN(high) || double.IsNaN(low))
                return null;
            if (low <= entry - below)
                touched ??= -below;
            else if (high >= entry + above)
                touched ??= above;
        }

        double move = (touched ?? rows.Close[end] - entry) / entry;
        return double.IsNaN(move) ? null : move;
    }
}
