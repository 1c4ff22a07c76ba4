using System.CommandLine;
using System.Globalization;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Engine;
using Crpbot.Engine.Sources;
using Crpbot.Inference;
using Crpbot.Risk;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot capture replay FILE</c>.</summary>
internal static class CaptureReplay
{
    public static Command Create()
    {
        Argument<string> file = Arguments.File("file", "A capture, a Parquet file, a raw recording (--venue), a Tardis CSV (--csv-type), or the folder of a lake (--symbol).");
        var input = new InputOptions();
        var model = new Option<string?>("--model") { Description = "Model package: a shipped name, name/version, or a folder. Without it nothing is predicted." };
        var provider = new Option<string>("--provider") { Description = "Execution provider: cpu, or NAME=LIBRARY.", DefaultValueFactory = _ => "cpu" };
        var history = new Option<string[]>("--history") { Description = "Captures that warm the engine up before the first decision.", AllowMultipleArgumentsPerToken = true };
        var speed = new Option<string>("--speed") { Description = "max, or a multiple of recorded time.", DefaultValueFactory = _ => "max" };
        var repeat = new Option<int>("--repeat") { Description = "Passes, each from a reset state.", DefaultValueFactory = _ => 1 };
        var stages = new Option<string>("--stages") { Description = "How far to go: book, features, all.", DefaultValueFactory = _ => "all" };
        var layout = new Option<string>("--layout") { Description = "Threads: inline (one), split (receive | decide), full (one a stage).", DefaultValueFactory = _ => "inline" };
        var rules = new Option<string>("--rules") { Description = "Risk preset: ftmo-2step, ftmo-1step.", DefaultValueFactory = _ => "ftmo-2step" };
        var decisions = new Option<string?>("--decisions") { Description = "Write the decision log to this file." };
        var json = new Option<bool>("--json") { Description = "Print the replay report as one JSON document." };
        stages.AcceptOnlyFromAmong("book", "features", "all");
        layout.AcceptOnlyFromAmong("inline", "split", "full");
        var command = new Command("replay", """
            Replays recorded market data through the engine and reports what it decided and how fast.

            Example: crpbot capture replay btcusdt_20240808.gz --venue binance-futures --stages book --json
            """)
        { file };
        input.AddTo(command);
        foreach (Option option in new Option[] { model, provider, history, speed, repeat, stages, layout, rules, decisions, json })
            command.Options.Add(option);

        command.SetAction(parsed =>
        {
            InputSelection selection = input.Read(parsed);
            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(input.Instruments));
            int passes = parsed.GetValue(repeat);
            if (passes < 1)
                throw new UsageException($"--repeat {passes}: at least one pass");
            if (passes > 1 && parsed.GetValue(decisions) is not null)
                throw new UsageException("--decisions writes the log of one pass; leave --repeat out");
            if (!RiskPresets.TryFind(parsed.GetValue(rules)!, out RiskLimits? limits))
                throw new UsageException($"--rules: no preset '{parsed.GetValue(rules)}'; known: {string.Join(", ", RiskPresets.All.Select(preset => preset.Name))}");
            PipelineDepth depth = parsed.GetValue(stages) switch { "book" => PipelineDepth.Book, "features" => PipelineDepth.Features, _ => PipelineDepth.All };
            using ModelPackage? package = depth == PipelineDepth.All && parsed.GetValue(model) is { } name ? Models.Load(name, ExecutionProvider.Parse(parsed.GetValue(provider)!)) : null;

            var past = new List<ReplaySource>();
            ReplaySource? source = null;
            try
            {
                var inputs = new Inputs(selection, instruments);
                foreach (string path in parsed.GetValue(history) ?? [])
                    past.Add(inputs.Open(path, ReadRange.All with { Symbol = selection.Range.Symbol }));
                source = inputs.Open(parsed.GetValue(file)!, selection.Range);
                source.Pacer = PacerOf(parsed.GetValue(speed)!);
                using var engine = new TradingEngine(new EngineOptions
                {
                    Instruments = instruments,
                    Depth = depth,
                    Layout = parsed.GetValue(layout) switch { "split" => ThreadLayout.Split, "full" => ThreadLayout.Full, _ => ThreadLayout.Inline },
                    Model = package,
                    Limits = limits,
                    DecisionLogPath = parsed.GetValue(decisions),
                });
                ReplayReport report;
                using (var progress = new ProgressLine("replaying"))
                    report = Replay.Run(engine, past, source, passes, progress.Report);
                inputs.RefuseWrongFormat(parsed.GetValue(file)!, source.Damage, report.Events);
                engine.Complete();
                foreach (ReplaySource read in past.Append(source))
                    ReportDamage(read.Damage);
                if (parsed.GetValue(json))
                    Console.Out.WriteLine(report.ToJson());
                else
                    ReplayView.Print(report, Console.Out);
                return report.Passes is { } done && done.Select(pass => pass.DecisionHash).Distinct().Count() > 1 ? ExitCode.Defect : ExitCode.Done;
            }
            finally
            {
                source?.Dispose();
                past.ForEach(read => read.Dispose());
            }
        });
        return command;
    }

    public static void ReportDamage(DamageLog damage)
    {
        foreach (string line in damage.First)
            Console.Error.WriteLine($"refused: {line}");
        if (damage.Refused > damage.First.Count)
            Console.Error.WriteLine($"refused: {damage.Refused - damage.First.Count} more");
    }

    private static ReplayPacer? PacerOf(string speed)
    {
        if (speed == "max")
            return null;
        return double.TryParse(speed, NumberStyles.Float, CultureInfo.InvariantCulture, out double multiple) && multiple > 0 && double.IsFinite(multiple)
            ? new ReplayPacer(multiple)
            : throw new UsageException($"--speed {speed}: expected max or a positive number");
    }
}
