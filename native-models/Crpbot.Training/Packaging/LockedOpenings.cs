using System.Text;
using Crpbot.Inference;

namespace Crpbot.Training.Packaging;

/// <summary>How often a package's locked slice was looked at: one line a look, in a file beside the manifest that only grows.</summary>
/// <remarks>
/// Every look at a locked slice that decides about the next version spends it a little. A package without the file was measured once, by its fit.
/// </remarks>
internal static class LockedOpenings
{
    public const string FileName = "openings.log";

    /// <summary>Notes a look, before its figures are shown; on disk when this returns.</summary>
    /// <param name="directory">The package.</param>
    /// <param name="what">Who looked, one line.</param>
    /// <exception cref="IOException">It cannot be noted: then nobody may look.</exception>
    public static void Note(string directory, string what)
    {
        string path = Path.Combine(directory, FileName);
        bool isNew = !File.Exists(path);
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None);
        file.Write(Encoding.UTF8.GetBytes(isNew && what != Fit ? $"{Fit}\n{what}\n" : $"{what}\n"));
        file.Flush(flushToDisk: true);
    }

    /// <summary>The look that every fit takes.</summary>
    public const string Fit = "fit";

    /// <summary>Looks at this package's locked slice.</summary>
    public static int Count(string directory)
    {
        string path = Path.Combine(directory, FileName);
        return File.Exists(path) ? File.ReadLines(path).Count(line => line.Length > 0) : 1;
    }

    /// <summary>Looks at the locked slice of some data by all versions of a name.</summary>
    /// <param name="nameDirectory">The folder of the versions; may be absent.</param>
    /// <param name="dataSha256">Of the data.</param>
    public static int CountOfVersions(string nameDirectory, string dataSha256)
    {
        if (!Directory.Exists(nameDirectory))
            return 0;
        return Directory.EnumerateDirectories(nameDirectory)
            .Where(version => File.Exists(Path.Combine(version, ModelManifest.FileName)) && !version.EndsWith(PackageWriter.StagingSuffix, StringComparison.Ordinal))
            .Where(version => ModelManifest.Read(Path.Combine(version, ModelManifest.FileName)).Training.DataSha256 == dataSha256)
            .Sum(Count);
    }
}
