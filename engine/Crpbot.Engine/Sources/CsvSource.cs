using System.Diagnostics;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Engine.Sources;

/// <summary>A Tardis CSV file, message by message.</summary>
public sealed class CsvSource : ReplaySource
{
    private readonly string _path;
    private readonly InstrumentTable _instruments;
    private readonly TardisCsvOptions _options;
    private readonly UnixNanos _from;
    private readonly UnixNanos _to;
    private readonly MarketEventBuffer _message = new();
    private readonly TextIdTable _textIds = new();
    private TardisCsvReader _reader;
    private int _damageSeen;
    private long _refusedSeen;

    public CsvSource(string path, TardisCsvOptions options, InstrumentTable instruments, UnixNanos from, UnixNanos to, DamageLog damage)
        : base(damage)
    {
        (_path, _options, _instruments, _from, _to) = (path, options, instruments, from, to);
        _reader = TardisCsvReader.Open(path, instruments, _textIds, options);
    }

    public override TextIdTable TextIds => _textIds;

    public override long Dropped => _reader.Dropped;

    internal override bool Next(FeedReceiver receiver)
    {
        _message.Clear();
        bool read = _reader.ReadMessage(_message);
        NoteDamage();
        Bytes = _reader.BytesRead;
        if (!read)
            return false;
        Frames++;
        UnixNanos time = _message.Events[0].ReceiveTime;
        if (!IsWithin(time, _from, _to))
            return true;
        Pacer?.WaitFor(time);
        long wire = Sample();
        receiver.Receive(_message, wire, wire == 0 ? 0 : Stopwatch.GetTimestamp());
        return true;
    }

    public override void Rewind()
    {
        base.Rewind();
        _reader.Dispose();
        _textIds.Reset();
        _reader = TardisCsvReader.Open(_path, _instruments, _textIds, _options);
        (_damageSeen, _refusedSeen) = (0, 0);
    }

    public override void Dispose() => _reader.Dispose();

    private void NoteDamage()
    {
        if (_reader.Refused == _refusedSeen)
            return;
        for (; _damageSeen < _reader.Damage.Count; _damageSeen++, _refusedSeen++)
        {
            RowDamage damage = _reader.Damage[_damageSeen];
            Damage.Add(_path, damage.ToString());
        }

        for (; _refusedSeen < _reader.Refused; _refusedSeen++)
            Damage.Add(_path, "a row beyond the first ones");
    }
}
