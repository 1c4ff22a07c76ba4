using Crpbot.Messages;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Learning;

namespace Crpbot.Training.Tests.Learning;

/// <summary>A market whose next move depends on a hidden AR(1) pressure that two of its features show through noise.</summary>
internal static class PlantedTable
{
    public static readonly string[] Names = ["shown", "echo", "noise", "is_weekend"];

    /// <param name="rowsPerSymbol">Rows of each of two Instruments.</param>
    /// <param name="drift">How much of a move pressure explains; 0 is a random walk.</param>
    /// <param name="seed">Equal seeds give equal tables.</param>
    public static TrainingTable Create(int rowsPerSymbol, double drift = 0.6, int seed = 1)
    {
        // Not System.Random: trees find the structure of a seeded one.
        var random = new Xoshiro256((ulong)seed, 0);
        double Normal() => random.NextNormal();
        var symbols = new List<SymbolRows>();
        foreach (string symbol in new[] { "BTC-USD", "ETH-USD" })
        {
            var rows = new SymbolRows(symbol, rowsPerSymbol, Names.Length);
            double pressure = 0, price = 1000;
            for (int row = 0; row < rowsPerSymbol; row++)
            {
                price *= Math.Exp(1e-3 * (drift * pressure + Math.Sqrt(1 - drift * drift) * Normal()));
                pressure = 0.8 * pressure + 0.6 * Normal();
                rows.OpenTime[row] = new UnixNanos((28_000_000L + row) * UnixNanos.PerMinute);
                rows.Close[row] = rows.Mid[row] = price;
                rows.TrueProbabilityUp[row] = NormalCdf(drift * pressure / Math.Sqrt(1 - drift * drift));
                Span<double> inputs = rows.WritableInputsOf(row);
                inputs[0] = 5 * pressure + 20 + Normal();
                inputs[1] = -pressure + Normal();
                inputs[2] = Normal();
                inputs[3] = row / 1000 % 2;
            }

            symbols.Add(rows);
        }

        return new TrainingTable("planted", new string('0', 64), Names, symbols);
    }

    private static double NormalCdf(double x)
    {
        // Abramowitz and Stegun 26.2.17, 1e-7.
        double t = 1 / (1 + 0.2316419 * Math.Abs(x));
        double tail = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)
            * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return x > 0 ? 1 - tail : tail;
    }
}
