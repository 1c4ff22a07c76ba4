using System.CommandLine;
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
    private static readonly Option<string?> Out = new("--out") { Description = "Write the report here as HTML with pictures." };
    private static readonly Option<int> Stride = CommandLine.Number("--stride", 1, 1, 1440, "Take a sample every so many minutes.");
    private static readonly Option<double> Cost = CommandLine.Number("--cost-bps", 6.5, 0.0, 1_000.0, "Costs of a round trip in hundredths of a percent; FTMO's crypto by default.");
    private static readonly Option<double> Trade = CommandLine.Number("--trade-confidence", 0.65, 0.5, 1.0, "Least confidence of a trade, for the net verdict.");
    private static readonly Option<string?> Previous = new("--previous") { Description = "Folder of a package to compare with, on the same samples." };
    private static readonly Option<int> Importance = CommandLine.Number("--importance", 512, 0, 100_000, "Samples for permutation importance; 0 leaves it out.");

    private static readonly Option<double?> Gate = new("--gate") { Description = "Exit with 1 where accuracy is below this fraction." };

    public static Command Create()
    {
        var command = new Command("evaluate", """
            Judges a model package: accuracy, calibration, net value after costs, drift, each with its 95 % interval.

            Examples:
              crpbot-train evaluate --model native-models/models/sim-lstm-53/1 --data unseen.parquet --json
              crpbot-train evaluate --model models/mine/2 --previous models/mine/1 --data BTC.csv.gz --cost-bps 1 --out report.html
            """);
        foreach (Option option in new Option[] { Model, Data, Json, Out, Stride, Cost, Trade, Previous, Importance, Gate })
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string directory = parsed.GetValue(Model)!;
        using ModelPackage package = ModelPackage.Load(directory);
        using var progress = new ProgressLine();
        var options = new JudgeOptions
        {
            Stride = parsed.GetValue(Stride),
            CostBps = parsed.GetValue(Cost),
            TradeConfidence = parsed.GetValue(Trade),
            ImportanceSamples = parsed.GetValue(Importance),
            Previous = parsed.GetValue(Previous),
        };
        ModelReport report = ModelJudge.Judge(
            directory, package.Manifest, manifest => TableLoader.Load(parsed.GetValue(Data)!, [.. manifest.Features.Select(f => f.Name)], manifest.Label.HorizonBars), options, progress.Report);
        if (report.LockedSliceOfTrainingData)
        {
            // The look was noted before the slice was asked.
            int count = LockedOpenings.Count(directory);
            string note = $"The locked slice was looked at {count} times, once by the fit: each look that leads to a change makes it less of a judge.";
            report = report with { LockedOpened = count, Notes = [.. report.Notes, note] };
        }

        if (parsed.GetValue(Out) is { } path)
        {
            WriteWhole(Path.GetFullPath(path), ModelReportPage.Render(report));
            progress.Log($"wrote {path}");
        }

        if (parsed.GetValue(Json))
            Console.Out.WriteLine(ModelReportJson.Write(report));
        else
            WriteText(report);
        return parsed.GetValue(Gate) is { } gate && report.Accuracy < gate ? ExitCode.Refused : ExitCode.Done;
    }

    private static void WriteWhole(string path, string text)
    {
        string partial = path + ".partial";
        File.WriteAllText(partial, text);
        File.Move(partial, path, overwrite: true);
    }

    private static void WriteText(ModelReport report)
    {
        void Line(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));
        void Row(string name, double value, double[] interval) => Line($"{name,-12}{value:0.0000} [{interval[0]:0.0000}, {interval[1]:0.0000}]");
        Line($"{report.Model} {report.Version} on {(report.LockedSliceOfTrainingData ? "its locked slice" : "unseen data")}: {report.Data}");
        Line($"samples     {report.N}, {report.NEffective} without overlap");
        Row("accuracy", report.Accuracy, report.AccuracyInterval);
        if (report.BayesAccuracy is { } bayes)
        {
            Row("of Bayes", report.ShareOfBayes!.Value, report.ShareOfBayesInterval!);
            Line($"            Bayes-optimal {bayes:0.0000}");
        }

        Line($"up          precision {report.Precision:0.0000}, recall {report.Recall:0.0000}, F1 {report.F1:0.0000}");
        Row("AUC", report.Auc, report.AucInterval);
        Row("Brier", report.Brier, report.BrierInterval);
        Row("log loss", report.LogLoss, report.LogLossInterval);
        Row("ECE", report.Ece, report.EceInterval);
        foreach (TierReport tier in report.Tiers)
            Line($"  confidence >= {tier.Confidence:0.00}: {tier.N} samples{(tier.Accuracy is { } accuracy ? FormattableString.Invariant($", accuracy {accuracy:0.0000} [{tier.AccuracyInterval![0]:0.0000}, {tier.AccuracyInterval[1]:0.0000}]") : "")}");
        foreach (NetFigures trades in report.Net.Trades.Where(f => f.Trades > 0))
            Line($"  net at {trades.Confidence:0.00}: {trades.NetBps.Value:+0.00;-0.00} bps [{trades.NetBps.Low:+0.00;-0.00}, {trades.NetBps.High:+0.00;-0.00}] a trade, {trades.Trades} trades");
        foreach (PairedComparison other in new[] { report.Baseline, report.Previous }.OfType<PairedComparison>())
            Line($"beside {other.Other}: {other.Finding}, log loss {other.LogLossDifference}, accuracy {other.AccuracyDifference}");
        Line($"the plan's gate: {report.Verdict}, {string.Join("; ", report.VerdictReasons)}");
        Line($"net value: {report.NetVerdict}, {string.Join("; ", report.Net.Reasons)}");
        foreach (string note in report.Notes)
            Line($"{note}");
    }
}
