using System.Runtime.InteropServices;

namespace Crpbot.Codecs.Files;

/// <summary>Makes renames survive a power cut: a rename is durable once its folder is flushed.</summary>
/// <remarks>.NET opens no folders, so on Linux this asks the C library; other systems flush them themselves.</remarks>
public static partial class DurableFolder
{
    /// <summary>O_RDONLY | O_DIRECTORY, whose bits are those of x64.</summary>
    private const int OpenReadOnlyDirectory = 0x10000;

    /// <summary>Waits until the folder's entries are on the device.</summary>
    /// <exception cref="IOException">The folder cannot be opened, or the device refuses.</exception>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;
        int descriptor = Open(folder, RuntimeInformation.ProcessArchitecture == Architecture.X64 ? OpenReadOnlyDirectory : 0);
        if (descriptor < 0)
            throw new IOException($"{folder}: cannot be opened for flushing, errno {Marshal.GetLastPInvokeError()}");
        int flushed = FSync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (flushed != 0)
            throw new IOException($"{folder}: flush failed, errno {error}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
