using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

/// <summary>How a Tardis CSV is read.</summary>
public sealed record TardisCsvOptions
{
    /// <summary>What the file holds; null: deduced from its columns and name.</summary>
    public TardisCsvType? Type { get; init; }

    /// <summary>Only rows of this exchange; for a file without that column, the exchange of all rows.</summary>
    public string? Exchange { get; init; }

    /// <summary>Only rows of this symbol (upper-case); for a file without that column, the symbol of all rows.</summary>
    public string? Symbol { get; init; }
}

/// <summary>Streams a Tardis CSV, gzip or plain, as MarketEvents, one exchange message at a time.</summary>
/// <remarks>
/// Columns are found by name. Rows of equal local_timestamp are one message; a snapshot begins with a BookClear; rows before the first
/// snapshot are dropped. A row that cannot be read, or holds a value that is no whole tick or lot, is refused and reading goes on. The
/// layout page is <c>codecs/docs/tardis-csv.md</c>. Memory is bounded; nothing is allocated once every Instrument was seen. One thread at a time.
/// </remarks>
public sealed partial class TardisCsvReader : IDisposable
{
    private const int MaxDamageKept = 20;
    private const int MaxRowLength = 1 << 20;
    private readonly Stream _stream;
    private readonly GzipReadStream? _gzip;
    private readonly LineReader _lines;
    private readonly InstrumentTable _instruments;
    private readonly TextIdTable _textIds;
    private readonly TardisCsvOptions _options;
    private readonly List<RowDamage> _damage = new(MaxDamageKept);
    private readonly TardisCsvColumns? _columns;
    private readonly int[] _fieldEnds;
    private readonly bool _rowIsMessage;
    private readonly List<long> _eventLines = [];
    private bool _ended;
    private bool _isUnterminated;

    /// <param name="stream">Gzip when it begins with gzip's magic. Disposed with the reader.</param>
    /// <param name="instruments">Gives ticks and lots; new Instruments are added.</param>
    /// <param name="textIds">Takes trade ids that are no 63-bit integers.</param>
    /// <param name="options">Null: everything is deduced and read.</param>
    /// <param name="name">Of the file, for errors and for telling types with equal columns apart.</param>
    /// <exception cref="InvalidDataException">The header is not that of a Tardis CSV, or not of the wanted type.</exception>
    public TardisCsvReader(Stream stream, InstrumentTable instruments, TextIdTable textIds, TardisCsvOptions? options = null, string name = "input")
    {
        ArgumentNullException.ThrowIfNull(stream);
        _instruments = instruments;
        _textIds = textIds;
        _options = options ?? new TardisCsvOptions();
        _stream = CompressedInput.Open(stream, out _gzip);
        _lines = new LineReader(_stream, MaxRowLength);
        _fieldEnds = [];
        // A day without data is an empty file, with or without a header.
        LineStatus status = _lines.Read(out ReadOnlySpan<byte> header);
        if (status != LineStatus.Line && _gzip is { Damage: not GzipDamage.None })
            throw new InvalidDataException($"{name}: line 1: the gzip file is cut or corrupt before the end of its header line");
        if (status == LineStatus.End)
        {
            _ended = true;
            Type = _options.Type ?? TardisCsvTypes.OfFileName(name);
            return;
        }

        _columns = TardisCsvColumns.Parse(header, _options.Type, name);
        if (_columns.Exchange < 0 && _options.Exchange is null)
            throw new InvalidDataException($"{name}: line 1: no column 'exchange'; say which it is with --exchange");
        if (_columns.Symbol < 0 && _options.Symbol is null)
            throw new InvalidDataException($"{name}: line 1: no column 'symbol'; say which it is with --symbol");
        Type = _columns.Type;
        _rowIsMessage = Type is not (TardisCsvType.Trades or TardisCsvType.Liquidations or TardisCsvType.IncrementalBookL2);
        _fieldEnds = new int[_columns.Count];
    }

    /// <summary>What the file holds; null for an empty file of unknown name.</summary>
    public TardisCsvType? Type { get; }

    /// <summary>Data rows read, refused and dropped ones included.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows that could not be read.</summary>
    public long Refused { get; private set; }

    /// <summary>Rows without effect: updates before their book's first snapshot, best prices without any price.</summary>
    public long Dropped { get; private set; }

    /// <summary>Decompressed bytes read.</summary>
    public long BytesRead => _lines.BytesRead;

    /// <summary>The first twenty refusals.</summary>
    public IReadOnlyList<RowDamage> Damage => _damage;

    /// <summary>Hears of every refusal, also of those that are no longer kept.</summary>
    public Action<RowDamage>? Refusing { get; set; }

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The header is not that of a Tardis CSV, or not of the wanted type.</exception>
    public static TardisCsvReader Open(string path, InstrumentTable instruments, TextIdTable textIds, TardisCsvOptions? options = null)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1, FileOptions.SequentialScan);
        try
        {
            return new TardisCsvReader(file, instruments, textIds, options, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends the events of the next message, LastInMessage on the last; false at the end of the file.</summary>
    public bool ReadMessage(MarketEventBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int start = output.Count;
        _eventLines.Clear();
        while (_hasPending || ReadRow(output))
        {
            if (_rowIsMessage)
                return Close(output);
            if (output.Count > start && !PendingContinues(output.Events[^1]))
                return Close(output);
            AppendPending(output);
            if (_pendingEndsMessage && output.Count > start)
                return Close(output);
        }

        return output.Count > start && Close(output);
    }

    /// <summary>The line an event of the message read last was on, 1 upwards, the header included.</summary>
    /// <param name="index">0 is the message's first event.</param>
    public long LineOf(int index) => _rowIsMessage ? _lines.LineNumber : _eventLines[index];

    public void Dispose() => _stream.Dispose();

    private static bool Close(MarketEventBuffer output)
    {
        output.Writable[^1].Flags |= MarketEventFlags.LastInMessage;
        return true;
    }

    /// <summary>Reads rows until one yields something: events in <paramref name="output"/> where a row is a message, else a pending event.</summary>
    private bool ReadRow(MarketEventBuffer output)
    {
        while (!_ended)
        {
            LineStatus status = _lines.Read(out ReadOnlySpan<byte> line);
            switch (status)
            {
                case LineStatus.End:
                    NoteEnd();
                    return false;
                case LineStatus.TooLong:
                    Rows++;
                    Refuse(-1, $"longer than {MaxRowLength} bytes");
                    continue;
                case LineStatus.Unterminated when _gzip is { Damage: not GzipDamage.None }:
                    NoteEnd();
                    return false;
            }

            if (line.IsEmpty)
                continue;
            Rows++;
            _isUnterminated = status == LineStatus.Unterminated;
            int start = output.Count;
            if (_rowIsMessage ? ReadWholeMessage(line, output) : ReadPending(line))
                return true;
            output.Truncate(start);
        }

        return false;
    }

    private void NoteEnd()
    {
        _ended = true;
        if (_gzip is { Damage: GzipDamage.Truncated })
            Refuse(-1, "the gzip file ends early; every complete row before this line was read", kind: RefusalKind.Truncated);
        else if (_gzip is { Damage: GzipDamage.Corrupt })
            Refuse(-1, "the gzip file is corrupt from here on, and rows before this line may be wrong", kind: RefusalKind.Corrupt);
    }

    private bool Refuse(int column, string reason, ParseError error = ParseError.None, RefusalKind kind = RefusalKind.Value)
    {
        Refused++;
        if (_damage.Count >= MaxDamageKept && Refusing is null)
            return false;
        // A last line without line feed that does not read was cut off.
        kind = _isUnterminated ? RefusalKind.Truncated : kind;
        var damage = new RowDamage(_ended ? _lines.LineNumber + 1 : _lines.LineNumber, _columns?.NameOf(column) ?? "", reason) { Error = error, Kind = kind };
        if (_damage.Count < MaxDamageKept)
            _damage.Add(damage);
        Refusing?.Invoke(damage);
        return false;
    }

    private bool Refuse(int column, ParseError error) => Refuse(column, _damage.Count < MaxDamageKept || Refusing is not null ? error.ToString() : "", error);
}
