using Crpbot.Analysis.Statistics;

namespace Crpbot.Analysis;

/// <summary>Every feature against every horizon's return.</summary>
internal static class Associations
{
    /// <returns>[feature][horizon], q-values filled in.</returns>
    public static AssociationReport[][] Measure(
        AnalysisTable table, IReadOnlyList<(Target Target, BlockBootstrap Bootstrap)> horizons, AnalysisOptions options, Action<string>? progress)
    {
        var measured = new AssociationReport[table.Names.Length][];
        for (int f = 0; f < measured.Length; f++)
            measured[f] = new AssociationReport[horizons.Count];
        double[] shifts = Shifts(options);
        for (int h = 0; h < horizons.Count; h++)
        {
            (Target target, BlockBootstrap bootstrap) = horizons[h];
            progress?.Invoke($"correlation and information, {target.HorizonBars} bars ahead");
            double[] moveRanks = Ranks.Of(target.Moves);
            int[] bySymbol = SymbolOrder(target, options.DependenceSamples);
            Parallel.For(0, measured.Length, f => measured[f][h] = Measure(table.Inputs[f], target, bootstrap, moveRanks, bySymbol, shifts));
        }

        return WithQ(measured);
    }

    private static AssociationReport Measure(float[] inputs, Target target, BlockBootstrap bootstrap, double[] allMoveRanks, int[] bySymbol, double[] shifts)
    {
        int[] present = [.. Enumerable.Range(0, target.Count).Where(i => !float.IsNaN(inputs[target.Rows[i]]))];
        bool isWhole = present.Length == target.Count;
        float[] x = [.. present.Select(i => inputs[target.Rows[i]])];
        float[] moves = isWhole ? target.Moves : [.. present.Select(i => target.Moves[i])];
        double[] ranks = Ranks.Of(x), moveRanks = isWhole ? allMoveRanks : Ranks.Of(moves);
        int[] blocks = isWhole ? bootstrap.BlockOf : [.. present.Select(i => bootstrap.BlockOf[i])];
        Estimate pearson = Correlation.Of([.. x.Select(v => (double)v)], [.. moves.Select(v => (double)v)], blocks, bootstrap, out double pearsonDeviation);
        Estimate spearman = Correlation.Of(ranks, moveRanks, blocks, bootstrap, out double spearmanDeviation);
        bool isConstant = double.IsNaN(spearman.Value);
        return new AssociationReport(
            target.HorizonBars, present.Length,
            pearson, Significance.OfZ(pearson.Value / pearsonDeviation), double.NaN,
            spearman, Significance.OfZ(spearman.Value / spearmanDeviation), double.NaN,
            isConstant ? double.NaN : Ranks.Auc(ranks, moves),
            isConstant ? new InformationEstimate(double.NaN, double.NaN, double.NaN) : Information(inputs, target, bySymbol, shifts), double.NaN);
    }

    private static InformationEstimate Information(float[] inputs, Target target, int[] bySymbol, double[] shifts)
    {
        int[] used = [.. bySymbol.Where(i => !float.IsNaN(inputs[target.Rows[i]]))];
        byte[] bins = MutualInformation.BinsOf(Ranks.Of([.. used.Select(i => inputs[target.Rows[i]])]));
        byte[] up = [.. used.Select(i => (byte)(target.Moves[i] > 0 ? 1 : 0))];
        var segments = new List<int>();
        for (int i = 0; i < used.Length; i++)
        {
            if (i == 0 || target.SymbolOf[used[i]] != target.SymbolOf[used[i - 1]])
                segments.Add(0);
            segments[^1]++;
        }

        return MutualInformation.Measure(bins, up, [.. segments], shifts);
    }

    /// <summary>Symbol after symbol, each in order of time, thinned to every n-th where there are many.</summary>
    private static int[] SymbolOrder(Target target, int limit)
    {
        int stride = (target.Count + limit - 1) / limit;
        return [.. Enumerable.Range(0, target.Count).GroupBy(i => target.SymbolOf[i]).OrderBy(group => group.Key).SelectMany(group => group.Where((_, i) => i % stride == 0))];
    }

    /// <summary>Between a tenth and nine tenths of the way round, so that no shifted label lies near its own feature.</summary>
    private static double[] Shifts(AnalysisOptions options)
    {
        var random = new Random(options.Seed + 1);
        return [.. Enumerable.Range(0, options.Shifts).Select(_ => 0.1 + 0.8 * random.NextDouble())];
    }

    private static AssociationReport[][] WithQ(AssociationReport[][] measured)
    {
        AssociationReport[] all = [.. measured.SelectMany(a => a)];
        double[] pearson = Significance.BenjaminiHochberg([.. all.Select(a => a.PearsonP)]);
        double[] spearman = Significance.BenjaminiHochberg([.. all.Select(a => a.SpearmanP)]);
        double[] information = Significance.BenjaminiHochberg([.. all.Select(a => a.Information.P)]);
        int at = 0;
        return [.. measured.Select(feature => feature.Select(a => a with { PearsonQ = pearson[at], SpearmanQ = spearman[at], InformationQ = information[at++] }).ToArray())];
    }
}
