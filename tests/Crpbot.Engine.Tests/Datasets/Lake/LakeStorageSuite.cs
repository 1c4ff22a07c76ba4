using System.Text;
using Crpbot.Datasets.Lake;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>What every lake does, wherever it lives.</summary>
public abstract class LakeStorageSuite : IDisposable
{
    private readonly string _scratch = Directory.CreateTempSubdirectory("crpbot-scratch-").FullName;

    /// <summary>Of a test of its own, and where drafts and copies of a remote lake stand.</summary>
    protected string Scratch => _scratch;

    /// <summary>The same place each time within a test, empty at first.</summary>
    internal abstract ILakeStorage Open();

    [LakeFact]
    public void AnEmptyLakeListsNothing()
    {
        using ILakeStorage lake = Open();
        Assert.Empty(lake.List(""));
        Assert.Empty(lake.List("venue=coinbase/"));
    }

    [LakeFact]
    public void FilesAreListedInOrdinalOrderOfTheirKeysWithTheirLengths()
    {
        using ILakeStorage lake = Open();
        // The last two stand the other way round in the bytes of UTF-8.
        string[] keys = ["B.csv", "a/1.csv", "a/10.csv", "a/2.csv", "a-b.csv", "a0.csv", "😀.csv", "\uff5e.csv"];
        for (int i = 0; i < keys.Length; i++)
            Put(lake, keys[i], new string('x', i));
        Assert.Equal(keys.Select((key, i) => new LakeFile(key, i)).OrderBy(file => file.Key, StringComparer.Ordinal), lake.List(""));
    }

    [LakeFact]
    public void APrefixListsItsFolderAlone()
    {
        using ILakeStorage lake = Open();
        foreach (string key in new[] { "a/1", "a/b/2", "ab/3", "a.4", "c/a/5" })
            Put(lake, key, key);
        Assert.Equal(["a/1", "a/b/2"], lake.List("a/").Select(file => file.Key));
        Assert.Equal(["a/b/2"], lake.List("a/b/").Select(file => file.Key));
        Assert.Empty(lake.List("b/"));
    }

    [LakeFact]
    public void MoreFilesThanAPageHoldsAreAllListed()
    {
        using ILakeStorage lake = Open();
        string[] keys = [.. Enumerable.Range(0, 1003).Select(i => $"date={i:D4}/part-0.parquet")];
        Parallel.ForEach(keys, new ParallelOptions { MaxDegreeOfParallelism = 8 }, key => Put(lake, key, "1"));
        Assert.Equal(keys, lake.List("").Select(file => file.Key));
    }

    [LakeFact]
    public void WritingAKeyAgainReplacesTheFile()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a/b", "the first, a longer one");
        Put(lake, "a/b", "the second");
        Assert.Equal("the second", Get(lake, "a/b"));
        Assert.Equal([new LakeFile("a/b", 10)], lake.List(""));
    }

    [LakeFact]
    public void ADraftIsSeenByNobodyBeforeItsCommit()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a/b", "old");
        using (LakeDraft draft = lake.Create("a/b"))
        using (LakeDraft other = lake.Create("a/c"))
        {
            File.WriteAllText(draft.Path, "new");
            File.WriteAllText(other.Path, "new");
            Assert.Equal("old", Get(lake, "a/b"));
            Assert.Null(lake.Find("a/c"));
            Assert.Equal(["a/b"], lake.List("").Select(file => file.Key));
            draft.Commit();
            Assert.Equal("new", Get(lake, "a/b"));
        }

        Assert.Equal(["a/b"], lake.List("").Select(file => file.Key));
        Assert.All(Directory.EnumerateFiles(Scratch, "*", SearchOption.AllDirectories), file => Assert.EndsWith("a/b", file, StringComparison.Ordinal));
    }

    [LakeFact]
    public void TwoWritersOfOneKeyLeaveTheWholeFileOfOneOfThem()
    {
        using ILakeStorage lake = Open();
        byte[][] contents = [.. Enumerable.Range(1, 4).Select(i => Bytes(i, 300_000 + i))];
        Put(lake, "a", contents[0]);
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            if (i % 4 == 3)
                Assert.Contains(GetBytes(lake, "a"), contents);
            else
                Put(lake, "a", contents[i % 4]);
        });
        Assert.Contains(GetBytes(lake, "a"), contents[..3]);
    }

    [LakeFact]
    public void AnEmptyFileIsAFile()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a/empty", "");
        Assert.Equal(new LakeFile("a/empty", 0), lake.Find("a/empty"));
        Assert.Equal([new LakeFile("a/empty", 0)], lake.List("a/"));
        Assert.Equal("", Get(lake, "a/empty"));
    }

    [LakeFact]
    public void ALargeFileComesBackByteForByte()
    {
        using ILakeStorage lake = Open();
        byte[] content = Bytes(7, (11 << 20) + 3);
        Put(lake, "a/large", content);
        Assert.Equal(new LakeFile("a/large", content.Length), lake.Find("a/large"));
        Assert.True(content.AsSpan().SequenceEqual(GetBytes(lake, "a/large")));
    }

    [LakeFact]
    public void AFileOfExactlyOnePartComesBackByteForByte()
    {
        using ILakeStorage lake = Open();
        foreach (int length in new[] { 5 << 20, (5 << 20) + 1 })
        {
            byte[] content = Bytes(length, length);
            Put(lake, "a", content);
            Assert.True(content.AsSpan().SequenceEqual(GetBytes(lake, "a")));
        }
    }

    [LakeFact]
    public void OddKeysKeepTheirNames()
    {
        using ILakeStorage lake = Open();
        string[] keys =
        [
            "a b/c  d.csv", "symbol=BTC-USD/date=2024-01-01/part-0.parquet", "100%/50%25.csv", "venue=x%3Ay/1", "ü/中文/😀.csv", "12:30:00.csv", "a+b&c?d#e.csv", "~tilde!'()*.csv",
            "quote\"<tag>.csv", "comma,semi;at@dollar$.csv", ".hidden", "a/.b", "back`tick^caret|pipe{}[].csv",
        ];
        foreach (string key in keys)
            Put(lake, key, key);
        Assert.Equal(keys.Order(StringComparer.Ordinal), lake.List("").Select(file => file.Key));
        foreach (string key in keys)
        {
            Assert.Equal(new LakeFile(key, Encoding.UTF8.GetByteCount(key)), lake.Find(key));
            Assert.Equal(key, Get(lake, key));
        }
    }

    [LakeFact]
    public void AMissingFileIsNotFound()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a/b", "x");
        foreach (string key in new[] { "a/c", "a", "a/b/c" })
        {
            Assert.Null(lake.Find(key));
            Assert.Contains(key, Assert.Throws<FileNotFoundException>(() => lake.Fetch(key)).Message, StringComparison.Ordinal);
        }
    }

    [LakeFact]
    public void ACopyKeepsTheLastPartOfItsName()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a/b.csv.gz", "x");
        using LakeCopy copy = lake.Fetch("a/b.csv.gz");
        Assert.EndsWith("b.csv.gz", copy.Path, StringComparison.Ordinal);
    }

    [LakeFact]
    public void ACommitWithoutAFileSaysSo()
    {
        using ILakeStorage lake = Open();
        using LakeDraft draft = lake.Create("a");
        Assert.Throws<FileNotFoundException>(draft.Commit);
        Assert.Null(lake.Find("a"));
    }

    public virtual void Dispose()
    {
        Directory.Delete(_scratch, recursive: true);
        GC.SuppressFinalize(this);
    }

    internal static void Put(ILakeStorage lake, string key, string text) => Put(lake, key, Encoding.UTF8.GetBytes(text));

    internal static void Put(ILakeStorage lake, string key, byte[] content)
    {
        using LakeDraft draft = lake.Create(key);
        File.WriteAllBytes(draft.Path, content);
        draft.Commit();
    }

    internal static string Get(ILakeStorage lake, string key) => Encoding.UTF8.GetString(GetBytes(lake, key));

    internal static byte[] GetBytes(ILakeStorage lake, string key)
    {
        using LakeCopy copy = lake.Fetch(key);
        return File.ReadAllBytes(copy.Path);
    }

    internal static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

/// <summary>A folder.</summary>
public class FolderLakeTests : LakeStorageSuite
{
    internal override ILakeStorage Open() => LakeStorage.Open(Scratch);
}
