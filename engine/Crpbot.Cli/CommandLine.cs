using System.CommandLine;
using System.Net.Sockets;
using Crpbot.Cli.Commands;

namespace Crpbot.Cli;

/// <summary>The command tree, and the one place where an exception becomes an exit code and one line on stderr.</summary>
internal static class CommandLine
{
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Print stack traces of errors.", Recursive = true };

    public static RootCommand Create()
    {
        var root = new RootCommand("A quant engine for BTC-USD, ETH-USD and SOL-USD: market bytes in, risk-checked orders and a latency histogram out.");
        root.Options.Add(Verbose);
        root.Subcommands.Add(DemoCommand.Create());
        root.Subcommands.Add(new Command("latency", "Inspects latency histograms.") { LatencyReportCommand.Create() });
        root.Subcommands.Add(new Command("capture", "Records, replays and inspects binary tick captures.") 
        {
            CaptureRecord.Create(),
            CaptureReplay.Create(),
            CaptureInspect.Create(),
            CaptureInspect.CreateVerify(),
        });
        root.Subcommands.Add(new Command("data", "Downloads, converts and checks market data.")
        {
            DataCheck.Create(),
            DataDownload.Create(),
            DataConvert.Create(),
            DataList.Create(),
            DataNormalize.Create(),
            DataValidate.Create(),
            DataCompare.Create(),
        });
        root.Subcommands.Add(new Command("features", "Computes feature datasets and says what they are worth.") { FeaturesBuild.Create(), FeaturesAnalyze.Create() });
        root.Subcommands.Add(new Command("risk", "Judges accounts by the loss limits.") { RiskSimulate.Create() });
        root.Subcommands.Add(new Command("backtest", "Trades a history by the live rules and says what it was worth.") { BacktestRun.Create() });
        return root;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            Console.Error.WriteLine($"crpbot: {OneLine(string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.'))))}; see {Path(parsed)} --help");
            return ExitCode.WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // Parallel work wraps what its parts throw; the first of them is the answer.
            Exception error = thrown is AggregateException { InnerException: { } first } ? first : thrown;
            int code = CodeOf(error);
            Console.Error.WriteLine(parsed.GetValue(Verbose) ? error.ToString() : $"crpbot: {(code == ExitCode.Defect ? "defect, please report: " : "")}{OneLine(error.Message)}");
            return code;
        }
    }

    private static int CodeOf(Exception error) => error switch
    {
        UsageException or FormatException => ExitCode.WrongUsage,
        InvalidDataException or FileNotFoundException or DirectoryNotFoundException or EndOfStreamException => ExitCode.BadInput,
        SocketException or HttpRequestException or TimeoutException => ExitCode.ServiceUnavailable,
        IOException or UnauthorizedAccessException => ExitCode.ServiceUnavailable,
        OperationCanceledException => ExitCode.Refused,
        _ => ExitCode.Defect,
    };

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is System.CommandLine.Parsing.CommandResult command; at = at.Parent)
            names.Insert(0, command.IdentifierToken.Value);
        if (names.Count > 0)
            names[0] = "crpbot";
        return string.Join(' ', names);
    }
}
