using System.Globalization;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Evaluation;

/// <summary>What was said beside what was.</summary>
internal readonly record struct Confusion(long UpSaidUp, long UpSaidDown, long DownSaidUp, long DownSaidDown)
{
    public static Confusion Of(IEnumerable<ScoredSample> samples)
    {
        var counts = new long[4];
        foreach (ScoredSample sample in samples)
            counts[(sample.Up ? 0 : 2) + (sample.ProbabilityUp >= 0.5 ? 0 : 1)]++;
        return new Confusion(counts[0], counts[1], counts[2], counts[3]);
    }
}

/// <summary>The samples of one kind: confusion, accuracy, calibration.</summary>
internal sealed record GroupFigures(string Name, long N, long NEffective, Confusion Confusion, Figure Accuracy, double Ece);

/// <summary>The same samples cut five ways. Intervals are of each group by itself.</summary>
internal sealed record Breakdown(GroupFigures[] Tier, GroupFigures[] Session, GroupFigures[] Volatility, GroupFigures[] Month, GroupFigures[] Symbol)
{
    private const int VolatilityBars = 60;
    private static readonly string[] Regimes = ["low", "medium", "high"];

    public static Breakdown Of(ScoredSample[] samples, TrainingTable table, int horizonBars)
    {
        var draws = new BlockDraws([.. samples.Select(s => s.Time)], horizonBars);
        int[] regimes = RegimesOf(samples, table);
        GroupFigures[] Cut(IEnumerable<string> names, Func<int, string> of)
        {
            string[] kinds = [.. Enumerable.Range(0, samples.Length).Select(of)];
            return [.. names.Select(name => Figures(samples, draws, horizonBars, name, [.. kinds.Select(kind => kind == name)])).Where(group => group.N > 0)];
        }

        string[] tiers = ["none", "low", "medium", "high"];
        string[] months = [.. samples.Select(s => MonthOf(s.Time)).Distinct().Order(StringComparer.Ordinal)];
        return new Breakdown(
            Cut(tiers, i => tiers[Evaluator.TierConfidences.Count(least => samples[i].Confidence >= least)]),
            Cut(Enum.GetNames<Session>(), i => SessionOf(samples[i].Time).ToString()),
            Cut(Regimes, i => regimes[i] < 0 ? "" : Regimes[regimes[i]]),
            Cut(months, i => MonthOf(samples[i].Time)),
            Cut(table.Symbols.Select(s => s.Symbol), i => table.Symbols[samples[i].Symbol].Symbol));
    }

    /// <summary>The third of the UTC day that the Bar opens in.</summary>
    internal static Session SessionOf(UnixNanos time) => (Session)((time.Value - time.Floor(UnixNanos.PerDay).Value) / (8 * UnixNanos.PerHour));

    /// <summary>
    /// Third, 0 to 2, in which the volatility of the last hour stands among these samples of the same Instrument; −1 where the hour is not whole.
    /// </summary>
    internal static int[] RegimesOf(ScoredSample[] samples, TrainingTable table)
    {
        double[] volatility = [.. samples.Select(s => VolatilityOf(table.Symbols[s.Symbol], s.Row))];
        var regimes = new int[samples.Length];
        Array.Fill(regimes, -1);
        foreach (IGrouping<int, int> group in Enumerable.Range(0, samples.Length).Where(i => !double.IsNaN(volatility[i])).GroupBy(i => samples[i].Symbol))
        {
            int[] order = [.. group.OrderBy(i => volatility[i]).ThenBy(i => samples[i].Time.Value)];
            for (int k = 0; k < order.Length; k++)
                regimes[order[k]] = (int)(3L * k / order.Length);
        }

        return regimes;
    }

    private static double VolatilityOf(SymbolRows rows, int row)
    {
        if (row < VolatilityBars || rows.OpenTime[row] - rows.OpenTime[row - VolatilityBars] != VolatilityBars * UnixNanos.PerMinute)
            return double.NaN;
        double squares = 0;
        for (int i = row - VolatilityBars + 1; i <= row; i++)
        {
            double move = Math.Log(rows.Close[i] / rows.Close[i - 1]);
            squares += move * move;
        }

        return squares;
    }

    private static GroupFigures Figures(ScoredSample[] samples, BlockDraws draws, int horizonBars, string name, bool[] isOf)
    {
        ScoredSample[] members = [.. samples.Where((_, i) => isOf[i])];
        double[] right = [.. samples.Select((s, i) => !isOf[i] ? double.NaN : s.IsRight ? 1.0 : 0)];
        return new GroupFigures(
            name, members.Length, Evaluator.CountDisjoint(members, horizonBars), Confusion.Of(members), draws.Mean(right), ReliabilityTable.Error(members));
    }

    private static string MonthOf(UnixNanos time) => time.ToDateTime().ToString("yyyy-MM", CultureInfo.InvariantCulture);
}
