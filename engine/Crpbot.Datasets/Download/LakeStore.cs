using System.Text.Json;
using Crpbot.Datasets.Lake;

namespace Crpbot.Datasets.Download;

/// <summary>Downloads into a lake that is no folder.</summary>
/// <remarks>
/// Content gathers in a local file and is put in place whole, the file before its sidecar, as in a folder. Runs leave nothing in the store to tidy, so there
/// is no lock: two that download one file put the same bytes there.
/// </remarks>
internal sealed class LakeStore(ILakeStorage lake, bool isWritable) : IRawFiles
{
    public bool IsWritable => isWritable;

    public long? LengthOf(string path) => lake.Find(path)?.Length;

    public RawFileManifest? ManifestOf(string path)
    {
        try
        {
            return ReadSmall(path + RawLake.ManifestSuffix) is { } bytes ? RawFileManifest.Parse(bytes) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public IEnumerable<RawFileName> FilesOf(RawFileKind kind, string below)
    {
        foreach (LakeFile file in lake.List(below.Length == 0 ? $"{RawLake.FolderOf(kind)}/" : $"{RawLake.FolderOf(kind)}/{below}/"))
        {
            if (file.Key.EndsWith(RawLake.ManifestSuffix, StringComparison.Ordinal) && RawLake.TryParse(file.Key[..^RawLake.ManifestSuffix.Length], out RawFileName? name))
                yield return name!;
        }
    }

    public FileStream OpenRead(string path)
    {
        LakeCopy copy = lake.Fetch(path);
        // The copy goes with the stream.
        return new FileStream(copy.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, copy.IsTemporary ? FileOptions.DeleteOnClose : FileOptions.None);
    }

    public LakeTemporary CreateTemporary(string path) => new(lake.Create(path).Path);

    public void Commit(LakeTemporary temporary, string path, RawFileManifest manifest)
    {
        Put(temporary, path);
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
        Put(temporary, path);
    }

    public byte[]? ReadSmall(string path)
    {
        try
        {
            using LakeCopy copy = lake.Fetch(path);
            return File.ReadAllBytes(copy.Path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public void Dispose() => lake.Dispose();

    /// <summary>The final path is settled only when the content is there, so the draft of that path takes the file over.</summary>
    private void Put(LakeTemporary temporary, string path)
    {
        using LakeDraft draft = lake.Create(path);
        temporary.Rename(draft.Path);
        draft.Commit();
    }
}
