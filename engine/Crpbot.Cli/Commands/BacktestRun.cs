using System.CommandLine;
using System.Globalization;
using System.Text;
using Crpbot.Backtest;
using Crpbot.Backtest.Report;
using Crpbot.Datasets;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot backtest run --model DIR --data DATASET</c>: a history traded by the live rules, minute by minute.</summary>
internal static class BacktestRun
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "Model package: a shipped name, name/version, or a folder; it need not be promoted.", Required = true };
        var data = new Option<string>("--data") { Description = "A feature dataset (Parquet), or a folder of parts.", Required = true };
        var rules = new Option<string>("--rules") { Description = "Risk preset: ftmo-2step, ftmo-1step.", DefaultValueFactory = _ => "ftmo-2step" };
        var fees = new Option<decimal?>("--fees-bps") { Description = "Commission of one side in basis points of its value; default: the preset's, 3.25." };
        var slippage = new Option<decimal>("--slippage-bps") { Description = "Billed on every market order beside the price it fills at." };
        var spread = new Option<decimal>("--spread-bps") { Description = "Ask over bid where the dataset has no quotes.", DefaultValueFactory = _ => 1m };
        var from = new Option<string?>("--from") { Description = "First bar (ISO 8601, UTC); earlier ones only warm the model up." };
        var to = new Option<string?>("--to") { Description = "End, exclusive." };
        var every = new Option<int>("--challenge-every") { Description = "A challenge begins at every n-th midnight of the data.", DefaultValueFactory = _ => 1 };
        var trials = new Option<int>("--trials") { Description = "Configurations tried so far, this one included: for the deflated Sharpe ratio.", DefaultValueFactory = _ => 1 };
        var instruments = new Option<string?>("--instruments") { Description = "JSON file of ticks and lots: [{venue, symbol, tick, lot}]." };
        var output = new Option<string?>("--out") { Description = "Write an HTML page with the pictures to this file." };
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON document." };
        var command = new Command("run", """
            Trades the bars of a feature dataset as the engine would have: the same tiers, hourly limits, risk check and ledger. Only the fills
            are a model; docs/backtest.md says which. Beside the result it begins the challenge on many days and counts how many pass.

            Example: crpbot backtest run --model coinbase-lstm-33 --data candles.parquet --rules ftmo-2step --slippage-bps 0.5 --out report.html
            """);
        foreach (Option option in new Option[] { model, data, rules, fees, slippage, spread, from, to, every, trials, instruments, output, json })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            if (!RiskPresets.TryFind(parsed.GetValue(rules)!, out RiskLimits? limits))
                throw new UsageException($"--rules: no preset '{parsed.GetValue(rules)}'; known: {string.Join(", ", RiskPresets.All.Select(preset => preset.Name))}");
            if (parsed.GetValue(fees) is { } commission)
                limits = limits with { CommissionPerSide = Fraction(commission, "--fees-bps") };
            var scope = new StudyScope
            {
                From = InputOptions.Instant(parsed.GetValue(from), "--from") ?? new UnixNanos(long.MinValue),
                To = InputOptions.Instant(parsed.GetValue(to), "--to") ?? new UnixNanos(long.MaxValue),
                ChallengeEveryDays = AtLeastOne(parsed.GetValue(every), "--challenge-every"),
                Trials = AtLeastOne(parsed.GetValue(trials), "--trials"),
            };
            if (scope.From >= scope.To)
                throw new UsageException($"--from {scope.From} is not before --to {scope.To}");
            if (parsed.GetValue(output) is { } page)
                OutputFile.RequireFolder(page, orStore: true);
            using ModelPackage package = Models.Load(parsed.GetValue(model)!, ExecutionProvider.Parse("cpu"));
            var options = new BacktestOptions
            {
                HorizonBars = package.Manifest.Label.HorizonBars,
                Slippage = Fraction(parsed.GetValue(slippage), "--slippage-bps"),
                StatedSpread = Fraction(parsed.GetValue(spread), "--spread-bps"),
            };
            BacktestReport report;
            using (var progress = new ProgressLine("scoring", "bars"))
                report = BacktestStudy.Run(package, FeatureDatasetReader.Read(parsed.GetValue(data)!), limits, options, InstrumentFile.Open(parsed.GetValue(instruments)), scope, progress.Report);

            if (parsed.GetValue(output) is { } target)
            {
                using OutputFile destination = OutputFile.Create(target);
                destination.Stream.Write(Encoding.UTF8.GetBytes(BacktestPage.Render(report)));
                destination.Commit();
                Console.Error.WriteLine($"{target}: written");
            }

            if (parsed.GetValue(json))
                Console.Out.WriteLine(BacktestJson.Write(report));
            else
                Print(report, Console.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static decimal Fraction(decimal bps, string flag)
    {
        decimal fraction = bps / 10_000m;
        return bps is >= 0 and < 1_000 && fraction * 1_000_000_000m == Math.Floor(fraction * 1_000_000_000m)
            ? fraction
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{flag} {bps}: expected basis points from 0 and below 1000, with at most five fraction digits"));
    }

    private static int AtLeastOne(int value, string flag) => value >= 1 ? value : throw new UsageException($"{flag} {value}: expected at least 1");

    private static void Print(BacktestReport report, TextWriter writer)
    {
        BacktestResult result = report.Result;
        PerformanceSummary p = report.Performance;
        ChallengeSummary challenge = report.Challenge;
        Say($"{report.Model} on {report.Source}: {report.From} to {report.To}, rules {report.Limits.Name}");
        Say($"net        {result.NetProfit.ToDouble():N2} after {report.Fees.ToDouble():N2} fees and {report.Slippage.ToDouble():N2} slippage, {result.Trades.Count:N0} trades, win rate {Share(p.WinRate)}");
        Say($"risk       drawdown {Share(result.MaxDrawdown)}, worst daily loss {Share(result.WorstDailyLoss)}, {(result.BreachTime is { } time ? $"floor broken at {time}" : "floors held")}");
        Say($"ratios     Sharpe {Number(p.Sharpe)}{(p.SharpeInterval is { } i ? string.Create(CultureInfo.InvariantCulture, $" ({i.Low:F2} to {i.High:F2})") : "")}, Sortino {Number(p.Sortino)}, Calmar {Number(p.Calmar)}, deflated Sharpe {Share(p.DeflatedSharpe)}");
        Say($"challenge  {challenge.Starts:N0} starts: {challenge.Passed:N0} passed, {challenge.Failed:N0} failed, {challenge.Undecided:N0} cut off; median days {Number(challenge.MedianDays)}");
        foreach (string warning in report.Warnings)
            Say($"warning: {warning}");

        void Say(FormattableString line) => writer.WriteLine(FormattableString.Invariant(line));
        static string Share(double? value) => value is { } share ? (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %" : "not defined";
        static string Number(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "not defined";
    }
}
