using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Simulation.Numerics;

namespace Crpbot.Engine.Tests.Analysis;

/// <summary>Rows of made-up symbols whose features are noise, but for what a test plants.</summary>
internal sealed class PlantedMarket
{
    public const int Rows = 5_000;
    private static readonly UnixNanos Start = UnixNanos.FromDateTime(new DateTime(2026, 1, 5, 0, 0, 0, DateTimeKind.Utc));

    // Not a seeded System.Random: its numbers are differences of earlier ones, and trees do find that.
    private Xoshiro256 _random;
    private readonly double[][] _signals;

    /// <param name="seed">Another seed is another market.</param>
    /// <param name="strength">Of the next Bar's return, in deviations of its noise a deviation of the signal; 0 plants nothing.</param>
    /// <param name="symbols">How many.</param>
    /// <param name="features">Columns that vary; the others are missing.</param>
    public PlantedMarket(int seed, double strength, int symbols = 2, int features = FeatureSchema.CandleCount)
    {
        _random = new Xoshiro256((ulong)seed, 0);
        _signals = new double[symbols][];
        Symbols = [.. Enumerable.Range(0, symbols).Select(s => NewSymbol(s, strength, features))];
    }

    public IReadOnlyList<InputRows> Symbols { get; }

    /// <summary>Puts the hidden signal into a column, with noise of so many deviations.</summary>
    public PlantedMarket PlantSignal(int column, double noise) => Plant(column, (s, row) => _signals[s][row] + noise * Gauss());

    /// <summary>Puts the sign of the return h Bars ahead into a column: what no feature may know.</summary>
    public PlantedMarket PlantLeak(int column, int horizonBars) => Plant(column, (s, row) =>
        row + horizonBars < Rows ? Math.Sign(Symbols[s].Close[row + horizonBars] - Symbols[s].Close[row]) : 0);

    /// <summary>Moves a column by so many deviations from one row on.</summary>
    public PlantedMarket PlantDrift(int column, int from, double by) => Plant(column, (s, row) => Symbols[s].Inputs[row * FeatureSchema.Count + column] + (row >= from ? by : 0));

    public PlantedMarket Plant(int column, Func<int, int, double> value)
    {
        for (int s = 0; s < Symbols.Count; s++)
        {
            for (int row = 0; row < Rows; row++)
                Symbols[s].Inputs[row * FeatureSchema.Count + column] = value(s, row);
        }

        return this;
    }

    private InputRows NewSymbol(int symbol, double strength, int features)
    {
        double[] signal = _signals[symbol] = [.. Enumerable.Range(0, Rows).Select(_ => Gauss())];
        var inputs = new double[Rows * FeatureSchema.Count];
        Array.Fill(inputs, double.NaN);
        var close = new double[Rows];
        double price = 100;
        for (int row = 0; row < Rows; row++)
        {
            // The signal of a row moves the price over the Bar that follows.
            price *= Math.Exp(5e-4 * (Gauss() + (row > 0 ? strength * signal[row - 1] : 0)));
            close[row] = price;
            for (int f = 0; f < features; f++)
                inputs[row * FeatureSchema.Count + f] = Gauss();
        }

        return new InputRows
        {
            Symbol = $"made:{symbol}",
            Times = [.. Enumerable.Range(0, Rows).Select(row => Start + row * UnixNanos.PerMinute)],
            Close = close,
            High = close,
            Low = close,
            Atr = [.. close.Select(_ => double.NaN)],
            Mid = [.. close.Select(_ => double.NaN)],
            Flags = new FeatureRowFlags[Rows],
            Inputs = inputs,
            TrueProbabilityUp = new double[Rows],
        };
    }

    private double Gauss() => _random.NextNormal();
}
