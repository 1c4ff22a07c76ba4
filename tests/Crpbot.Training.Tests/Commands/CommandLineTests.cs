using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Inference;
using Crpbot.Training.Commands;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Tests.Torch;
using Xunit;

namespace Crpbot.Training.Tests.Commands;

[Collection(TorchCollection.Name)]
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-train-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFitOnCandlesWritesAPackageThatEvaluatesToItsOwnFigures()
    {
        string candles = WriteCandles("AAA-USD_1m.csv", 3_000, 1);
        string second = WriteCandles("BBB-USD_1m.csv", 3_000, 2);
        string package = Path.Combine(_folder, "walk", "1");
        (int code, _, string log) = Run(
            "fit", "--data", candles, second, "--features", "candle", "--horizon", "5", "--sequence", "10", "--stride", "2",
            "--hidden", "4", "--epochs", "1", "--out", package);
        Assert.True(code == ExitCode.Done, log);

        using (ModelPackage loaded = ModelPackage.Load(package))
        {
            Assert.Equal(("walk", "1", false), (loaded.Manifest.Name, loaded.Manifest.Version, loaded.Manifest.Promoted));
            Assert.Equal(["AAA-USD", "BBB-USD"], loaded.Manifest.Training.Symbols);
            Assert.Equal(LabelKind.CloseDirection, loaded.Manifest.Label.Kind);
            Assert.Equal(33, loaded.Manifest.Features.Length);
        }

        string card = File.ReadAllText(Path.Combine(package, "card.md"));
        Assert.Contains("| locked |", card, StringComparison.Ordinal);
        Assert.Contains("INVESTIGATE", card, StringComparison.Ordinal);

        string page = Path.Combine(_folder, "report.html");
        (code, string json, log) = Run("evaluate", "--model", package, "--data", candles, second, "--stride", "2", "--previous", package, "--out", page, "--json");
        Assert.True(code == ExitCode.Done, log);
        JsonElement document = JsonDocument.Parse(json).RootElement;
        string[] keys = ["n", "nEffective", "accuracy", "accuracyInterval", "auc", "brier", "ece", "logLoss", "tiers", "verdict", "netVerdict"];
        Assert.All(keys, key => Assert.True(document.TryGetProperty(key, out _), key));
        Assert.True(document.GetProperty("lockedSliceOfTrainingData").GetBoolean());
        ModelMetric[] metrics = ModelManifest.Read(Path.Combine(package, ModelManifest.FileName)).Metrics;
        ModelMetric recorded = metrics.Single(m => m.Name == "accuracy");
        Assert.Equal(recorded.Value, document.GetProperty("accuracy").GetDouble(), 1e-9);
        Assert.Equal(recorded.Low!.Value, document.GetProperty("accuracyInterval")[0].GetDouble(), 1e-9);
        Assert.Equal(recorded.Samples, document.GetProperty("n").GetInt64());
        Assert.Equal(metrics.Single(m => m.Name == "ece_15").Value, document.GetProperty("ece").GetDouble(), 1e-9);
        // The card's epoch, every feature of the 33, the logistic baseline, and the model beside itself: no difference at all.
        Assert.Equal(1, document.GetProperty("learningCurve").GetArrayLength());
        Assert.Equal((33, 33), (document.GetProperty("importance").GetArrayLength(), document.GetProperty("featureDrift").GetArrayLength()));
        Assert.Equal(LogisticBaseline.Name, document.GetProperty("baseline").GetProperty("other").GetString());
        Assert.Equal(0, document.GetProperty("previous").GetProperty("logLossDifference").GetProperty("high").GetDouble());
        Assert.Equal(("INVESTIGATE", "NO-GO"), (document.GetProperty("verdict").GetString(), document.GetProperty("netVerdict").GetString()));
        Assert.StartsWith("<!doctype html>", File.ReadAllText(page), StringComparison.Ordinal);
        // Once by the fit, twice here, as the model and as the previous one, and as often below; nothing else differs.
        Assert.Equal(3, document.GetProperty("lockedOpened").GetInt32());
        string again = Run("evaluate", "--model", package, "--data", candles, second, "--stride", "2", "--previous", package, "--json").Output;
        Assert.Equal(json.Replace("\"lockedOpened\": 3", "\"lockedOpened\": 5", StringComparison.Ordinal).Replace("at 3 times", "at 5 times", StringComparison.Ordinal), again);

        Assert.Equal(ExitCode.Refused, Run("evaluate", "--model", package, "--data", candles, second, "--gate", "0.99").Code);
        Assert.Equal(ExitCode.WrongUsage, Run("fit", "--data", candles, "--features", "candle", "--out", package).Code);
    }

    [Fact]
    public void ALogisticFitIsAPackageToo()
    {
        string package = Path.Combine(_folder, "line", "1");
        (int code, _, string log) = Run(
            "fit", "--data", WriteCandles("AAA.csv", 2_000, 3), "--model", "logistic", "--features", "close,rsi,is_weekend", "--horizon", "1", "--sequence", "1", "--out", package);
        Assert.True(code == ExitCode.Done, log);
        using ModelPackage loaded = ModelPackage.Load(package);
        Assert.Equal(["close", "rsi", "is_weekend"], loaded.Manifest.Features.Select(f => f.Name));
    }

    [Fact]
    public void TreesOnBarriersAreAPackageThatEvaluatesToItsOwnFigures()
    {
        string package = Path.Combine(_folder, "trees", "1"), candles = WriteCandles("AAA.csv", 3_000, 4);
        (int code, _, string log) = Run(
            "fit", "--data", candles, "--model", "lightgbm", "--features", "candle", "--label", "triple-barrier", "--target", "3atr", "--stop", "12.5bps",
            "--horizon", "15", "--trees", "20", "--folds", "3", "--rolling", "--embargo", "20", "--out", package);
        Assert.True(code == ExitCode.Done, log);
        ModelManifest manifest = ModelManifest.Read(Path.Combine(package, ModelManifest.FileName));
        Assert.Equal((LabelKind.TripleBarrier, 15, "3atr", "12.5bps"), (manifest.Label.Kind, manifest.Label.HorizonBars, $"{manifest.Label.Target}", $"{manifest.Label.Stop}"));
        string card = File.ReadAllText(Path.Combine(package, "card.md"));
        Assert.Contains("reaches 3atr above before 12.5bps below", card, StringComparison.Ordinal);
        Assert.Contains("LightGBM, learning rate 0.05, at most 20 trees", card, StringComparison.Ordinal);
        Assert.Contains("3 rolling folds", card, StringComparison.Ordinal);
        Assert.Equal(20, manifest.Training.EmbargoBars);
        long[] tested = [.. new[] { "fold_1_accuracy", "fold_2_accuracy", "walk_forward_accuracy" }.Select(name => manifest.Metrics.Single(m => m.Name == name).Samples)];
        Assert.Equal(tested[2], tested[0] + tested[1]);

        (code, string json, log) = Run("evaluate", "--model", package, "--data", candles, "--json");
        Assert.True(code == ExitCode.Done, log);
        JsonElement report = JsonDocument.Parse(json).RootElement;
        Assert.Equal(2, report.GetProperty("lockedOpened").GetInt32());
        ModelMetric recorded = manifest.Metrics.Single(m => m.Name == "accuracy");
        Assert.Equal((recorded.Samples, recorded.Value), (report.GetProperty("n").GetInt64(), report.GetProperty("accuracy").GetDouble()));
    }

    [Theory]
    [InlineData(ExitCode.WrongUsage, "--target belongs to --label triple-barrier", "fit", "--data", "CANDLES", "--features", "candle", "--out", "y/1", "--target", "2atr")]
    [InlineData(ExitCode.WrongUsage, "'2pct' is no barrier", "fit", "--data", "CANDLES", "--features", "candle", "--out", "y/1", "--label", "triple-barrier", "--stop", "2pct")]
    [InlineData(ExitCode.WrongUsage, "--data", "fit")]
    [InlineData(ExitCode.WrongUsage, "--horizon 0 is outside 1 to 1440", "fit", "--data", "x", "--out", "y/1", "--horizon", "0")]
    [InlineData(ExitCode.WrongUsage, "none of the 53", "fit", "--data", "CANDLES", "--out", "y/1", "--features", "rsi2")]
    [InlineData(ExitCode.WrongUsage, "--frobnicate", "fit", "--frobnicate")]
    [InlineData(ExitCode.BadInput, "no-such-file", "fit", "--data", "no-such-file", "--out", "y/1")]
    [InlineData(ExitCode.BadInput, "use --features candle", "fit", "--data", "CANDLES", "--out", "y/1")]
    [InlineData(ExitCode.BadInput, "too short", "fit", "--data", "CANDLES", "--out", "y/1", "--features", "candle")]
    [InlineData(ExitCode.WrongUsage, "--cost-bps -1 is outside 0 to 1000", "evaluate", "--model", "nowhere", "--data", "CANDLES", "--cost-bps", "-1")]
    [InlineData(ExitCode.BadInput, "no model manifest here", "evaluate", "--model", "nowhere", "--data", "CANDLES")]
    public void MistakesAreOneLineAndTheirExitCode(int expected, string named, params string[] args)
    {
        string candles = WriteCandles("c.csv", 500, 1);
        (int code, string output, string log) = Run([.. args.Select(a => a == "CANDLES" ? candles : a == "y/1" ? Path.Combine(_folder, "y", "1") : a)]);
        Assert.Equal(expected, code);
        Assert.Empty(output);
        string last = log.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("crpbot-train: ", last, StringComparison.Ordinal);
        Assert.Contains(named, last, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fit")]
    [InlineData("evaluate")]
    [InlineData("simulate-dataset")]
    [InlineData("selfcheck")]
    public void HelpShowsAnExample(string command)
    {
        (int code, string output, _) = Run(command, "--help");
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains($"crpbot-train {command} ", output, StringComparison.Ordinal);
    }

    private string WriteCandles(string name, int count, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder("time,low,high,open,close,volume\n");
        double price = 100;
        for (int n = 0; n < count; n++)
        {
            double open = price;
            price *= Math.Exp((random.NextDouble() - 0.5) * 0.002);
            text.Append(CultureInfo.InvariantCulture, $"{1_735_689_600 + n * 60},{Math.Min(open, price)},{Math.Max(open, price)},{open},{price},{random.Next(1, 9)}\n");
        }

        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private static (int Code, string Output, string Log) Run(params string[] args)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter newOutput = new(), newError = new();
        try
        {
            Console.SetOut(newOutput);
            Console.SetError(newError);
            return (CommandLine.Run(args), newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
