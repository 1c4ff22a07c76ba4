using System.Globalization;

namespace Crpbot.Reports;

/// <summary>A linear axis with ticks at 1, 2 or 5 times a power of ten.</summary>
internal readonly struct Axis
{
    public Axis(double low, double high, int ticks, bool exact = false)
    {
        if (!(high > low))
            (low, high) = (low - Math.Max(1e-9, Math.Abs(low) * 0.05), low + Math.Max(1e-9, Math.Abs(low) * 0.05));
        Step = NiceStep((high - low) / Math.Max(1, ticks));
        (Low, High) = exact ? (low, high) : (Math.Floor(low / Step) * Step, Math.Ceiling(high / Step) * Step);
    }

    public double Low { get; }

    public double High { get; }

    public double Step { get; }

    public double Share(double value) => (value - Low) / (High - Low);

    public IEnumerable<double> Ticks()
    {
        for (double i = Math.Ceiling(Low / Step - 1e-9); i * Step <= High + Step * 1e-6; i++)
            yield return i * Step;
    }

    /// <summary>As many digits as the steps need.</summary>
    public string Format(double value)
    {
        if (Math.Abs(value) < Step / 2)
            value = 0;
        int digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step) - 1e-9), 0, 8);
        return value.ToString(Math.Max(Math.Abs(Low), Math.Abs(High)) >= 1e7 || Step < 1e-8 ? "G3" : "N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static double NiceStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
    }
}
