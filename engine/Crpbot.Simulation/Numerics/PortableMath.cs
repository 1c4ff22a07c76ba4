namespace Crpbot.Simulation.Numerics;

/// <summary>Elementary functions made of +, −, ×, ÷ and √ only.</summary>
/// <remarks>
/// IEEE 754 fixes those five to the last bit and the runtime never fuses them, while <see cref="Math"/>'s transcendental functions
/// come from each platform's own library. A simulated market must be the same market on every machine. Errors are a few units in the
/// last place, measured in the tests.
/// </remarks>
internal static class PortableMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double HalfLnTwoPi = 0.91893853320467274178;

    /// <summary>Natural logarithm of a positive normal number.</summary>
    public static double Ln(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        // ln m = 2 atanh t; |t| ≤ 0.172, so the first term left out is below 1e-19.
        double t = (m - 1) / (m + 1);
        double s = t * t;
        double sum = 1.0 / 23;
        for (int n = 21; n >= 1; n -= 2)
            sum = sum * s + 1.0 / n;
        return exponent * Ln2High + (2 * t * sum + exponent * Ln2Low);
    }

    /// <summary>e^x for |x| ≤ 700.</summary>
    public static double Exp(double x)
    {
        double k = Math.Floor(x * 1.4426950408889634 + 0.5);
        double r = x - k * Ln2High - k * Ln2Low;
        double sum = 1;
        for (int n = 14; n >= 1; n--)
            sum = 1 + sum * r / n;
        return sum * BitConverter.Int64BitsToDouble(((long)k + 1023) << 52);
    }

    public static double Atan(double x)
    {
        // Three halvings bring any argument under tan(π/16).
        double y = x / (1 + Math.Sqrt(1 + x * x));
        y /= 1 + Math.Sqrt(1 + y * y);
        y /= 1 + Math.Sqrt(1 + y * y);
        double s = y * y;
        double sum = 0;
        for (int n = 25; n >= 1; n -= 2)
            sum = 1.0 / n - s * sum;
        return 8 * y * sum;
    }

    /// <summary>Φ(x), the standard normal distribution function, absolute error below 1e-14.</summary>
    /// <remarks>Source: Marsaglia, “Evaluating the Normal Distribution”, J. Statistical Software 11 (2004).</remarks>
    public static double NormalCdf(double x)
    {
        if (x < -8)
            return 0;
        if (x > 8)
            return 1;
        double sum = x;
        double term = x;
        double square = x * x;
        for (int i = 3; ; i += 2)
        {
            term *= square / i;
            double next = sum + term;
            if (next == sum)
                return 0.5 + sum * Exp(-0.5 * square - HalfLnTwoPi);
            sum = next;
        }
    }

    /// <summary>Φ⁻¹(p) for 0 &lt; p &lt; 1, relative error about 1e-16.</summary>
    /// <remarks>Source: Wichura, “Algorithm AS 241: The Percentage Points of the Normal Distribution”, Applied Statistics 37 (1988).</remarks>
    public static double NormalQuantile(double p)
    {
        double q = p - 0.5;
        if (q is >= -0.425 and <= 0.425)
        {
            double r = 0.180625 - q * q;
            return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r + 133.14166789178437745) * r
                + 3.387132872796366608)
                / (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r + 42.313330701600911252) * r + 1);
        }

        double tail = Math.Sqrt(-Ln(q < 0 ? p : 1 - p));
        double value;
        if (tail <= 5)
        {
            double r = tail - 1.6;
            value = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r + 4.6303378461565452959) * r
                + 1.42343711074968357734)
                / (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r + 2.05319162663775882187) * r + 1);
        }
        else
        {
            double r = tail - 5;
            value = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r + 5.4637849111641143699) * r
                + 6.6579046435011037772)
                / (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1);
        }

        return q < 0 ? -value : value;
    }
}
