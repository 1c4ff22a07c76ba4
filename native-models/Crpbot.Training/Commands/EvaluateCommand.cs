using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crpbot.Inference;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;

namespace Crpbot.Training.Commands;

/// <summary><c>crpbot-train evaluate</c>: what a package reaches on data it never learned from.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "The package's folder.", Required = true };

    private static readonly Option<string[]> Data = new("--data")
    {
        Description = "A feature dataset (Parquet), or candle files (CSV). Of the data it learned from, only the locked slice counts.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document on stdout." };
    private static readonly Option<int> Stride = CommandLine.Number("--stride", 1, 1, 1440, "Take a sample every so many minutes.");

    private static readonly Option<double?> Gate = new("--gate") { Description = "Exit with 1 where accuracy is below this fraction." };

    public static Command Create()
    {
        var command = new Command("evaluate", """
            Measures a model package: accuracy, calibration and Bayes-optimal share with 95 % intervals.

            Example:
              crpbot-train evaluate --model native-models/models/sim-lstm-53/1 --data unseen.parquet --json
            """);
        foreach (Option option in new Option[] { Model, Data, Json, Stride, Gate })
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string directory = parsed.GetValue(Model)!;
        using (ModelPackage package = ModelPackage.Load(directory))
        {
            ModelManifest manifest = package.Manifest;
            TrainingTable table = TableLoader.Load(parsed.GetValue(Data)!, [.. manifest.Features.Select(f => f.Name)], manifest.Label.HorizonBars);
            using var progress = new ProgressLine();
            EvaluationReport report = ModelEvaluation.Evaluate(
                directory, manifest, table, parsed.GetValue(Stride), share => progress.Report(share, "asking the model"));
            if (parsed.GetValue(Json))
                WriteJson(directory, manifest, table, report);
            else
                WriteText(directory, manifest, table, report);
            return parsed.GetValue(Gate) is { } gate && report.Accuracy.Value < gate ? ExitCode.Refused : ExitCode.Done;
        }
    }

    private static void WriteJson(string directory, ModelManifest manifest, TrainingTable table, EvaluationReport report)
    {
        var document = new EvaluationDocument(
            manifest.Name, manifest.Version, table.Source, table.Sha256, ModelEvaluation.IsTrainingData(manifest, table),
            manifest.Label.Kind, manifest.Label.HorizonBars, LockedOpenings.Count(directory), report);
        Console.Out.WriteLine(JsonSerializer.Serialize(document, EvaluationJson.Default.EvaluationDocument));
    }

    private static void WriteText(string directory, ModelManifest manifest, TrainingTable table, EvaluationReport report)
    {
        Console.Out.WriteLine($"{manifest.Name} {manifest.Version} on {(ModelEvaluation.IsTrainingData(manifest, table) ? "its locked slice" : "unseen data")}: {table.Source}");
        Console.Out.WriteLine($"samples     {report.Samples}, {report.EffectiveSamples} without overlap");
        Console.Out.WriteLine($"openings    the package's locked slice was looked at {LockedOpenings.Count(directory)} times");
        Console.Out.WriteLine($"accuracy    {report.Accuracy}  {report.Gate}");
        if (report.BayesAccuracy is { } bayes)
            Console.Out.WriteLine($"of Bayes    {report.ShareOfBayes}  Bayes-optimal {bayes:0.0000}");
        Console.Out.WriteLine($"AUC         {report.Auc}");
        Console.Out.WriteLine($"Brier       {report.Brier}");
        Console.Out.WriteLine($"log loss    {report.LogLoss}");
        Console.Out.WriteLine($"ECE         {report.CalibrationError}");
        foreach (TierFigures tier in report.Tiers)
            Console.Out.WriteLine($"  confidence >= {tier.Confidence:0.00}: {tier.Samples} samples{(tier.Accuracy is { } accuracy ? $", accuracy {accuracy}" : "")}");
    }
}

/// <summary>What <c>evaluate --json</c> prints.</summary>
internal sealed record EvaluationDocument(
    string Model, string Version, string Data, string DataSha256, bool LockedSliceOfTrainingData, LabelKind Label, int HorizonBars, int LockedSliceOpenings, EvaluationReport Report);

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(EvaluationDocument))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
