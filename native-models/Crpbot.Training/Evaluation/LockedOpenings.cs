namespace Crpbot.Training.Evaluation;

/// <summary>How often a package's locked slice was looked at: a slice that every retune has seen is locked no more.</summary>
internal static class LockedOpenings
{
    public const string FileName = "openings.log";

    /// <summary>Counts one more look, in the package's folder.</summary>
    /// <returns>All looks so far, the fit's own and this one included; null where the folder cannot be written.</returns>
    public static int? Add(string directory)
    {
        try
        {
            using var file = new FileStream(Path.Combine(directory, FileName), FileMode.Append, FileAccess.Write, FileShare.None);
            file.Write("evaluate\n"u8);
            file.Flush(flushToDisk: true);
            // The fit measured it once before there was a file.
            return 1 + (int)(file.Length / "evaluate\n"u8.Length);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }
}
