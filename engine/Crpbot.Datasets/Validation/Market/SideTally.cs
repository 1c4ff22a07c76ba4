using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Asks hour by hour whether buys print at or above the mid in force before them, and sells at or below.</summary>
/// <remarks>
/// A trade is asked when the book has passed its time, since trades and books come on different channels. Mids are twice the mid in ticks, 0 for none; the latest 4,096
/// are kept. Source: features-33, section 1.
/// </remarks>
internal sealed class SideTally(int tradesNeeded, FindingSink sink, string name)
{
    private const int Kept = 4096;
    private const int MaxWaiting = 1 << 16;

    /// <summary>Below twenty a fair feed fails the 60 % line more often than once in a thousand hours.</summary>
    private const int MinTrades = 20;

    private readonly long[] _times = new long[Kept];
    private readonly long[] _mids = new long[Kept];
    private readonly Queue<Asked> _waiting = new();
    private long _count;
    private long _hour = long.MinValue;
    private long _right;
    private long _asked;
    private long _firstAsked;
    private long _lastAsked;
    private Asked _firstWrong;

    /// <summary>Takes the mid of a moment; 0 where the book cannot be read.</summary>
    public void SetMid(long time, long midTwice)
    {
        if (_count > 0)
        {
            int last = (int)((_count - 1) % Kept);
            if (_mids[last] == midTwice && _waiting.Count == 0)
                return;
            time = Math.Max(time, _times[last]);
        }

        while (_waiting.TryPeek(out Asked next) && next.Time <= time)
            Ask(_waiting.Dequeue());
        if (_count > 0 && _mids[(int)((_count - 1) % Kept)] == midTwice)
            return;
        (_times[_count % Kept], _mids[_count % Kept]) = (time, midTwice);
        _count++;
    }

    /// <param name="time">On the book's clock.</param>
    /// <param name="e">A trade of known side.</param>
    public void Add(long time, in MarketEvent e)
    {
        if (_count == 0)
            return;
        _waiting.Enqueue(new Asked(time, e.Price.Ticks, e.Side, e.ReceiveTime, sink.Line));
        if (_waiting.Count > MaxWaiting)
            Ask(_waiting.Dequeue());
    }

    public void Complete()
    {
        while (_waiting.TryDequeue(out Asked trade))
            Ask(trade);
        Judge();
    }

    private void Ask(in Asked trade)
    {
        long mid = MidBefore(trade.Time);
        if (mid == 0)
            return;
        long hour = trade.Time / UnixNanos.PerHour;
        if (hour > _hour)
        {
            Judge();
            (_hour, _right, _asked, _firstAsked, _firstWrong) = (hour, 0, 0, trade.Time, default);
        }

        long distance = 2 * trade.Ticks - mid;
        bool isRight = trade.Side == Side.Buy ? distance >= 0 : distance <= 0;
        _asked++;
        _lastAsked = trade.Time;
        if (isRight)
            _right++;
        else if (_firstWrong.Time == 0)
            _firstWrong = trade;
    }

    private long MidBefore(long time)
    {
        for (long i = _count - 1; i >= Math.Max(0, _count - Kept); i--)
        {
            if (_times[i % Kept] < time)
                return _mids[i % Kept];
        }

        return 0;
    }

    private void Judge()
    {
        if (_asked < MinTrades)
            return;
        double share = (double)_right / _asked;
        // Inside a burst the book lags its trades by milliseconds and more: that makes sides doubtful, never inverted.
        bool isShort = _asked < tradesNeeded || _lastAsked - _firstAsked < UnixNanos.PerMinute;
        if (share >= (isShort ? 0.6 : 0.9))
            return;
        string what = share < 0.6 ? "sides are inverted or clocks disagree" : "sides are doubtful";
        sink.AddAt(FindingCode.SideInverted, _firstWrong.Received, _firstWrong.Line,
            $"{name}: of {_asked} trades in the hour from {new UnixNanos(_hour * UnixNanos.PerHour)} {share:P1} print on their side of the mid before them: {what}",
            severity: share < 0.6 ? Severity.Error : Severity.Warning);
    }

    private readonly record struct Asked(long Time, long Ticks, Side Side, UnixNanos Received, long Line);
}
