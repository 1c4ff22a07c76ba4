namespace Crpbot.Training.Learning;

/// <summary>Logistic regression on the newest Bar, by Newton's method with a small ridge: the baseline every network must beat.</summary>
internal static class LogisticTrainer
{
    /// <param name="source">Scaled rows.</param>
    /// <param name="samples">Samples to learn from.</param>
    /// <param name="ridge">Penalty on squared weights, in samples; the bias is free.</param>
    public static LogisticWeights Train(SequenceSource source, Sample[] samples, double ridge = 10)
    {
        int features = source.Features, size = features + 1;
        var weights = new double[size];
        var gradient = new double[size];
        var hessian = new double[size * size];
        for (int iteration = 0; iteration < 25; iteration++)
        {
            Array.Clear(gradient);
            Array.Clear(hessian);
            foreach (Sample sample in samples)
                Accumulate(source.LastRow(sample), sample.Up, weights, gradient, hessian);
            for (int i = 0; i < size; i++)
            {
                gradient[i] -= i < features ? ridge * weights[i] : 0;
                hessian[i * size + i] += i < features ? ridge : 1e-9;
            }

            double[] step = SolvePositive(hessian, gradient);
            double largest = 0;
            for (int i = 0; i < size; i++)
            {
                weights[i] += step[i];
                largest = Math.Max(largest, Math.Abs(step[i]));
            }

            if (largest < 1e-8)
                break;
        }

        return new LogisticWeights([.. weights[..features].Select(w => (float)w)], (float)weights[features]);
    }

    private static void Accumulate(ReadOnlySpan<float> row, bool up, double[] weights, double[] gradient, double[] hessian)
    {
        int size = weights.Length;
        double score = weights[size - 1];
        for (int i = 0; i < row.Length; i++)
            score += weights[i] * row[i];
        double p = 1 / (1 + Math.Exp(-score));
        double residual = (up ? 1 : 0) - p;
        double curvature = p * (1 - p);
        for (int i = 0; i < size; i++)
        {
            double x = i < row.Length ? row[i] : 1;
            gradient[i] += residual * x;
            if (x == 0)
                continue;
            double scaled = curvature * x;
            Span<double> line = hessian.AsSpan(i * size, i + 1);
            for (int j = 0; j <= i; j++)
                line[j] += scaled * (j < row.Length ? row[j] : 1);
        }
    }

    /// <summary>Solves A·x = b for a positive definite A given by its lower triangle (Cholesky, in place).</summary>
    internal static double[] SolvePositive(double[] a, double[] b)
    {
        int n = b.Length;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = a[i * n + j];
                for (int k = 0; k < j; k++)
                    sum -= a[i * n + k] * a[j * n + k];
                if (i == j && !(sum > 0))
                    throw new InvalidDataException("logistic regression: the features are linearly dependent beyond what the ridge mends");
                a[i * n + j] = i == j ? Math.Sqrt(sum) : sum / a[j * n + j];
            }
        }

        var x = new double[n];
        for (int i = 0; i < n; i++)
        {
            double sum = b[i];
            for (int k = 0; k < i; k++)
                sum -= a[i * n + k] * x[k];
            x[i] = sum / a[i * n + i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            double sum = x[i];
            for (int k = i + 1; k < n; k++)
                sum -= a[k * n + i] * x[k];
            x[i] = sum / a[i * n + i];
        }

        return x;
    }
}
