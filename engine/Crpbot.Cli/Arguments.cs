using System.CommandLine;

namespace Crpbot.Cli;

/// <summary>Arguments that several commands share.</summary>
internal static class Arguments
{
    /// <summary>A positional file; a mistyped option is refused instead of being taken for one.</summary>
    public static Argument<string> File(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        RefuseOptions(argument);
        return argument;
    }

    public static void RefuseOptions(Argument argument) => argument.Validators.Add(result =>
    {
        foreach (System.CommandLine.Parsing.Token token in result.Tokens)
        {
            if (token.Value.Length > 1 && token.Value.StartsWith('-'))
                result.AddError($"Unrecognized option '{token.Value}'");
        }
    });
}
