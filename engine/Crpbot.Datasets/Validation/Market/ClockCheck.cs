using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Watches receive − exchange of one venue for steps that last.</summary>
/// <remarks>
/// A step counts when the offset leaves both the one before it and the smallest of the last ten seconds by more than the limit, and none comes back within it for the
/// holding time. A recorder that stalled comes back at once, a stamp that is wrong alone too: its order break is found elsewhere. A lag that creeps is none.
/// </remarks>
internal sealed class ClockCheck(MarketValidationOptions options, FindingSink sink)
{
    private const int MinEvents = 10;
    private const long HalfWindow = 5 * UnixNanos.PerSecond;

    private long _smallest = long.MaxValue;
    private long _smallestBefore = long.MaxValue;
    private long _windowEnd = long.MinValue;
    private long _previous;
    private UnixNanos _previousReceive;
    private UnixNanos _previousExchange;
    private bool _any;
    private int _held;
    private Step _step;

    /// <summary>The offset of the event seen last.</summary>
    public long Offset => _previous;

    /// <summary>Takes an event that has an exchange time and is no part of a snapshot.</summary>
    public void Add(in MarketEvent e)
    {
        long offset = e.ReceiveTime - e.ExchangeTime;
        if (_held > 0)
            Hold(offset, e);
        else if (_any && IsFar(offset, _previous) && IsFar(offset, Reference))
            Begin(offset, e);
        else
            Learn(offset, e.ReceiveTime.Value);
        (_previous, _previousReceive, _previousExchange, _any) = (offset, e.ReceiveTime, e.ExchangeTime, true);
    }

    /// <summary>A step still held at the end counts when enough events stand behind it.</summary>
    public void Complete()
    {
        if (_held >= MinEvents)
            Report();
        _held = 0;
    }

    private long Reference => Math.Min(_smallest, _smallestBefore);

    private bool IsFar(long a, long b) => Math.Abs(a - b) > options.ClockJumpNanos;

    private void Begin(long offset, in MarketEvent e)
    {
        long receive = e.ReceiveTime - _previousReceive, exchange = e.ExchangeTime - _previousExchange;
        string clock = Math.Abs(receive) >= Math.Abs(exchange) ? "receive" : "exchange";
        _step = new Step(e.ReceiveTime, sink.Line, Reference, offset - _previous, offset, clock);
        _held = 1;
    }

    private void Hold(long offset, in MarketEvent e)
    {
        if (!IsFar(offset, _step.Before) || Math.Sign(offset - _step.Before) != Math.Sign(_step.Offset - _step.Before))
        {
            _held = 0;
            Learn(offset, e.ReceiveTime.Value);
            return;
        }

        _held++;
        if (e.ReceiveTime - _step.Time < options.ClockHoldNanos || _held < MinEvents)
            return;
        Report();
        _held = 0;
        (_smallest, _smallestBefore, _windowEnd) = (offset, long.MaxValue, e.ReceiveTime.Value + HalfWindow);
    }

    private void Learn(long offset, long time)
    {
        if (time >= _windowEnd)
            (_smallestBefore, _smallest, _windowEnd) = (_smallest, offset, time + HalfWindow);
        else if (offset < _smallest)
            _smallest = offset;
    }

    private void Report()
    {
        Step step = _step;
        sink.AddAt(FindingCode.ClockJump, step.Time, step.Line,
            $"the {step.Clock} clock stepped: receive − exchange went by {step.By / 1e9:+0.000;−0.000} s to {step.Offset / 1e9:0.000;−0.000} s and stayed");
    }

    private readonly record struct Step(UnixNanos Time, long Line, long Before, long By, long Offset, string Clock);
}
