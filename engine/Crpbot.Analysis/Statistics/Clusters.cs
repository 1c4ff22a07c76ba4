namespace Crpbot.Analysis.Statistics;

/// <summary>Groups of features that say nearly the same, by average linkage on |correlation|.</summary>
internal static class Clusters
{
    /// <summary>Joins the two groups with the highest mean |correlation| until none reaches the threshold.</summary>
    /// <param name="correlations">[n, n], symmetric; NaN counts as 0.</param>
    /// <param name="n">Number of features.</param>
    /// <param name="threshold">Mean |correlation| between two groups that still joins them.</param>
    /// <returns>Groups in order of their first member; members ascend.</returns>
    public static IReadOnlyList<int[]> Find(double[] correlations, int n, double threshold)
    {
        var groups = new List<List<int>>(Enumerable.Range(0, n).Select(i => new List<int> { i }));
        while (true)
        {
            (double best, int first, int second) = (threshold, -1, -1);
            for (int a = 0; a < groups.Count; a++)
            {
                for (int b = a + 1; b < groups.Count; b++)
                {
                    double mean = Mean(groups[a], groups[b]);
                    if (mean >= best && (first < 0 || mean > best))
                        (best, first, second) = (mean, a, b);
                }
            }

            if (first < 0)
                return [.. groups.Select(group => group.Order().ToArray()).OrderBy(group => group[0])];
            groups[first].AddRange(groups[second]);
            groups.RemoveAt(second);
        }

        double Mean(List<int> a, List<int> b)
        {
            double sum = 0;
            foreach (int i in a)
            {
                foreach (int j in b)
                {
                    double value = Math.Abs(correlations[i * n + j]);
                    sum += double.IsNaN(value) ? 0 : value;
                }
            }

            return sum / (a.Count * b.Count);
        }
    }
}
