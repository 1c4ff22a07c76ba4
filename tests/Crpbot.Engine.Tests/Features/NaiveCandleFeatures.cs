using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Features;

/// <summary>One candle as plain numbers.</summary>
internal sealed record Candle(DateTime Open, double O, double H, double L, double C, double V);

/// <summary>Section 4 of the definition, straight from the page: every value from the whole list of Bars, nothing remembered.</summary>
internal static class NaiveCandleFeatures
{
    public static void Compute(IReadOnlyList<Candle> history, double[] values, double[] inputs, out string regime)
    {
        // Section 2: more than five missing Bars in a row restart everything.
        List<Candle> bars = [];
        foreach (Candle candle in history)
        {
            if (bars.Count > 0 && (candle.Open - bars[^1].Open).TotalMinutes - 1 > 5)
                bars.Clear();
            bars.Add(candle);
        }

        Array.Fill(values, double.NaN, 0, 33);
        Array.Fill(inputs, double.NaN, 0, 33);
        int n = bars.Count - 1;
        Candle now = bars[n];
        double[] closes = [.. bars.Select(b => b.C)];
        double[] volumes = [.. bars.Select(b => b.V)];
        void Set(string name, int firstN, double value, double input, int inputFirstN = -1)
        {
            int index = FeatureSchema.IndexOf(name);
            if (n >= firstN)
                values[index] = value;
            if (n >= Math.Max(firstN, inputFirstN))
                inputs[index] = input;
        }

        double previous = n > 0 ? closes[n - 1] : double.NaN;
        double meanVolume = volumes.TakeLast(1440).Average();
        double a = 0.001 * meanVolume;
        double VolumeInput(double v) => meanVolume == 0 ? 0 : Math.Log((v + a) / (meanVolume + a));
        Set("open", 0, now.O, 1e4 * Math.Log(now.O / previous), 1);
        Set("high", 0, now.H, 1e4 * Math.Log(now.H / now.C));
        Set("low", 0, now.L, 1e4 * Math.Log(now.L / now.C));
        Set("close", 0, now.C, 1e4 * Math.Log(now.C / previous), 1);
        Set("volume", 0, now.V, VolumeInput(now.V), 239);

        int day = ((int)now.Open.DayOfWeek + 6) % 7;
        double Flag(bool set) => set ? 1 : 0;
        Set("session_tokyo", 0, Flag(now.Open.Hour < 8), Flag(now.Open.Hour < 8));
        Set("session_london", 0, Flag(now.Open.Hour is >= 8 and < 16), Flag(now.Open.Hour is >= 8 and < 16));
        Set("session_new_york", 0, Flag(now.Open.Hour >= 16), Flag(now.Open.Hour >= 16));
        Set("day_of_week", 0, day, (day - 3) / 3.0);
        Set("is_weekend", 0, Flag(day >= 5), Flag(day >= 5));

        double Atr(int at) => Enumerable.Range(at - 13, 14)
            .Select(i => new[] { bars[i].H - bars[i].L, Math.Abs(bars[i].H - closes[i - 1]), Math.Abs(bars[i].L - closes[i - 1]) }.Max())
            .Average();
        double spread = now.H - now.L;
        double atr = n >= 14 ? Atr(n) : double.NaN;
        Set("spread", 0, spread, Math.Log(1 + 1e4 * spread / now.C));
        Set("spread_pct", 0, 100 * spread / now.C, 1e4 * spread / now.C);
        Set("atr", 14, atr, Math.Log(1 + 1e4 * atr / now.C));
        double atrRatio = atr == 0 ? 0 : spread / atr;
        Set("spread_atr_ratio", 14, atrRatio, atrRatio);

        double[] window = [.. volumes.TakeLast(20)];
        double average = window.Average();
        double ratio = average == 0 ? 1 : now.V / average;
        double trend = window.Select((v, i) => (i - 9.5) * v).Sum() / 665;
        Set("volume_ma", 19, average, VolumeInput(average), 239);
        Set("volume_ratio", 19, ratio, Math.Log(ratio + 0.01));
        Set("volume_trend", 19, trend, average == 0 ? 0 : trend / average);

        foreach (int k in (int[])[7, 14, 21, 50])
        {
            double sma = closes.TakeLast(k).Average();
            double before = n > 0 ? closes.SkipLast(1).TakeLast(k).Average() : double.NaN;
            Set($"sma_{k}", k - 1, sma, 1e4 * Math.Log(sma / before), k);
            Set($"price_sma_{k}_ratio", k - 1, now.C / sma, 1e4 * Math.Log(now.C / sma));
        }

        double up = 0, down = 0, fast = closes[0], slow = closes[0], signal = 0;
        for (int i = 1; i <= n; i++)
        {
            double change = closes[i] - closes[i - 1];
            up += (Math.Max(change, 0) - up) / 14;
            down += (Math.Max(-change, 0) - down) / 14;
            fast += (closes[i] - fast) * 2 / 13;
            slow += (closes[i] - slow) * 2 / 27;
            signal += (fast - slow - signal) * 2 / 10;
        }

        double rsi = up + down == 0 ? 50 : 100 * up / (up + down);
        Set("rsi", 13, rsi, (rsi - 50) / 50);
        Set("macd", 25, fast - slow, 1e4 * (fast - slow) / now.C);
        Set("macd_signal", 33, signal, 1e4 * signal / now.C);
        Set("macd_diff", 33, fast - slow - signal, 1e4 * (fast - slow - signal) / now.C);

        double[] shifted = [.. closes.TakeLast(20).Select(c => c - closes[Math.Max(0, n - 19)])];
        double mean = shifted.Average();
        double sigma = Math.Sqrt(shifted.Select(x => (x - mean) * (x - mean)).Average());
        double centre = closes[Math.Max(0, n - 19)] + mean;
        double high = centre + 2 * sigma, low = centre - 2 * sigma, width = (high - low) / now.C;
        double position = high == low ? 0.5 : (now.C - low) / (high - low);
        Set("bb_high", 19, high, 1e4 * Math.Log(high / now.C));
        Set("bb_low", 19, low, 1e4 * Math.Log(Math.Max(low, now.C / 100) / now.C));
        Set("bb_width", 19, width, Math.Log(1 + 1e4 * width));
        Set("bb_position", 19, position, Math.Clamp(position - 0.5, -2, 2));

        regime = "none";
        if (n >= 33)
        {
            double[] sorted = [.. Enumerable.Range(n - 19, 20).Select(Atr).Order()];
            double Rank(double q) => sorted[(int)(q * 19)] + (q * 19 - (int)(q * 19)) * (sorted[(int)(q * 19) + 1] - sorted[(int)(q * 19)]);
            double q33 = Rank(0.33), q67 = Rank(0.67);
            regime = q33 == q67 ? "medium" : atr < q33 ? "low" : atr >= q67 ? "high" : "medium";
        }
    }
}
