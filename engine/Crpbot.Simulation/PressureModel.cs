using Crpbot.Simulation.Numerics;

namespace Crpbot.Simulation;

/// <summary>The law of the simulated market, and what an observer who knows it can know: closed forms only.</summary>
/// <remarks>
/// Pressure is a Gaussian AR(1) of unit variance, x' = φx + √(1 − φ²)η. The minute's return is v·s·(βx + √(1 − β²)ε), x being the
/// pressure shown in the minute before, v the regime's multiplier. So the return over h Bars is Gaussian given x, and
/// P(up | x) = Φ(c·x). As x is standard normal, the best possible accuracy is E[Φ(c|x|)] = 1/2 + arctan(c)/π. β is solved for from
/// the accuracy asked for. The derivation is in engine/docs/simulated-market.md.
/// </remarks>
internal sealed class PressureModel
{
    /// <summary>Regimes last this many minutes, from UTC midnight on.</summary>
    public const int RegimeMinutes = 240;

    private static readonly double[] Multipliers = [0.75, 1.0, 1.4];
    private static readonly double[] Weights = [0.3, 0.5, 0.2];

    // Row [remaining · 9 + now · 3 + next]: minutes of the horizon left in this regime, 1 … h − 1; row 0 has no border inside.
    private readonly double[] _ratios;

    public PressureModel(double difficulty, int horizonBars)
    {
        if (horizonBars is < 1 or > RegimeMinutes)
            throw new ArgumentException($"horizon of {horizonBars} bars is outside 1 to {RegimeMinutes}");
        if (difficulty is not (>= 0.5 and < 1))
            throw new ArgumentException($"difficulty {difficulty} is outside 0.5 to 1: it is the best possible accuracy, a fraction");
        HorizonBars = horizonBars;
        Persistence = 1 - 0.5 / horizonBars;
        Shape[] shapes = Shapes();
        Drift = difficulty == 0.5 ? 0 : Solve(shapes, difficulty);
        Noise = Math.Sqrt(1 - Drift * Drift);
        _ratios = new double[shapes.Length];
        for (int i = 0; i < shapes.Length; i++)
            _ratios[i] = shapes[i].Ratio(Drift);
        BayesAccuracy = Accuracy(shapes, Drift);
    }

    public int HorizonBars { get; }

    /// <summary>φ, the minute's autocorrelation of pressure: 1 − 1/(2h).</summary>
    public double Persistence { get; }

    /// <summary>β, the share of a minute's standard deviation that pressure explains.</summary>
    public double Drift { get; }

    /// <summary>√(1 − β²).</summary>
    public double Noise { get; }

    /// <summary>The best accuracy any observer can reach, over all minutes.</summary>
    public double BayesAccuracy { get; }

    /// <summary>c of P(up | x) = Φ(c·x) while the regime does not change.</summary>
    public double Slope => _ratios[0];

    /// <summary>The regime of uniform draw <paramref name="u"/>.</summary>
    public static int RegimeOf(double u) => u < Weights[0] ? 0 : u < Weights[0] + Weights[1] ? 1 : 2;

    public static double MultiplierOf(int regime) => Multipliers[regime];

    /// <summary>P(the return of the next h Bars is positive), given all that was shown until now.</summary>
    /// <param name="pressure">x of the minute that just closed.</param>
    /// <param name="regime">The regime in force.</param>
    /// <param name="remaining">Minutes left in that regime, 0 when the next minute starts another.</param>
    public double ProbabilityUp(double pressure, int regime, int remaining)
    {
        if (remaining == 0 || remaining >= HorizonBars)
            return PortableMath.NormalCdf(_ratios[0] * pressure);
        double p = 0;
        for (int next = 0; next < Weights.Length; next++)
            p += Weights[next] * PortableMath.NormalCdf(_ratios[remaining * 9 + regime * 3 + next] * pressure);
        return p;
    }

    private static double Solve(Shape[] shapes, double difficulty)
    {
        double low = 0;
        double high = 0.999;
        if (Accuracy(shapes, high) < difficulty)
            throw new ArgumentException($"difficulty {difficulty} cannot be reached at this horizon: at most {Accuracy(shapes, high):0.000}");
        for (int i = 0; i < 60; i++)
        {
            double middle = 0.5 * (low + high);
            if (Accuracy(shapes, middle) < difficulty)
                low = middle;
            else
                high = middle;
        }

        return low;
    }

    private static double Accuracy(Shape[] shapes, double drift)
    {
        int horizon = shapes.Length / 9;
        double sum = (RegimeMinutes - horizon + 1) * PortableMath.Atan(shapes[0].Ratio(drift));
        for (int remaining = 1; remaining < horizon; remaining++)
        {
            for (int pair = 0; pair < 9; pair++)
                sum += Weights[pair / 3] * Weights[pair % 3] * PortableMath.Atan(shapes[remaining * 9 + pair].Ratio(drift));
        }

        return 0.5 + sum / RegimeMinutes / 3.14159265358979323846;
    }

    private Shape[] Shapes()
    {
        var shapes = new Shape[HorizonBars * 9];
        for (int remaining = 0; remaining < HorizonBars; remaining++)
        {
            for (int pair = 0; pair < 9; pair++)
            {
                double next = remaining == 0 ? 1 : Multipliers[pair % 3] / Multipliers[pair / 3];
                shapes[remaining * 9 + pair] = ShapeOf(remaining, next);
            }
        }

        return shapes;
    }

    private Shape ShapeOf(int remaining, double next)
    {
        double mean = 0;
        double power = 1;
        double own = 0;
        for (int j = 1; j <= HorizonBars; j++)
        {
            double v = j <= remaining ? 1 : next;
            mean += v * power;
            own += v * v;
            power *= Persistence;
        }

        // The pressure innovation of minute m reaches every later minute of the horizon: S_m = v_{m+1} + φ·S_{m+1}.
        double reach = 0;
        double future = 0;
        for (int m = HorizonBars - 1; m >= 1; m--)
        {
            reach = (m + 1 <= remaining ? 1 : next) + Persistence * reach;
            future += reach * reach;
        }

        return new Shape(mean, own, (1 - Persistence * Persistence) * future);
    }

    /// <summary>Mean per unit of pressure, variance of the own noise, variance of the pressure to come: all before β.</summary>
    private readonly record struct Shape(double Mean, double OwnVariance, double FutureVariance)
    {
        public double Ratio(double drift) =>
            drift * Mean / Math.Sqrt((1 - drift * drift) * OwnVariance + drift * drift * FutureVariance);
    }
}
