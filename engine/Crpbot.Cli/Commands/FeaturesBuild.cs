using System.CommandLine;
using System.Diagnostics;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Datasets;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot features build</c>: candles or market data to a feature dataset.</summary>
internal static class FeaturesBuild
{
    public static Command Create()
    {
        var candles = new Option<string[]>("--candles") { Description = "One-minute candle files; several files of one symbol are joined.", AllowMultipleArgumentsPerToken = true };
        var capture = new Option<string?>("--capture") { Description = "A capture." };
        var file = new Option<string?>("--input") { Description = "A raw recording (--venue) or a Tardis CSV (--csv-type)." };
        var output = new Option<string>("--out") { Description = "The dataset (Parquet); a folder, with one file a symbol, where the name ends in /.", Required = true };
        var symbols = new Option<string[]>("--symbol") { Description = "Of candles: venue:SYMBOL of each file, in order. Of market data: only this symbol.", AllowMultipleArgumentsPerToken = true };
        var warmup = new Option<int>("--warmup-days") { Description = "Days of market data read before --from, so that its rows are warm.", DefaultValueFactory = _ => 8 };
        var shard = new Option<string?>("--shard") { Description = "i/n: only every n-th symbol, for machines that share the work; --out is a folder." };
        var json = new Option<bool>("--json") { Description = "Print the summary as one JSON document." };
        var input = new InputOptions();
        var command = new Command("build", """
            Computes the features of every bar and stores them as Parquet: 33 from candles, 53 from trades and books. --from and --to choose
            bars by their open time.

            Example: crpbot features build --candles BTC-USD.csv.gz ETH-USD.csv.gz --out candles.parquet
            """);
        foreach (Option option in new Option[] { candles, capture, file, output, symbols, warmup, shard, json })
            command.Options.Add(option);
        input.AddTo(command, withSymbol: false);

        command.SetAction(parsed =>
        {
            InputSelection selection = input.Read(parsed);
            string[] names = parsed.GetValue(symbols) ?? [];
            Shard part = parsed.GetValue(shard) is { } text ? Shard.Parse(text) : Shard.Whole;
            var range = new BarRange(selection.Range.From, selection.Range.To);
            string[] files = parsed.GetValue(candles) ?? [];
            string?[] kinds = [files.FirstOrDefault(), parsed.GetValue(capture), parsed.GetValue(file)];
            if (kinds.Count(kind => kind is not null) != 1)
                throw new UsageException("say what to read with one of --candles, --capture and --input");
            int days = parsed.GetValue(warmup);
            if (days < 0)
                throw new UsageException($"--warmup-days {days}: expected 0 or more");
            if (files.Length > 0)
            {
                return Run(FeatureInputFiles.Candles(files, names, range, part), FeatureInputFiles.DescribeCandles(files, range), Target(parsed.GetValue(output)!, part, range), parsed.GetValue(json), "candles");
            }

            if (part != Shard.Whole)
                throw new UsageException("--shard cuts candles by symbol; one capture or recording is one stream: choose with --symbol");
            string path = parsed.GetValue(capture) ?? parsed.GetValue(file)!;
            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(input.Instruments));
            MarketRowSource source = FeatureInputFiles.Market(path, parsed.GetValue(capture) is not null, names, selection, instruments, range, days);
            return Run([source], FeatureInputFiles.Describe(path, selection, names, range), Target(parsed.GetValue(output)!, part, range), parsed.GetValue(json), "events");
        });
        return command;
    }

    private sealed record BuildTarget(string Path, bool IsFolder, BarRange Range);

    private static BuildTarget Target(string path, Shard shard, BarRange range)
    {
        bool isFolder = Path.EndsInDirectorySeparator(path) || Directory.Exists(path);
        if (shard != Shard.Whole && !isFolder)
            throw new UsageException($"--shard writes parts beside one another: let --out end in /, for instance {path}/");
        OutputFile.RequireFolder(Path.TrimEndingDirectorySeparator(path));
        return new BuildTarget(path, isFolder, range);
    }

    private static int Run(IReadOnlyList<FeatureRowSource> sources, string description, BuildTarget target, bool asJson, string unit)
    {
        var report = new FeatureBuildReport();
        long start = Stopwatch.GetTimestamp();
        try
        {
            using FeatureDatasetOutput output = target.IsFolder
                ? FeatureDatasetOutput.ToFolder(target.Path, description, target.Range)
                : FeatureDatasetOutput.ToFile(target.Path, description);
            using (var progress = new ProgressLine("building", unit))
                FeatureDatasetBuild.Run(sources, output, report, progress.Report);
            foreach (MarketRowSource market in sources.OfType<MarketRowSource>())
            {
                CaptureReplay.ReportDamage(market.Damage);
                if (report.Events == 0 && market.Damage.Refused > 0)
                    throw new InvalidDataException($"nothing in it reads as what it was said to be; the first refusal: {market.Damage.First[0]}");
            }

            IReadOnlyList<string> written = output.Commit();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            FeatureBuildView.Print(report, written, sources.Sum(source => source.EventsRead), unit, seconds, Console.Error);
            if (asJson)
                Console.Out.WriteLine(FeatureBuildView.ToJson(report));
            return ExitCode.Done;
        }
        finally
        {
            foreach (FeatureRowSource source in sources)
                source.Dispose();
        }
    }
}
