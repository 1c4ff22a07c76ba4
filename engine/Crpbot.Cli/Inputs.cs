using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Venues;
using Crpbot.Datasets.Lake;
using Crpbot.Engine.Sources;

namespace Crpbot.Cli;

/// <summary>Opens whatever a command was given: a capture or Parquet file by its magic, a lake by being a folder, a Tardis CSV or a raw recording by its flags.</summary>
/// <remarks>Files that follow one another share parsers, so that a book is carried over from one to the next.</remarks>
internal sealed class Inputs(InputSelection selection, InstrumentTable instruments, IReadingListener? listener = null)
{
    private readonly TextIdTable _textIds = new();
    private VenueParsers? _parsers;

    private VenueParsers Parsers => _parsers ??= new VenueParsers(instruments, _textIds);

    private DamageLog NewDamageLog() => new(selection.Strict) { Listener = listener };

    /// <summary>A file's messages, without the Timers a capture holds.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not of the named format.</exception>
    /// <exception cref="UsageException">Nothing says what the file is.</exception>
    public MarketReader OpenReader(string path, ReadRange range)
    {
        if (Lakes.IsOne(path))
            return OpenLake(path, range);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file");
        if (CaptureFile.IsCapture(path))
            return new CaptureMarketReader(path, instruments, _textIds, range, NewDamageLog());
        if (ParquetFile.IsParquet(path))
            return new ParquetMarketReader(path, instruments, _textIds, range, NewDamageLog());
        if (selection.CsvType is { } type)
            return new CsvMarketReader(path, CsvOptions(type), instruments, _textIds, range, NewDamageLog());
        if (selection.Venue is { } venue)
            return new RecordingMarketReader(path, Parsers.Of(venue), instruments, _textIds, range, NewDamageLog());
        if (new FileInfo(path).Length < CaptureFile.MagicLength)
            throw new InvalidDataException($"{path}: {new FileInfo(path).Length} bytes are too few for a capture; a recording or CSV needs --venue or --csv-type");
        throw new UsageException($"{path} is no capture and no Parquet file; say what it is with --venue (raw recording) or --csv-type (Tardis CSV)");
    }

    /// <summary>All that a lake has of one symbol, as one stream.</summary>
    private MarketReader OpenLake(string path, ReadRange range)
    {
        if (range.Symbol is null)
            throw new UsageException($"{path} is {(S3Location.IsOne(path) ? "an object store" : "a folder")}; of a lake, say with --symbol what to read, and with --exchange where it is traded");
        var query = new LakeQuery
        {
            Venue = selection.Exchange,
            Symbols = [range.Symbol],
            Types = selection.CsvType is { } type ? [CsvOptions(type).Type!.Value] : [],
            From = range.From,
            To = range.To,
        };
        return LakeReader.Open(Lakes.Open(path), query, instruments, NewDamageLog(), ownsLake: true);
    }

    /// <summary>A file to be replayed: of a capture, the ring that was saved.</summary>
    /// <inheritdoc cref="OpenReader"/>
    public ReplaySource Open(string path, ReadRange range) => File.Exists(path) && CaptureFile.IsCapture(path)
        ? new CaptureSource(path, instruments, range, NewDamageLog())
        : new ReaderSource(OpenReader(path, range));

    /// <exception cref="InvalidDataException">Messages were read and not one of them was understood.</exception>
    public void RefuseWrongFormat(string path, DamageLog damage, long events)
    {
        if (events == 0 && damage.Refused > 0)
            throw new InvalidDataException($"{path}: nothing in it reads as {selection.Venue ?? selection.CsvType}; the first refusal: {damage.First[0]}");
    }

    private TardisCsvOptions CsvOptions(string type) => new()
    {
        Type = TardisCsvTypes.TryParse(type, out TardisCsvType known) ? known : throw new UsageException($"--csv-type: no type '{type}'; see --help"),
        Exchange = selection.Exchange,
        Symbol = selection.Range.Symbol,
    };
}
