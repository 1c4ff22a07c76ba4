using System.CommandLine;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Engine;
using Crpbot.Engine.Sources;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data convert IN OUT</c>: recording or CSV to capture, capture to CSV.</summary>
internal static class DataConvert
{
    public static Command Create()
    {
        Argument<string> input = Arguments.File("in", "A capture, a raw recording (--venue) or a Tardis CSV (--csv-type).");
        Argument<string> output = Arguments.File("out", "A capture, or a Tardis CSV when the name ends in .csv or .csv.gz.");
        var options = new InputOptions();
        var command = new Command("convert", """
            Converts between recordings, Tardis CSV and captures. From a capture to CSV, --csv-type says which events to write.

            Example: crpbot data convert btcusdt_20240808.gz btcusdt.capture --venue binance-futures
            """)
        { input, output };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            InputSelection selection = options.Read(parsed);
            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(options.Instruments));
            (string from, string to) = (parsed.GetValue(input)!, parsed.GetValue(output)!);
            OutputFile.RequireFolder(to);
            bool toCsv = to.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || to.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase);
            return toCsv ? ToCsv(from, to, selection, instruments) : ToCapture(from, to, selection, instruments);
        });
        return command;
    }

    private static int ToCapture(string from, string to, InputSelection selection, InstrumentTable instruments)
    {
        var inputs = new Inputs(selection, instruments);
        using ReplaySource source = inputs.Open(from, selection.Range);
        var header = new CaptureHeader(Product.Name, Path.GetFileName(from), UnixNanos.FromDateTime(File.GetLastWriteTimeUtc(from)));
        using var writer = new CaptureWriter(to, instruments, header, texts: source.TextIds);
        long events;
        using (var progress = new ProgressLine("converting"))
            events = Recording.Convert(source, writer, progress.Report);
        inputs.RefuseWrongFormat(from, source.Damage, events);
        writer.Complete();
        CaptureReplay.ReportDamage(source.Damage);
        Console.Error.WriteLine($"{to}: {events:N0} events of {source.Frames:N0} messages in {new FileInfo(to).Length:N0} bytes (from {new FileInfo(from).Length:N0})");
        return ExitCode.Done;
    }

    private static int ToCsv(string from, string to, InputSelection selection, InstrumentTable instruments)
    {
        if (!File.Exists(from))
            throw new FileNotFoundException($"{from}: there is no such file");
        if (selection.CsvType is not { } name || !TardisCsvTypes.TryParse(name, out TardisCsvType type))
            throw new UsageException("say with --csv-type which events the CSV is to hold: trades, incremental_book_L2, …");
        using CaptureReader reader = CaptureReader.Open(from, instruments);
        string partial = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(to))!, "." + Path.GetFileName(to).Replace(".csv", ".partial.csv", StringComparison.OrdinalIgnoreCase));
        long rows;
        using (TardisCsvWriter writer = TardisCsvWriter.Create(partial, type, instruments, reader.TextIds))
        {
            while (reader.ReadBlock(out ReadOnlySpan<MarketEvent> events))
            {
                foreach (ref readonly MarketEvent e in events)
                {
                    if (selection.Range.Contains(e.ReceiveTime) && (selection.Range.Symbol is null || e.Instrument == InstrumentId.All || instruments[e.Instrument].Symbol == selection.Range.Symbol))
                        writer.Write(e);
                }
            }

            rows = writer.Rows;
        }

        File.Move(partial, to, overwrite: true);
        foreach (CaptureDamage damage in reader.Damage)
        {
            Console.Error.WriteLine($"refused: {from}: {damage}");
            if (selection.Strict)
                throw new InvalidDataException($"{from}: {damage}");
        }

        Console.Error.WriteLine($"{to}: {rows:N0} rows");
        return ExitCode.Done;
    }
}
