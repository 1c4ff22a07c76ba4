using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>Recordings that follow one another, opened one at a time: the days of one partition.</summary>
/// <remarks>They share instruments, text ids and damage log. Counts are sums over the parts read so far.</remarks>
public sealed class ChainedMarketReader : MarketReader
{
    private readonly IReadOnlyList<(UnixNanos End, Func<MarketReader> Open)> _parts;
    private MarketReader? _current;
    private int _next;
    private long _frames;
    private long _unknown;
    private long _dropped;
    private long _bytes;

    /// <param name="parts">In order: the ReceiveTime no message of the part reaches, and how to open it with the given range.</param>
    public ChainedMarketReader(IReadOnlyList<(UnixNanos End, Func<MarketReader> Open)> parts, Instruments.InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
        : base(instruments, textIds, range, damage)
    {
        _parts = parts;
        Restart(range.From);
    }

    public override long Frames => _frames + (_current?.Frames ?? 0);

    public override long Unknown => _unknown + (_current?.Unknown ?? 0);

    public override long Dropped => _dropped + (_current?.Dropped ?? 0);

    public override long Bytes => _bytes + (_current?.Bytes ?? 0);

    public override long LineOf(int index) => _current!.LineOf(index);

    protected override bool ReadNext()
    {
        while (_current is not null || OpenNext())
        {
            if (_current!.Read())
            {
                foreach (ref readonly MarketEvent e in _current.Message.Events)
                    Message.Add() = e;
                return true;
            }

            CloseCurrent();
        }

        return false;
    }

    protected override void Restart(UnixNanos time)
    {
        _current?.Dispose();
        _current = null;
        (_frames, _unknown, _dropped, _bytes, _next) = (0, 0, 0, 0, 0);
        while (_next < _parts.Count && _parts[_next].End <= time)
            _next++;
    }

    protected override void Dispose(bool disposing) => _current?.Dispose();

    private bool OpenNext()
    {
        if (_next == _parts.Count)
            return false;
        _current = _parts[_next++].Open();
        if (Begin > Range.From)
            _current.SeekTo(Begin);
        return true;
    }

    private void CloseCurrent()
    {
        _frames += _current!.Frames;
        _unknown += _current.Unknown;
        _dropped += _current.Dropped;
        _bytes += _current.Bytes;
        _current.Dispose();
        _current = null;
    }
}
