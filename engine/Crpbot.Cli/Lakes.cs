using Crpbot.Datasets.Lake;

namespace Crpbot.Cli;

/// <summary>The one place where a command's lake is opened.</summary>
internal static class Lakes
{
    /// <param name="location">A folder; need not exist.</param>
    public static ILakeStorage Open(string location) => new FolderLake(location);

    /// <exception cref="DirectoryNotFoundException">The lake is a folder that does not exist, most likely a mistyped one.</exception>
    public static void RequireThere(string location)
    {
        if (!Directory.Exists(location))
            throw new DirectoryNotFoundException($"{location}: there is no such lake");
    }
}
