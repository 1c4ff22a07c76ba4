using System.CommandLine;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Engine;
using Crpbot.Engine.Sources;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data convert IN OUT</c>: recording, CSV or Parquet to capture or Parquet, capture to CSV; <c>--lake</c>: all raw files of a lake.</summary>
internal static class DataConvert
{
    private const string ParquetSuffix = ".parquet";

    public static Command Create()
    {
        var input = new Argument<string?>("in") { Description = "A capture, a Parquet file, a raw recording (--venue) or a Tardis CSV (--csv-type).", Arity = ArgumentArity.ZeroOrOne };
        var output = new Argument<string?>("out") { Description = "A capture; Parquet when the name ends in .parquet; a Tardis CSV when it ends in .csv or .csv.gz.", Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(input);
        Arguments.RefuseOptions(output);
        var options = new InputOptions();
        var lake = new LakeConvertOptions();
        var command = new Command("convert", """
            Converts between recordings, Tardis CSV, Parquet and captures. From a capture or recording to CSV or Parquet, --csv-type says which events to write.
            With --lake, every downloaded file below LAKE/raw becomes partitions venue=/type=/symbol=/date=/part-0.parquet; what was converted is skipped.

            Example: crpbot data convert btcusdt_20240808.gz btcusdt.capture --venue binance-futures
            Example: crpbot data convert --lake lake/ --symbols BTC-USD --types trades,incremental_book_L2 --from 2024-01-01 --to 2024-02-01
            """)
        { input, output };
        options.AddTo(command);
        lake.AddTo(command);
        command.SetAction(parsed =>
        {
            InputSelection selection = options.Read(parsed);
            if (parsed.GetValue(lake.Lake) is { } location)
            {
                if (parsed.GetValue(input) is not null)
                    throw new UsageException("--lake converts what the lake holds; leave IN and OUT out");
                return DataConvertLake.Run(location, lake.Read(parsed), selection, parsed.GetValue(options.Instruments));
            }

            lake.RefuseAll(parsed);
            if (parsed.GetValue(input) is not { } from || parsed.GetValue(output) is not { } to)
                throw new UsageException("say what to convert: IN OUT, or --lake LAKE");
            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(options.Instruments));
            OutputFile.RequireFolder(to);
            if (to.EndsWith(ParquetSuffix, StringComparison.OrdinalIgnoreCase))
                return ToParquet(from, to, selection, instruments);
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
        Console.Error.WriteLine($"{to}: {events:N0} events of {source.Frames:N0} messages in {new FileInfo(to).Length:N0} bytes (from {SizeOf(from):N0})");
        return ExitCode.Done;
    }

    private static int ToParquet(string from, string to, InputSelection selection, InstrumentTable instruments)
    {
        var inputs = new Inputs(selection, instruments);
        using MarketReader reader = inputs.OpenReader(from, selection.Range);
        TardisCsvType type = selection.CsvType is { } name && TardisCsvTypes.TryParse(name, out TardisCsvType given) ? given
            : reader is ParquetMarketReader parquet ? parquet.Summary.Type
            : throw new UsageException("say with --csv-type which events the Parquet file is to hold: trades, incremental_book_L2, …");
        string partial = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(to))!, $".{Path.GetFileName(to)}.{Environment.ProcessId}.unconfirmed");
        try
        {
            (long rows, long skipped) = WriteParquet(reader, partial, type, from, inputs);
            File.Move(partial, to, overwrite: true);
            CaptureReplay.ReportDamage(reader.Damage);
            Console.Error.WriteLine($"{to}: {rows:N0} rows in {new FileInfo(to).Length:N0} bytes (from {SizeOf(from):N0}){(skipped > 0 ? $"; {skipped:N0} events are no {type.NameOf()}" : "")}");
            return ExitCode.Done;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static (long Rows, long Skipped) WriteParquet(MarketReader reader, string path, TardisCsvType type, string from, Inputs inputs)
    {
        ParquetMessageWriter? writer = null;
        try
        {
            Instrument? instrument = null;
            long events = 0, early = 0;
            using var progress = new ProgressLine("converting");
            while (reader.Read())
            {
                progress.Report?.Invoke(events += reader.Message.Count);
                foreach (ref readonly MarketEvent e in reader.Message.Events)
                {
                    if (e.Instrument != InstrumentId.All && e.Instrument != instrument?.Id)
                    {
                        Instrument other = reader.Instruments[e.Instrument];
                        if (instrument is not null)
                            throw new UsageException($"{from} holds {instrument.Name} and {other.Name}; a Parquet file holds one of them: say which with --symbol");
                        writer = new ParquetMessageWriter(path, type, instrument = other, reader.TextIds);
                    }

                    if (writer is null)
                        early++;
                    else if (!writer.Write(e))
                        reader.Damage.Add(from, $"a price or quantity of more than 18 digits at {e.ReceiveTime}");
                }
            }

            inputs.RefuseWrongFormat(from, reader.Damage, events);
            if (writer is null)
                throw new InvalidDataException($"{from}: there is nothing in it to convert");
            writer.Close();
            return (writer.Rows, writer.Skipped + early);
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static int ToCsv(string from, string to, InputSelection selection, InstrumentTable instruments)
    {
        if (!File.Exists(from))
            throw new FileNotFoundException($"{from}: there is no such file");
        if (selection.CsvType is not { } name || !TardisCsvTypes.TryParse(name, out TardisCsvType type))
            throw new UsageException("say with --csv-type which events the CSV is to hold: trades, incremental_book_L2, …");
        bool isParquet = ParquetFile.IsParquet(from);
        using MarketReader reader = isParquet || CaptureFile.IsCapture(from)
            ? new Inputs(selection, instruments).OpenReader(from, selection.Range)
            : throw new InvalidDataException($"{from}: no capture and no Parquet file; only these become CSV");
        string partial = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(to))!, "." + Path.GetFileName(to).Replace(".csv", ".partial.csv", StringComparison.OrdinalIgnoreCase));
        long rows;
        using (TardisCsvWriter writer = TardisCsvWriter.Create(partial, type, instruments, reader.TextIds))
        {
            while (reader.Read())
                writer.Write(reader.Message.Events);
            rows = writer.Rows;
        }

        File.Move(partial, to, overwrite: true);
        CaptureReplay.ReportDamage(reader.Damage);
        Console.Error.WriteLine($"{to}: {rows:N0} rows");
        return ExitCode.Done;
    }

    private static long SizeOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
