namespace Crpbot.Analysis.Statistics;

/// <summary>Ranks and what is computed from them.</summary>
internal static class Ranks
{
    /// <summary>Ranks from 0, equal values sharing the mean of theirs.</summary>
    /// <param name="values">No NaN; length N.</param>
    /// <returns>Length N.</returns>
    public static double[] Of(ReadOnlySpan<float> values)
    {
        float[] sorted = values.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (int start = 0; start < sorted.Length;)
        {
            int end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
                end++;
            double rank = (start + end - 1) / 2.0;
            for (int i = start; i < end; i++)
                ranks[order[i]] = rank;
            start = end;
        }

        return ranks;
    }

    /// <summary>Probability that a value of an up sample is above that of a down sample, ties counting half; NaN without both.</summary>
    /// <param name="ranks">Of the values, from 0.</param>
    /// <param name="moves">Parallel; up where above 0.</param>
    public static double Auc(ReadOnlySpan<double> ranks, ReadOnlySpan<float> moves)
    {
        double sum = 0, ups = 0;
        for (int i = 0; i < ranks.Length; i++)
        {
            if (!(moves[i] > 0))
                continue;
            sum += ranks[i];
            ups++;
        }

        double downs = ranks.Length - ups;
        return ups == 0 || downs == 0 ? double.NaN : (sum - ups * (ups - 1) / 2) / (ups * downs);
    }
}
