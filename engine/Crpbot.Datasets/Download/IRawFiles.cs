using Crpbot.Datasets.Lake;

namespace Crpbot.Datasets.Download;

/// <summary>The one place where downloads touch a lake's files. Any thread.</summary>
/// <remarks>Paths are relative to the lake, with <c>/</c>.</remarks>
internal interface IRawFiles : IDisposable
{
    /// <summary>False when it was opened to look only.</summary>
    bool IsWritable { get; }

    /// <summary>Length of a file; null where there is none.</summary>
    long? LengthOf(string path);

    /// <summary>The sidecar of a file; null where there is none or it cannot be understood, which the file's check then mends.</summary>
    RawFileManifest? ManifestOf(string path);

    /// <inheritdoc cref="RawLake.Enumerate"/>
    IEnumerable<RawFileName> FilesOf(RawFileKind kind, string below);

    /// <summary>A file's content, seekable.</summary>
    FileStream OpenRead(string path);

    /// <summary>A new local file for the content of a future one; disposing removes it.</summary>
    LakeTemporary CreateTemporary(string path);

    /// <summary>Gives a temporary file its name and writes its sidecar.</summary>
    void Commit(LakeTemporary temporary, string path, RawFileManifest manifest);

    /// <summary>Writes a sidecar, unless the one there says the same.</summary>
    void WriteManifest(string path, RawFileManifest manifest);

    /// <summary>Writes a small file whole.</summary>
    void WriteSmall(string path, byte[] content);

    /// <summary>The content of a small file; null where there is none.</summary>
    byte[]? ReadSmall(string path);

    /// <param name="location">A folder, or <c>s3://bucket/prefix</c>.</param>
    /// <param name="readOnly">Only to look: nothing is created or removed.</param>
    /// <exception cref="FormatException">The location is neither.</exception>
    /// <exception cref="IOException">The lake cannot be reached or written.</exception>
    static IRawFiles Open(string location, bool readOnly)
    {
        ILakeStorage lake = LakeStorage.Open(location);
        if (lake is not FolderLake)
            return new LakeStore(lake, isWritable: !readOnly);
        lake.Dispose();
        return readOnly ? LakeFolder.OpenForReading(location) : LakeFolder.OpenForWriting(location);
    }
}
