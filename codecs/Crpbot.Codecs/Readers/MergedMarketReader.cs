using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>Several recordings as one stream in order of ReceiveTime.</summary>
/// <remarks>
/// A tie goes to the input that stands first in the list, so equal inputs in equal order give equal streams. Inside an input the order of the
/// recording is kept: where its ReceiveTime goes back, the message counts as of the latest time before it. One message of each input is held, nothing else.
/// The inputs share instruments, text ids and damage log with the merged reader, which owns them.
/// </remarks>
public sealed class MergedMarketReader : MarketReader
{
    private readonly IReadOnlyList<MarketReader> _inputs;
    private readonly PriorityQueue<int, (UnixNanos Time, int Input)> _heads = new();
    private readonly UnixNanos[] _latest;
    private int _consumed = -1;
    private bool _isPrimed;

    public MergedMarketReader(IReadOnlyList<MarketReader> inputs, InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
        : base(instruments, textIds, range, damage)
    {
        _inputs = inputs;
        _latest = new UnixNanos[inputs.Count];
        Array.Fill(_latest, ReadRange.All.From);
    }

    public override long Frames => _inputs.Sum(input => input.Frames);

    public override long Unknown => _inputs.Sum(input => input.Unknown);

    public override long Dropped => _inputs.Sum(input => input.Dropped);

    public override long Bytes => _inputs.Sum(input => input.Bytes);

    public override long LineOf(int index) => _inputs[_consumed].LineOf(index);

    protected override bool ReadNext()
    {
        if (!_isPrimed)
        {
            for (int i = 0; i < _inputs.Count; i++)
                Advance(i);
            _isPrimed = true;
        }
        else if (_consumed >= 0)
        {
            Advance(_consumed);
        }

        if (!_heads.TryDequeue(out _consumed, out _))
        {
            _consumed = -1;
            return false;
        }

        foreach (ref readonly MarketEvent e in _inputs[_consumed].Message.Events)
            Message.Add() = e;
        return true;
    }

    protected override void Restart(UnixNanos time)
    {
        foreach (MarketReader input in _inputs)
            input.SeekTo(time);
        _heads.Clear();
        Array.Fill(_latest, ReadRange.All.From);
        (_consumed, _isPrimed) = (-1, false);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (MarketReader input in _inputs)
            input.Dispose();
    }

    private void Advance(int input)
    {
        if (!_inputs[input].Read())
            return;
        if (_inputs[input].Time > _latest[input])
            _latest[input] = _inputs[input].Time;
        _heads.Enqueue(input, (_latest[input], input));
    }
}
