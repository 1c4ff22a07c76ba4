using System.Text.Json;
using Crpbot.Datasets.Conversion;
using Crpbot.Datasets.Lake;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data convert --lake LAKE</c>.</summary>
internal static class DataConvertLake
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static int Run(string location, LakeConvertSelection selection, InputSelection input, string? instrumentFile)
    {
        if (input.Venue is not null || input.CsvType is not null)
            throw new UsageException("--venue and --csv-type say what a single file is; of a lake choose with --exchange, --symbols and --types");
        // Read once, so that a bad file is told before anything runs; each job then has a table of its own.
        _ = InstrumentFile.Open(instrumentFile);
        Lakes.RequireThere(location);
        using ILakeStorage lake = Lakes.Open(location);
        var options = new ConversionOptions
        {
            Instruments = () => InstrumentFile.Open(instrumentFile),
            Venue = input.Exchange,
            Symbols = input.Range.Symbol is { } symbol ? [.. selection.Symbols.Append(symbol).Distinct()] : selection.Symbols,
            Types = selection.Types,
            From = input.Range.From,
            To = input.Range.To,
            Shard = selection.Shard,
            Force = selection.Force,
            Parallel = selection.Parallel,
            Strict = input.Strict,
        };
        ConversionReport report;
        ConversionReport? captures = null;
        using (var progress = new ProgressLine("converting"))
        {
            Action<long>? total = progress.Report is { } show ? Summed(show) : null;
            report = LakeConverter.Run(lake, options, total);
            if (selection.ToCapture)
                captures = LakeCaptures.Run(lake, options, progress: null);
        }

        Tell(report.Results.Concat(captures?.Results ?? []));
        Console.Error.WriteLine($"{location}: {report.Converted} converted into {report.Partitions} partitions, {report.Skipped} already there, {report.Failed} failed; "
            + $"{report.Rows:N0} rows, {report.Refused:N0} refused, {report.RawBytes:N0} bytes became {report.Bytes:N0}");
        if (captures is not null)
            Console.Error.WriteLine($"{location}: {captures.Converted} captures written, {captures.Skipped} already there; {captures.Rows:N0} events in {captures.Bytes:N0} bytes");
        if (report.Results.Count == 0)
            Console.Error.WriteLine($"{location}: nothing below {Datasets.RawLake.Folder}/ is to be converted");
        if (selection.Json)
            Console.Out.WriteLine(JsonSerializer.Serialize(new { Lake = location, Partitions = Counts(report), Captures = captures is null ? null : Counts(captures) }, Indented));
        return report.Failed > 0 ? ExitCode.BadInput : ExitCode.Done;
    }

    private static object Counts(ConversionReport report) => new
    {
        report.Converted, report.Skipped, report.Failed, Written = report.Partitions, report.Rows, report.Refused, report.RawBytes, report.Bytes,
        Failures = report.Results.Where(result => result.Failure is not null).Select(result => new { result.Source, Why = result.Failure }),
    };

    private static void Tell(IEnumerable<ConversionResult> results)
    {
        foreach (ConversionResult result in results)
        {
            foreach (string line in result.Damage)
                Console.Error.WriteLine($"refused: {line}");
            if (result.Refused > result.Damage.Count)
                Console.Error.WriteLine($"refused: {result.Source}: {result.Refused - result.Damage.Count} more");
            if (result.Failure is not null)
                Console.Error.WriteLine($"failed: {result.Failure}");
        }
    }

    private static Action<long> Summed(Action<long> show)
    {
        long sum = 0;
        var gate = new Lock();
        return more =>
        {
            lock (gate)
                show(sum += more);
        };
    }
}
