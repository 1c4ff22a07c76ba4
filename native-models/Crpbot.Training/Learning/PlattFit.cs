using Crpbot.Inference;

namespace Crpbot.Training.Learning;

/// <summary>Fits P(up) = 1 / (1 + exp(−(a·s + b))) by maximum likelihood on samples the network never saw.</summary>
/// <remarks>Newton's method with halved steps. Source: Lin, Lin, Weng (2007), A Note on Platt's Probabilistic Outputs.</remarks>
internal static class PlattFit
{
    /// <summary>A calibrator never turns an opinion around: a slope that is not above 0 becomes this.</summary>
    public const double SlopeMin = 1e-3;

    public static Calibration Fit(ReadOnlySpan<double> scores, ReadOnlySpan<bool> up)
    {
        double a = 1, b = 0;
        double loss = Loss(scores, up, a, b);
        for (int iteration = 0; iteration < 100; iteration++)
        {
            double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9;
            for (int i = 0; i < scores.Length; i++)
            {
                double p = 1 / (1 + Math.Exp(-(a * scores[i] + b)));
                double residual = (up[i] ? 1 : 0) - p;
                double curvature = p * (1 - p);
                ga += residual * scores[i];
                gb += residual;
                haa += curvature * scores[i] * scores[i];
                hab += curvature * scores[i];
                hbb += curvature;
            }

            double determinant = haa * hbb - hab * hab;
            double da = (hbb * ga - hab * gb) / determinant, db = (haa * gb - hab * ga) / determinant;
            double step = 1;
            double next = Loss(scores, up, a + da, b + db);
            while (!(next <= loss) && step > 1e-10)
            {
                step /= 2;
                next = Loss(scores, up, a + step * da, b + step * db);
            }

            if (step <= 1e-10 || Math.Abs(step * da) + Math.Abs(step * db) < 1e-10)
                break;
            (a, b, loss) = (a + step * da, b + step * db, next);
        }

        if (a >= SlopeMin)
            return new Calibration { Kind = CalibrationKind.Platt, A = a, B = b };
        double share = Math.Clamp((double)up.Count(true) / up.Length, 1e-6, 1 - 1e-6);
        return new Calibration { Kind = CalibrationKind.Platt, A = SlopeMin, B = Math.Log(share / (1 - share)) };
    }

    private static double Loss(ReadOnlySpan<double> scores, ReadOnlySpan<bool> up, double a, double b)
    {
        double sum = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            double signed = up[i] ? a * scores[i] + b : -(a * scores[i] + b);
            sum += signed > 0 ? Math.Log(1 + Math.Exp(-signed)) : Math.Log(1 + Math.Exp(signed)) - signed;
        }

        return sum;
    }
}
