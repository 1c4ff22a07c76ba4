using System.CommandLine;
using System.Diagnostics;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot features build</c>: candles or market data to a feature dataset.</summary>
internal static class FeaturesBuild
{
    private static readonly Option<string[]> Candles = new("--candles") { Description = "One-minute candle files of any shape; several files of one symbol are joined.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> Lake = new("--lake") { Description = "A lake: every symbol, or those of --symbols." };
    private static readonly Option<string?> Capture = new("--capture") { Description = "A capture." };
    private static readonly Option<string?> Input = new("--input") { Description = "A raw recording (--venue) or a Tardis CSV (--csv-type)." };
    private static readonly Option<string> Out = new("--out") { Description = "The dataset (Parquet); a folder, with one file a symbol, where the name ends in /.", Required = true };
    private static readonly Option<string[]> Symbols = new("--symbol", "--symbols")
    {
        Description = "Of candles: venue:SYMBOL of each file, in order. Of market data: only these symbols.", AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<string?> Types = new("--types") { Description = "Of a lake: only these types, e.g. trades,incremental_book_L2 (default: all, of books the finest)." };
    private static readonly Option<int> WarmupDays = new("--warmup-days") { Description = "Days of market data read before --from, so that its rows are warm.", DefaultValueFactory = _ => 8 };
    private static readonly Option<string?> ShardOf = new("--shard") { Description = "Only part i of n, 0/3 to 2/3: every n-th symbol, for machines that share the work; --out is a folder." };
    private static readonly Option<string?> Columns = new("--columns") { Description = "Of candle files without a header: their columns, e.g. time,open,high,low,close,volume." };
    private static readonly Option<string?> TimeColumn = new("--time-column") { Description = "Which of several time columns of candles." };
    private static readonly Option<string?> VolumeColumn = new("--volume-column") { Description = "Which of several volume columns of candles." };
    private static readonly Option<string?> DateFormat = new("--date-format") { Description = "Of candles dated like 01/02/2024: dd/MM/yyyy or MM/dd/yyyy." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print the summary as one JSON document." };

    private sealed record BuildTarget(string Path, bool IsFolder, BarRange Range);

    public static Command Create()
    {
        var input = new InputOptions();
        var command = new Command("build", """
            Computes the features of every bar and stores them as Parquet: 33 from candles, 53 from trades and books. --from and --to choose
            bars by their open time.

            Example: crpbot features build --candles BTC-USD.csv.gz ETH-USD.csv.gz --out candles.parquet
            """);
        foreach (Option option in new Option[] { Candles, Lake, Capture, Input, Out, Symbols, Types, WarmupDays, ShardOf, Columns, TimeColumn, VolumeColumn, DateFormat, Json })
            command.Options.Add(option);
        input.AddTo(command, withSymbol: false);
        command.SetAction(parsed => Run(parsed, input));
        return command;
    }

    private static int Run(ParseResult parsed, InputOptions input)
    {
        InputSelection selection = input.Read(parsed);
        string[] candles = parsed.GetValue(Candles) ?? [];
        (string? lake, string? capture, string? file) = (parsed.GetValue(Lake), parsed.GetValue(Capture), parsed.GetValue(Input));
        if (new[] { candles.FirstOrDefault(), lake, capture, file }.Count(kind => kind is not null) != 1)
            throw new UsageException("say what to read with one of --candles, --lake, --capture and --input");
        int days = parsed.GetValue(WarmupDays);
        if (days is < 0 or > 3_650)
            throw new UsageException($"--warmup-days {days}: expected 0 to 3650");
        var files = new FeatureInputFiles(
            selection, [.. (parsed.GetValue(Symbols) ?? []).SelectMany(Split)], new BarRange(selection.Range.From, selection.Range.To), days,
            parsed.GetValue(ShardOf) is { } text ? Sharding.Parse(text) : Sharding.All);
        BuildTarget target = Target(parsed.GetValue(Out)!, files);
        bool asJson = parsed.GetValue(Json);
        if (candles.Length > 0)
        {
            var options = new CandleFileOptions
            {
                Columns = CandleFileOptions.ColumnsOf(parsed.GetValue(Columns)),
                TimeColumn = parsed.GetValue(TimeColumn),
                VolumeColumn = parsed.GetValue(VolumeColumn),
                DateFormat = parsed.GetValue(DateFormat),
            };
            return Build(files.OpenCandles(candles, options), files.Describe("One-minute candles", candles, withSymbols: false), target, asJson, "candles");
        }

        InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(input.Instruments));
        if (lake is not null)
            return Build(files.OpenLake(lake, [.. Split(parsed.GetValue(Types) ?? "")], instruments), files.Describe("Lake", [lake]), target, asJson, "events");
        string kind = capture is not null ? "Capture" : selection.Venue is { } venue ? $"Recording of {venue}" : selection.CsvType is { } type ? $"Tardis CSV of {type}" : "Market data";
        return Build([files.OpenFile(capture ?? file!, capture is not null, instruments)], files.Describe(kind, [capture ?? file!]), target, asJson, "events");
    }

    private static IEnumerable<string> Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static BuildTarget Target(string path, FeatureInputFiles files)
    {
        bool isFolder = Path.EndsInDirectorySeparator(path) || Directory.Exists(path);
        if (files.Shard != Sharding.All && !isFolder)
            throw new UsageException($"--shard writes parts beside one another: let --out end in /, for instance {path}/");
        OutputFile.RequireFolder(Path.TrimEndingDirectorySeparator(path), orStore: true);
        return new BuildTarget(path, isFolder, files.Range);
    }

    private static int Build(IReadOnlyList<FeatureRowSource> sources, string description, BuildTarget target, bool asJson, string unit)
    {
        var report = new FeatureBuildReport();
        long start = Stopwatch.GetTimestamp();
        var written = new List<(string Name, long Bytes)>();
        try
        {
            using OutputLocation location = OutputLocation.Open(target.Path);
            using FeatureDatasetOutput output = target.IsFolder
                ? FeatureDatasetOutput.ToFolder(location.Path, description, target.Range)
                : FeatureDatasetOutput.ToFile(location.Path, description);
            using (var progress = new ProgressLine("building", unit))
            {
                // A file a symbol: one after the other, so that one is open at a time.
                foreach (FeatureRowSource[] together in target.IsFolder ? sources.Chunk(1) : [[.. sources]])
                {
                    FeatureDatasetBuild.Run(together, output, report, progress.Report);
                    RefuseNonsense(together, report);
                    written.AddRange(output.Commit().Select(path => (location.NameOf(path), new FileInfo(path).Length)));
                }
            }

            location.Commit();

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

    private static void RefuseNonsense(IReadOnlyList<FeatureRowSource> sources, FeatureBuildReport report)
    {
        foreach (MarketRowSource market in sources.OfType<MarketRowSource>())
        {
            CaptureReplay.ReportDamage(market.Damage);
            if (report.Events == 0 && market.Damage.Refused > 0)
                throw new InvalidDataException($"nothing in it reads as what it was said to be; the first refusal: {market.Damage.First[0]}");
        }
    }
}
