using Crpbot.Features;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

public class CandleFeaturesTests
{
    private const string Golden = """
        open 102.519192241 0
        high 102.682206048 9.99500333083
        low 102.508940321 -6.89322705476
        close 102.579626421 5.89317705143
        volume 7.03122780577 -0.618288256098
        session_tokyo 1 1
        session_london 0 0
        session_new_york 0 0
        day_of_week 5 0.666666666667
        is_weekend 1 1
        spread 0.173265726467 2.88428950799
        spread_pct 0.168908517716 16.8908517716
        atr 0.223104303557 3.12453778955
        spread_atr_ratio 0.776613107433 0.776613107433
        volume_ma 11.1406535464 -0.158732775175
        volume_ratio 0.631132435499 -0.444519235759
        volume_trend -0.1653360149 -0.0148407823843
        sma_7 102.239032856 14.7554237099
        price_sma_7_ratio 1.00333134573 33.2580909281
        sma_14 101.616892905 13.5163371396
        price_sma_14_ratio 1.00947414833 94.2955005601
        sma_21 101.412954456 4.53327557349
        price_sma_21_ratio 1.01150417096 114.385011534
        sma_50 101.904984857 3.00398735429
        price_sma_50_ratio 1.00662029993 65.9848198789
        rsi 74.9705605409 0.499411210818
        macd 0.210832030881 20.5530121561
        macd_signal 0.0113419288378 1.10567071002
        macd_diff 0.199490102043 19.4473414461
        bb_high 102.746567174 16.2610319374
        bb_low 100.074732298 -247.22110261
        bb_width 0.0260464477097 5.56629843144
        bb_position 0.937518312109 0.437518312109
        """;

    [Fact]
    public void GoldenVectorHolds()
    {
        var rows = new CandleRows(CandleSeries.Golden());
        foreach (string line in Golden.Split('\n', StringSplitOptions.TrimEntries))
        {
            string[] parts = line.Split(' ');
            int index = FeatureSchema.IndexOf(parts[0]);
            // The page prints twelve digits, so large numbers are rounded in the ninth decimal.
            AssertClose(double.Parse(parts[1], null), rows.Values[^1][index], parts[0]);
            AssertClose(double.Parse(parts[2], null), rows.Inputs[^1][index], parts[0] + " input");
        }

        Assert.Equal(VolatilityRegime.High, rows.Regimes[^1]);
        Assert.Equal(Session.Tokyo, rows.Sessions[^1]);
        static void AssertClose(double expected, double actual, string name) =>
            Assert.True(Math.Abs(expected - actual) <= 1e-9 * Math.Max(1, Math.Abs(expected)), $"{name}: expected {expected}, got {actual:R}");
    }

    [Theory]
    [InlineData(1, 0.0, 0.0)]
    [InlineData(2, 0.0, 0.3)]
    [InlineData(3, 0.03, 0.1)]
    [InlineData(4, 0.3, 0.9)]
    public void AgreesWithThePlainVersion(int seed, double missing, double quiet)
    {
        List<Candle> candles = CandleSeries.Random(seed, 420, missing, quiet);
        var rows = new CandleRows(candles);
        double[] values = new double[33];
        double[] inputs = new double[33];
        for (int n = 0; n < candles.Count; n++)
        {
            NaiveCandleFeatures.Compute(candles.Take(n + 1).ToList(), values, inputs, out string regime);
            for (int i = 0; i < 33; i++)
            {
                AssertSame(values[i], rows.Values[n][i], 1e-9, $"bar {n} {FeatureSchema.Names[i]}");
                AssertSame(inputs[i], rows.Inputs[n][i], 1e-8, $"bar {n} {FeatureSchema.Names[i]} input");
                Assert.Equal(double.IsNaN(values[i]), rows.Reasons[n][i] == MissingReason.Warmup);
            }

            Assert.Equal(regime, rows.Regimes[n].ToString().ToLowerInvariant());
        }
    }

    [Fact]
    public void FirstBarOfEveryFeatureIsThatOfTheDefinition()
    {
        var rows = new CandleRows(CandleSeries.Random(7, 60));
        for (int i = 0; i < 33; i++)
        {
            int first = CandleFeatures.FirstBar(i);
            Assert.True(rows.Values.Take(first).All(v => double.IsNaN(v[i])), FeatureSchema.Names[i]);
            Assert.True(rows.Values.Skip(first).All(v => double.IsFinite(v[i])), FeatureSchema.Names[i]);
        }
    }

    [Fact]
    public void InputsDoNotKnowTheScaleOfPricesOrQuantities()
    {
        List<Candle> candles = CandleSeries.Random(11, 600, 0.01);
        var rows = new CandleRows(candles);
        var scaled = new CandleRows([.. candles.Select(c => c with { O = 7 * c.O, H = 7 * c.H, L = 7 * c.L, C = 7 * c.C, V = 13 * c.V })]);
        for (int n = 0; n < candles.Count; n++)
        {
            for (int i = 0; i < 33; i++)
                AssertSame(rows.Inputs[n][i], scaled.Inputs[n][i], 1e-8, $"bar {n} {FeatureSchema.Names[i]}");
        }
    }

    [Fact]
    public void FiveMissingBarsKeepTheStateAndSixRestartIt()
    {
        List<Candle> candles = CandleSeries.Random(5, 500);
        Candle Later(Candle c, int minutes) => c with { Open = c.Open.AddMinutes(minutes) };
        var kept = new CandleRows([.. candles.Take(450), .. candles.Skip(450).Select(c => Later(c, 5))]);
        Assert.Equal(FeatureRowFlags.AfterGap, kept.Flags[450]);
        Assert.Equal(FeatureRowFlags.None, kept.Flags[451]);
        var whole = new CandleRows(candles);
        Assert.Equal(whole.Values[450][FeatureIndex.Rsi], kept.Values[450][FeatureIndex.Rsi]);
        Assert.Equal(whole.Inputs[450][FeatureIndex.Close], kept.Inputs[450][FeatureIndex.Close]);

        var restarted = new CandleRows([.. candles.Take(450), .. candles.Skip(450).Select(c => Later(c, 6))]);
        Assert.Equal(FeatureRowFlags.Restarted | FeatureRowFlags.Warmup, restarted.Flags[450]);
        Assert.True(double.IsNaN(restarted.Inputs[450][FeatureIndex.Close]));
        Assert.Equal(MissingReason.Warmup, restarted.Reasons[450][FeatureIndex.Rsi]);
    }

    [Fact]
    public void RowsAreWarmAtTheThreeHundredSixtiethBar()
    {
        var rows = new CandleRows(CandleSeries.Random(5, 362));
        Assert.Equal(FeatureRowFlags.Warmup, rows.Flags[358]);
        Assert.Equal(FeatureRowFlags.None, rows.Flags[359]);
    }

    [Fact]
    public void AWarmRunAgreesWithTheFullOne()
    {
        List<Candle> candles = CandleSeries.Random(21, 3200);
        var full = new CandleRows(candles);
        foreach (int start in (int[])[1, 333, 1200])
        {
            var part = new CandleRows(candles.Skip(start).ToList());
            for (int n = 360; n < candles.Count - start; n += 7)
            {
                for (int i = 0; i < 33; i++)
                {
                    double scale = i is >= FeatureIndex.Macd and <= FeatureIndex.MacdDiff ? full.Values[start + n][FeatureIndex.Close] : 1;
                    string name = $"start {start} bar {n} {FeatureSchema.Names[i]}";
                    AssertSame(full.Values[start + n][i], part.Values[n][i], 1e-9 * scale, name);
                    if (n >= 1440 || i is not (FeatureIndex.Volume or FeatureIndex.VolumeMa))
                        AssertSame(full.Inputs[start + n][i], part.Inputs[n][i], 1e-7, name);
                }
            }
        }
    }

    [Fact]
    public void ADayWithoutVolumeGivesZeroInputs()
    {
        List<Candle> candles = CandleSeries.Random(9, 10);
        candles.AddRange(Enumerable.Range(1, 1500).Select(m => candles[9] with { Open = candles[9].Open.AddMinutes(m), V = 0 }));
        var rows = new CandleRows(candles);
        Assert.Equal(0, rows.Inputs[^1][FeatureIndex.Volume]);
        Assert.Equal(0, rows.Inputs[^1][FeatureIndex.VolumeMa]);
        Assert.NotEqual(0, rows.Inputs[1000][FeatureIndex.Volume]);
    }

    [Fact]
    public void EqualClosesHaveNoWidth()
    {
        var start = new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = new CandleRows([.. Enumerable.Range(0, 60).Select(n => new Candle(start.AddMinutes(n), 0.1, 0.1, 0.1, 0.1, 1))]);
        Assert.Equal(0, rows.Values[^1][FeatureIndex.BbWidth]);
        Assert.Equal(0.5, rows.Values[^1][FeatureIndex.BbPosition]);
        Assert.Equal(50, rows.Values[^1][FeatureIndex.Rsi]);
        Assert.Equal(0, rows.Values[^1][FeatureIndex.SpreadAtrRatio]);
        Assert.Equal(VolatilityRegime.Medium, rows.Regimes[^1]);
    }

    [Fact]
    public void ImpossibleBarsAreRefusedAndChangeNothing()
    {
        List<Candle> candles = CandleSeries.Random(3, 100);
        Candle good = candles[50];
        Candle[] bad =
        [
            good with { C = 0 }, good with { O = -1 }, good with { L = 0 }, good with { H = good.L / 2 }, good with { V = -1 },
            good with { C = double.NaN }, good with { V = double.NaN }, good with { H = double.PositiveInfinity }, good with { V = 1e200 },
            good with { Open = candles[49].Open }, good with { Open = good.Open.AddSeconds(1) }, good with { Open = candles[0].Open },
        ];
        var clean = new CandleRows(candles);
        var damaged = new CandleRows([.. candles.Take(50), .. bad, .. candles.Skip(50)]);
        Assert.Equal(bad.Length, damaged.Features.Refused);
        Assert.Equal(clean.Values[^1], damaged.Values[^1]);
        Assert.Equal(clean.Inputs[^1], damaged.Inputs[^1]);
    }

    [Fact]
    public void StreamingAllocatesNothing()
    {
        var features = new CandleFeatures();
        double[] values = new double[33], inputs = new double[33];
        var reasons = new MissingReason[33];
        long minute = 0;
        void Run(int bars)
        {
            for (int i = 0; i < bars; i++, minute++)
            {
                double close = 100 + minute % 17;
                features.Apply(close, close + 1, close - 1, close, minute % 5, new UnixNanos(minute * UnixNanos.PerMinute), values, inputs, reasons);
            }
        }

        Run(5000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(20_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void BatchAndStreamingAgreeToTheLastBit()
    {
        List<Candle> candles = CandleSeries.Random(17, 2500, 0.01);
        candles.Insert(700, candles[699] with { C = -1 });
        int bars = candles.Count;
        double[] values = new double[bars * 33], inputs = new double[bars * 33];
        var reasons = new MissingReason[bars * 33];
        var flags = new FeatureRowFlags[bars];
        int refused = FeatureBatch.Candles(
            candles.Select(c => UnixNanos.FromDateTime(c.Open)).ToArray(), candles.Select(c => c.O).ToArray(), candles.Select(c => c.H).ToArray(),
            candles.Select(c => c.L).ToArray(), candles.Select(c => c.C).ToArray(), candles.Select(c => c.V).ToArray(),
            values, inputs, reasons, flags);
        Assert.Equal(1, refused);
        Assert.Equal(MissingReason.FeedDown, reasons[700 * 33]);
        candles.RemoveAt(700);
        var rows = new CandleRows(candles);
        for (int n = 0; n < candles.Count; n++)
        {
            int at = n + (n >= 700 ? 1 : 0);
            Assert.True(values.AsSpan(at * 33, 33).SequenceEqual(rows.Values[n]));
            Assert.True(inputs.AsSpan(at * 33, 33).SequenceEqual(rows.Inputs[n]));
            Assert.True(reasons.AsSpan(at * 33, 33).SequenceEqual(rows.Reasons[n]));
            Assert.Equal(flags[at], rows.Flags[n]);
        }
    }

    [Fact]
    public void ARestoredStateContinuesBitForBit()
    {
        List<Candle> candles = CandleSeries.Random(23, 1900, 0.005);
        foreach (int cut in (int[])[0, 5, 30, 300, 1500])
        {
            var first = new CandleRows(candles.Take(cut).ToList());
            using var saved = new MemoryStream();
            first.Features.Save(new BinaryWriter(saved));
            var restored = new CandleFeatures();
            saved.Position = 0;
            restored.Load(new BinaryReader(saved));
            Assert.Equal(saved.Length, saved.Position);
            var rest = new CandleRows(candles.Skip(cut).ToList(), restored);
            first.Add(candles.Skip(cut).ToList());
            Assert.Equal(first.Inputs.Skip(cut), rest.Inputs);
            Assert.Equal(first.Values.Skip(cut), rest.Values);
            Assert.Equal(first.Flags.Skip(cut), rest.Flags);
            Assert.Equal(first.Regimes.Skip(cut), rest.Regimes);
        }
    }

    internal static void AssertSame(double expected, double actual, double tolerance, string name)
    {
        if (double.IsNaN(expected) && double.IsNaN(actual))
            return;
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"{name}: expected {expected:R}, got {actual:R}");
    }

    /// <summary>What the streaming class said about each accepted candle.</summary>
    private sealed class CandleRows
    {
        public CandleRows(IReadOnlyList<Candle> candles, CandleFeatures? features = null)
        {
            Features = features ?? new CandleFeatures();
            Add(candles);
        }

        public CandleFeatures Features { get; }

        public List<double[]> Values { get; } = [];

        public List<double[]> Inputs { get; } = [];

        public List<MissingReason[]> Reasons { get; } = [];

        public List<FeatureRowFlags> Flags { get; } = [];

        public List<VolatilityRegime> Regimes { get; } = [];

        public List<Session> Sessions { get; } = [];

        public void Add(IReadOnlyList<Candle> candles)
        {
            foreach (Candle c in candles)
            {
                double[] values = new double[33], inputs = new double[33];
                var reasons = new MissingReason[33];
                if (!Features.Apply(c.O, c.H, c.L, c.C, c.V, UnixNanos.FromDateTime(c.Open), values, inputs, reasons))
                    continue;
                Values.Add(values);
                Inputs.Add(inputs);
                Reasons.Add(reasons);
                Flags.Add(Features.Flags);
                Regimes.Add(Features.VolatilityRegime);
                Sessions.Add(Features.Session);
            }
        }
    }
}
