using Crpbot.Messages;

namespace Crpbot.Datasets.Comparison;

/// <summary>How the clocks of two sources stand to one another.</summary>
/// <param name="OffsetNanos">B's time of what A calls t, less t; null when nothing can be claimed.</param>
/// <param name="Correlation">Of the returns at that offset, or at the best one that was not claimed.</param>
/// <param name="Second">The next best, neighbours of the best left out.</param>
/// <param name="Pairs">Returns compared at the best offset.</param>
/// <param name="Curve">Offset in hours and correlation, for a picture.</param>
/// <param name="Evidence">In words.</param>
internal sealed record ClockOffset(long? OffsetNanos, double Correlation, double Second, int Pairs,
    IReadOnlyList<(double Hours, double Correlation)> Curve, string Evidence);

/// <summary>Finds by how much one source's times are shifted: a wrong zone, a candle named by its end.</summary>
/// <remarks>Every whole interval up to 24 h is tried on returns of up to 20,000 candles. Returns, not prices: two prices always look alike.</remarks>
internal static class OffsetSearch
{
    private const long Furthest = UnixNanos.PerDay;
    private const int Samples = 20_000, FewestPairs = 30, Neighbours = 1;
    private const double LeastCorrelation = 0.3, LeastLead = 0.1, LeastDeviations = 6;

    /// <param name="a">Candles.</param>
    /// <param name="b">Candles of the same interval.</param>
    public static ClockOffset Find(CandleTable a, CandleTable b)
    {
        long interval = a.Interval;
        int most = (int)(Furthest / interval);
        double[] returnsB = DenseReturns(b);
        // Candles of two grids, such as days of two zones, never meet.
        int[] samples = (a.Times[0] - b.Times[0]) % interval == 0 ? Sample(a, b) : [];
        long[] positions = [.. samples.Select(i => (a.Times[i] - b.Times[0]) / interval)];
        double[] returnsA = [.. samples.Select(i => ReturnAt(a, i))];
        var curve = new List<(double Hours, double Correlation)>();
        (int Shift, double Correlation, int Pairs) best = (0, double.NegativeInfinity, 0);
        var all = new (double Correlation, int Pairs)[2 * most + 1];
        for (int shift = -most; shift <= most; shift++)
        {
            (double correlation, int pairs) = Correlate(positions, returnsA, returnsB, shift);
            all[shift + most] = (correlation, pairs);
            if (pairs < FewestPairs)
                continue;
            curve.Add(((double)shift * interval / UnixNanos.PerHour, correlation));
            // At equal correlation the smaller shift is the simpler claim.
            if (correlation > best.Correlation + 1e-12 || (correlation > best.Correlation - 1e-12 && Math.Abs(shift) < Math.Abs(best.Shift)))
                best = (shift, correlation, pairs);
        }

        if (best.Pairs == 0)
            return new ClockOffset(null, double.NaN, double.NaN, 0, curve,
                $"the sources have fewer than {FewestPairs} returns in common at any offset: nothing can be said of their clocks");
        double second = Enumerable.Range(-most, 2 * most + 1).Where(shift => Math.Abs(shift - best.Shift) > Neighbours && all[shift + most].Pairs >= FewestPairs)
            .Select(shift => all[shift + most].Correlation).DefaultIfEmpty(0).Max();
        bool isClear = best.Correlation >= LeastCorrelation && best.Correlation - second >= LeastLead && best.Correlation * Math.Sqrt(best.Pairs) >= LeastDeviations;
        string figures = FormattableString.Invariant(
            $"returns correlate with {best.Correlation:F4} at {Words(best.Shift * interval)} ({best.Pairs:N0} pairs) and with at most {second:F4} elsewhere within 24 h");
        return new ClockOffset(isClear ? best.Shift * interval : null, best.Correlation, second, best.Pairs, curve,
            isClear ? figures : $"no offset can be claimed: {figures}");
    }

    public static string Words(long offset) => offset == 0 ? "offset 0" : $"B {(offset > 0 ? "ahead" : "behind")} by {CandleInterval.Format(Math.Abs(offset))}";

    /// <summary>Indices of A's candles that have a return, spread evenly over what may overlap.</summary>
    private static int[] Sample(CandleTable a, CandleTable b)
    {
        int first = Math.Max(1, a.IndexOf(b.From.Value - Furthest)), end = a.IndexOf(b.To.Value + Furthest);
        int stride = Math.Max(1, (end - first) / Samples);
        var samples = new List<int>();
        for (int i = first; i < end; i += stride)
        {
            if (double.IsFinite(ReturnAt(a, i)))
                samples.Add(i);
        }

        return [.. samples];
    }

    /// <summary>Pearson's correlation of the sampled returns with B's returns so many intervals later.</summary>
    /// <param name="positions">Of A's samples, in intervals since B's first candle.</param>
    private static (double Correlation, int Pairs) Correlate(long[] positions, double[] returnsA, double[] returnsB, int shift)
    {
        double sumA = 0, sumB = 0, sumAa = 0, sumBb = 0, sumAb = 0;
        int pairs = 0;
        for (int s = 0; s < positions.Length; s++)
        {
            long at = positions[s] + shift;
            if ((ulong)at >= (ulong)returnsB.Length || double.IsNaN(returnsB[at]))
                continue;
            (double x, double y) = (returnsA[s], returnsB[at]);
            sumA += x;
            sumB += y;
            sumAa += x * x;
            sumBb += y * y;
            sumAb += x * y;
            pairs++;
        }

        if (pairs < 2)
            return (0, pairs);
        double covariance = sumAb - sumA * sumB / pairs, variances = (sumAa - sumA * sumA / pairs) * (sumBb - sumB * sumB / pairs);
        return (variances > 0 ? covariance / Math.Sqrt(variances) : 0, pairs);
    }

    /// <summary>One return for every interval from the first candle to the last; NaN where there is none.</summary>
    private static double[] DenseReturns(CandleTable table)
    {
        var returns = new double[(table.Times[^1] - table.Times[0]) / table.Interval + 1];
        Array.Fill(returns, double.NaN);
        for (int i = 0; i < table.Count; i++)
            returns[(table.Times[i] - table.Times[0]) / table.Interval] = ReturnAt(table, i);
        return returns;
    }

    private static double ReturnAt(CandleTable table, int i) =>
        i > 0 && table.Times[i] - table.Times[i - 1] == table.Interval ? Math.Log(table.Close[i] / table.Close[i - 1]) : double.NaN;
}
