using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>Collects one Instrument's Trades and closes a Bar at every Timer, unless the feed was not known to be whole.</summary>
/// <remarks>
/// <code>
///   Trade ──► refused?  late?  ──► trades of the minutes not closed yet ──► Timer: the minute's Trades, or no Bar
///   any message ──► the feed is alive;  Gap, Disconnect, silence ──► a hole: minutes it touches have no Bar
/// </code>
/// Trades stamped after the closing minute wait for theirs. Owned by one stage; allocates only while its arrays grow to the busiest
/// minute. Source: features-33, section 2.
/// </remarks>
public sealed partial class BarAggregator
{
    /// <summary>An ExchangeTime that leads ReceiveTime by more is damage: such a Trade is refused.</summary>
    public const long MaxLeadNanos = UnixNanos.PerMinute;

    /// <summary>Minutes without a Bar after which the previous close is no longer known.</summary>
    public const int MissingBarsKept = 5;

    /// <summary>Beyond this a price cannot be compared exactly with the book's bands, and a sum of quantities might wrap.</summary>
    public const long MaxTicks = 1L << 52;
    public const long MaxLots = 1L << 58;

    private const int MaxHoles = 64;

    private long _quietLimit;
    private readonly (long Start, long End)[] _holes = new (long, long)[MaxHoles];
    private BarTrade[] _trades;
    private int _tradeCount;
    private int _closedTrades;
    private int _holeCount;
    private long _lastAlive = long.MinValue;
    private bool _isDown;
    private long _lastTradeTime = long.MinValue;
    private long _lastTradeMinute = long.MinValue;
    private long _minuteLots;
    private long _closedEnd = long.MinValue;
    private long _lastBarOpen = long.MinValue;
    private Price _lastClose;
    private int _lateSinceClose;

    /// <param name="quietLimitNanos">How long no message at all still means a healthy feed.</param>
    /// <param name="capacity">Trades a minute to be ready for; grows by doubling.</param>
    public BarAggregator(long quietLimitNanos, int capacity = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quietLimitNanos, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _quietLimit = quietLimitNanos;
        _trades = new BarTrade[capacity];
    }

    /// <summary>How long no message at all means a healthy feed, from now on.</summary>
    public long QuietLimitNanos
    {
        get => _quietLimit;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _quietLimit = value;
        }
    }

    /// <summary>Trades it has room for.</summary>
    public int Capacity => _trades.Length;

    /// <summary>Trades whose Bar had closed before they came.</summary>
    public long LateTrades { get; private set; }

    /// <summary>Trades with impossible values, a time that goes back across a Bar, or one that leads ReceiveTime by over a minute.</summary>
    public long Refused { get; private set; }

    public long Bars { get; private set; }

    /// <summary>End of the last minute closed, present or missing.</summary>
    public UnixNanos ClosedEnd => new(_closedEnd);

    /// <summary>Trades of the minute closed last. Valid until the next event.</summary>
    public Span<BarTrade> ClosedTrades => _trades.AsSpan(0, _closedTrades);

    /// <summary>Takes a Trade of this Instrument.</summary>
    public void ApplyTrade(in MarketEvent e)
    {
        Alive(e);
        DropClosed();
        long time = e.ExchangeTime.Value;
        if (e.Price.Ticks is <= 0 or > MaxTicks || e.Quantity.Lots is <= 0 or > MaxLots || Leads(e))
        {
            Refused++;
            return;
        }

        if (time < _closedEnd)
        {
            LateTrades++;
            _lateSinceClose++;
            return;
        }

        long minute = new UnixNanos(time).Floor(UnixNanos.PerMinute).Value;
        if (minute < _lastTradeMinute)
        {
            Refused++;
            return;
        }

        if (minute > _lastTradeMinute)
            (_lastTradeMinute, _minuteLots) = (minute, 0);
        if (_minuteLots > long.MaxValue - e.Quantity.Lots)
        {
            Refused++;
            return;
        }

        _minuteLots += e.Quantity.Lots;
        _lastTradeTime = Math.Max(time, _lastTradeTime);
        if (_tradeCount == _trades.Length)
            Array.Resize(ref _trades, _trades.Length * 2);
        _trades[_tradeCount++] = new BarTrade { Time = new(_lastTradeTime), Price = e.Price, Quantity = e.Quantity, Side = e.Side };
    }

    /// <summary>Takes any message of the connection as a sign of life; a silence before it becomes a hole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Alive(in MarketEvent e)
    {
        if (e.ExchangeTime.Value > _lastAlive)
            AliveLater(e);
    }

    /// <summary>Takes a Gap of the trades channel: what came between the last Trade and now is unknown.</summary>
    public void ApplyGap(in MarketEvent e)
    {
        long time = TimeOf(e);
        AddHole(Math.Min(time, _lastTradeTime == long.MinValue ? time : _lastTradeTime), time == long.MaxValue ? time : time + 1);
    }

    /// <summary>Takes a Disconnect: nothing is known from the last message until one with a later time.</summary>
    public void ApplyDisconnect(in MarketEvent e)
    {
        if (_lastAlive == long.MinValue)
            _lastAlive = TimeOf(e);
        _isDown = true;
    }

    /// <summary>Counts a late event of another channel into the Bar in progress.</summary>
    public void CountLate() => _lateSinceClose++;

    /// <summary>Closes the Timer's minute.</summary>
    /// <param name="timer">ExchangeTime is the end of the minute.</param>
    /// <param name="bar">The Bar, without Instrument, side volumes and end of book; <see cref="ClosedTrades"/> are its Trades.</param>
    /// <returns>False when the minute has no Bar, or the Timer is none: repeated, going back, off the minute.</returns>
    public bool Close(in MarketEvent timer, out Bar bar)
    {
        bar = default;
        DropClosed();
        long end = timer.ExchangeTime.Value;
        if (!IsTimer(timer))
            return false;
        long open = end - UnixNanos.PerMinute;
        SelectTrades(open, end);
        bool isWhole = !HasHole(open, end);
        _closedEnd = end;
        bar.LateEvents = _lateSinceClose;
        _lateSinceClose = 0;
        long missing = _lastBarOpen == long.MinValue ? 0 : (open - _lastBarOpen) / UnixNanos.PerMinute - 1;
        bool isKnown = _lastBarOpen != long.MinValue && missing <= MissingBarsKept;
        if (!isWhole || (_closedTrades == 0 && !isKnown))
            return false;

        Fill(ref bar, open);
        if (missing > 0)
            bar.Flags |= isKnown ? BarFlags.AfterGap : BarFlags.Restarted;
        (_lastBarOpen, _lastClose) = (open, bar.Close);
        Bars++;
        return true;
    }

    /// <summary>A Timer that closes a minute not closed yet.</summary>
    public bool IsTimer(in MarketEvent timer)
    {
        UnixNanos end = timer.ExchangeTime;
        return timer.Kind == MarketEventKind.Timer && end.Value > _closedEnd && end <= timer.ReceiveTime && end.Value >= UnixNanos.PerMinute &&
            end.Value % UnixNanos.PerMinute == 0;
    }

    private void Fill(ref Bar bar, long open)
    {
        bar.OpenTime = new(open);
        bar.Trades = _closedTrades;
        if (_closedTrades == 0)
        {
            bar.Open = bar.High = bar.Low = bar.Close = _lastClose;
            bar.Flags = BarFlags.NoTrades;
            return;
        }

        ReadOnlySpan<BarTrade> trades = ClosedTrades;
        bar.Open = trades[0].Price;
        bar.Close = trades[^1].Price;
        long high = long.MinValue, low = long.MaxValue, lots = 0;
        Int128 tickLots = 0;
        foreach (ref readonly BarTrade trade in trades)
        {
            high = Math.Max(high, trade.Price.Ticks);
            low = Math.Min(low, trade.Price.Ticks);
            lots += trade.Quantity.Lots;
            tickLots += Multiply(trade.Price.Ticks, trade.Quantity.Lots);
        }

        (bar.High, bar.Low, bar.Volume, bar.TickLots) = (new(high), new(low), new(lots), tickLots);
    }

    /// <summary>The exact product of ticks and lots.</summary>
    public static Int128 Multiply(long a, long b)
    {
        long high = Math.BigMul(a, b, out long low);
        return new Int128((ulong)high, (ulong)low);
    }

    /// <summary>Moves the Trades of [open, end) to the front and forgets those of minutes that were never closed.</summary>
    private void SelectTrades(long open, long end)
    {
        Span<BarTrade> trades = _trades.AsSpan(0, _tradeCount);
        int before = 0;
        while (before < trades.Length && trades[before].Time.Value < open)
            before++;
        trades[before..].CopyTo(trades);
        _tradeCount -= before;
        trades = trades[.._tradeCount];
        _closedTrades = 0;
        while (_closedTrades < trades.Length && trades[_closedTrades].Time.Value < end)
            _closedTrades++;
    }

    /// <summary>Forgets the Trades of the minute closed last: nobody may look at them any more.</summary>
    private void DropClosed()
    {
        if (_closedTrades == 0)
            return;
        _trades.AsSpan(_closedTrades, _tradeCount - _closedTrades).CopyTo(_trades);
        _tradeCount -= _closedTrades;
        _closedTrades = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AliveLater(in MarketEvent e)
    {
        if (Leads(e))
            return;
        long time = e.ExchangeTime.Value;
        // Before the first message nothing is known; both times are in order, so the unsigned difference cannot wrap.
        if (_isDown || _lastAlive == long.MinValue)
            AddHole(_lastAlive, time);
        else if ((ulong)(time - _lastAlive) > (ulong)_quietLimit)
            AddHole(_lastAlive + _quietLimit, time);

        _isDown = false;
        _lastAlive = time;
    }

    private bool HasHole(long open, long end)
    {
        bool has = _lastAlive == long.MinValue || (_lastAlive < end && (_isDown || (ulong)(end - _lastAlive) > (ulong)_quietLimit));
        int kept = 0;
        for (int i = 0; i < _holeCount; i++)
        {
            has |= _holes[i].Start < end && _holes[i].End > open;
            if (_holes[i].End > end)
                _holes[kept++] = _holes[i];
        }

        _holeCount = kept;
        return has;
    }

    /// <summary>Remembers [start, end). A full list grows its last hole, which can only cost Bars, not give wrong ones.</summary>
    private void AddHole(long start, long end)
    {
        if (_holeCount == MaxHoles)
        {
            ref (long Start, long End) last = ref _holes[MaxHoles - 1];
            last = (Math.Min(last.Start, start), Math.Max(last.End, end));
            return;
        }

        _holes[_holeCount++] = (start, end);
    }

    private static long TimeOf(in MarketEvent e) =>
        Leads(e) || e.ExchangeTime.Value == 0 ? e.ReceiveTime.Value : e.ExchangeTime.Value;

    private static bool Leads(in MarketEvent e) => e.ExchangeTime.Value > e.ReceiveTime.Value && (ulong)(e.ExchangeTime.Value - e.ReceiveTime.Value) > MaxLeadNanos;
}
