using System.CommandLine;
using System.Globalization;
using System.Text;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Lake;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data validate LAKE|FILE…</c>: says what is wrong with market data, how often, where first, and how much it matters.</summary>
internal static class DataValidate
{
    public static Command Create()
    {
        var input = new Argument<string[]>("input")
        {
            Description = "A lake's folder; captures, Parquet, Tardis CSV or raw recordings (--venue), of which several follow one another; any other text is candles.",
            Arity = ArgumentArity.OneOrMore,
        };
        Arguments.RefuseOptions(input);
        var options = new InputOptions();
        var symbols = new Option<string[]>("--symbols") { Description = "Of a lake: only these symbols.", AllowMultipleArgumentsPerToken = true };
        var candles = new CandleOptions();
        var report = new Option<string?>("--report") { Description = "Write the findings, with plots, to this HTML file." };
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON document." };
        var failOn = new Option<Severity>("--fail-on") { Description = "Exit 1 at findings of this severity or above: info, warning, error.", DefaultValueFactory = _ => Severity.Error };
        var command = new Command("validate", """
            Judges market data against the requested interval: what is missing, repeated, out of order or impossible. Exit 1 when a finding reaches --fail-on.

            Examples: crpbot data validate trades.csv.gz --csv-type trades --from 2024-08-08 --to 2024-08-09 --report report.html
                      crpbot data validate BTC-USD_1m.csv.gz --candles 1m
                      crpbot data validate LAKE --symbols BTC-USD ETH-USD --json
            """)
        { input, symbols, report, json, failOn };
        options.AddTo(command);
        candles.AddTo(command);
        command.SetAction(parsed =>
        {
            InputSelection selection = options.Read(parsed);
            string? page = parsed.GetValue(report);
            if (page is not null)
                OutputFile.RequireFolder(page, orStore: true);
            string[] paths = parsed.GetValue(input)!;
            bool areSaid = new[] { candles.Candles, candles.Columns, candles.TimeColumn, candles.VolumeColumn, candles.DateFormat }.Any(flag => parsed.GetValue(flag) is not null);
            bool isSaid = areSaid || selection.Venue is not null || selection.CsvType is not null;
            InputForm? form = isSaid ? null : InputForms.Of(paths[0]);
            if (form == InputForm.TardisCsv)
                selection = selection with { CsvType = TypeOf(paths[0], selection) };
            Result result = areSaid || form == InputForm.Candles
                ? JudgeCandles(paths, selection, candles.Read(parsed, selection.Range.Symbol), areSaid)
                : Judge(paths, selection, parsed.GetValue(symbols) ?? [], () => InstrumentFile.Open(parsed.GetValue(options.Instruments)));
            if (page is not null)
                WritePage(page, result.Page());
            if (parsed.GetValue(json))
                Console.Out.WriteLine(result.Json());
            else
                Print(result.Report);
            return result.Report.Fails(parsed.GetValue(failOn)) ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    /// <summary>The type that a Tardis CSV's header and name tell; null, as if nothing had been said, where they tell none.</summary>
    private static string? TypeOf(string path, InputSelection selection)
    {
        using TardisCsvReader reader = TardisCsvReader.Open(path, new InstrumentTable(), new TextIdTable(), new TardisCsvOptions { Exchange = selection.Exchange, Symbol = selection.Range.Symbol });
        return reader.Type?.NameOf();
    }

    private static Result JudgeCandles(string[] paths, InputSelection selection, CandleFileOptions options, bool isSaid)
    {
        if (paths.Length > 1)
            throw new UsageException("candle files are judged one at a time");
        if (!File.Exists(paths[0]))
            throw new FileNotFoundException($"{paths[0]}: there is no such file");
        (UnixNanos? from, UnixNanos? to) = IntervalOf(selection.Range);
        ValidationReport report;
        CandleSummary summary;
        try
        {
            using var progress = new ProgressLine("validating");
            report = CandleValidator.Validate(paths[0], options, from, to, null, out summary, progress.Report);
        }
        catch (InvalidDataException error) when (!isSaid)
        {
            throw new InvalidDataException($"{error.Message}; if it holds no candles, say what it is with --venue (raw recording) or --csv-type (Tardis CSV)", error);
        }

        return new Result(report, report.ToJson, () => ValidationPage.Of(NameOf(paths[0]), report, summary));
    }

    private static (UnixNanos? From, UnixNanos? To) IntervalOf(ReadRange range) =>
        (range.From == ReadRange.All.From ? null : range.From, range.To == ReadRange.All.To ? null : range.To);

    /// <summary>A lake by its folder, files by their content and flags.</summary>
    private static Result Judge(string[] paths, InputSelection selection, string[] symbols, Func<InstrumentTable> newInstruments)
    {
        ReadRange range = selection.Range;
        (UnixNanos? from, UnixNanos? to) = IntervalOf(range);
        var options = new MarketValidationOptions { From = from, To = to };
        if (paths.Length == 1 && Lakes.IsOne(paths[0]))
        {
            using ILakeStorage lake = Lakes.Open(paths[0]);
            using var progress = new ProgressLine("validating");
            string[] wanted = [.. symbols.Append(range.Symbol ?? "").SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(text => text.ToUpperInvariant())];
            LakeReport report = LakeValidator.Validate(lake, wanted, options, newInstruments, progress.Report);
            return new Result(report.Total, report.ToJson, () => ValidationPage.Of(NameOf(paths[0]), report));
        }

        if (symbols.Length > 0)
            throw new UsageException("--symbols is for a lake; of a file, --symbol names the one that is meant");
        if (paths.FirstOrDefault(Lakes.IsOne) is { } folder)
            throw new UsageException($"{folder} is a lake: give it alone");
        MarketReport market = Judge(paths, selection, options, newInstruments());
        return new Result(market.Report, market.Report.ToJson, () => ValidationPage.Of(string.Join(", ", paths.Select(NameOf)), market));
    }

    private static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    private static MarketReport Judge(IReadOnlyList<string> files, InputSelection selection, MarketValidationOptions options, InstrumentTable instruments)
    {
        var validator = new MarketValidator(instruments, options);
        var inputs = new Inputs(selection, instruments, validator);
        using var progress = new ProgressLine("validating");
        foreach (string file in files)
        {
            using MarketReader reader = inputs.OpenReader(file, selection.Range);
            long before = validator.Events;
            validator.Read(reader, progress.Report);
            // A file that breaks off before its first event was readable; one of which no line is understood is not of the format.
            if (reader.Damage.Refused > validator.Breaks)
                inputs.RefuseWrongFormat(file, reader.Damage, validator.Events - before);
        }

        return validator.Complete();
    }

    private static void WritePage(string path, string html)
    {
        using OutputFile file = OutputFile.Create(path);
        file.Stream.Write(Encoding.UTF8.GetBytes(html));
        file.Commit();
    }

    private static void Print(ValidationReport report)
    {
        TextWriter output = Console.Out;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"score {report.Score:0.00}   {report.Rows:N0} rows   {report.From} … {report.To}"));
        if (report.Findings.Count == 0)
            output.WriteLine("no findings");
        foreach (Finding finding in report.Findings)
        {
            string place = finding.FirstLine == 0 ? "" : $" line {finding.FirstLine}";
            string time = finding.FirstTime == UnixNanos.None ? "" : $" {finding.FirstTime}";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{finding.Severity.ToString().ToLowerInvariant(),-8} {finding.Code.NameOf(),-15} {finding.Count,10:N0}  first:{time}{place}  {finding.Example}"));
        }
    }

    /// <summary>What was found, and how to write it down.</summary>
    private sealed record Result(ValidationReport Report, Func<string> Json, Func<string> Page);
}
