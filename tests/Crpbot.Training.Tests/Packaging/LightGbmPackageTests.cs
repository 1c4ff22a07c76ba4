using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;
using Crpbot.Training.Tests.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Packaging;

/// <summary>Trees go the whole way: trained, proven, packed, loaded by the engine and asked row by row.</summary>
public sealed class LightGbmPackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-trees-").FullName;
    private readonly TrainingTable _table = PlantedTable.Create(4_000) with { FeatureNames = ["close", "rsi", "obi_l1", "is_weekend"] };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ThePredictorSaysOfEveryRowWhatTheLibrarySaid()
    {
        FitOptions options = Options();
        FittedModel fit = ModelFit.Run(_table, options, _ => { });
        Assert.InRange(fit.ParityError, 0, 1e-5);
        Assert.True(fit.Locked.ShareOfBayes!.Value.High >= 0.97, $"{fit.Locked.ShareOfBayes}");
        PackageWriter.Write(Path.Combine(_folder, "trees", "1"), _table, fit);

        using ModelPackage package = ModelPackage.Load(Path.Combine(_folder, "trees", "1"));
        Assert.Equal((1, 0), (package.Manifest.SequenceLength, package.Manifest.MissingPerFeatureMax));
        Assert.StartsWith("lightgbm 4, ", package.Manifest.Architecture, StringComparison.Ordinal);
        var source = new SequenceSource(_table, fit.Features, 1);
        LightGbmResult library = LightGbmTrainer.Train(source, fit.Split.Train, fit.Split.Validation, options.Trees);
        var predictor = new Predictor(package, new InstrumentId(1));
        for (int i = 0; i < fit.Split.Validation.Length; i++)
        {
            Sample sample = fit.Split.Validation[i];
            predictor.Reset();
            Prediction prediction = Ask(predictor, sample.Time, _table.Symbols[sample.Symbol].InputsOf(sample.Row));
            Assert.Equal(PredictionStatus.Ok, prediction.Status);
            Assert.Equal(library.ProbeLogits[i], prediction.RawScore, 1e-5);
            Assert.Equal(fit.Calibration.Apply(prediction.RawScore), prediction.ProbabilityUp.Value);
        }
    }

    [Fact]
    public void AMissingInputIsNoPrediction()
    {
        PackageWriter.Write(Path.Combine(_folder, "trees", "2"), _table, ModelFit.Run(_table, Options(), _ => { }));
        using ModelPackage package = ModelPackage.Load(Path.Combine(_folder, "trees", "2"));
        var predictor = new Predictor(package, new InstrumentId(1));
        UnixNanos time = _table.Symbols[0].OpenTime[0];
        Assert.Equal(PredictionStatus.Ok, Ask(predictor, time, [0, 1, 0, 1]).Status);
        Assert.Equal(PredictionStatus.IncompleteWindow, Ask(predictor, time + UnixNanos.PerMinute, [0, double.NaN, 0, 1]).Status);
    }

    [Fact]
    public void ABarriersAnswerIsNotComparedWithTheTruthAboutDirection()
    {
        foreach (SymbolRows rows in _table.Symbols)
        {
            rows.Close.CopyTo(rows.High, 0);
            rows.Close.CopyTo(rows.Low, 0);
        }

        FitOptions options = Options() with
        {
            Architecture = ModelArchitecture.Logistic,
            Samples = new SampleOptions
            {
                SequenceLength = 1, HorizonBars = 4, MissingPerFeatureMax = 0, Label = LabelKind.TripleBarrier, Target = PriceBarrier.Parse("15bps"), Stop = PriceBarrier.Parse("15bps"),
            },
        };
        FittedModel fit = ModelFit.Run(_table, options, _ => { });
        Assert.Null(fit.Locked.BayesAccuracy);
        Assert.True(fit.Locked.Accuracy.Low > 0.55, $"{fit.Locked.Accuracy}");
        string package = Path.Combine(_folder, "trees", "3");
        ModelManifest manifest = PackageWriter.Write(package, _table, fit);
        TrainingTable other = PlantedTable.Create(600, seed: 2) with { FeatureNames = _table.FeatureNames, Sha256 = new string('2', 64) };
        foreach (SymbolRows rows in other.Symbols)
        {
            rows.Close.CopyTo(rows.High, 0);
            rows.Close.CopyTo(rows.Low, 0);
        }

        Assert.Null(ModelEvaluation.Evaluate(package, manifest, other).BayesAccuracy);
    }

    [Fact]
    public void AGraphThatIsAnotherModelIsNotWritten()
    {
        var source = new SequenceSource(_table, ScalingFit.Fit(_table, _table.Symbols[0].OpenTime[^1]), 1);
        Sample[] samples = SampleBuilder.Build(_table, Options().Samples)[..100];
        TrainedModel trained = new LogisticModelTrainer().Train(source, samples, samples, "hash");
        Assert.InRange(FoldFit.ParityOf(trained, source, samples), 0, 1e-5);
        trained.ProbeLogits[50] += 2e-5;
        Assert.Throws<InvalidOperationException>(() => FoldFit.ParityOf(trained, source, samples));
        trained.ProbeLogits[50] = double.NaN;
        Assert.Throws<InvalidOperationException>(() => FoldFit.ParityOf(trained, source, samples));
    }

    private static FitOptions Options() => new()
    {
        Name = "trees",
        Version = "1",
        Architecture = ModelArchitecture.LightGbm,
        Samples = new SampleOptions { SequenceLength = 1, HorizonBars = 1, MissingPerFeatureMax = 0 },
    };

    private Prediction Ask(Predictor predictor, UnixNanos time, ReadOnlySpan<double> inputs)
    {
        var whole = new double[FeatureSchema.Count];
        int[] columns = FeatureSchema.IndicesOf(_table.FeatureNames);
        for (int i = 0; i < columns.Length; i++)
            whole[columns[i]] = inputs[i];
        predictor.Push(time, whole, new MissingReason[FeatureSchema.Count], warmup: false);
        return predictor.Predict(time, time + UnixNanos.PerMinute);
    }
}
