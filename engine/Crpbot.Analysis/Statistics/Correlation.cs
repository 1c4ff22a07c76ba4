namespace Crpbot.Analysis.Statistics;

/// <summary>A measured number and its 95 % interval.</summary>
public readonly record struct Estimate(double Value, double Low, double High)
{
    public bool Contains(double value) => Low <= value && value <= High;
}

/// <summary>Sums of products, enough for a correlation; sums over parts add up.</summary>
internal readonly record struct ProductSums(double Count, double X, double Y, double Xx, double Yy, double Xy)
{
    public double Correlation
    {
        get
        {
            double xx = Xx - X * X / Count, yy = Yy - Y * Y / Count;
            return xx > 0 && yy > 0 ? Math.Clamp((Xy - X * Y / Count) / Math.Sqrt(xx * yy), -1, 1) : double.NaN;
        }
    }
}

/// <summary>Correlation with block-bootstrap intervals.</summary>
internal static class Correlation
{
    /// <summary>Pearson's correlation; NaN where a side is constant.</summary>
    public static double Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sums = new ProductSums[1];
        Accumulate(x, y, default, sums);
        return sums[0].Correlation;
    }

    /// <summary>The same over time blocks drawn with replacement.</summary>
    /// <param name="x">Length N.</param>
    /// <param name="y">Length N.</param>
    /// <param name="blocks">Block of each, length N.</param>
    /// <param name="bootstrap">The draws.</param>
    /// <param name="deviation">Standard deviation over the replicates.</param>
    public static Estimate Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<int> blocks, BlockBootstrap bootstrap, out double deviation)
    {
        var sums = new ProductSums[bootstrap.Blocks];
        Accumulate(x, y, blocks, sums);
        double value = Total(sums, default).Correlation;
        var replicates = new double[bootstrap.Replicates];
        for (int r = 0; r < replicates.Length; r++)
            replicates[r] = Total(sums, bootstrap.Draw(r)).Correlation;
        deviation = BlockBootstrap.Deviation(replicates);
        return BlockBootstrap.Interval(value, replicates);
    }

    private static void Accumulate(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<int> blocks, ProductSums[] sums)
    {
        // Around the means, so that the squares do not cancel.
        double meanX = Mean(x), meanY = Mean(y);
        for (int i = 0; i < x.Length; i++)
        {
            double dx = x[i] - meanX, dy = y[i] - meanY;
            ref ProductSums s = ref sums[blocks.IsEmpty ? 0 : blocks[i]];
            s = new ProductSums(s.Count + 1, s.X + dx, s.Y + dy, s.Xx + dx * dx, s.Yy + dy * dy, s.Xy + dx * dy);
        }
    }

    private static ProductSums Total(ProductSums[] sums, ReadOnlySpan<ushort> draw)
    {
        double count = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (int b = 0; b < sums.Length; b++)
        {
            double w = draw.IsEmpty ? 1 : draw[b];
            ref readonly ProductSums s = ref sums[b];
            count += w * s.Count;
            x += w * s.X;
            y += w * s.Y;
            xx += w * s.Xx;
            yy += w * s.Yy;
            xy += w * s.Xy;
        }

        return new ProductSums(count, x, y, xx, yy, xy);
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return values.IsEmpty ? 0 : sum / values.Length;
    }
}
