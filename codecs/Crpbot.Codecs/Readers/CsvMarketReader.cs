using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>A Tardis CSV file, plain or gzip.</summary>
public sealed class CsvMarketReader : MarketReader
{
    private readonly string _path;
    private readonly TardisCsvOptions _options;
    private TardisCsvReader _reader;
    private long _frames;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The header is not that of a Tardis CSV, or not of the wanted type.</exception>
    public CsvMarketReader(string path, TardisCsvOptions options, InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
        : base(instruments, textIds, range, damage)
    {
        (_path, _options) = (path, options);
        _reader = Open();
    }

    public override long Frames => _frames;

    public override long Unknown => 0;

    public override long Dropped => _reader.Dropped;

    public override long Bytes => _reader.BytesRead;

    /// <summary>Data rows read, refused and dropped ones included.</summary>
    public long Rows => _reader.Rows;

    public override long LineOf(int index) => _reader.LineOf(index);

    protected override bool ReadNext()
    {
        bool read = _reader.ReadMessage(Message);
        if (read)
            _frames++;
        return read;
    }

    protected override void Restart(UnixNanos time)
    {
        _reader.Dispose();
        _reader = Open();
        _frames = 0;
    }

    protected override void Dispose(bool disposing) => _reader.Dispose();

    private TardisCsvReader Open()
    {
        TardisCsvReader reader = TardisCsvReader.Open(_path, Instruments, TextIds, _options);
        reader.Refusing = row => Damage.Add(new Refusal(_path, row.Line, row.What) { Kind = row.Kind, Error = row.Error });
        return reader;
    }
}
