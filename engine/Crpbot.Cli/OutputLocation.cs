using Crpbot.Datasets.Lake;

namespace Crpbot.Cli;

/// <summary>Where a result goes: a local path, or <c>s3://bucket/key</c>, for which a local file or folder is written and then put there.</summary>
internal sealed class OutputLocation : IDisposable
{
    private readonly ILakeStorage? _store;
    private readonly string _location;
    private readonly string _name;

    private OutputLocation(string path, ILakeStorage? store, string location) =>
        (Path, _store, _location, _name) = (path, store, location, location[(location.LastIndexOf('/') + 1)..]);

    /// <summary>Write here.</summary>
    public string Path { get; }

    /// <param name="location">Of a file; of a folder when it ends in a slash. A local one is left to the writer.</param>
    /// <exception cref="FormatException">It begins with s3: and names nothing in a bucket.</exception>
    public static OutputLocation Open(string location)
    {
        if (!S3Location.IsOne(location))
            return new OutputLocation(location, null, location);
        int slash = location.LastIndexOf('/');
        if (S3Location.Parse(location).Prefix.Length == 0)
            throw new FormatException($"'{location}' names a bucket and no file in it; expected s3://bucket/key");
        ILakeStorage store = LakeStorage.Open(location[..slash]);
        bool isFolder = slash == location.Length - 1;
        string path = store.Create(isFolder ? "folder" : location[(slash + 1)..]).Path;
        if (isFolder)
            Directory.CreateDirectory(path += System.IO.Path.DirectorySeparatorChar);
        return new OutputLocation(path, store, location);
    }

    /// <summary>Puts what was written in its place; files of a folder one by one, each whole or not at all.</summary>
    public void Commit()
    {
        if (_store is null)
            return;
        if (_name.Length > 0)
        {
            Put(Path, _name);
            return;
        }

        foreach (string file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            Put(file, Relative(file));
    }

    /// <summary>Where a file written below <see cref="Path"/> goes, for people.</summary>
    public string NameOf(string file) => _store is null ? file : _name.Length > 0 ? _location : _location + Relative(file);

    public void Dispose()
    {
        if (_store is null)
            return;
        if (_name.Length == 0)
            Directory.Delete(Path, recursive: true);
        else
            File.Delete(Path);
        _store.Dispose();
    }

    private string Relative(string file) => System.IO.Path.GetRelativePath(Path, file).Replace(System.IO.Path.DirectorySeparatorChar, '/');

    private void Put(string file, string name)
    {
        using LakeDraft draft = _store!.Create(name);
        File.Move(file, draft.Path);
        draft.Commit();
    }
}
