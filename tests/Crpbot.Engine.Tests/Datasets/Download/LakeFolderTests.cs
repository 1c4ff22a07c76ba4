using System.Text;
using Crpbot.Datasets;
using Crpbot.Datasets.Download;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

public sealed class LakeFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("crpbot-").FullName;

    [Fact]
    public void LeftoversOfDeadRunsGoAndThoseOfLivingOnesStay()
    {
        const string Name = "raw/tardis/datasets/coinbase/trades/2024/01/01/BTC-USD.csv.gz";
        string folder = Path.GetDirectoryName(Path.Combine(_root, Name))!;
        using LakeFolder living = LakeFolder.OpenForWriting(_root);
        using LakeTemporary half = living.CreateTemporary(Name);
        string kept = Assert.Single(Directory.GetFiles(folder));
        string[] dead = [Path.Combine(folder, "ETH-USD.csv.gz.0123456789abcdef00000001.unconfirmed"), Path.Combine(folder, "x.unconfirmed"), Path.Combine(_root, "raw/SOL-USD.csv.gz.ab.unconfirmed")];
        foreach (string file in dead)
            File.WriteAllText(file, "half");
        File.WriteAllText(Path.Combine(_root, "raw/.runs/0123456789abcdef.lock"), "");
        File.WriteAllText(Path.Combine(folder, "SOL-USD.csv.gz"), "whole");
        using (LakeFolder.OpenForWriting(_root))
            Assert.Equal([kept, Path.Combine(folder, "SOL-USD.csv.gz")], Directory.GetFiles(folder).Order());
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "raw"), "SOL*"));
        Assert.Single(Directory.GetFiles(Path.Combine(_root, "raw/.runs")));
    }

    [Fact]
    public void TheLastRunLeavesNoTrace()
    {
        using (LakeFolder.OpenForWriting(_root))
        using (LakeFolder.OpenForWriting(_root))
            Assert.Equal(2, Directory.GetFiles(Path.Combine(_root, "raw/.runs")).Length);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, "raw")));
    }

    [Fact]
    public void AFileThatWasNotCommittedIsGone()
    {
        using LakeFolder lake = LakeFolder.OpenForWriting(_root);
        using (LakeTemporary temporary = lake.CreateTemporary("raw/a/b"))
            temporary.Stream.Write("half"u8);
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "raw/a")));
        using (LakeTemporary temporary = lake.CreateTemporary("raw/a/b"))
        {
            temporary.Stream.Write("whole"u8);
            lake.Commit(temporary, "raw/a/b", RawFileManifest.Missing("/x"));
        }

        Assert.Equal(["b", "b.manifest.json"], lake.NamesIn("raw/a"));
    }

    [Fact]
    public void ASidecarThatIsDamagedCountsAsNone()
    {
        using LakeFolder lake = LakeFolder.OpenForWriting(_root);
        lake.WriteManifest("raw/x", RawFileManifest.Missing("/x"));
        Assert.NotNull(lake.ManifestOf("raw/x"));
        foreach (string damaged in new[] { "", "{", "null", "{}", "[]", "{\"url\":1}" })
        {
            File.WriteAllText(Path.Combine(_root, "raw/x.manifest.json"), damaged);
            Assert.Null(lake.ManifestOf("raw/x"));
            Assert.Throws<InvalidDataException>(() => RawFileManifest.Read(Path.Combine(_root, "raw/x")));
        }
    }

    [Fact]
    public void AFullDiskIsKnownByItsError()
    {
        if (!OperatingSystem.IsLinux())
            return;
        IOException full = Assert.ThrowsAny<IOException>(() =>
        {
            using var device = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1);
            device.Write(Encoding.ASCII.GetBytes("x"));
            device.Flush(flushToDisk: true);
        });
        Assert.True(LakeFolder.IsDiskFull(full));
        Assert.False(LakeFolder.IsDiskFull(new FileNotFoundException("")));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
