using System.Runtime.CompilerServices;
using Crpbot.Features.Kernels;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>Follows one Instrument's book in ExchangeTime and leaves a <see cref="BookMinute"/> behind for every minute.</summary>
/// <remarks>
/// <code>
///   BookDelta ─► below the ten best levels? ─► book only                                  (the usual case: a few ns)
///             └► ten best touched ─► at the message's end: integrals, order flow, mid     (tens of ns)
///   before a message: borders, expiry of validity and grid instants that lie before it    (once a second)
///   Timer, or the first message of the next minute: the minute is complete and set aside
/// </code>
/// A minute is complete when the channel's time passes its end, because inside a channel time does not go back: what comes later with
/// an earlier time changes the book as of now, without flow. So events of the next minute never leak into the one that has not been
/// closed yet, and nothing has to wait in a queue. Heartbeats extend validity and do not move the channel's time. Owned by one stage.
/// </remarks>
internal sealed partial class BookSampler
{
    private const int Depth = 10;

    /// <summary>Ten levels and two empty ones, so that kernels have no remainder; the best level is last, as in the book.</summary>
    private const int Slots = 12;
    private const int Best = Slots - 1;
    private const int KeptMinutes = 4;
    private const long Never = long.MaxValue;

    private readonly BookBuilder _builder;
    private readonly L2Book _book;
    private long _quietLimit;
    private readonly BookMinute[] _minutes = new BookMinute[KeptMinutes];
    private readonly BookMinute _nothing = new();

    // The ten best levels of the last valid state, and room for the next.
    private long[] _bidTicks = new long[Slots];
    private long[] _bidLots = new long[Slots];
    private long[] _askTicks = new long[Slots];
    private long[] _askLots = new long[Slots];
    private long[] _nextTicks = new long[Slots];
    private long[] _nextLots = new long[Slots];

    private BookMinute _minute;

    /// <summary>Prices at or beyond these touch the ten best levels.</summary>
    private long _bidFloor = long.MinValue;
    private long _askCeiling = long.MaxValue;
    private long _nextStop = long.MinValue;
    private long _clock = long.MinValue;
    private long _messageTime;
    private bool _inMessage;
    private bool _isLateMessage;
    private bool _bidsDirty = true;
    private bool _asksDirty = true;
    private bool _noFlow = true;
    private bool _isReadable;
    private bool _isValid;

    // The last valid state: quantities of the touch and of ten levels, twice the mid in ticks.
    private double _touchImbalance;
    private double _touchLots;
    private double _depthLots;
    private double _spreadBps;
    private long _mid;

    /// <summary>Since when the state and the spread have not been integrated.</summary>
    private long _since;
    private long _spreadSince;

    public BookSampler(long quietLimitNanos, int bookCapacity, int midsCapacity)
    {
        _builder = new BookBuilder(bookCapacity);
        _book = _builder.Book;
        _quietLimit = quietLimitNanos;
        Mids = new MidHistory(midsCapacity);
        for (int i = 0; i < KeptMinutes; i++)
            _minutes[i] = new BookMinute();
        _minute = _minutes[0];
        ForgetLevels();
    }

    public MidHistory Mids { get; }

    public L2Book Book => _book;

    /// <summary>The book can be trusted at the channel's last time.</summary>
    public bool IsValid => _isValid;

    /// <summary>BookDeltas stamped before the channel's minute.</summary>
    public long LateDeltas { get; private set; }

    /// <summary>BookDeltas with impossible values; each voids the book until a snapshot, since a level is now unknown.</summary>
    public long Refused { get; private set; }

    /// <summary>Takes a BookDelta or a BookClear.</summary>
    /// <returns>True when the event was late.</returns>
    public bool ApplyLevel(in MarketEvent e)
    {
        if (!_inMessage)
            BeginMessage(e);
        bool isLate = false;
        if (e.Kind == MarketEventKind.BookClear)
        {
            _bidsDirty = _asksDirty = _noFlow = true;
        }
        else
        {
            if (_isLateMessage && !e.IsSnapshot)
            {
                LateDeltas++;
                isLate = true;
            }

            if (!IsPossible(e))
            {
                Refuse();
                return isLate;
            }

            if (e.Side == Side.Buy)
                _bidsDirty |= e.Price.Ticks >= _bidFloor;
            else
                _asksDirty |= e.Price.Ticks <= _askCeiling;
        }

        _builder.Apply(e);
        if (e.IsLastInMessage)
            EndMessage();
        return isLate;
    }

    /// <summary>Takes an event that is no level but may end a message that began with one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ApplyOther(in MarketEvent e)
    {
        if (_inMessage && e.IsLastInMessage)
        {
            _builder.Apply(e);
            EndMessage();
        }
    }

    /// <summary>Takes a Gap of the book channel or a Disconnect: there is no book until a snapshot.</summary>
    public void ApplyVoid(in MarketEvent e)
    {
        EndOpenMessage();
        long time = e.ExchangeTime.Value == 0 || Leads(e) ? e.ReceiveTime.Value : e.ExchangeTime.Value;
        MoveTo(Math.Max(time, _clock));
        Void();
    }

    /// <summary>Completes the Timer's minute and returns what it left; an empty one when the book channel never saw it.</summary>
    public BookMinute Close(long end)
    {
        EndOpenMessage();
        if (_clock == long.MinValue)
            Start(end);
        if (_minute.OpenTime < end)
            MoveTo(end);
        long open = end - UnixNanos.PerMinute;
        BookMinute minute = _minutes[SlotOf(open)];
        if (minute.OpenTime == open)
            return minute;
        _nothing.Clear(open);
        return _nothing;
    }

    private static bool IsPossible(in MarketEvent e) =>
        e.Price.Ticks is > 0 and <= BarAggregator.MaxTicks && e.Quantity.Lots is >= 0 and <= BarAggregator.MaxLots &&
        e.Side is Side.Buy or Side.Sell;

    private static bool Leads(in MarketEvent e) =>
        e.ExchangeTime.Value > e.ReceiveTime.Value && (ulong)(e.ExchangeTime.Value - e.ReceiveTime.Value) > BarAggregator.MaxLeadNanos;

    private void BeginMessage(in MarketEvent e)
    {
        long time = e.ExchangeTime.Value;
        bool leads = Leads(e);
        if (_clock == long.MinValue)
            Start(leads ? e.ReceiveTime.Value : time);
        _isLateMessage = leads || time < _minute.OpenTime;
        _messageTime = _isLateMessage ? _clock : Math.Max(time, _clock);
        if (_messageTime >= _nextStop)
            Advance(_messageTime);
        _clock = _messageTime;
        _inMessage = true;
        // What the message's own stamp says about the channel's health, even when it is late.
        if (!leads)
            ExtendValidity(Math.Min(time, _messageTime));
    }

    private void EndMessage()
    {
        _inMessage = false;
        bool isReadable = _builder.IsReadable;
        if (isReadable && (_bidsDirty || _asksDirty || !_isReadable))
            TakeState();
        _isReadable = isReadable;
        UpdateValidity(_clock);
    }

    /// <summary>Takes a message whose last event never came for whole.</summary>
    private void EndOpenMessage()
    {
        if (!_inMessage)
            return;
        _builder.Apply(new MarketEvent { Kind = MarketEventKind.Timer, Flags = MarketEventFlags.LastInMessage });
        EndMessage();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse()
    {
        Refused++;
        Void();
    }

    private void Void()
    {
        _inMessage = false;
        var gap = new MarketEvent { Kind = MarketEventKind.Gap, Channel = Channel.Book };
        _builder.Apply(gap);
        _isReadable = false;
        _bidsDirty = _asksDirty = _noFlow = true;
        UpdateValidity(_clock);
    }

    /// <summary>Compares the ten best levels with those of the last valid state and makes them the current ones.</summary>
    private void TakeState()
    {
        Integrate(_clock);
        long oldBid = _bidTicks[Best];
        long oldAsk = _askTicks[Best];
        long touch = 0;
        long depth = 0;
        if (_bidsDirty)
        {
            CopyBest(_book.BidTicks, _book.BidLots, long.MinValue);
            depth += OrderFlow.Bids(_nextTicks, _nextLots, _bidTicks, _bidLots);
            touch += TouchFlow(_nextTicks[Best], oldBid, _nextLots[Best], _bidLots[Best]);
            (_bidTicks, _nextTicks) = (_nextTicks, _bidTicks);
            (_bidLots, _nextLots) = (_nextLots, _bidLots);
            _bidFloor = _bidTicks[Slots - Depth];
        }

        if (_asksDirty)
        {
            CopyBest(_book.AskTicks, _book.AskLots, long.MaxValue);
            depth -= OrderFlow.Asks(_nextTicks, _nextLots, _askTicks, _askLots);
            touch -= TouchFlow(oldAsk, _nextTicks[Best], _nextLots[Best], _askLots[Best]);
            (_askTicks, _nextTicks) = (_nextTicks, _askTicks);
            (_askLots, _nextLots) = (_nextLots, _askLots);
            _askCeiling = _askTicks[Slots - Depth];
        }

        if (!_noFlow && !_isLateMessage)
        {
            _minute.FlowTouch += touch;
            _minute.FlowDepth += depth;
        }

        _noFlow = _bidsDirty = _asksDirty = false;
        double bid = _bidLots[Best];
        double ask = _askLots[Best];
        _touchLots = bid + ask;
        _touchImbalance = (bid - ask) / _touchLots;
        _depthLots = (double)LotSum.Of(_bidLots) + LotSum.Of(_askLots);
        if (oldBid != _bidTicks[Best] || oldAsk != _askTicks[Best])
            TakePrices();
    }

    private void TakePrices()
    {
        IntegrateSpread(_clock);
        _mid = _bidTicks[Best] + _askTicks[Best];
        _spreadBps = 2e4 * (_askTicks[Best] - _bidTicks[Best]) / _mid;
        if (_isValid)
            Mids.Set(_clock, _mid);
    }

    /// <summary>One side's e_n at the touch, where <paramref name="high"/> ≥ <paramref name="low"/> means the new price is at least as good.</summary>
    private static long TouchFlow(long high, long low, long lots, long oldLots) =>
        (high >= low ? lots : 0) - (high <= low ? oldLots : 0);

    private void CopyBest(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, long worst)
    {
        if (ticks.Length >= Depth)
        {
            ticks[^Depth..].CopyTo(_nextTicks.AsSpan(Slots - Depth));
            lots[^Depth..].CopyTo(_nextLots.AsSpan(Slots - Depth));
            // The buffers of both sides take turns, so the empty levels must be made worst afresh.
            _nextTicks[0] = _nextTicks[1] = worst;
            return;
        }

        _nextTicks.AsSpan().Fill(worst);
        _nextLots.AsSpan().Clear();
        ticks.CopyTo(_nextTicks.AsSpan(Slots - ticks.Length));
        lots.CopyTo(_nextLots.AsSpan(Slots - lots.Length));
    }

    private void ForgetLevels()
    {
        _bidTicks.AsSpan().Fill(long.MinValue);
        _askTicks.AsSpan().Fill(long.MaxValue);
    }
}
