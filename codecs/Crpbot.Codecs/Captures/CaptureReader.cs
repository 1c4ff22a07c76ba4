using System.IO.Hashing;
using System.Runtime.InteropServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using K4os.Compression.LZ4;
using Microsoft.Win32.SafeHandles;

namespace Crpbot.Codecs.Captures;

/// <summary>Reads a capture, whole or damaged, cut off or still being written.</summary>
/// <remarks>
/// Owned by one thread. Allocates nothing once the largest block has passed, and nothing at all on repeats. Damage never throws after
/// <see cref="Open"/>: every intact block is read, the rest is listed in <see cref="Damage"/>. No event of a damaged block is given.
/// </remarks>
public sealed class CaptureReader : IDisposable
{
    /// <summary>Events decoded at once: 64 KiB, which the next stage finds in the second-level cache.</summary>
    private const int BatchEvents = 1024;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly BlockDecoder _decoder;
    private readonly BlockScanner _scanner;
    private readonly CaptureIndex? _index;
    private readonly long _blocksStart;
    private readonly List<CaptureDamage> _damage = [];
    private readonly int _openingDamage;
    private readonly byte[] _batch;
    private readonly int _batchOffset;
    private byte[] _stored = [];
    private byte[] _body = [];
    private readonly byte[] _headerBytes = new byte[BlockHeader.Size];
    private long _offset;
    private long _expectedEvent;
    private long _blockOffset;
    private long _blockBytes;
    private UnixNanos _skipBefore = new(long.MinValue);
    private bool _isFinished;

    private CaptureReader(SafeFileHandle file, string path, CaptureHeader header, long blocksStart, InstrumentTable instruments)
    {
        (_file, _path, Header, _blocksStart) = (file, path, header, blocksStart);
        _decoder = new BlockDecoder(instruments);
        FileLength = RandomAccess.GetLength(file);
        CaptureDamageKind footer = CaptureIndex.Read(file, blocksStart, out _index);
        if (footer != CaptureDamageKind.None)
            _damage.Add(new CaptureDamage(footer, FileLength, 0, 0));
        _openingDamage = _damage.Count;
        _scanner = new BlockScanner(file);

        // Cache-line aligned, on the heap that does not move: an event never straddles two lines.
        _batch = GC.AllocateArray<byte>((BatchEvents + 1) * MarketEvent.SizeInBytes, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_batch, 0);
        _batchOffset = (int)(-address & (MarketEvent.SizeInBytes - 1));
        Reset();
    }

    public CaptureHeader Header { get; }

    public long FileLength { get; }

    /// <summary>The footer is there and intact: the recording was completed.</summary>
    public bool IsComplete => _index is not null;

    /// <summary>What was found wrong so far; complete once <see cref="ReadBlock"/> has returned false.</summary>
    public IReadOnlyList<CaptureDamage> Damage => _damage;

    /// <summary>Ids of TextId events; each keeps its number until 131,072 later ones were read.</summary>
    public TextIdTable TextIds => _decoder.Texts;

    /// <summary>Blocks opened since the start or the last <see cref="Reset"/>.</summary>
    public int BlocksRead { get; private set; }

    /// <summary>Events given since the start or the last <see cref="Reset"/> or <see cref="SeekTo"/>.</summary>
    public long EventsRead { get; private set; }

    /// <summary>Where the next block begins: how far into the file reading has come.</summary>
    public long Position => _offset;

    /// <summary>Opens a capture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="instruments">Receives the capture's Instruments; events carry this table's ids.</param>
    /// <exception cref="InvalidDataException">No capture, one of a newer version, or one whose header is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static CaptureReader Open(string path, InstrumentTable instruments)
    {
        ArgumentNullException.ThrowIfNull(instruments);
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            CaptureHeader header = CaptureFile.ReadHeader(file, path, out int length);
            return new CaptureReader(file, path, header, length, instruments);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Gives the next events in order: a whole block or, of a long one, its next part.</summary>
    /// <param name="events">1 to 1,024 events; valid until the next call.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The capture defines an Instrument with other increments than the table.</exception>
    public bool ReadBlock(out ReadOnlySpan<MarketEvent> events)
    {
        while (_decoder.EventsLeft > 0 || OpenNextBlock())
        {
            try
            {
                Span<MarketEvent> batch = MemoryMarshal.Cast<byte, MarketEvent>(_batch.AsSpan(_batchOffset, BatchEvents * MarketEvent.SizeInBytes));
                Span<MarketEvent> decoded = batch[.._decoder.Decode(batch)];
                if (_skipBefore.Value != long.MinValue)
                    decoded = Skip(decoded);
                if (decoded.Length == 0)
                    continue;
                EventsRead += decoded.Length;
                events = decoded;
                return true;
            }
            catch (MalformedBlockException)
            {
                _damage.Add(new CaptureDamage(CaptureDamageKind.MalformedBlock, _blockOffset, _blockBytes, _decoder.EventsLeft));
                _decoder.Abandon();
            }
        }

        events = default;
        return false;
    }

    /// <summary>Continues at the first event whose ReceiveTime is not before <paramref name="time"/>.</summary>
    /// <remarks>State that earlier events built, a book above all, is the caller's to mind.</remarks>
    public void SeekTo(UnixNanos time)
    {
        Reset();
        _skipBefore = time;
        if (_index is null)
            return;
        int block = _index.Blocks.FindIndex(b => b.LastReceiveTime >= time);
        (_offset, _expectedEvent) = block < 0
            ? (_index.Offset, _index.EventCount)
            : (_index.Blocks[block].Offset, _index.Blocks[block].FirstEvent);
    }

    /// <summary>Returns to the first event; damage found while reading is forgotten and will be found again.</summary>
    public void Reset()
    {
        _decoder.Reset();
        _damage.RemoveRange(_openingDamage, _damage.Count - _openingDamage);
        (_offset, _expectedEvent, BlocksRead, EventsRead, _isFinished) = (_blocksStart, 0, 0, 0, false);
        _skipBefore = new UnixNanos(long.MinValue);
    }

    public void Dispose() => _file.Dispose();

    private long BlocksEnd => _index?.Offset ?? FileLength;

    /// <summary>Finds, checks and opens the next intact block; notes what stands in between.</summary>
    private bool OpenNextBlock()
    {
        while (!_isFinished)
        {
            long left = BlocksEnd - _offset;
            int read = left <= 0 ? 0 : RandomAccess.Read(_file, _headerBytes.AsSpan(0, (int)Math.Min(left, BlockHeader.Size)), _offset);
            if (read == 0 || StartsFooter(_headerBytes.AsSpan(0, read)))
            {
                Finish();
                break;
            }

            if (!BlockHeader.TryRead(_headerBytes.AsSpan(0, read), out BlockHeader header))
            {
                bool isCut = _index is null && left < BlockHeader.Size && _headerBytes.AsSpan(0, Math.Min(read, 8)).SequenceEqual(BlockHeader.Magic[..Math.Min(read, 8)]);
                Resynchronise(isCut ? CaptureDamageKind.CutBlock : CaptureDamageKind.BadBlockHeader, _offset + 1, -1);
                continue;
            }

            if (BlockHeader.Size + header.StoredLength > left)
            {
                Resynchronise(CaptureDamageKind.CutBlock, _offset + BlockHeader.Size, header.EventCount);
                continue;
            }

            if (TryOpen(header))
                return true;
        }

        return false;
    }

    private bool TryOpen(in BlockHeader header)
    {
        if (header.FirstEvent != _expectedEvent && !Reconcile(header))
            return false;
        (_blockOffset, _blockBytes) = (_offset, BlockHeader.Size + header.StoredLength);
        if (header.LastReceiveTime < _skipBefore)
        {
            Advance(header);
            return false;
        }

        Fit(ref _body, header.BodyLength + PackedColumnReader.Slack);
        bool isCompressed = header.StoredLength != header.BodyLength;
        if (isCompressed)
            Fit(ref _stored, header.StoredLength);
        Span<byte> stored = (isCompressed ? _stored : _body).AsSpan(0, header.StoredLength);
        if (RandomAccess.Read(_file, stored, _offset + BlockHeader.Size) != stored.Length || XxHash3.HashToUInt64(stored) != header.BodyHash)
        {
            // Bytes may be changed or missing; in the second case the next block is nearer than the length says.
            Resynchronise(CaptureDamageKind.BadBlockHash, _offset + BlockHeader.Size, header.EventCount);
            return false;
        }

        Advance(header);
        BlocksRead++;
        try
        {
            if (isCompressed && LZ4Codec.Decode(stored, _body.AsSpan(0, header.BodyLength)) != header.BodyLength)
                throw new MalformedBlockException("the body does not have the length its header says");
            _decoder.Open(_body, header);
            return true;
        }
        catch (MalformedBlockException)
        {
            _damage.Add(new CaptureDamage(CaptureDamageKind.MalformedBlock, _blockOffset, _blockBytes, header.EventCount));
            _decoder.Abandon();
            return false;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{_path}: {e.Message}", e);
        }
    }

    private void Advance(in BlockHeader header)
    {
        _offset += BlockHeader.Size + header.StoredLength;
        _expectedEvent = header.FirstEvent + header.EventCount;
    }

    /// <summary>Settles how many events stood between the last good block and this one; false for a block that was there before.</summary>
    private bool Reconcile(in BlockHeader header)
    {
        long lost = header.FirstEvent - _expectedEvent;
        if (lost < 0)
        {
            _damage.Add(new CaptureDamage(CaptureDamageKind.BadBlockHeader, _offset, BlockHeader.Size + header.StoredLength, 0));
            _offset += BlockHeader.Size + header.StoredLength;
            return false;
        }

        NoteLost(lost);
        _expectedEvent = header.FirstEvent;
        return true;
    }

    private void NoteLost(long lost)
    {
        if (_damage.Count > _openingDamage && _damage[^1].EventsLost < 0)
            _damage[^1] = _damage[^1] with { EventsLost = lost };
        else
            _damage.Add(new CaptureDamage(CaptureDamageKind.MissingBlocks, _offset, 0, lost));
    }

    /// <summary>Notes a loss from the present offset to the next intact header, and goes on there.</summary>
    private void Resynchronise(CaptureDamageKind kind, long from, long eventsLost)
    {
        long next = _scanner.FindHeader(from, BlocksEnd);
        _damage.Add(new CaptureDamage(kind, _offset, next - _offset, eventsLost));
        _offset = next;
        if (eventsLost > 0)
            _expectedEvent += eventsLost;
    }

    private void Finish()
    {
        _isFinished = true;
        if (_index is not null && _index.EventCount > _expectedEvent)
            NoteLost(_index.EventCount - _expectedEvent);
        else if (_index is not null && _damage.Count > _openingDamage && _damage[^1].EventsLost < 0)
            _damage[^1] = _damage[^1] with { EventsLost = 0 };
    }

    private bool StartsFooter(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, CaptureIndex.Magic.Length);
        return _index is null && bytes[..length].SequenceEqual(CaptureIndex.Magic[..length]);
    }

    private Span<MarketEvent> Skip(Span<MarketEvent> events)
    {
        int skipped = 0;
        while (skipped < events.Length && events[skipped].ReceiveTime < _skipBefore)
            skipped++;
        if (skipped < events.Length)
            _skipBefore = new UnixNanos(long.MinValue);
        return events[skipped..];
    }

    private static void Fit(ref byte[] array, int length)
    {
        if (array.Length < length)
            array = new byte[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length)];
    }
}
