using Crpbot.Datasets.Lake;

namespace Crpbot.Cli;

/// <summary>The one place where a command's lake is opened.</summary>
internal static class Lakes
{
    /// <param name="location">A folder; need not exist.</param>
    public static ILakeStorage Open(string location) => new FolderLake(location);
}
