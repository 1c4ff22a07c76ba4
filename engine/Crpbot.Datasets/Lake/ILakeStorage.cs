namespace Crpbot.Datasets.Lake;

/// <summary>A file of a lake.</summary>
/// <param name="Key">Below the lake's root, with forward slashes.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct LakeFile(string Key, long Length);

/// <summary>Where a lake lives: a folder, or a prefix of an object store. Jobs see local files either way.</summary>
/// <remarks>Any thread. A file appears whole or not at all; writing a key again replaces it.</remarks>
public interface ILakeStorage : IDisposable
{
    /// <summary>As the user wrote it.</summary>
    string Location { get; }

    /// <summary>Files whose key begins with a prefix, in ordinal order of the keys; unfinished ones are left out.</summary>
    /// <param name="prefix">Empty, or a folder that ends in a slash.</param>
    IEnumerable<LakeFile> List(string prefix);

    /// <summary>The file of a key; null when there is none.</summary>
    LakeFile? Find(string key);

    /// <summary>The file's content under a local path, until the copy is disposed.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    LakeCopy Fetch(string key);

    /// <summary>Begins a file: write to its path, then commit.</summary>
    LakeDraft Create(string key);
}

/// <summary>A local path to read a lake's file from.</summary>
/// <param name="Path">Of the file itself, or of a copy.</param>
/// <param name="IsTemporary">Removed on disposal.</param>
public sealed record LakeCopy(string Path, bool IsTemporary) : IDisposable
{
    public void Dispose()
    {
        if (IsTemporary)
            File.Delete(Path);
    }
}

/// <summary>A file of a lake that is being written; without a commit nothing of it remains.</summary>
public sealed class LakeDraft(string path, Action commit) : IDisposable
{
    private bool _isCommitted;

    /// <summary>Write here and close before committing.</summary>
    public string Path => path;

    /// <summary>Gives the file its name, durably.</summary>
    public void Commit()
    {
        commit();
        _isCommitted = true;
    }

    public void Dispose()
    {
        if (!_isCommitted)
            File.Delete(path);
    }
}
