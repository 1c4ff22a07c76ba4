using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Training.Commands;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.SelfChecks;
using Crpbot.Training.Tests.Torch;
using Xunit;

namespace Crpbot.Training.Tests.SelfChecks;

/// <summary>Training as it is passes every check; with a defect planted in one step, the check that is there for it fails.</summary>
[Collection(TorchCollection.Name)]
public class SanitySuiteTests
{
    public static TheoryData<string> Names => [.. new SanitySuite(new TrainingSteps()).Checks.Select(check => check.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TrainingAsItIsPasses(string name)
    {
        SelfCheck found = Run(new TrainingSteps(), name);
        Assert.Equal(name, found.Name);
        Assert.True(found.Passed, found.ToString());
    }

    [Fact]
    public void ANetworkThatSaysTheSameOfEverythingMissesThePlantedSignal() =>
        Assert.InRange(Fail(new TrainingSteps { TrainLstm = (source, _, _, options) => Constant(source.Features, options) }, "planted signal"), 0.5, 0.8);

    [Theory]
    [InlineData("shuffled labels")]
    [InlineData("random walk")]
    public void AnAnswerThatHasSeenTheLabelIsNoCoin(string name)
    {
        // One answer in five is the label itself.
        var steps = new TrainingSteps
        {
            TrainLstm = (source, _, _, options) => Constant(source.Features, options),
            Score = (_, _, samples) => [.. samples.Select((s, i) => i % 5 == 0 ? s.Up ? 1.0 : -1 : i % 2 == 0 ? 0.1 : -0.1)],
        };
        Assert.InRange(Fail(steps, name), 0.55, 0.65);
    }

    [Fact]
    public void AFeatureFromTheNextBarIsNoRandomWalk() => Assert.True(Fail(new TrainingSteps { Align = WithNextMove }, "random walk") > 0.9);

    [Fact]
    public void ALeakCheckThatIsBlindOrSeesLeaksEverywhereFails()
    {
        Assert.Equal(0, Fail(new TrainingSteps { FindLeaks = (_, _) => [] }, "planted leak"));
        Assert.Equal(5, Fail(new TrainingSteps { FindLeaks = (table, _) => [.. table.FeatureNames.Select(name => new FeatureLeak(name, 1))] }, "planted leak"));
        Assert.Equal(1, Fail(new TrainingSteps { FindLeaks = (table, _) => [new FeatureLeak("shown", 0.9)] }, "planted leak"));
    }

    [Fact]
    public void ATrainerThatHardlyMovesLearnsNothingByHeart()
    {
        var steps = new TrainingSteps
        {
            TrainLstm = (source, train, validation, options) => LstmTrainer.Train(source, train, validation, options with { LearningRate = 1e-6, Epochs = 20 }).Weights,
        };
        Assert.InRange(Fail(steps, "one batch by heart"), 0.5, 1);
    }

    [Fact]
    public void AModelThatLeansToOneSideHasNoMirror()
    {
        var steps = new TrainingSteps { TrainLogistic = (source, train) => LogisticTrainer.Train(source, train) is var w ? w with { Bias = w.Bias + 0.2f } : w };
        Assert.InRange(Fail(steps, "mirror"), 0.05, 0.2);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void FeaturesOneBarLateOrEarlyAreSeen(int bars) =>
        Assert.True(Fail(new TrainingSteps { Align = table => PlantedMarket.Shift(table, bars) }, "shifted clock") < 0);

    [Fact]
    public void CandleFeaturesThatReadTheNextBarAreNotThoseOfTheStream()
    {
        var steps = new TrainingSteps
        {
            CandleFeatures = candles =>
            {
                InputRows rows = CandleFeatureRows.FromCandles(candles);
                rows.Inputs.AsSpan(FeatureSchema.Count).CopyTo(rows.Inputs);
                return rows;
            },
        };
        Assert.True(Fail(steps, "live features") > 50);
    }

    [Fact]
    public void TheCommandPrintsATableAndExitsByTheWorst()
    {
        // Every step a stub: quick, and wrong.
        var steps = new TrainingSteps
        {
            TrainLstm = (source, _, _, options) => Constant(source.Features, options), Score = (_, _, samples) => new double[samples.Length],
            TrainLogistic = (source, _) => new LogisticWeights(new float[source.Features], 0.1f), FindLeaks = (_, _) => [],
        };
        TextWriter output = Console.Out;
        using var text = new StringWriter();
        try
        {
            Console.SetOut(text);
            Assert.Equal(ExitCode.Refused, SelfCheckCommand.Run(steps, 1, isJson: false));
        }
        finally
        {
            Console.SetOut(output);
        }

        string[] lines = text.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal(1 + Names.Count, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("planted leak        FAIL", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("live features       pass", StringComparison.Ordinal));
    }

    private static SelfCheck Run(TrainingSteps steps, string name) => new SanitySuite(steps).Checks.Single(check => check.Name == name).Run();

    /// <summary>The figure of a check that must fail.</summary>
    private static double Fail(TrainingSteps steps, string name)
    {
        SelfCheck found = Run(steps, name);
        Assert.False(found.Passed, found.ToString());
        return found.Figure;
    }

    private static LstmWeights Constant(int features, LstmTrainingOptions options)
    {
        int gates = 4 * options.Hidden;
        LstmLayer Layer(int inputs) => new(inputs, new float[gates * inputs], new float[gates * options.Hidden], new float[gates], new float[gates]);
        return new LstmWeights(features, options.Hidden, [Layer(features), Layer(options.Hidden)], new float[options.Hidden], -0.1f);
    }

    private static TrainingTable WithNextMove(TrainingTable table) => PlantedMarket.Rewrite(table, table.FeatureNames, (symbol, row, inputs) =>
    {
        SymbolRows rows = table.Symbols[symbol];
        rows.InputsOf(row).CopyTo(inputs);
        inputs[2] = 1e3 * Math.Log(rows.Close[Math.Min(row + 1, rows.Count - 1)] / rows.Close[row]);
    });
}
