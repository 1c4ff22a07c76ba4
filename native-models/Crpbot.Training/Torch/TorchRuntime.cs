using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace Crpbot.Training.Torch;

/// <summary>What was done to TorchSharp's library so that this system loads it.</summary>
internal enum LibraryFix
{
    /// <summary>The system has every version the library names; the file was left alone.</summary>
    NotNeeded,

    /// <summary>An earlier run marked the version weak.</summary>
    AlreadyDone,

    /// <summary>The version is marked weak now.</summary>
    Done,
}

/// <summary>Makes torch usable: the one door to it, to be passed before any other torch type is touched.</summary>
/// <remarks>
/// Debian 12's libstdc++ ends at GLIBCXX_3.4.30. TorchSharp's library names 3.4.32 for one symbol that no relocation uses, so the
/// loader's check is the sole obstacle. This class mentions torch types only in <see cref="Configure"/>, since their static
/// constructor loads the library.
/// </remarks>
internal static class TorchRuntime
{
    public const string OptionalVersion = "GLIBCXX_3.4.32";
    private const string StandardLibrary = "libstdc++.so.6";
    private static readonly string[] LibraryNames = ["libLibTorchSharp.so", "runtimes/linux-x64/native/libLibTorchSharp.so"];
    private static readonly Lock Gate = new();
    private static bool _ready;

    /// <summary>Loads torch with one thread: OpenMP's spinning barriers collapse on a shared machine.</summary>
    /// <exception cref="PlatformNotSupportedException">The system's libstdc++ lacks more than the one unused version.</exception>
    public static void Prepare()
    {
        lock (Gate)
        {
            if (_ready)
                return;
            Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
            if (OperatingSystem.IsLinux() && FindLibrary() is { } library && FindStandardLibrary() is { } standard)
                Fix(library, File.ReadAllBytes(standard));
            Configure();
            _ready = true;
        }
    }

    /// <summary>Marks <see cref="OptionalVersion"/> weak where the standard library lacks it, in a new file renamed over the old.</summary>
    public static LibraryFix Fix(string library, ReadOnlySpan<byte> standardLibrary)
    {
        SymbolVersions versions = SymbolVersions.Read(library);
        var outcome = LibraryFix.NotNeeded;
        foreach (SymbolVersions.NeededVersion needed in versions.Needed)
        {
            if (needed.Library != StandardLibrary || Provides(standardLibrary, needed.Version))
                continue;
            if (needed.Version != OptionalVersion)
                throw new PlatformNotSupportedException($"{library} needs {needed.Version}, which this system's {StandardLibrary} lacks: use a newer system");
            if (needed.IsWeak)
            {
                outcome = LibraryFix.AlreadyDone;
                continue;
            }

            string temporary = $"{library}.{Environment.ProcessId}.partial";
            File.WriteAllBytes(temporary, versions.WithWeak(needed, weak: true));
            File.Move(temporary, library, overwrite: true);
            outcome = LibraryFix.Done;
        }

        return outcome;
    }

    /// <summary>TorchSharp's library in the output folder.</summary>
    public static string? FindLibrary() =>
        LibraryNames.Select(name => Path.Combine(AppContext.BaseDirectory, name)).FirstOrDefault(File.Exists);

    /// <summary>The libstdc++ this process really loads.</summary>
    public static string? FindStandardLibrary()
    {
        if (!NativeLibrary.TryLoad(StandardLibrary, out _))
            return null;
        return File.ReadLines("/proc/self/maps").Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) is >= 0 and var at ? at : line.Length)..])
            .FirstOrDefault(path => path.Contains("/libstdc++.so.6", StringComparison.Ordinal));
    }

    private static bool Provides(ReadOnlySpan<byte> standardLibrary, string version) =>
        standardLibrary.IndexOf(Encoding.ASCII.GetBytes($"\0{version}\0")) >= 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Configure() => torch.set_num_threads(1);
}
