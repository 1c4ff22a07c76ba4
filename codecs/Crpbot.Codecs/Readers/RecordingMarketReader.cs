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
                Damage.Add($"{_path}: line {frame.LineNumber}", frame.Damage.ToString());
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
        ParseResult result = frame.Kind == RawFrameKind.RestSnapshot && _parser is BinanceParser snapshots
            ? snapshots.ParseSnapshot(frame.Payload, frame.Symbol, frame.ReceiveTime, Message)
            : _parser.Parse(frame.Payload, frame.ReceiveTime, Message);
        if (result.Status == ParseStatus.Unknown)
            _unknown++;
        else if (result.Status != ParseStatus.Done)
            Damage.Add(_path, frame.LineNumber, result);
        if (!frame.HasReceiveTime)
            TakeExchangeTime(frame.LineNumber);
    }

    /// <summary>Without a receive time the venue's stands in for it; with neither there is no order to replay in.</summary>
    private void TakeExchangeTime(long line)
    {
        foreach (ref MarketEvent e in Message.Writable)
        {
            if ((e.Flags & MarketEventFlags.NoExchangeTime) != 0)
            {
                Damage.Add($"{_path}: line {line}", "neither receive time nor exchange time");
                Message.Clear();
                return;
            }

            e.ReceiveTime = e.ExchangeTime;
        }
    }
}
