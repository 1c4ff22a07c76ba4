using System.IO.Hashing;
using System.Runtime.CompilerServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using K4os.Compression.LZ4;
using Microsoft.Win32.SafeHandles;

namespace Crpbot.Codecs.Captures;

/// <summary>Records MarketEvents into a capture file.</summary>
/// <remarks>
/// Owned by one thread; writes are synchronous, a block at a time. An event costs one copy until its block is full. Allocates nothing
/// once its buffers have grown. While it is written the file is called <c>NAME.partial</c>, holds whole blocks and can be read;
/// <see cref="Complete"/> adds the index, waits for the disk and gives it its name. Layout: <c>codecs/docs/capture-format.md</c>.
/// </remarks>
public sealed class CaptureWriter : IDisposable
{
    private readonly InstrumentTable _instruments;
    private readonly TextIdTable? _texts;
    private readonly CaptureOptions _options;
    private readonly MarketEvent[] _pending;
    private readonly BlockEncoder _encoder;
    private readonly CaptureIndex _index = new();
    private readonly ByteSink _body = new(1 << 16);
    private readonly ByteSink _stored = new(1 << 16);
    private readonly ByteSink _blockTexts = new();
    private readonly Dictionary<long, int> _textNumbers = [];
    private readonly SafeFileHandle _file;
    private int _count;
    private bool _isClosed;

    /// <param name="path">The finished file's name; an existing one is replaced on completion, a leftover partial file never.</param>
    /// <param name="instruments">Knows every Instrument of the events.</param>
    /// <param name="header">Written as it is.</param>
    /// <param name="options">Block length and LZ4 level.</param>
    /// <param name="texts">Where TextId events' ids stand; without it their numbers are stored as they are.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public CaptureWriter(string path, InstrumentTable instruments, CaptureHeader header, CaptureOptions? options = null, TextIdTable? texts = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(instruments);
        ArgumentNullException.ThrowIfNull(header);
        _options = options ?? CaptureOptions.Default;
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BlockEvents, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.BlockEvents, BlockHeader.MaxEvents, nameof(options));
        (_instruments, _texts, Path) = (instruments, texts, path);
        _pending = new MarketEvent[_options.BlockEvents];
        _encoder = new BlockEncoder(instruments, _options.BlockEvents);
        PartialPath = FreePartialPath(path);
        _file = File.OpenHandle(PartialPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        Append(CaptureFile.FormatHeader(header));
    }

    /// <summary>The name the file gets on completion.</summary>
    public string Path { get; }

    /// <summary>The name it has until then.</summary>
    public string PartialPath { get; }

    /// <summary>Events given so far, those of the unfinished block included.</summary>
    public long EventCount => _index.EventCount + _count;

    /// <summary>Bytes handed to the operating system so far.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Blocks written so far.</summary>
    public int BlockCount => _index.Blocks.Count;

    /// <summary>Records one event.</summary>
    /// <exception cref="ArgumentException">Its Instrument is not in the table.</exception>
    /// <exception cref="IOException">The disk refuses a full block.</exception>
    public void Write(in MarketEvent e)
    {
        if ((uint)e.Instrument.Value > (uint)_instruments.All.Count)
            ThrowUnknownInstrument(e);
        ref MarketEvent pending = ref _pending[_count];
        pending = e;
        if ((e.Flags & MarketEventFlags.TextId) != 0 && _texts is not null)
            pending.Sequence = NumberInBlock(e.Sequence);
        if (++_count == _pending.Length)
            Flush();
    }

    /// <summary>Records events in order.</summary>
    /// <inheritdoc cref="Write(in MarketEvent)"/>
    public void Write(ReadOnlySpan<MarketEvent> events)
    {
        foreach (ref readonly MarketEvent e in events)
            Write(e);
    }

    /// <summary>Ends the block early and hands it to the operating system, so that at most what follows can be lost. Nothing to do when empty.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_count == 0)
            return;
        _body.Clear();
        _encoder.Encode(_pending.AsSpan(0, _count), _blockTexts.Written, _texts is null ? -1 : _textNumbers.Count, _body);

        ReadOnlySpan<byte> body = _body.Written;
        _stored.Clear();
        Span<byte> target = _stored.Reserve(BlockHeader.Size + LZ4Codec.MaximumOutputSize(body.Length));
        int stored = LZ4Codec.Encode(body, target[BlockHeader.Size..], _options.Level);
        if (stored <= 0 || stored >= body.Length)
        {
            body.CopyTo(target[BlockHeader.Size..]);
            stored = body.Length;
        }

        var header = new BlockHeader(
            body.Length, stored, _count, _encoder.InstrumentCount, _pending[0].ReceiveTime, _pending[_count - 1].ReceiveTime, _index.EventCount,
            XxHash3.HashToUInt64(target.Slice(BlockHeader.Size, stored)));
        header.Write(target);
        _index.Blocks.Add(new CaptureIndexEntry(BytesWritten, header.FirstReceiveTime, header.LastReceiveTime, header.FirstEvent));
        Append(target[..(BlockHeader.Size + stored)]);
        _index.EventCount += _count;
        _count = 0;
        _blockTexts.Clear();
        _textNumbers.Clear();
    }

    /// <summary>Ends the recording: last block, index, disk, name. The writer is closed then.</summary>
    /// <exception cref="IOException">The disk refuses; the partial file stays.</exception>
    public void Complete()
    {
        Flush();
        Append(_index.Format());
        RandomAccess.FlushToDisk(_file);
        _isClosed = true;
        _file.Dispose();
        File.Move(PartialPath, Path, overwrite: true);
    }

    /// <summary>Without <see cref="Complete"/>: writes the block at hand and leaves the partial file, readable up to there.</summary>
    public void Dispose()
    {
        if (_isClosed)
            return;
        try
        {
            Flush();
        }
        finally
        {
            _isClosed = true;
            _file.Dispose();
        }
    }

    private int NumberInBlock(long number)
    {
        if (_textNumbers.TryGetValue(number, out int known))
            return known;
        ReadOnlySpan<byte> id = _texts!.Get(number);
        _blockTexts.VarUInt((ulong)id.Length);
        _blockTexts.Bytes(id);
        int added = _textNumbers.Count;
        _textNumbers.Add(number, added);
        return added;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file, bytes, BytesWritten);
        BytesWritten += bytes.Length;
    }

    /// <summary>An interrupted recording is evidence: a new one beside it takes the next free name.</summary>
    private static string FreePartialPath(string path)
    {
        string partial = path + ".partial";
        for (int i = 2; File.Exists(partial); i++)
            partial = $"{path}.partial{i}";
        return partial;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowUnknownInstrument(in MarketEvent e) =>
        throw new ArgumentException($"an event of instrument {e.Instrument}, which the writer's table does not hold", nameof(e));
}
