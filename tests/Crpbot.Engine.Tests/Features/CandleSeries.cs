namespace Crpbot.Engine.Tests.Features;

/// <summary>Made-up candles: the golden series of the definition and seeded random walks.</summary>
internal static class CandleSeries
{
    /// <summary>Section 9.1.</summary>
    public static List<Candle> Golden()
    {
        double Close(int n) => 100 * (1 + 0.01 * Math.Sin(n / 7.0) + 0.003 * Math.Cos(n / 3.0) + 0.00005 * n);
        var start = new DateTime(2025, 1, 3, 22, 0, 0, DateTimeKind.Utc);
        List<Candle> candles = [];
        for (int n = 0; n < 400; n++)
        {
            double open = n == 0 ? 100 : Close(n - 1);
            double high = Math.Max(open, Close(n)) * (1 + 0.0002 * (1 + n % 5));
            double low = Math.Min(open, Close(n)) * (1 - 0.0001 * (1 + n % 3));
            candles.Add(new Candle(start.AddMinutes(n), open, high, low, Close(n), 10 + n % 7 + 3 * Math.Sin(n / 11.0)));
        }

        return candles;
    }

    /// <summary>A random walk in which a fraction of the minutes is missing, flat or without volume.</summary>
    public static List<Candle> Random(int seed, int bars, double missing = 0, double quiet = 0.05)
    {
        var random = new Random(seed);
        var open = new DateTime(2025, 3, 28, 20, 0, 0, DateTimeKind.Utc);
        List<Candle> candles = [];
        double close = 100;
        while (candles.Count < bars)
        {
            open = open.AddMinutes(random.NextDouble() < missing ? random.Next(2, 9) : 1);
            double before = close;
            if (random.NextDouble() < quiet)
            {
                candles.Add(new Candle(open, close, close, close, close, 0));
                continue;
            }

            close *= Math.Exp(0.001 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5));
            double high = Math.Max(before, close) * (1 + 0.0005 * random.NextDouble());
            double low = Math.Min(before, close) * (1 - 0.0005 * random.NextDouble());
            candles.Add(new Candle(open, before, high, low, close, 20 * random.NextDouble() * random.NextDouble()));
        }

        return candles;
    }
}
