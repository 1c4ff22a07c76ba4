using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crpbot.Datasets.Download;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data download</c>: market data from Tardis or Coinbase into the lake's raw folder.</summary>
internal static class DataDownload
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create()
    {
        var options = new DownloadOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be downloaded, and how much that is." };
        var json = new Option<bool>("--json") { Description = "The summary as one JSON document on stdout." };
        var command = new Command("download", """
            Downloads what the lake does not have yet. Interrupted runs are continued by running again; a file under its own name is whole.
            The key is read from TARDIS_API_KEY; without one, the first day of each month is free.

            Example: crpbot data download --source tardis --exchange coinbase --symbols BTC-USD,ETH-USD,SOL-USD \
                --types trades,incremental_book_L2 --from 2023-01-01 --to 2025-01-01 --out lake/
            """);
        options.AddTo(command);
        command.Options.Add(dryRun);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            DownloadRequest request = options.Read(parsed);
            ServiceAddresses addresses = ServiceAddresses.Read(Environment.GetEnvironmentVariable);
            using var job = new DownloadJob(request, addresses, options.Limits(parsed), parsed.GetValue(dryRun))
            {
                OnWarning = text => Console.Error.WriteLine($"warning: {text}"),
            };
            try
            {
                return parsed.GetValue(dryRun)
                    ? PrintPlan(await job.EstimateAsync(cancellation).ConfigureAwait(false), request, parsed.GetValue(json))
                    : await RunAsync(job, request, parsed.GetValue(json), cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException error) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException($"{request.Lake}: interrupted; what is whole stays, run the command again to go on", error, cancellation);
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(DownloadJob job, DownloadRequest request, bool json, CancellationToken cancellation)
    {
        DownloadReport report = await DownloadProgress.ShowAsync(job.Meter, () => job.RunAsync(cancellation)).ConfigureAwait(false);
        foreach (DownloadRange range in report.Ranges)
        {
            string state = range.State == PartitionState.Failed ? "failed" : "missing";
            Console.Error.WriteLine($"crpbot: {state}: {range.Series} {Span(range)}: {range.Reason}");
        }

        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(Document(report, request), Indented));
        else
            Console.Out.WriteLine(Sentence(report, request.Lake));
        return report.Failed > 0 ? ExitCode.ServiceUnavailable : ExitCode.Done;
    }

    private static string Sentence(DownloadReport report, string lake)
    {
        string states = string.Create(CultureInfo.InvariantCulture,
            $"{report.Whole:N0} whole, {report.Empty:N0} empty, {report.Missing:N0} missing, {report.Failed:N0} failed of {report.Partitions:N0}");
        string files = string.Create(CultureInfo.InvariantCulture, $"{report.FilesDownloaded:N0} files downloaded, {report.FilesKept:N0} kept");
        return $"{lake}: {states}; {files}, {Megabytes(report.Bytes)} in all";
    }

    private static object Document(DownloadReport report, DownloadRequest request) => new
    {
        request.Source,
        request.Exchange,
        request.From,
        request.To,
        Shard = request.Shard.ToString(),
        report.Partitions,
        report.Whole,
        report.Empty,
        report.Missing,
        report.Failed,
        report.FilesDownloaded,
        report.FilesKept,
        report.Bytes,
        report.BytesReceived,
        report.Retries,
        report.Ranges,
    };

    private static int PrintPlan(IReadOnlyList<SeriesEstimate> plan, DownloadRequest request, bool json)
    {
        long known = plan.Sum(series => series.Bytes ?? 0);
        bool hasTypical = plan.Any(series => series.Basis == EstimateBasis.Typical && series.ToDownload > 0);
        bool hasUnknown = plan.Any(series => series.Basis == EstimateBasis.Unknown && series.ToDownload > 0);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                request.Source, request.Exchange, request.From, request.To, Shard = request.Shard.ToString(),
                ToDownload = plan.Sum(series => series.ToDownload), EstimatedBytes = known, EstimateIsComplete = !hasUnknown,
                TypicalSource = hasTypical ? SizeEstimate.TypicalSource : null, Series = plan,
            }, Indented));
            return ExitCode.Done;
        }

        foreach (SeriesEstimate series in plan)
        {
            string basis = series.Basis == EstimateBasis.Lake ? "from files in the lake" : "typical";
            string bytes = series.Bytes is { } count ? $"about {Megabytes(count)} ({basis})" : "size unknown";
            string files = string.Create(CultureInfo.InvariantCulture, $"{series.ToDownload:N0} of {series.Partitions:N0} to download, {series.Kept:N0} in the lake");
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{series.Series}: {files}, {series.Missing:N0} missing at the source; {bytes}"));
        }

        Console.Out.WriteLine($"in all {(hasUnknown ? "more than " : "about ")}{Megabytes(known)}; nothing was downloaded");
        if (hasTypical)
            Console.Out.WriteLine($"typical: {SizeEstimate.TypicalSource}");
        return ExitCode.Done;
    }

    private static string Span(DownloadRange range)
    {
        bool days = range.From.TimeOfDay == TimeSpan.Zero && range.To.TimeOfDay == TimeSpan.Zero;
        string format = days ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mmZ";
        string from = range.From.ToString(format, CultureInfo.InvariantCulture);
        string to = range.To.ToString(format, CultureInfo.InvariantCulture);
        return range.Partitions == 1 && days ? from : string.Create(CultureInfo.InvariantCulture, $"{from} until {to} ({range.Partitions:N0})");
    }

    private static string Megabytes(long bytes) => bytes switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F2} GB"),
    };
}
