using Crpbot.Datasets;
using Crpbot.Messages;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Learning;

namespace Crpbot.Training.SelfChecks;

/// <summary>A market whose next move depends on a hidden AR(1) pressure that two of its features show through noise.</summary>
internal static class PlantedMarket
{
    public static readonly string[] Names = ["shown", "echo", "noise", "is_weekend"];
    private const long FirstMinute = 28_000_000;

    /// <param name="rowsPerSymbol">Rows of each of two Instruments.</param>
    /// <param name="drift">How much of a move pressure explains; 0 is a random walk.</param>
    /// <param name="seed">Equal seeds give equal tables.</param>
    public static TrainingTable Create(int rowsPerSymbol, double drift = 0.6, ulong seed = 1)
    {
        var symbols = new List<SymbolRows>();
        foreach (string symbol in new[] { "BTC-USD", "ETH-USD" })
        {
            var random = new Xoshiro256(seed, (ulong)symbols.Count);
            var rows = new SymbolRows(symbol, rowsPerSymbol, Names.Length);
            double pressure = 0, price = 1000;
            for (int row = 0; row < rowsPerSymbol; row++)
            {
                price *= Math.Exp(1e-3 * (drift * pressure + Math.Sqrt(1 - drift * drift) * random.NextNormal()));
                pressure = 0.8 * pressure + 0.6 * random.NextNormal();
                rows.OpenTime[row] = new UnixNanos((FirstMinute + row) * UnixNanos.PerMinute);
                rows.Close[row] = rows.Mid[row] = price;
                rows.TrueProbabilityUp[row] = PortableMath.NormalCdf(drift * pressure / Math.Sqrt(1 - drift * drift));
                Span<double> inputs = rows.WritableInputsOf(row);
                inputs[0] = 5 * pressure + 20 + random.NextNormal();
                inputs[1] = -pressure + random.NextNormal();
                inputs[2] = random.NextNormal();
                inputs[3] = row / 1000 % 2;
            }

            symbols.Add(rows);
        }

        return new TrainingTable("planted", new string('0', 64), Names, symbols);
    }

    /// <summary>The same rows with inputs of our choice and perhaps other prices.</summary>
    /// <param name="table">Left as it is.</param>
    /// <param name="names">Names of the new inputs.</param>
    /// <param name="fill">Writes a row's inputs: Instrument, row, where to.</param>
    /// <param name="price">What a price becomes.</param>
    public static TrainingTable Rewrite(TrainingTable table, IReadOnlyList<string> names, FillRow fill, Func<double, double>? price = null) =>
        table with
        {
            FeatureNames = names,
            Symbols = [.. table.Symbols.Select((from, symbol) =>
            {
                var rows = new SymbolRows(from.Symbol, from.Count, names.Count);
                from.OpenTime.CopyTo(rows.OpenTime, 0);
                from.Warmup.CopyTo(rows.Warmup, 0);
                from.TrueProbabilityUp.CopyTo(rows.TrueProbabilityUp, 0);
                for (int row = 0; row < from.Count; row++)
                {
                    rows.Close[row] = price?.Invoke(from.Close[row]) ?? from.Close[row];
                    rows.Mid[row] = price?.Invoke(from.Mid[row]) ?? from.Mid[row];
                    fill(symbol, row, rows.WritableInputsOf(row));
                }

                return rows;
            })],
        };

    /// <summary>Each row gets the features of the row so many bars later; the ends keep their own.</summary>
    public static TrainingTable Shift(TrainingTable table, int bars) => Rewrite(table, table.FeatureNames, (symbol, row, inputs) =>
    {
        SymbolRows from = table.Symbols[symbol];
        from.InputsOf(Math.Clamp(row + bars, 0, from.Count - 1)).CopyTo(inputs);
    });

    /// <summary>One-minute candles of a random walk.</summary>
    public static CandleSeries Candles(int count, ulong seed)
    {
        var random = new Xoshiro256(seed, 2);
        var series = new CandleSeries("BTC-USD", new UnixNanos[count], new double[count], new double[count], new double[count], new double[count], new double[count]);
        double price = 1000;
        for (int i = 0; i < count; i++)
        {
            series.Times[i] = new UnixNanos((FirstMinute + i) * UnixNanos.PerMinute);
            series.Open[i] = price;
            price *= Math.Exp(1e-3 * random.NextNormal());
            series.Close[i] = price;
            (series.Low[i], series.High[i]) = (Math.Min(series.Open[i], price) * 0.9995, Math.Max(series.Open[i], price) * 1.0005);
            series.Volume[i] = 1 + 9 * random.NextDouble();
        }

        return series;
    }
}

/// <summary>Writes the inputs of one row of one Instrument.</summary>
internal delegate void FillRow(int symbol, int row, Span<double> inputs);
