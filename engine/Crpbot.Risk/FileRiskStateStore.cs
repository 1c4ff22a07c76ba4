using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Crpbot.Codecs.Files;

namespace Crpbot.Risk;

/// <summary>One small file: written beside, flushed to the device, renamed over the old one, the folder flushed.</summary>
/// <remarks>
/// A crash at any moment leaves the old file or the new one. A save costs two device flushes and a few small objects, a few times an hour.
/// <code>
///  0      8        12      16 … 16+n       then
///  magic  version  length  AccountState    XxHash3 of all before it
/// </code>
/// Little-endian. The length is that of <see cref="AccountState"/>, so a file of another layout is refused, never reinterpreted.
/// </remarks>
public sealed class FileRiskStateStore : IRiskStateStore
{
    private const long Magic = 0x4B53_4952_5052_43; // "CRPRISK"
    private const int FormatVersion = 1;
    private const int HeaderLength = 16;
    private static readonly int StateLength = Unsafe.SizeOf<AccountState>();
    private readonly byte[] _buffer = new byte[HeaderLength + StateLength + sizeof(ulong)];
    private readonly string _path;
    private readonly string _temporary;
    private readonly string _folder;

    public FileRiskStateStore(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        _temporary = _path + ".new";
        _folder = Path.GetDirectoryName(_path)!;
    }

    /// <summary>Why the last save or restore did not succeed.</summary>
    public string? LastError { get; private set; }

    public bool TrySave(in AccountState state)
    {
        Encode(state);
        try
        {
            using (Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(_temporary, FileMode.Create, FileAccess.Write))
            {
                RandomAccess.Write(file, _buffer, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(_temporary, _path, overwrite: true);
            DurableFolder.Flush(_folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LastError = $"{_path}: {e.Message}";
            return false;
        }
    }

    public RestoreStatus Restore(out AccountState state)
    {
        state = default;
        byte[] bytes;
        try
        {
            if (!File.Exists(_path))
                return RestoreStatus.None;
            bytes = File.ReadAllBytes(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LastError = $"{_path}: {e.Message}";
            return RestoreStatus.Damaged;
        }

        if (bytes.Length != _buffer.Length
            || BinaryPrimitives.ReadInt64LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) != FormatVersion
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12)) != StateLength
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(HeaderLength + StateLength)) != XxHash3.HashToUInt64(bytes.AsSpan(0, HeaderLength + StateLength)))
        {
            LastError = $"{_path}: not a whole risk state file; the balance is unknown until an operator settles it";
            return RestoreStatus.Damaged;
        }

        state = MemoryMarshal.Read<AccountState>(bytes.AsSpan(HeaderLength));
        return RestoreStatus.Found;
    }

    private void Encode(in AccountState state)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(12), StateLength);
        MemoryMarshal.Write(_buffer.AsSpan(HeaderLength), in state);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(HeaderLength + StateLength), XxHash3.HashToUInt64(_buffer.AsSpan(0, HeaderLength + StateLength)));
    }
}
