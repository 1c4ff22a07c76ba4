using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Recordings;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>A raw frame recording through the venue's own parser, as the live feed would bring it.</summary>
public sealed class RecordingMarketReader : MarketReader
{
    private readonly string _path;
    private readonly IVenueParser _parser;
    private RawRecordingReader _reader;
    private long _droppedBefore = -1;
    private long _frames;
    private long _unknown;
    private long _bytes;
    private UnixNanos _lastTime;
    private long _line;
    private Action<MarketEvent>? _onRepeatedTrade;

    /// <param name="path">The file.</param>
    /// <param name="parser">Reset by a rewind: it keeps state between messages. It may have read the file before this one.</param>
    /// <param name="textIds">Where the parser puts trade ids that are no integers, if it does.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public RecordingMarketReader(string path, IVenueParser parser, InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
        : base(instruments, textIds, range, damage)
    {
        (_path, _parser) = (path, parser);
        _reader = RawRecordingReader.Open(path);
    }

    public override long LineOf(int index) => _line;

    public override long Frames => _frames;

    public override long Unknown => _unknown;

    public override long Dropped => _parser.Dropped - Math.Max(0, _droppedBefore);

    public override long Bytes => _bytes;

    protected override bool ReadNext()
    {
        if (_droppedBefore < 0)
            _droppedBefore = _parser.Dropped;
        if (!_reader.Read(out RawFrame frame))
            return false;
        _line = frame.LineNumber;
        switch (frame.Kind)
        {
            case RawFrameKind.Message:
            case RawFrameKind.RestSnapshot:
                Parse(frame);
                break;
            case RawFrameKind.Disconnected:
                _parser.Disconnected(frame.HasReceiveTime ? frame.ReceiveTime : _lastTime, Message);
                break;
            case RawFrameKind.Damage:
                Damage.Add(new Refusal(_path, frame.LineNumber, frame.Damage.ToString()) { Kind = KindOf(frame.Damage), Error = ErrorOf(frame.Damage) });
                break;
        }

        if (Message.Count > 0)
            _lastTime = Time;
        return true;
    }

    protected override void Restart(UnixNanos time)
    {
        _reader.Dispose();
        _reader = RawRecordingReader.Open(_path);
        _parser.Reset();
        (_droppedBefore, _frames, _unknown, _bytes, _lastTime) = (-1, 0, 0, 0, UnixNanos.None);
    }

    protected override void Dispose(bool disposing) => _reader.Dispose();

    private void Parse(in RawFrame frame)
    {
        if (frame.HasReceiveTime && !IsWanted(frame.ReceiveTime))
            return;
        if (frame.HasReceiveTime)
            Stamp(frame.ReceiveTime);
        _frames++;
        _bytes += frame.Payload.Length;
        var watched = Damage.Listener is null ? null : _parser as VenueParser;
        if (watched is not null)
            watched.RepeatedTrade = _onRepeatedTrade ??= trade => Damage.Listener!.RepeatedTrade(trade, _line);
        (long updates, long levels) = (watched?.RepeatedUpdates ?? 0, watched?.DroppedLevels ?? 0);
        ParseResult result = frame.Kind == RawFrameKind.RestSnapshot && _parser is BinanceParser snapshots
            ? snapshots.ParseSnapshot(frame.Payload, frame.Symbol, frame.ReceiveTime, Message)
            : _parser.Parse(frame.Payload, frame.ReceiveTime, Message);
        if (result.Status == ParseStatus.Unknown)
            _unknown++;
        else if (result.Status != ParseStatus.Done)
            Damage.Add(_path, frame.LineNumber, result, frame.ReceiveTime);
        if (watched is not null)
            Tell(watched, updates, levels, frame.ReceiveTime);
        if (!frame.HasReceiveTime)
            TakeExchangeTime(frame.LineNumber);
    }

    /// <summary>Tells the listener what the parser left out of a message it understood; such levels are no refusals.</summary>
    private void Tell(VenueParser parser, long updatesBefore, long levelsBefore, UnixNanos time)
    {
        IReadingListener listener = Damage.Listener!;
        for (long i = updatesBefore; i < parser.RepeatedUpdates; i++)
            listener.RepeatedUpdate(time, _line);
        for (long i = levelsBefore; i < parser.DroppedLevels; i++)
            listener.Refused(new Refusal(_path, _line, "a level's quantity is negative or no number") { Error = ParseError.NotPositive, Time = time });
    }

    private static RefusalKind KindOf(RecordingDamage damage) => damage switch
    {
        RecordingDamage.TruncatedGzip or RecordingDamage.UnterminatedLine => RefusalKind.Truncated,
        RecordingDamage.BadTime => RefusalKind.Value,
        _ => RefusalKind.Corrupt,
    };

    /// <summary>None where the file is to blame and not a line of it.</summary>
    private static ParseError ErrorOf(RecordingDamage damage) => damage switch
    {
        RecordingDamage.BadTime => ParseError.InvalidTime,
        RecordingDamage.NoJson or RecordingDamage.BadEnvelope => ParseError.UnexpectedByte,
        _ => ParseError.None,
    };

    /// <summary>Without a receive time the venue's stands in for it; with neither there is no order to replay in.</summary>
    private void TakeExchangeTime(long line)
    {
        foreach (ref MarketEvent e in Message.Writable)
        {
            if ((e.Flags & MarketEventFlags.NoExchangeTime) != 0)
            {
                Damage.Add(new Refusal(_path, line, "neither receive time nor exchange time") { Error = ParseError.InvalidTime });
                Message.Clear();
                return;
            }

            e.ReceiveTime = e.ExchangeTime;
        }
    }
}
