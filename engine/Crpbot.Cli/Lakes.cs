using Crpbot.Datasets.Lake;

namespace Crpbot.Cli;

/// <summary>The one place where a command's lake is opened.</summary>
internal static class Lakes
{
    /// <param name="location">A folder, which need not exist, or <c>s3://bucket/prefix</c>.</param>
    public static ILakeStorage Open(string location) => LakeStorage.Open(location);

    /// <summary>Whether an input is a lake: a folder that exists, or any location in a store.</summary>
    public static bool IsOne(string path) => S3Location.IsOne(path) || Directory.Exists(path);

    /// <summary>Of a store the first request tells.</summary>
    /// <exception cref="DirectoryNotFoundException">The lake is a folder that does not exist, most likely a mistyped one.</exception>
    public static void RequireThere(string location)
    {
        if (!IsOne(location))
            throw new DirectoryNotFoundException($"{location}: there is no such lake");
    }
}
