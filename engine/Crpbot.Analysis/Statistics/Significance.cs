namespace Crpbot.Analysis.Statistics;

/// <summary>What many tests at once are worth.</summary>
internal static class Significance
{
    /// <summary>Two-sided p of a normal z.</summary>
    public static double OfZ(double z) => double.IsNaN(z) ? double.NaN : Erfc(Math.Abs(z) / Math.Sqrt(2));

    /// <summary>Benjamini and Hochberg's q: the share of false findings if all with this p or less are believed.</summary>
    /// <param name="p">NaN is no test.</param>
    /// <returns>Parallel; NaN where there was no test.</returns>
    public static double[] BenjaminiHochberg(ReadOnlySpan<double> p)
    {
        double[] all = p.ToArray();
        int[] order = [.. Enumerable.Range(0, all.Length).Where(i => !double.IsNaN(all[i])).OrderByDescending(i => all[i])];
        var q = new double[all.Length];
        Array.Fill(q, double.NaN);
        double least = 1;
        for (int i = 0; i < order.Length; i++)
        {
            least = Math.Min(least, all[order[i]] * order.Length / (order.Length - i));
            q[order[i]] = least;
        }

        return q;
    }

    /// <summary>Complementary error function for x ≥ 0: the power series below 3, the continued fraction from there.</summary>
    private static double Erfc(double x)
    {
        if (x < 3)
        {
            double term = x, sum = x;
            for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum) && n < 200; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }

            return 1 - 2 / Math.Sqrt(Math.PI) * sum;
        }

        double fraction = 0;
        for (int k = 60; k > 0; k--)
            fraction = k / 2.0 / (x + fraction);
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + fraction);
    }
}
