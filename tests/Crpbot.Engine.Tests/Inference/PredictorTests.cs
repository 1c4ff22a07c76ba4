using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Inference;

public class PredictorTests
{
    private static readonly MissingReason[] NoBook = [MissingReason.NoBook, MissingReason.NoBook, MissingReason.NoBook, MissingReason.NoBook];
    private static readonly UnixNanos Start = new(1_700_000_040L * UnixNanos.PerSecond);

    [Fact]
    public void PredictionsEqualThePlainComputationOverRandomRows()
    {
        using ModelPackage package = TinyModel.Load(TinyModel.Write());
        var predictor = new Predictor(package, new InstrumentId(4));
        var random = new Random(1);
        var rows = new List<(UnixNanos Time, double[] Inputs, bool Warmup)>();
        UnixNanos time = Start;
        int spoken = 0;
        for (int n = 0; n < 3_000; n++)
        {
            time += random.Next(20) == 0 ? 2 * UnixNanos.PerMinute : UnixNanos.PerMinute;
            double[] inputs = [.. Enumerable.Range(0, 4).Select(_ => random.Next(6) == 0 ? double.NaN : random.NextDouble() * 60 - 30)];
            bool warmup = n < 10 || random.Next(50) == 0;
            rows.Add((time, inputs, warmup));
            predictor.Push(time, inputs, NoBook, warmup);
            Prediction prediction = predictor.Predict(time, time + 60);
            (PredictionStatus status, double score) = Plain(rows);
            Assert.Equal(status, prediction.Status);
            Assert.Equal(status == PredictionStatus.Ok, double.IsFinite(prediction.ProbabilityUp.Value));
            Assert.Equal((time, time + 60, new InstrumentId(4), 5), (prediction.BarOpenTime, prediction.Time, prediction.Instrument, prediction.HorizonBars));
            if (status != PredictionStatus.Ok)
                continue;
            spoken++;
            Assert.Equal(score, prediction.RawScore, 1e-4);
            Assert.Equal(1 / (1 + Math.Exp(-(1.5 * prediction.RawScore - 0.2))), prediction.ProbabilityUp.Value, 1e-12);
        }

        Assert.InRange(spoken, 1_000, 2_900);
    }

    /// <summary>The definition, from all rows each time: low scaled by (x − 1) / 2 and clipped, open as it is; one NaN a feature allowed.</summary>
    private static (PredictionStatus Status, double Score) Plain(List<(UnixNanos Time, double[] Inputs, bool Warmup)> rows)
    {
        if (rows.Count < 3)
            return (PredictionStatus.Warmup, 0);
        var last = rows[^3..];
        if (last.Any(row => row.Warmup))
            return (PredictionStatus.Warmup, 0);
        bool whole = last[1].Time - last[0].Time == UnixNanos.PerMinute && last[2].Time - last[1].Time == UnixNanos.PerMinute;
        if (!whole || last.Count(row => double.IsNaN(row.Inputs[2])) > 1 || last.Count(row => double.IsNaN(row.Inputs[0])) > 1)
            return (PredictionStatus.IncompleteWindow, 0);
        double score = TinyModel.Bias;
        for (int t = 0; t < 3; t++)
        {
            double low = Math.Clamp((last[t].Inputs[2] - 1) / 2, -8, 8);
            score += (double.IsNaN(low) ? 0 : low) * TinyModel.Weights[2 * t];
            score += (double.IsNaN(last[t].Inputs[0]) ? 0 : last[t].Inputs[0]) * TinyModel.Weights[2 * t + 1];
        }

        return (PredictionStatus.Ok, score);
    }

    [Fact]
    public void AFeatureOutsideTheModelMayBeMissing()
    {
        using ModelPackage package = TinyModel.Load(TinyModel.Write());
        var predictor = new Predictor(package, new InstrumentId(1));
        for (int n = 0; n < 3; n++)
            predictor.Push(Start + n * UnixNanos.PerMinute, [1, double.NaN, 1, double.NaN], NoBook, warmup: false);
        Assert.Equal(PredictionStatus.Ok, predictor.Predict(Start, Start).Status);
    }

    [Fact]
    public void AFeatureStillWarmingUpIsWarmupNotAHole()
    {
        using ModelPackage package = TinyModel.Load(TinyModel.Write());
        var predictor = new Predictor(package, new InstrumentId(1));
        for (int n = 0; n < 6; n++)
        {
            predictor.Push(Start + n * UnixNanos.PerMinute, [double.NaN, 1, 1, 1], [n < 3 ? MissingReason.Warmup : MissingReason.NoBook, MissingReason.Present, MissingReason.Present, MissingReason.Present], warmup: false);
            if (n >= 2)
                Assert.Equal(n < 5 ? PredictionStatus.Warmup : PredictionStatus.IncompleteWindow, predictor.Status);
        }
    }

    [Fact]
    public void AnAnswerThatIsNoProbabilityIsNoPrediction()
    {
        byte[] graph = TinyModel.Graph(FeatureSchema.HashOf(TinyModel.Names), weights: [0, 0, 0, 0, 0, float.MaxValue]);
        string folder = TinyModel.Write(m => m with
        {
            Features = [m.Features[0], m.Features[1]],
            Golden = new GoldenPrediction { Input = new float[6], RawScore = TinyModel.Bias, ProbabilityUp = m.Calibration.Apply(TinyModel.Bias) },
        }, graph);
        using ModelPackage package = TinyModel.Load(folder);
        var predictor = new Predictor(package, new InstrumentId(1));
        for (int n = 0; n < 3; n++)
            predictor.Push(Start + n * UnixNanos.PerMinute, [double.PositiveInfinity, 0, 0, 0], NoBook, warmup: false);
        Prediction prediction = predictor.Predict(Start, Start);
        Assert.Equal(PredictionStatus.NotANumber, prediction.Status);
        Assert.True(double.IsNaN(prediction.ProbabilityUp.Value));
    }

    [Fact]
    public void PushAndPredictAllocateNothing()
    {
        using ModelPackage package = TinyModel.Load(TinyModel.Write());
        Predictor[] predictors = [new(package, new InstrumentId(1)), new(package, new InstrumentId(2))];
        double[] inputs = [0.1, 0.2, 0.3, 0.4];
        int ok = 0;
        long before = 0;
        for (int n = 0; n < 4_000; n++)
        {
            if (n == 1_000)
                before = GC.GetAllocatedBytesForCurrentThread();
            Predictor predictor = predictors[n & 1];
            UnixNanos time = Start + (n >> 1) * UnixNanos.PerMinute;
            inputs[n & 3] = n % 7 == 0 ? double.NaN : n;
            predictor.Push(time, inputs, NoBook, warmup: false);
            ok += predictor.Predict(time, time).Status == PredictionStatus.Ok ? 1 : 0;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(ok, 1_000, 4_000);
    }

    [Fact]
    public void AFeatureRowIsReadByItsColumnsAndFlags()
    {
        using ModelPackage package = TinyModel.Load(TinyModel.Write());
        var predictor = new Predictor(package, new InstrumentId(1));
        var row = new FeatureRow { Flags = FeatureRowFlags.None };
        Prediction prediction = default;
        for (int n = 0; n < 3; n++)
        {
            row.Bar.OpenTime = Start + n * UnixNanos.PerMinute;
            (row.Inputs[FeatureIndex.Low], row.Inputs[FeatureIndex.Open]) = (3, 0.5);
            prediction = predictor.PushAndPredict(row, row.Bar.OpenTime + 1);
        }

        // (3 − 1) / 2 = 1 on low's weights, 0.5 on open's.
        Assert.Equal(TinyModel.Bias + (0.5 + 0.25 - 0.75) + 0.5 * (-1 + 2 + 0.125), prediction.RawScore, 1e-6);
        row.Flags = FeatureRowFlags.Warmup;
        row.Bar.OpenTime += UnixNanos.PerMinute;
        Assert.Equal(PredictionStatus.Warmup, predictor.PushAndPredict(row, row.Bar.OpenTime + 1).Status);
    }
}
