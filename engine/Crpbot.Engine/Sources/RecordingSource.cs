using System.Diagnostics;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Recordings;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Engine.Sources;

/// <summary>A raw frame recording through the venue's own parser, as the live feed would bring it.</summary>
public sealed class RecordingSource : ReplaySource
{
    private readonly string _path;
    private readonly UnixNanos _from;
    private readonly UnixNanos _to;
    private readonly SymbolFilter? _filter;
    private readonly MarketEventBuffer _message = new();
    private RawRecordingReader _reader;
    private long _droppedBefore = -1;
    private readonly IVenueParser _parser;

    /// <param name="parser">Reset before each further pass: it keeps state between messages.</param>
    /// <param name="textIds">Where the parser puts trade ids that are no integers, if it does.</param>
    public RecordingSource(string path, IVenueParser parser, TextIdTable? textIds, InstrumentTable instruments, string? symbol, UnixNanos from, UnixNanos to, DamageLog damage)
        : base(damage)
    {
        _path = path;
        _from = from;
        _to = to;
        _filter = symbol is null ? null : new SymbolFilter(instruments, symbol);
        _reader = RawRecordingReader.Open(path);
        _parser = parser;
        TextIds = textIds;
    }

    public override long Dropped => _parser.Dropped - Math.Max(0, _droppedBefore);

    public override TextIdTable? TextIds { get; }

    internal override bool Next(FeedReceiver receiver)
    {
        // A parser may have read the file before this one.
        if (_droppedBefore < 0)
            _droppedBefore = _parser.Dropped;
        if (!_reader.Read(out RawFrame frame))
            return false;
        switch (frame.Kind)
        {
            case RawFrameKind.Message:
            case RawFrameKind.RestSnapshot:
                OnMessage(frame, receiver);
                break;
            case RawFrameKind.Disconnected:
                _message.Clear();
                _parser.Disconnected(frame.HasReceiveTime ? frame.ReceiveTime : receiver.LastTime, _message);
                receiver.Receive(_message, 0, 0);
                break;
            case RawFrameKind.Damage:
                Damage.Add($"{_path}: line {frame.LineNumber}", frame.Damage.ToString());
                break;
        }

        return true;
    }

    public override void Rewind()
    {
        base.Rewind();
        _reader.Dispose();
        _reader = RawRecordingReader.Open(_path);
        _parser.Reset();
        _droppedBefore = -1;
    }

    public override void Dispose() => _reader.Dispose();

    private void OnMessage(in RawFrame frame, FeedReceiver receiver)
    {
        if (frame.HasReceiveTime && !IsWithin(frame.ReceiveTime, _from, _to))
            return;
        if (frame.HasReceiveTime)
            Pacer?.WaitFor(frame.ReceiveTime);
        Frames++;
        Bytes += frame.Payload.Length;
        long wire = Sample();
        _message.Clear();
        ParseResult result = frame.Kind == RawFrameKind.RestSnapshot && _parser is BinanceParser snapshots
            ? snapshots.ParseSnapshot(frame.Payload, frame.Symbol, frame.ReceiveTime, _message)
            : _parser.Parse(frame.Payload, frame.ReceiveTime, _message);
        if (result.Status == ParseStatus.Unknown)
            Unknown++;
        else if (result.Status != ParseStatus.Done)
            Damage.Add(_path, frame.LineNumber, result);
        if (_message.Count == 0)
            return;
        _filter?.Apply(_message);
        if (!frame.HasReceiveTime && !TakeExchangeTime(frame.LineNumber))
            return;
        receiver.Receive(_message, wire, wire == 0 ? 0 : Stopwatch.GetTimestamp());
    }

    /// <summary>Without a receive time the venue's stands in for it; with neither there is no order to replay in.</summary>
    private bool TakeExchangeTime(long line)
    {
        foreach (ref MarketEvent e in _message.Writable)
        {
            if ((e.Flags & MarketEventFlags.NoExchangeTime) != 0)
            {
                Damage.Add($"{_path}: line {line}", "neither receive time nor exchange time");
                return false;
            }

            e.ReceiveTime = e.ExchangeTime;
        }

        return _message.Count > 0 && IsWithin(_message.Events[0].ReceiveTime, _from, _to);
    }
}
