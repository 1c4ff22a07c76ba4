using System.Globalization;

namespace Crpbot.Datasets.Download;

/// <summary>Says that a run lives: a locked file in <c>raw/.runs</c> whose name begins the names of all its temporary files.</summary>
/// <remarks>
/// The lock is the operating system's advisory one (flock), so it goes with the process however that ends. Process ids would not do: containers that share a
/// lake may have equal ones. The file and, when the last run ends, its folder are removed.
/// </remarks>
internal sealed class RunLock : IDisposable
{
    private const string FolderName = ".runs";
    private const string Suffix = ".lock";
    private const int IdLength = 16;
    private readonly string _path;
    private readonly FileStream _file;

    private RunLock(string id, string path, FileStream file) => (Id, _path, _file) = (id, path, file);

    /// <summary>16 hex digits.</summary>
    public string Id { get; }

    public static RunLock Take(string raw)
    {
        const int Tries = 100;
        for (int attempt = 1; ; attempt++)
        {
            string id = Random.Shared.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
            string path = PathOf(raw, id);
            FileStream? file = null;
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
                // Between creating and locking, another run may have taken it for a dead one's and removed it.
                if (File.Exists(path))
                    return new RunLock(id, path, file);
            }
            catch (IOException e) when (attempt < Tries && !LakeFolder.IsDiskFull(e))
            {
                // Another run looked at the new file, or removed the empty folder; take another name.
            }

            file?.Dispose();
        }
    }

    /// <summary>Deletes temporary files whose run no longer lives, then the locks of dead runs.</summary>
    public static void RemoveLeftovers(string raw)
    {
        var living = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(raw, "*" + RawLake.TemporarySuffix, SearchOption.AllDirectories))
        {
            string id = RunOf(Path.GetFileName(file));
            if (!living.TryGetValue(id, out bool lives))
                living[id] = lives = Lives(PathOf(raw, id));
            if (!lives)
                File.Delete(file);
        }

        foreach (string path in Directory.EnumerateFiles(Path.Combine(raw, FolderName), "*" + Suffix))
        {
            if (!Lives(path))
                File.Delete(path);
        }
    }

    public void Dispose()
    {
        File.Delete(_path);
        _file.Dispose();
        try
        {
            Directory.Delete(Path.GetDirectoryName(_path)!);
        }
        catch (IOException)
        {
            // Other runs still live here, or removed it first.
        }
    }

    private static string PathOf(string raw, string id) => Path.Combine(raw, FolderName, id + Suffix);

    /// <summary>The run's id from <c>NAME.HEX.unconfirmed</c>; a name of another form belongs to no run.</summary>
    private static string RunOf(string name)
    {
        string[] parts = name.Split('.');
        string hex = parts.Length >= 3 ? parts[^2] : "";
        return hex.Length > IdLength ? hex[..IdLength] : "none";
    }

    private static bool Lives(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
