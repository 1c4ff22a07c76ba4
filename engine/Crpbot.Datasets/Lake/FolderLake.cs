using System.Globalization;
using Crpbot.Codecs.Files;
using Microsoft.Win32.SafeHandles;

namespace Crpbot.Datasets.Lake;

/// <summary>A lake in a local folder.</summary>
/// <remarks>A draft stands beside its file under a hidden name with <c>.unconfirmed</c>, is flushed to the disk, then renamed over it.</remarks>
public sealed class FolderLake : ILakeStorage
{
    private const string UnconfirmedSuffix = ".unconfirmed";
    private readonly string _root;
    private static int _drafts;

    /// <param name="root">Need not exist before the first file is written.</param>
    public FolderLake(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        (Location, _root) = (root, Path.GetFullPath(root));
    }

    public string Location { get; }

    public IEnumerable<LakeFile> List(string prefix)
    {
        string folder = Path.Combine(_root, prefix);
        if (!Directory.Exists(folder))
            return [];
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(UnconfirmedSuffix, StringComparison.Ordinal))
            .Select(path => new LakeFile(Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/'), new FileInfo(path).Length))
            .OrderBy(file => file.Key, StringComparer.Ordinal);
    }

    public LakeFile? Find(string key)
    {
        FileInfo file = new(PathOf(key));
        return file.Exists ? new LakeFile(key, file.Length) : null;
    }

    public LakeCopy Fetch(string key)
    {
        string path = PathOf(key);
        return File.Exists(path) ? new LakeCopy(path, IsTemporary: false) : throw new FileNotFoundException($"{path}: there is no such file", path);
    }

    public LakeDraft Create(string key)
    {
        string path = PathOf(key);
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        string draft = Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture, $".{Path.GetFileName(path)}.{Environment.ProcessId}-{Interlocked.Increment(ref _drafts)}{UnconfirmedSuffix}"));
        return new LakeDraft(draft, () => Publish(draft, path, folder));
    }

    public void Dispose()
    {
    }

    /// <summary>Where a key's file stands.</summary>
    internal string PathOf(string key) => Path.Combine(_root, key.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>The content is on the disk before the name is, and then the name.</summary>
    private static void Publish(string draft, string path, string folder)
    {
        using (SafeFileHandle file = File.OpenHandle(draft, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        File.Move(draft, path, overwrite: true);
        DurableFolder.Flush(folder);
    }
}
