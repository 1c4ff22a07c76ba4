using System.Text.Json;
using Crpbot.Codecs.Files;

namespace Crpbot.Datasets.Download;

/// <summary>Downloads into a folder: temporary names, flushes, renames, sidecars, left-overs of dead runs.</summary>
/// <remarks>
/// A file is written beside its name, flushed to the device, renamed, and its sidecar likewise; then their folder is flushed. A crash at any moment leaves
/// the file absent or whole, and a whole file without its sidecar gets the same sidecar later. Any thread.
/// </remarks>
internal sealed class LakeFolder : IRawFiles
{
    private const int DiskFull = 28; // ENOSPC
    private const int QuotaFull = 122; // EDQUOT
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private readonly string _root;
    private readonly RunLock? _lock;
    private long _temporaries;

    private LakeFolder(string root, RunLock? held) => (_root, _lock) = (root, held);

    /// <summary>Only to look: nothing is created or removed.</summary>
    public static LakeFolder OpenForReading(string root) => new(Path.GetFullPath(root), null);

    /// <summary>Takes a place among the runs that write here and removes what dead ones left half done.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static LakeFolder OpenForWriting(string root)
    {
        string full = Path.GetFullPath(root);
        string raw = Path.Combine(full, RawLake.Folder);
        Directory.CreateDirectory(raw);
        var held = RunLock.Take(raw);
        RunLock.RemoveLeftovers(raw);
        return new LakeFolder(full, held);
    }

    public bool IsWritable => _lock is not null;

    public long? LengthOf(string path)
    {
        var file = new FileInfo(Absolute(path));
        return file.Exists ? file.Length : null;
    }

    public RawFileManifest? ManifestOf(string path)
    {
        try
        {
            return RawFileManifest.Parse(File.ReadAllBytes(Absolute(path) + RawLake.ManifestSuffix));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Names of the files in a folder, in ordinal order; none where it does not exist.</summary>
    public string[] NamesIn(string folder)
    {
        string absolute = Absolute(folder);
        return Directory.Exists(absolute) ? [.. Directory.EnumerateFiles(absolute).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)] : [];
    }

    public IEnumerable<RawFileName> FilesOf(RawFileKind kind, string below) => RawLake.Enumerate(_root, kind, below);

    public FileStream OpenRead(string path) => new(Absolute(path), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);

    public LakeTemporary CreateTemporary(string path)
    {
        string final = Absolute(path);
        Directory.CreateDirectory(Path.GetDirectoryName(final)!);
        string name = $"{final}.{_lock!.Id}{Interlocked.Increment(ref _temporaries):x8}{RawLake.TemporarySuffix}";
        return new LakeTemporary(name);
    }

    public void Commit(LakeTemporary temporary, string path, RawFileManifest manifest)
    {
        temporary.Rename(Absolute(path));
        WriteManifest(path, manifest);
    }

    public void WriteManifest(string path, RawFileManifest manifest)
    {
        if (ManifestOf(path) != manifest)
            WriteSmall(path + RawLake.ManifestSuffix, manifest.ToBytes());
    }

    public void WriteSmall(string path, byte[] content)
    {
        using LakeTemporary temporary = CreateTemporary(path);
        temporary.Stream.Write(content);
        temporary.Rename(Absolute(path));
        DurableFolder.Flush(Path.GetDirectoryName(Absolute(path))!);
    }

    public byte[]? ReadSmall(string path) => File.Exists(Absolute(path)) ? File.ReadAllBytes(Absolute(path)) : null;

    /// <summary>True for the error of a device or quota without room.</summary>
    public static bool IsDiskFull(Exception error) => error is IOException && error.HResult is DiskFull or QuotaFull or WindowsDiskFull;

    public void Dispose() => _lock?.Dispose();

    private string Absolute(string path) => Path.Combine(_root, path);
}

/// <summary>A file under a temporary name; removed with this unless it was renamed.</summary>
internal sealed class LakeTemporary(string path) : IDisposable
{
    private bool _renamed;

    public FileStream Stream { get; } = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 1);

    /// <summary>Flushes to the device and takes the final name, replacing what stood there.</summary>
    public void Rename(string final)
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(path, final, overwrite: true);
        _renamed = true;
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!_renamed)
            File.Delete(path);
    }
}
