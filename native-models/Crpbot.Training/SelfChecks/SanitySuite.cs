using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Simulation.Numerics;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.SelfChecks;

/// <summary>What one check found.</summary>
/// <param name="Figure">The number that decides.</param>
/// <param name="Needs">What it must be, in words.</param>
internal sealed record SelfCheck(string Name, bool Passed, double Figure, string Needs);

/// <summary>Whether training tells signal from chance, on markets whose truth is planted. Run it before any claim about a real one.</summary>
internal sealed class SanitySuite(TrainingSteps steps, ulong seed = 1)
{
    private const int Rows = 6_000;
    private static readonly SampleOptions Options = new() { SequenceLength = 8, HorizonBars = 1 };
    private static readonly LstmTrainingOptions Small = new() { Hidden = 12, Layers = 2, Dropout = 0.1, LearningRate = 5e-3, Epochs = 4 };

    /// <summary>The checks in order, each with the name it reports.</summary>
    public IReadOnlyList<(string Name, Func<SelfCheck> Run)> Checks =>
    [
        ("planted signal", PlantedSignal), ("shuffled labels", ShuffledLabels), ("random walk", RandomWalk), ("planted leak", PlantedLeak),
        ("one batch by heart", OneBatch), ("mirror", Mirror), ("shifted clock", ShiftedClock), ("live features", LiveFeatures),
    ];

    /// <summary>A signal of known strength is found to 97 % of the best.</summary>
    public SelfCheck PlantedSignal()
    {
        EvaluationReport report = TrainAndMeasure(PlantedMarket.Create(Rows, seed: seed), shuffle: false);
        double share = report.ShareOfBayes!.Value.Value;
        return new SelfCheck("planted signal", share >= 0.97, share, "at least 0.97 of the Bayes-optimal accuracy");
    }

    /// <summary>Labels that mean nothing give a coin.</summary>
    public SelfCheck ShuffledLabels() => Null("shuffled labels", TrainAndMeasure(PlantedMarket.Create(Rows, seed: seed), shuffle: true));

    /// <summary>A market that cannot be predicted gives a coin.</summary>
    public SelfCheck RandomWalk() => Null("random walk", TrainAndMeasure(PlantedMarket.Create(Rows, drift: 0, seed), shuffle: false));

    /// <summary>A feature that contains the label is found and named, and no honest one is.</summary>
    public SelfCheck PlantedLeak()
    {
        TrainingTable honest = PlantedMarket.Create(Rows, seed: seed);
        var random = new Xoshiro256(seed, 3);
        TrainingTable leaky = PlantedMarket.Rewrite(honest, [.. honest.FeatureNames, "leak"], (symbol, row, inputs) =>
        {
            honest.Symbols[symbol].InputsOf(row).CopyTo(inputs);
            bool up = SampleBuilder.FindLabel(honest.Symbols[symbol], row, Options) ?? false;
            inputs[^1] = (up ? 1 : -1) + 0.5 * random.NextNormal();
        });
        FeatureLeak[] found = steps.FindLeaks(steps.Align(leaky), SampleBuilder.Build(leaky, Options));
        return new SelfCheck("planted leak", found.Select(leak => leak.Name).SequenceEqual(["leak"]), found.Length, "1 feature found, the leak");
    }

    /// <summary>64 samples are learned by heart.</summary>
    public SelfCheck OneBatch()
    {
        TrainingTable table = steps.Align(PlantedMarket.Create(400, seed: seed));
        Sample[] batch = SampleBuilder.Build(table, Options)[..64];
        var source = new SequenceSource(table, ScalingFit.Fit(table, batch[^1].Time), Options.SequenceLength);
        LstmWeights weights = steps.TrainLstm(source, batch, batch, Small with { Dropout = 0, LearningRate = 0.02, Epochs = 300, PatienceEpochs = 300, PlateauEpochs = 300 });
        double loss = Answers(table, batch, steps.Score(weights, source, batch)).Average(PairedComparison.LogLoss);
        return new SelfCheck("one batch by heart", loss < 0.02, loss, "log loss below 0.02 on 64 samples");
    }

    /// <summary>Prices and signals turned upside down turn every answer around, and the profit stays.</summary>
    public SelfCheck Mirror()
    {
        TrainingTable market = PlantedMarket.Create(2_000, seed: seed);
        // The first three features have a side; the weekend has none.
        TrainingTable mirrored = PlantedMarket.Rewrite(market, market.FeatureNames, (symbol, row, inputs) =>
        {
            market.Symbols[symbol].InputsOf(row).CopyTo(inputs);
            for (int i = 0; i < 3; i++)
                inputs[i] = -inputs[i];
        }, price => 1e6 / price);
        (ScoredSample[] plain, ScoredSample[] turned) = (AskLogistic(market), AskLogistic(mirrored));
        NetFigures a = NetValue.Of(plain, 1, 6.5, 0.55).Trades[0], b = NetValue.Of(turned, 1, 6.5, 0.55).Trades[0];
        double worst = plain.Zip(turned, (x, y) => Math.Abs(x.ProbabilityUp + y.ProbabilityUp - 1)).Max();
        bool isSame = (a.Longs, a.Shorts) == (b.Shorts, b.Longs) && a.Longs > 0 && a.Shorts > 0 && Math.Abs(a.NetBps.Value - b.NetBps.Value) < 1e-6;
        return new SelfCheck("mirror", worst < 1e-4 && isSame, worst, "P(up) and its mirror's add up to 1 within 1e-4, sides swapped, same profit, both sides trade");
    }

    /// <summary>Features one bar late or early make another, worse result: the aligned ones are those that the market was planted with.</summary>
    public SelfCheck ShiftedClock()
    {
        TrainingTable market = PlantedMarket.Create(Rows, seed: seed);
        double[] accuracies = [.. new[] { -1, 0, 1 }.Select(bars => AskLogistic(PlantedMarket.Shift(market, bars)).Average(s => s.IsRight ? 1.0 : 0))];
        double lead = accuracies[1] - Math.Max(accuracies[0], accuracies[2]);
        return new SelfCheck("shifted clock", lead > 0.01, lead, "accuracy of aligned features at least 0.01 above one bar late or early");
    }

    /// <summary>What a row says with all history at hand is what it says live, when it is the last.</summary>
    public SelfCheck LiveFeatures()
    {
        CandleSeries candles = PlantedMarket.Candles(900, seed);
        InputRows all = steps.CandleFeatures(candles);
        int compared = 0, differing = 0;
        for (int count = 500; count < candles.Count; count += 57)
        {
            InputRows live = CandleFeatureRows.FromCandles(Take(candles, count));
            int at = (count - 1) * FeatureSchema.Count;
            for (int i = 0; i < FeatureSchema.CandleCount; i++, compared++)
                differing += BitConverter.DoubleToInt64Bits(all.Inputs[at + i]) == BitConverter.DoubleToInt64Bits(live.Inputs[at + i]) ? 0 : 1;
        }

        return new SelfCheck("live features", differing == 0, differing, FormattableString.Invariant($"0 of {compared} inputs differ from those of a stream that ends there"));
    }

    private static SelfCheck Null(string name, EvaluationReport report)
    {
        // Labels of one bar do not overlap, so a coin's own standard error holds: three of them, and a true coin fails once in 370 runs.
        double accuracy = report.Accuracy.Value, reach = 3 * 0.5 / Math.Sqrt(report.Samples);
        bool isCoin = Math.Abs(accuracy - 0.5) <= reach && PlanGate.Of(accuracy, report.CalibrationError.Value) == "INVESTIGATE";
        return new SelfCheck(name, isCoin, accuracy, FormattableString.Invariant($"accuracy 0.5 within {reach:0.000}, and the gate says INVESTIGATE"));
    }

    private EvaluationReport TrainAndMeasure(TrainingTable market, bool shuffle)
    {
        TrainingTable table = steps.Align(market);
        Sample[] samples = SampleBuilder.Build(table, Options);
        if (shuffle)
            samples = ShuffleLabels(samples);
        (PurgedSplit split, SequenceSource source) = Prepare(table, samples);
        LstmWeights weights = steps.TrainLstm(source, split.Train, split.Validation, Small);
        return Evaluator.Evaluate(Answers(table, split.Locked, steps.Score(weights, source, split.Locked)), Options.HorizonBars);
    }

    private ScoredSample[] AskLogistic(TrainingTable market)
    {
        TrainingTable table = steps.Align(market);
        (PurgedSplit split, SequenceSource source) = Prepare(table, SampleBuilder.Build(table, Options));
        LogisticWeights weights = steps.TrainLogistic(source, split.Train);
        return Answers(table, split.Locked, [.. split.Locked.Select(sample =>
        {
            ReadOnlySpan<float> row = source.LastRow(sample);
            double score = weights.Bias;
            for (int i = 0; i < row.Length; i++)
                score += weights.Weights[i] * row[i];
            return score;
        })]);
    }

    private static (PurgedSplit Split, SequenceSource Source) Prepare(TrainingTable table, Sample[] samples)
    {
        var split = new PurgedSplit(samples, Options.HorizonBars, Options.SequenceLength, new SplitShares());
        return (split, new SequenceSource(table, ScalingFit.Fit(table, split.Borders[1]), Options.SequenceLength));
    }

    // Returns in logarithms, so that a mirrored market's are exactly the others negated.
    private static ScoredSample[] Answers(TrainingTable table, Sample[] samples, double[] scores) => [.. samples.Select((s, i) =>
    {
        SymbolRows rows = table.Symbols[s.Symbol];
        return new ScoredSample(s.Time, s.Symbol, 1 / (1 + Math.Exp(-scores[i])), s.Up, rows.TrueProbabilityUp[s.Row])
        {
            Row = s.Row, Return = Math.Log(1 + SampleBuilder.FindReturn(rows, s.Row, Options)!.Value),
        };
    })];

    private Sample[] ShuffleLabels(Sample[] samples)
    {
        bool[] labels = [.. samples.Select(s => s.Up)];
        var random = new Xoshiro256(seed, 4);
        for (int i = labels.Length - 1; i > 0; i--)
        {
            int j = random.NextBelow(i + 1);
            (labels[i], labels[j]) = (labels[j], labels[i]);
        }

        return [.. samples.Zip(labels, (sample, up) => sample with { Up = up })];
    }

    private static CandleSeries Take(CandleSeries candles, int count) => new(
        candles.Symbol, candles.Times[..count], candles.Open[..count], candles.High[..count], candles.Low[..count], candles.Close[..count], candles.Volume[..count]);
}
