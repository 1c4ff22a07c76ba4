using System.CommandLine;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;

namespace Crpbot.Training.Commands;

/// <summary><c>crpbot-train fit</c>: dataset in, model package out.</summary>
internal static class FitCommand
{
    private static readonly Option<string[]> Data = new("--data")
    {
        Description = "A feature dataset (Parquet), or candle files (CSV, plain or gzip), one an instrument.", Required = true, AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Source = new("--source") { Description = "Where the data came from, for the card; the dataset or the file names say it by default." };
    private static readonly Option<ModelArchitecture> Model = new("--model") { Description = "lstm, or lightgbm or logistic on the newest bar." };

    private static readonly Option<string> Features = new("--features")
    {
        Description = "all (53), candle (33), or names separated by commas.", DefaultValueFactory = _ => "all",
    };

    private static readonly Option<string> Out = new("--out") { Description = "Folder NAME/VERSION of the package; must not exist.", Required = true };
    private static readonly Option<int> Horizon = CommandLine.Number("--horizon", 15, 1, 1440, "Bars ahead the label looks.");

    private static readonly Option<string> Label = new("--label")
    {
        Description = "direction (of the mid where the data has one, else of the last price), midDirection, closeDirection, or triple-barrier.",
        DefaultValueFactory = _ => "direction",
    };

    private static readonly Option<string?> Target = new("--target") { Description = "Triple-barrier: distance above the entry, as 2atr or 25bps; 2atr by default." };
    private static readonly Option<string?> Stop = new("--stop") { Description = "Triple-barrier: distance below the entry; 2atr by default. Both touched in one bar is the stop." };
    private static readonly Option<int> Sequence = CommandLine.Number("--sequence", 0, 0, 1440, "Bars the model sees; 0 is 60 for lstm, 1 for the others.");
    private static readonly Option<int> Folds = CommandLine.Number("--folds", 1, 1, 100, "Walk-forward folds, each trained in turn; the last one's test slice is locked.");
    private static readonly Option<bool> Rolling = new("--rolling") { Description = "The training slice walks along; by default it grows." };
    private static readonly Option<int> Embargo = CommandLine.Number("--embargo", 0, 0, 100_000, "Bars left out after a border; 0 is the sequence or the horizon, whichever is longer.");
    private static readonly Option<int> Stride = CommandLine.Number("--stride", 1, 1, 1440, "Take a sample every so many minutes.");
    private static readonly Option<int> Epochs = CommandLine.Number("--epochs", 8, 1, 10_000, "Epochs at most; training stops early.");
    private static readonly Option<int> PerEpoch = CommandLine.Number("--samples-per-epoch", 0, 0, int.MaxValue, "Random samples an epoch; 0 is all.");
    private static readonly Option<int> Batch = CommandLine.Number("--batch", 64, 1, 65_536, "Samples a step.");
    private static readonly Option<double> Rate = CommandLine.Number("--learning-rate", 0, 0.0, 1, "Adam's first learning rate, or a tree's weight; 0 is 5e-4 for lstm, 0.05 for lightgbm.");
    private static readonly Option<int> Hidden = CommandLine.Number("--hidden", 128, 1, 4_096, "Size of a layer.");
    private static readonly Option<int> Layers = CommandLine.Number("--layers", 2, 1, 8, "Layers.");
    private static readonly Option<double> Dropout = CommandLine.Number("--dropout", 0.3, 0, 0.95, "Share dropped between layers while training.");
    private static readonly Option<int> Trees = CommandLine.Number("--trees", 300, 1, 10_000, "Trees at most; growing stops early.");
    private static readonly Option<int> Leaves = CommandLine.Number("--leaves", 15, 2, 1_024, "Leaves of a tree at most.");
    private static readonly Option<int> Seed = CommandLine.Number("--seed", 1, 0, int.MaxValue, "Equal seeds give equal models on one machine.");
    private static readonly Option<int?> Shuffle = new("--shuffle-labels") { Description = "Null check: shuffle the labels with this seed; accuracy must be that of a coin." };

    public static Command Create()
    {
        var command = new Command("fit", """
            Trains a model, calibrates it, measures it on a locked slice and writes the package.

            Examples:
              crpbot-train fit --data sim.parquet --horizon 5 --out models/sim-lstm-53/2
              crpbot-train fit --data sim.parquet --model lightgbm --horizon 5 --folds 5 --out models/sim-trees-53/1
              crpbot-train fit --data BTC.csv.gz ETH.csv.gz --features candle --horizon 15 --out models/mine/1
              crpbot-train fit --data sim.parquet --model lightgbm --label triple-barrier --target 3atr --stop 2atr --horizon 60 --out models/barriers/1
            """);
        foreach (Option option in new Option[] { Data, Source, Model, Features, Out, Horizon, Label, Target, Stop, Sequence, Folds, Rolling, Embargo, Stride, Epochs, PerEpoch, Batch, Rate, Hidden, Layers, Dropout, Trees, Leaves, Seed, Shuffle })
            command.Options.Add(option);
        Label.AcceptOnlyFromAmong("direction", "midDirection", "closeDirection", "triple-barrier");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string directory = Path.GetFullPath(parsed.GetValue(Out)!);
        if (Path.Exists(directory))
            throw new ArgumentException($"{directory} exists: a version is never overwritten, choose another");
        TrainingTable table = TableLoader.Load(parsed.GetValue(Data)!, FeaturesOf(parsed.GetValue(Features)!), parsed.GetValue(Horizon));
        table = table with { Source = parsed.GetValue(Source) ?? table.Source };
        using var progress = new ProgressLine();
        progress.Log($"{table.Symbols.Sum(s => s.Count)} rows of {table.Symbols.Count} instruments, {table.Features} features");
        ModelArchitecture architecture = parsed.GetValue(Model);
        int sequence = parsed.GetValue(Sequence) is > 0 and var bars ? bars : architecture == ModelArchitecture.Lstm ? 60 : 1;
        LabelKind label = parsed.GetValue(Label) switch
        {
            "triple-barrier" => LabelKind.TripleBarrier,
            "midDirection" => LabelKind.MidDirection,
            "closeDirection" => LabelKind.CloseDirection,
            _ => TableLoader.DefaultLabel(table),
        };
        PriceBarrier? BarrierOf(Option<string?> option) => label == LabelKind.TripleBarrier ? PriceBarrier.Parse(parsed.GetValue(option) ?? "2atr")
            : parsed.GetValue(option) is null ? null : throw new ArgumentException($"{option.Name} belongs to --label triple-barrier");
        double RateOr(double usual) => parsed.GetValue(Rate) is > 0 and var rate ? rate : usual;
        var options = new FitOptions
        {
            Name = Path.GetFileName(Path.GetDirectoryName(directory)!),
            Version = Path.GetFileName(directory),
            Architecture = architecture,
            Samples = new SampleOptions
            {
                SequenceLength = sequence,
                HorizonBars = parsed.GetValue(Horizon),
                Label = label,
                Target = BarrierOf(Target),
                Stop = BarrierOf(Stop),
                MissingPerFeatureMax = Math.Min(3, sequence - 1),
                Stride = parsed.GetValue(Stride),
            },
            Folds = new WalkForwardOptions(parsed.GetValue(Folds), parsed.GetValue(Rolling)),
            EmbargoBars = parsed.GetValue(Embargo),
            EarlierOpenings = LockedOpenings.CountOfVersions(Path.GetDirectoryName(directory)!, table.Sha256),
            Training = new LstmTrainingOptions
            {
                Hidden = parsed.GetValue(Hidden),
                Layers = parsed.GetValue(Layers),
                Dropout = parsed.GetValue(Dropout),
                LearningRate = RateOr(5e-4),
                BatchSize = parsed.GetValue(Batch),
                Epochs = parsed.GetValue(Epochs),
                SamplesPerEpoch = parsed.GetValue(PerEpoch),
                Seed = parsed.GetValue(Seed),
            },
            Trees = new LightGbmOptions
            {
                Trees = parsed.GetValue(Trees),
                Leaves = parsed.GetValue(Leaves),
                LearningRate = RateOr(0.05),
                Seed = parsed.GetValue(Seed),
            },
            ShuffleLabels = parsed.GetValue(Shuffle),
        };
        FittedModel fit = ModelFit.Run(table, options, progress.Log, progress.Report);
        PackageWriter.Write(directory, table, fit);
        progress.Log($"wrote {directory}");
        return ExitCode.Done;
    }

    private static IReadOnlyList<string> FeaturesOf(string text) => text switch
    {
        "all" => FeatureSchema.Names,
        "candle" => FeatureSchema.CandleNames,
        _ => text.Split(',', StringSplitOptions.TrimEntries),
    };
}
