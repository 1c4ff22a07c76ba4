using System.Numerics;
using System.Runtime.InteropServices;

namespace Crpbot.Analysis.Models;

/// <summary>Logistic regression by Newton's method with a small ridge.</summary>
internal sealed class LogisticModel : IDirectionModel
{
    /// <summary>Penalty on squared weights, in samples; the bias is free.</summary>
    private const double Ridge = 10;

    private readonly double[] _weights;

    private LogisticModel(double[] weights) => _weights = weights;

    /// <exception cref="InvalidDataException">The features depend on one another beyond what the ridge mends.</exception>
    public static LogisticModel Fit(ModelRows rows)
    {
        int size = rows.Width + 1;
        var weights = new double[size];
        var gradient = new double[size];
        var hessian = new double[size * size];
        var row = new double[size];
        row[^1] = 1;
        for (int iteration = 0; iteration < 25; iteration++)
        {
            Array.Clear(gradient);
            Array.Clear(hessian);
            for (int i = 0; i < rows.Count; i++)
            {
                ReadOnlySpan<float> values = rows.Of(i);
                for (int f = 0; f < values.Length; f++)
                    row[f] = values[f];
                Accumulate(row, rows.Up[i], weights, gradient, hessian);
            }

            for (int i = 0; i < size; i++)
            {
                gradient[i] -= i < rows.Width ? Ridge * weights[i] : 0;
                hessian[i * size + i] += i < rows.Width ? Ridge : 1e-9;
            }

            Solve(hessian, gradient);
            for (int i = 0; i < size; i++)
                weights[i] += gradient[i];
            if (gradient.Max(Math.Abs) < 1e-8)
                break;
        }

        return new LogisticModel(weights);
    }

    public double ProbabilityUp(ReadOnlySpan<float> row)
    {
        double score = _weights[^1];
        for (int i = 0; i < row.Length; i++)
            score += _weights[i] * row[i];
        return 1 / (1 + Math.Exp(-score));
    }

    private static void Accumulate(double[] row, bool up, double[] weights, double[] gradient, double[] hessian)
    {
        int size = row.Length;
        double score = 0;
        for (int i = 0; i < size; i++)
            score += weights[i] * row[i];
        double p = 1 / (1 + Math.Exp(-score)), residual = (up ? 1 : 0) - p, curvature = p * (1 - p);
        for (int i = 0; i < size; i++)
        {
            gradient[i] += residual * row[i];
            if (row[i] == 0)
                continue;
            // Lower triangle only.
            double scaled = curvature * row[i];
            Span<double> line = hessian.AsSpan(i * size, i + 1);
            ReadOnlySpan<double> source = row.AsSpan(0, i + 1);
            Span<Vector<double>> wide = MemoryMarshal.Cast<double, Vector<double>>(line);
            ReadOnlySpan<Vector<double>> wideSource = MemoryMarshal.Cast<double, Vector<double>>(source);
            for (int j = 0; j < wide.Length; j++)
                wide[j] += wideSource[j] * scaled;
            for (int j = wide.Length * Vector<double>.Count; j <= i; j++)
                line[j] += scaled * source[j];
        }
    }

    /// <summary>Solves A·x = b in place for a positive definite A given by its lower triangle (Cholesky).</summary>
    private static void Solve(double[] a, double[] b)
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
                    throw new InvalidDataException("logistic regression: the features depend on one another beyond what the ridge mends");
                a[i * n + j] = i == j ? Math.Sqrt(sum) : sum / a[j * n + j];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++)
                b[i] -= a[i * n + k] * b[k];
            b[i] /= a[i * n + i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
                b[i] -= a[k * n + i] * b[k];
            b[i] /= a[i * n + i];
        }
    }
}
