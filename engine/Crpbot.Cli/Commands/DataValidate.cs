using System.CommandLine;
using System.Globalization;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data validate FILE…</c>: says what is wrong with market data, how often, where first, and how much it matters.</summary>
internal static class DataValidate
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "A capture, raw recordings (--venue) or Tardis CSV (--csv-type); several follow one another.",
            Arity = ArgumentArity.OneOrMore,
        };
        Arguments.RefuseOptions(files);
        var options = new InputOptions();
        var report = new Option<string?>("--report") { Description = "Write the findings, with plots, to this HTML file." };
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON document." };
        var failOn = new Option<Severity>("--fail-on") { Description = "Exit 1 at findings of this severity or above: info, warning, error.", DefaultValueFactory = _ => Severity.Error };
        var command = new Command("validate", """
            Judges market data against the requested interval: what is missing, repeated, out of order or impossible. Exit 1 when a finding reaches --fail-on.

            Example: crpbot data validate trades.csv.gz --csv-type trades --from 2024-08-08 --to 2024-08-09 --report report.html
            """)
        { files, report, json, failOn };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            InputSelection selection = options.Read(parsed);
            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(options.Instruments));
            MarketReport result = Judge(parsed.GetValue(files)!, selection, instruments);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(result.Report.ToJson());
            else
                Print(result.Report);
            return result.Report.Fails(parsed.GetValue(failOn)) ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    private static MarketReport Judge(IReadOnlyList<string> files, InputSelection selection, InstrumentTable instruments)
    {
        ReadRange range = selection.Range;
        var validator = new MarketValidator(instruments, new MarketValidationOptions
        {
            From = range.From == ReadRange.All.From ? null : range.From,
            To = range.To == ReadRange.All.To ? null : range.To,
        });
        var inputs = new Inputs(selection, instruments, validator);
        using var progress = new ProgressLine("validating");
        foreach (string file in files)
        {
            using MarketReader reader = inputs.OpenReader(file, range);
            long before = validator.Rows;
            validator.Read(reader, progress.Report);
            inputs.RefuseWrongFormat(file, reader.Damage, validator.Rows - before - reader.Damage.Refused);
        }

        return validator.Complete();
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
}
