using Crpbot.Backtest;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Engine.Tests.Backtest;

/// <summary>Tapes for scenarios: by hand, and by seed.</summary>
internal static class TapeScript
{
    /// <summary>A winter Monday, 12:00 UTC.</summary>
    public static readonly UnixNanos Start = UnixNanos.FromDateTime(new DateTime(2026, 1, 12, 12, 0, 0, DateTimeKind.Utc));

    public static readonly string[] Symbols = ["BTC-USD", "ETH-USD", "SOL-USD"];

    /// <summary>Cost and rate limits out of the way.</summary>
    public static RiskLimits Roomy { get; } = RiskPresets.Ftmo2Step with
    {
        DailyCostBudget = 0.9m,
        MaxLeverage = 100m,
        MaxOrdersPerHour = 1_000,
        MaxOrdersPerDay = 10_000,
        Contracts = RiskPresets.FtmoCrypto.ToDictionary(c => c.Key, c => c.Value with { MaxLots = 100_000m }),
    };

    public static Instrument Instrument(int index)
    {
        var table = new InstrumentTable();
        foreach (string symbol in Symbols)
            table.GetOrAdd("coinbase", symbol);
        return table.All[index];
    }

    /// <summary>Bars of one Instrument, prices in dollars: open, high, low, close.</summary>
    public static BarTape Of(params IReadOnlyList<(decimal Open, decimal High, decimal Low, decimal Close)> bars) => new()
    {
        Instrument = Instrument(0),
        OpenTimes = [.. Enumerable.Range(0, bars.Count).Select(i => Start + i * UnixNanos.PerMinute)],
        Open = [.. bars.Select(bar => Cents(bar.Open))],
        High = [.. bars.Select(bar => Cents(bar.High))],
        Low = [.. bars.Select(bar => Cents(bar.Low))],
        Close = [.. bars.Select(bar => Cents(bar.Close))],
        EndBid = new long[bars.Count],
        EndAsk = new long[bars.Count],
        Atr = [.. bars.Select(_ => 100.0)],
        ProbabilityUp = [.. bars.Select(_ => double.NaN)],
    };

    /// <summary>A driftless random walk with gaps in time, and a model that guesses.</summary>
    /// <param name="quoted">End quotes on nearly all bars.</param>
    /// <param name="volatility">Standard deviation of a minute, a fraction of the price.</param>
    public static BarTape Random(int seed, int count, int instrument = 0, bool quoted = false, double volatility = 0.001, double opinions = 0.2, double gaps = 0.002, UnixNanos? start = null)
    {
        var random = new Random(seed * 31 + instrument);
        long price = instrument switch { 0 => 10_000_000, 1 => 400_000, _ => 20_000 };
        UnixNanos time = start ?? Start;
        var tape = new BarTape
        {
            Instrument = Instrument(instrument),
            OpenTimes = new UnixNanos[count], Open = new long[count], High = new long[count], Low = new long[count], Close = new long[count],
            EndBid = new long[count], EndAsk = new long[count], Atr = new double[count], ProbabilityUp = new double[count],
        };
        for (int i = 0; i < count; i++)
        {
            tape.OpenTimes[i] = time;
            time += random.NextDouble() < gaps ? random.Next(2, 900) * UnixNanos.PerMinute : UnixNanos.PerMinute;
            long unit = Math.Max(1, (long)(price * volatility));
            // Half of the bars open away from the close before.
            long open = Math.Max(100, price + (random.Next(2) == 0 ? 0 : random.NextInt64(-unit, unit + 1)));
            long close = Math.Max(100, open + (random.Next(2) == 0 ? 1 : -1) * random.NextInt64(0, 2 * unit + 1));
            (tape.Open[i], tape.Close[i]) = (open, close);
            tape.High[i] = Math.Max(open, close) + random.NextInt64(0, unit + 1);
            tape.Low[i] = Math.Max(1, Math.Min(open, close) - random.NextInt64(0, unit + 1));
            tape.Atr[i] = unit / 100.0 * (2 + random.NextDouble());
            tape.ProbabilityUp[i] = random.NextDouble() < opinions ? random.Next(0, 65) / 64.0 : double.NaN;
            if (quoted && random.Next(100) > 0)
                (tape.EndBid[i], tape.EndAsk[i]) = (close - random.Next(0, 3), close + random.Next(1, 4));
            price = close;
        }

        return tape;
    }

    public static BacktestOptions Options(int horizon = 15) => new() { HorizonBars = horizon, StatedSpread = 0 };

    private static long Cents(decimal dollars) => (long)(dollars * 100);
}
