using System.Globalization;
using Crpbot.Messages;

namespace Crpbot.Datasets.Comparison;

/// <summary>Finds the trades of one source in another by the venue's ids.</summary>
internal static class TradeMatch
{
    /// <summary>Compares what both cover; null when they share not one id, as two venues do.</summary>
    /// <param name="shift">B's times less A's.</param>
    public static TradeDifference? Compare(IReadOnlyList<ComparedTrade> a, IReadOnlyList<ComparedTrade> b, long shift, double tolerance)
    {
        long from = Math.Max(a.Min(trade => trade.Time), b.Min(trade => trade.Time) - shift), to = Math.Min(a.Max(trade => trade.Time), b.Max(trade => trade.Time) - shift);
        var byId = new Dictionary<long, ComparedTrade>();
        foreach (ComparedTrade trade in b)
            byId.TryAdd(trade.Id, trade with { Time = trade.Time - shift });
        long matched = 0, differing = 0, missingInB = 0;
        string? example = null;
        foreach (ComparedTrade trade in a)
        {
            if (!byId.Remove(trade.Id, out ComparedTrade other))
            {
                missingInB += trade.Time >= from && trade.Time <= to ? 1 : 0;
                continue;
            }

            matched++;
            bool isEqual = trade.Time == other.Time && trade.Side == other.Side
                && Relative(trade.Price, other.Price) <= tolerance && Relative(trade.Quantity, other.Quantity) <= tolerance;
            differing += isEqual ? 0 : 1;
            example ??= isEqual ? null : $"trade {trade.Id}: {Words(trade)} in A, {Words(other)} in B";
        }

        long missingInA = byId.Values.LongCount(trade => trade.Time >= from && trade.Time <= to);
        return matched == 0 ? null : new TradeDifference(matched, missingInA, missingInB, differing, example);
    }

    /// <summary>|x − y| by the larger of both; 0 when both are 0.</summary>
    public static double Relative(double x, double y) => x == y ? 0 : Math.Abs(x - y) / Math.Max(Math.Abs(x), Math.Abs(y));

    private static string Words(in ComparedTrade trade) =>
        string.Create(CultureInfo.InvariantCulture, $"{(trade.Side == Side.Unknown ? "" : trade.Side.ToString().ToLowerInvariant() + " ")}{trade.Quantity} at {trade.Price}, {new UnixNanos(trade.Time)}");
}
