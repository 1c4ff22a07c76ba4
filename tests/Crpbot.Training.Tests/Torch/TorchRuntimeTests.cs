using System.Text;
using Crpbot.Training.Torch;
using TorchSharp;
using Xunit;

namespace Crpbot.Training.Tests.Torch;

public class TorchRuntimeTests
{
    [Fact]
    public void TorchComputesOnThisSystem()
    {
        TorchRuntime.Prepare();
        TorchRuntime.Prepare();
        using torch.Tensor sum = torch.ones(3).sum();
        Assert.Equal(3, sum.item<float>());
        Assert.Equal(1, torch.get_num_threads());
    }

    [Fact]
    public void AVersionTheSystemHasLeavesTheFileAlone()
    {
        string library = CopyLibrary(weak: false);
        byte[] before = File.ReadAllBytes(library);
        Assert.Equal(LibraryFix.NotNeeded, TorchRuntime.Fix(library, StandardLibraryWith(library, TorchRuntime.OptionalVersion)));
        Assert.Equal(before, File.ReadAllBytes(library));
        File.Delete(library);
    }

    [Fact]
    public void AVersionTheSystemLacksIsMarkedWeakInOneByteAndOnlyOnce()
    {
        string library = CopyLibrary(weak: false);
        byte[] before = File.ReadAllBytes(library);
        byte[] older = StandardLibraryWith(library);
        Assert.Equal(LibraryFix.Done, TorchRuntime.Fix(library, older));
        byte[] after = File.ReadAllBytes(library);
        int changed = Assert.Single(Enumerable.Range(0, before.Length), i => before[i] != after[i]);
        Assert.Equal(2, before[changed] ^ after[changed]);
        Assert.Equal(LibraryFix.AlreadyDone, TorchRuntime.Fix(library, older));
        Assert.Equal(after, File.ReadAllBytes(library));
        File.Delete(library);
    }

    [Fact]
    public void ASystemThatLacksMoreIsRefused()
    {
        string library = CopyLibrary(weak: false);
        PlatformNotSupportedException refusal =
            Assert.Throws<PlatformNotSupportedException>(() => TorchRuntime.Fix(library, Encoding.ASCII.GetBytes("\0nothing\0")));
        Assert.Contains("GLIBCXX_", refusal.Message + "CXXABI_", StringComparison.Ordinal);
        File.Delete(library);
    }

    [Fact]
    public void AFileThatIsNoLibraryIsRefused()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "text");
        Assert.Throws<InvalidDataException>(() => TorchRuntime.Fix(file, [0]));
        File.Delete(file);
    }

    /// <summary>A copy as the package ships it: the output folder's own may have been fixed by now.</summary>
    private static string CopyLibrary(bool weak)
    {
        string original = TorchRuntime.FindLibrary() ?? throw new InvalidOperationException("TorchSharp's library is not in the output folder");
        SymbolVersions versions = SymbolVersions.Read(original);
        string copy = Path.GetTempFileName();
        File.WriteAllBytes(copy, versions.WithWeak(versions.Needed.Single(v => v.Version == TorchRuntime.OptionalVersion), weak));
        return copy;
    }

    /// <summary>The version strings of a standard library that has all that is needed, except the optional one unless named.</summary>
    private static byte[] StandardLibraryWith(string library, params string[] more) => Encoding.ASCII.GetBytes(
        "\0" + string.Join('\0', SymbolVersions.Read(library).Needed.Select(v => v.Version).Where(v => v != TorchRuntime.OptionalVersion).Concat(more)) + "\0");
}
