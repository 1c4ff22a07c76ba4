using System.CommandLine;

namespace Crpbot.Training.Commands;

/// <summary>What a command's exit status says; the same numbers as crpbot's.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran, and the answer is no.</summary>
    public const int Refused = 1;

    public const int WrongUsage = 2;
    public const int BadInput = 3;
    public const int ServiceUnavailable = 4;

    /// <summary>A defect of ours.</summary>
    public const int Defect = 70;
}

/// <summary>The command tree, and the one place where an exception becomes an exit code and one line on stderr.</summary>
internal static class CommandLine
{
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Print stack traces of errors.", Recursive = true };

    public static int Run(string[] args)
    {
        var root = new RootCommand("Trains models for Crpbot and writes them as packages that prove themselves when loaded.");
        root.Options.Add(Verbose);
        root.Subcommands.Add(FitCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create());
        root.Subcommands.Add(SimulateDatasetCommand.Create());
        root.Subcommands.Add(SelfCheckCommand.Create());
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            Console.Error.WriteLine($"crpbot-train: {string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.')))}; see crpbot-train --help");
            return ExitCode.WrongUsage;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error)
        {
            int code = CodeOf(error);
            string message = error.Message.ReplaceLineEndings(" ");
            Console.Error.WriteLine(parsed.GetValue(Verbose) ? error.ToString() : $"crpbot-train: {(code == ExitCode.Defect ? "defect, please report: " : "")}{message}");
            return code;
        }
    }

    /// <summary>An option whose value must lie in a range.</summary>
    public static Option<T> Number<T>(string name, T value, T least, T most, string description)
        where T : struct, IComparable<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<T>() is var given && (given.CompareTo(least) < 0 || given.CompareTo(most) > 0))
                result.AddError($"{name} {given} is outside {least} to {most}");
        });
        return option;
    }

    private static int CodeOf(Exception error) => error switch
    {
        ArgumentException or FormatException => ExitCode.WrongUsage,
        InvalidDataException or FileNotFoundException or DirectoryNotFoundException or EndOfStreamException => ExitCode.BadInput,
        PlatformNotSupportedException or IOException or UnauthorizedAccessException => ExitCode.ServiceUnavailable,
        OperationCanceledException => ExitCode.Refused,
        _ => ExitCode.Defect,
    };
}
