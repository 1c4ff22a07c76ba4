namespace Crpbot.Backtest;

/// <summary>What a run was worth, in the usual figures. A figure that is not defined for so little data is null, never 0.</summary>
/// <remarks>From daily equity, days in Prague, days without a trade included; annualised by √365. Fractions, not percent.</remarks>
public sealed record PerformanceSummary
{
    /// <summary>Length of a block of days of the bootstrap.</summary>
    private const int BlockDays = 5;
    private const int Draws = 1_000;
    private const double EulerGamma = 0.577215664901532861;
    private static readonly double Year = Math.Sqrt(365);

    /// <summary>Of closed positions, those that earned more than all their costs.</summary>
    public double? WinRate { get; private init; }

    /// <summary>Σ net of winners over −Σ net of losers.</summary>
    public double? ProfitFactor { get; private init; }

    public double? Sharpe { get; private init; }

    /// <summary>95 %, circular block bootstrap over days.</summary>
    public (double Low, double High)? SharpeInterval { get; private init; }

    /// <summary>Mean over the root mean square of the losing days.</summary>
    public double? Sortino { get; private init; }

    /// <summary>Annualised return over the largest drawdown.</summary>
    public double? Calmar { get; private init; }

    /// <summary>Probability that the Sharpe ratio is above what the best of so many worthless trials would show.</summary>
    public double? DeflatedSharpe { get; private init; }

    /// <summary>Share of the minutes in which something was held.</summary>
    public double Exposure { get; private init; }

    /// <summary>Trials behind <see cref="DeflatedSharpe"/>.</summary>
    public int Trials { get; private init; }

    /// <param name="result">Of one run.</param>
    /// <param name="trials">How many configurations were tried before this one was kept, itself included.</param>
    /// <param name="seed">Of the bootstrap; equal seeds give equal intervals.</param>
    public static PerformanceSummary Of(BacktestResult result, int trials = 1, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        double[] returns = [.. result.Days.Select(day => day.Profit.ToDouble() / day.StartEquity.ToDouble())];
        double wins = 0, losses = 0;
        int won = 0;
        foreach (BacktestTrade trade in result.Trades)
        {
            double net = trade.Net.ToDouble();
            won += net > 0 ? 1 : 0;
            (wins, losses) = net > 0 ? (wins + net, losses) : (wins, losses - net);
        }

        double growth = result.FinalEquity.ToDouble() / result.Initial.ToDouble();
        double annual = growth > 0 ? Math.Pow(growth, 365.0 / returns.Length) - 1 : -1;
        return new PerformanceSummary
        {
            WinRate = result.Trades.Count == 0 ? null : (double)won / result.Trades.Count,
            ProfitFactor = losses > 0 ? wins / losses : null,
            Sharpe = SharpeOf(returns) * Year,
            SharpeInterval = IntervalOf(returns, seed),
            Sortino = SortinoOf(returns),
            Calmar = result.MaxDrawdown > 0 && double.IsFinite(annual) ? annual / result.MaxDrawdown : null,
            DeflatedSharpe = DeflatedOf(returns, trials),
            Exposure = result.Minutes == 0 ? 0 : (double)result.MinutesHeld / result.Minutes,
            Trials = trials,
        };
    }

    /// <summary>Of one day; null for fewer than two days or without any variation.</summary>
    private static double? SharpeOf(ReadOnlySpan<double> returns)
    {
        if (returns.Length < 2)
            return null;
        (double mean, double variance) = Moments(returns);
        return variance > 0 ? mean / Math.Sqrt(variance * returns.Length / (returns.Length - 1)) : null;
    }

    private static double? SortinoOf(double[] returns)
    {
        double down = returns.Sum(r => Math.Min(r, 0) * Math.Min(r, 0));
        return returns.Length < 2 || down == 0 ? null : returns.Average() / Math.Sqrt(down / returns.Length) * Year;
    }

    private static (double Low, double High)? IntervalOf(double[] returns, int seed)
    {
        if (returns.Length < 2 * BlockDays)
            return null;
        var random = new Random(seed);
        var sample = new double[returns.Length];
        var ratios = new List<double>(Draws);
        for (int draw = 0; draw < Draws; draw++)
        {
            for (int i = 0; i < sample.Length; i += BlockDays)
            {
                int from = random.Next(returns.Length);
                for (int j = i; j < Math.Min(i + BlockDays, sample.Length); j++)
                    sample[j] = returns[(from + j - i) % returns.Length];
            }

            if (SharpeOf(sample) is { } ratio)
                ratios.Add(ratio * Year);
        }

        if (ratios.Count < Draws / 2)
            return null;
        ratios.Sort();
        return (ratios[(int)(0.025 * (ratios.Count - 1))], ratios[(int)Math.Ceiling(0.975 * (ratios.Count - 1))]);
    }

    /// <remarks>
    /// Source: Bailey and López de Prado (2014), The Deflated Sharpe Ratio. The variance of the ratio over trials is taken to be that of a
    /// worthless one, 1/(n − 1): the other trials are not known here.
    /// </remarks>
    private static double? DeflatedOf(double[] returns, int trials)
    {
        if (returns.Length < 2 * BlockDays || SharpeOf(returns) is not { } ratio)
            return null;
        (double mean, double variance) = Moments(returns);
        double skew = returns.Average(r => Math.Pow(r - mean, 3)) / Math.Pow(variance, 1.5);
        double kurtosis = returns.Average(r => Math.Pow(r - mean, 4)) / (variance * variance);
        double best = trials == 1 ? 0 : ((1 - EulerGamma) * Normal.Quantile(1 - 1.0 / trials) + EulerGamma * Normal.Quantile(1 - 1 / (trials * Math.E))) / Math.Sqrt(returns.Length - 1);
        double spread = 1 - skew * ratio + (kurtosis - 1) / 4 * ratio * ratio;
        return spread > 0 ? Normal.Cumulative((ratio - best) * Math.Sqrt(returns.Length - 1) / Math.Sqrt(spread)) : null;
    }

    private static (double Mean, double Variance) Moments(ReadOnlySpan<double> values)
    {
        double mean = 0, variance = 0;
        foreach (double value in values)
            mean += value / values.Length;
        foreach (double value in values)
            variance += (value - mean) * (value - mean) / values.Length;
        return (mean, variance);
    }
}

/// <summary>The standard normal distribution.</summary>
internal static class Normal
{
    /// <summary>P(Z ≤ x) to about 1e-15, by the series and, in the tails, the continued fraction. Source: Abramowitz and Stegun 26.2.11, 26.2.14.</summary>
    public static double Cumulative(double x)
    {
        double z = Math.Abs(x);
        double density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        double upper;
        if (z < 3)
        {
            double term = z, sum = z;
            for (int n = 3; term > 1e-17 * sum; n += 2)
                sum += term *= z * z / n;
            upper = 0.5 - density * sum;
        }
        else
        {
            double fraction = z;
            for (int n = 100; n > 0; n--)
                fraction = z + n / fraction;
            upper = density / fraction;
        }

        return x > 0 ? 1 - upper : upper;
    }

    /// <summary>The x with <see cref="Cumulative"/> p, by bisection; p strictly between 0 and 1.</summary>
    public static double Quantile(double p)
    {
        double low = -40, high = 40;
        for (int i = 0; i < 80; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Cumulative(middle) < p ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }
}
