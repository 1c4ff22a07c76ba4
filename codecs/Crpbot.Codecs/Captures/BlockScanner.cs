using Microsoft.Win32.SafeHandles;

namespace Crpbot.Codecs.Captures;

/// <summary>Looks for the next intact block header in bytes that are none.</summary>
internal sealed class BlockScanner(SafeFileHandle file)
{
    private const int Window = 1 << 16;

    private byte[] _window = [];

    /// <summary>The offset of the first intact header in [from, end); <paramref name="end"/> when there is none.</summary>
    public long FindHeader(long from, long end)
    {
        // Damage is rare: the window is made when it is met first.
        if (_window.Length == 0)
            _window = new byte[Window];
        while (from + BlockHeader.Size <= end)
        {
            int read = RandomAccess.Read(file, _window.AsSpan(0, (int)Math.Min(Window, end - from)), from);
            ReadOnlySpan<byte> bytes = _window.AsSpan(0, read);
            int at = 0;
            while (true)
            {
                int found = bytes[at..].IndexOf(BlockHeader.Magic);
                if (found < 0 || at + found + BlockHeader.Size > bytes.Length)
                    break;
                at += found;
                if (BlockHeader.TryRead(bytes[at..], out _))
                    return from + at;
                at++;
            }

            // The last bytes may hold the beginning of a header.
            if (read < BlockHeader.Size)
                break;
            from += read - BlockHeader.Size + 1;
        }

        return end;
    }
}
