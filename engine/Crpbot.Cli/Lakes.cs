using Crpbot.Datasets.Lake;

namespace Crpbot.Cli;

/// <summary>The one place where a command's lake is opened.</summary>
internal static class Lakes
{
    /// <param name="location">A folder, which need not exist, or <c>s3://bucket/prefix</c>.</param>
    public static ILakeStorage Open(string location) => LakeStorage.Open(location);
}
