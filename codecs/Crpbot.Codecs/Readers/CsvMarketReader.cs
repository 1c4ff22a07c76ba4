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
    private int _damageSeen;
    private long _refusedSeen;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The header is not that of a Tardis CSV, or not of the wanted type.</exception>
    public CsvMarketReader(string path, TardisCsvOptions options, InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
        : base(instruments, textIds, range, damage)
    {
        (_path, _options) = (path, options);
        _reader = TardisCsvReader.Open(path, instruments, textIds, options);
    }

    public override long Frames => _frames;

    public override long Unknown => 0;

    public override long Dropped => _reader.Dropped;

    public override long Bytes => _reader.BytesRead;

    /// <summary>Data rows read, refused and dropped ones included.</summary>
    public long Rows => _reader.Rows;

    protected override bool ReadNext()
    {
        bool read = _reader.ReadMessage(Message);
        if (_reader.Refused != _refusedSeen)
            NoteDamage();
        if (read)
            _frames++;
        return read;
    }

    protected override void Restart(UnixNanos time)
    {
        _reader.Dispose();
        _reader = TardisCsvReader.Open(_path, Instruments, TextIds, _options);
        (_damageSeen, _refusedSeen, _frames) = (0, 0, 0);
    }

    protected override void Dispose(bool disposing) => _reader.Dispose();

    private void NoteDamage()
    {
        for (; _damageSeen < _reader.Damage.Count; _damageSeen++, _refusedSeen++)
        {
            RowDamage damage = _reader.Damage[_damageSeen];
            Damage.Add(_path, damage.ToString());
        }

        for (; _refusedSeen < _reader.Refused; _refusedSeen++)
            Damage.Add(_path, "a row beyond the first ones");
    }
}
