namespace Crpbot.Cli;

/// <summary>What a command's exit status says.</summary>
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

/// <summary>The command was used wrongly in a way the parser cannot see.</summary>
internal sealed class UsageException(string message) : Exception(message);
