using System.Runtime.CompilerServices;
using Crpbot.Codecs.Instruments;
using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution.Paper;

/// <summary>Fills approved orders from the recorded or live market alone: it crosses the spread and walks the displayed book.</summary>
/// <remarks>
/// Keeps its own books. An order matches at the first market event of any Instrument, at a message end, whose ReceiveTime is not earlier than
/// sent + latency; a cancellation that has arrived by then wins. An opening order takes what is there and ends; orders that close wait for
/// the rest. Stops and targets rest at the venue, attached to the position: the stop is a market order once the price one could close
/// at reaches it, the target takes its price or better. What a fill takes is gone until the level changes. Nothing is filled from a book that
/// is not readable. One thread; allocates when it first sees an Instrument or more orders at once than ever before.
/// </remarks>
internal sealed class PaperVenue(InstrumentTable instruments, RiskLimits limits, long latencyNanos)
{
    private readonly long _commission = RiskLimits.Billionths(limits.CommissionPerSide);
    private PaperMarket?[] _markets = [];
    private Order[] _orders = new Order[16];
    private int _orderCount;
    private long _lastId;
    private VenueReport[] _reports = new VenueReport[64];
    private int _reportCount;
    private int _heldCount;

    /// <summary>Orders on their way or working, attached stops and targets not counted.</summary>
    public int WorkingOrders => _orderCount;

    public ReadOnlySpan<Order> Orders => _orders.AsSpan(0, _orderCount);

    /// <summary>What happened since <see cref="ClearReports"/>, in order.</summary>
    public ReadOnlySpan<VenueReport> Reports => _reports.AsSpan(0, _reportCount);

    /// <summary>Nothing is held or on its way: market events only change books.</summary>
    public bool IsIdle => _orderCount == 0 && _heldCount == 0;

    public void ClearReports() => _reportCount = 0;

    /// <summary>The Instrument's market, made on first sight; null for an id the table does not have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PaperMarket? Market(InstrumentId id) =>
        (uint)id.Value < (uint)_markets.Length && _markets[id.Value] is { } market ? market : AddMarket(id);

    /// <summary>Changes the books as the event says.</summary>
    /// <returns>The market of the event, when its book may be looked at now.</returns>
    public PaperMarket? Apply(in MarketEvent e)
    {
        if (e.Instrument == InstrumentId.All)
        {
            foreach (PaperMarket? market in _markets)
            {
                if (market is not null)
                    Apply(market, e);
            }

            return null;
        }

        PaperMarket? own = Market(e.Instrument);
        if (own is null)
            return null;
        Apply(own, e);
        return own.Builder.InMessage ? null : own;
    }

    /// <summary>Takes an order. There is no other way in, and no other proof than the risk check's.</summary>
    public Order Submit(in RiskApproved<OrderRequest> approved, UnixNanos now)
    {
        OrderRequest request = approved.Value;
        if (Market(request.Instrument) is null)
            throw new ArgumentException($"order for Instrument {request.Instrument}, which the table does not have", nameof(approved));
        return Add(new Order
        {
            Id = ++_lastId,
            SentTime = now,
            ActiveTime = now + latencyNanos,
            CancelTime = Order.NeverCancelled,
            Stop = request.Stop,
            Target = request.Target,
            Quantity = request.Quantity,
            Instrument = request.Instrument,
            Side = request.Side,
            Purpose = request.Purpose,
            State = OrderState.Sent,
            Tier = request.Tier,
        });
    }

    /// <summary>Sends a cancellation after every order that was sent; attached stops and targets stay, as does what they became.</summary>
    public void CancelAll(UnixNanos now, bool openingOnly)
    {
        for (int i = 0; i < _orderCount; i++)
        {
            ref Order order = ref _orders[i];
            bool attached = order.Purpose is OrderPurpose.Stop or OrderPurpose.Target;
            if (!attached && (order.Opens || !openingOnly) && order.CancelTime == Order.NeverCancelled)
                order.CancelTime = now + latencyNanos;
        }

        ExpireCancelled(now);
    }

    /// <summary>Ends the orders whose cancellation has arrived.</summary>
    public void ExpireCancelled(UnixNanos now)
    {
        for (int i = 0; i < _orderCount;)
        {
            if (_orders[i].CancelTime <= now)
                End(i, OrderState.Cancelled);
            else
                i++;
        }
    }

    /// <summary>Triggers and matches at a message end.</summary>
    /// <param name="market">The market whose message has ended; null when the event concerned none.</param>
    /// <param name="now">Its ReceiveTime.</param>
    public void Match(PaperMarket? market, UnixNanos now)
    {
        ExpireCancelled(now);
        if (market is { Changed: true, Held: not 0, IsReadable: true })
            Trigger(market, now);
        if (market is not null)
            market.Changed = false;
        for (int i = 0; i < _orderCount;)
        {
            if (_orders[i].ActiveTime <= now && MatchOne(i, now))
                continue;
            i++;
        }
    }

    /// <summary>Lots of an Instrument that closing orders may still take.</summary>
    public long ClosingLots(InstrumentId instrument)
    {
        long lots = 0;
        for (int i = 0; i < _orderCount; i++)
        {
            if (_orders[i].Instrument == instrument && !_orders[i].Opens && _orders[i].CancelTime == Order.NeverCancelled)
                lots += _orders[i].Remaining.Lots;
        }

        return lots;
    }

    public MarketView View(PaperMarket market, bool isHistory) => new()
    {
        BestBid = market.Builder.Book.BestBid.Price,
        BestAsk = market.Builder.Book.BestAsk.Price,
        LastAlive = market.LastAlive,
        IsReadable = market.IsReadable,
        HasHeartbeats = market.HasHeartbeats,
        IsHistory = isHistory,
    };

    public void Reset()
    {
        foreach (PaperMarket? market in _markets)
            market?.Reset();
        _orderCount = _reportCount = _heldCount = 0;
        _lastId = 0;
    }

    private void Apply(PaperMarket market, in MarketEvent e)
    {
        switch (e.Kind)
        {
            case MarketEventKind.BookDelta:
                market.Changed = true;
                market.LastAlive = e.ReceiveTime;
                if (!market.Taken.IsEmpty)
                    market.Taken.OnLevel(e.Side, e.Price, e.Quantity);
                break;
            case MarketEventKind.BookClear:
                market.Changed = market.InSnapshot = true;
                market.LastAlive = e.ReceiveTime;
                break;
            case MarketEventKind.Heartbeat:
                market.HasHeartbeats = true;
                market.LastAlive = e.ReceiveTime;
                break;
        }

        market.Builder.Apply(e);
        if (!market.Builder.HasSnapshot && !market.InSnapshot)
            market.Taken.Clear();
        if (market.InSnapshot && !market.Builder.InMessage)
        {
            market.InSnapshot = false;
            market.Taken.OnSnapshot(market.Builder.Book);
        }
    }

    private void Trigger(PaperMarket market, UnixNanos now)
    {
        bool isLong = market.Held > 0;
        Price touch = isLong ? market.Builder.Book.BestBid.Price : market.Builder.Book.BestAsk.Price;
        bool stop = isLong ? touch <= market.Stop : touch >= market.Stop;
        bool target = isLong ? touch >= market.Target : touch <= market.Target;
        if (stop && !market.StopTriggered)
        {
            market.StopTriggered = true;
            AddAttached(market, OrderPurpose.Stop, default, market.Stop, now);
        }
        else if (target && !market.TargetTriggered)
        {
            market.TargetTriggered = true;
            AddAttached(market, OrderPurpose.Target, market.Target, market.Target, now);
        }
    }

    private void AddAttached(PaperMarket market, OrderPurpose purpose, Price limit, Price level, UnixNanos now)
    {
        Order order = Add(new Order
        {
            Id = ++_lastId,
            SentTime = now,
            ActiveTime = now,
            CancelTime = Order.NeverCancelled,
            Limit = limit,
            Stop = level,
            Quantity = new Quantity(Math.Abs(market.Held)),
            Instrument = market.Terms.Instrument.Id,
            Side = market.Held > 0 ? Side.Sell : Side.Buy,
            Purpose = purpose,
            State = OrderState.Working,
        });
        Report(VenueReportKind.Triggered, order);
    }

    /// <summary>Walks the book for one order.</summary>
    /// <returns>True when the order ended and left the list.</returns>
    private bool MatchOne(int i, UnixNanos now)
    {
        ref Order order = ref _orders[i];
        PaperMarket market = _markets[order.Instrument.Value]!;
        if (!order.Opens && (market.Held == 0 || (market.Held > 0) == (order.Side == Side.Buy)))
            return End(i, OrderState.Cancelled);
        if (!market.IsReadable)
            return order.Opens && End(i, OrderState.Cancelled);

        order.State = OrderState.Working;
        long wanted = order.Remaining.Lots;
        if (!order.Opens)
            wanted = Math.Min(wanted, Math.Abs(market.Held));
        bool buy = order.Side == Side.Buy;
        Side resting = buy ? Side.Sell : Side.Buy;
        L2Book book = market.Builder.Book;
        int levels = buy ? book.AskCount : book.BidCount;
        for (int n = 0; n < levels && wanted > 0; n++)
        {
            Level level = buy ? book.Ask(n) : book.Bid(n);
            if (order.Limit.Ticks != 0 && (buy ? level.Price > order.Limit : level.Price < order.Limit))
                break;
            long lots = Math.Min(market.Taken.Available(resting, level), wanted);
            if (lots <= 0)
                continue;
            market.Taken.Take(resting, level, lots);
            wanted -= lots;
            Execute(ref order, market, level.Price, new Quantity(lots), now);
        }

        if (order.Remaining.Lots == 0)
            return End(i, OrderState.Filled);
        return (order.Opens || market.Held == 0) && End(i, OrderState.Cancelled);
    }

    private void Execute(ref Order order, PaperMarket market, Price price, Quantity quantity, UnixNanos now)
    {
        order.Filled += quantity;
        bool wasFlat = market.Held == 0;
        market.Held += order.Side == Side.Buy ? quantity.Lots : -quantity.Lots;
        if (wasFlat)
        {
            _heldCount++;
            (market.Stop, market.Target) = (order.Stop, order.Target);
        }
        else if (market.Held == 0)
        {
            _heldCount--;
            market.Flat();
            CancelClosing(order.Instrument, now);
        }

        Notional value = market.Terms.Value(price, quantity);
        ref VenueReport report = ref Report(VenueReportKind.Fill, order);
        report.Fill = new Fill
        {
            Value = value,
            Commission = value.TimesBillionthsUp(_commission),
            Time = now,
            OrderId = order.Id,
            Price = price,
            Quantity = quantity,
            Instrument = order.Instrument,
            Side = order.Side,
            Purpose = order.Purpose,
        };
    }

    /// <summary>An order that closes belongs to one position and must never meet the next: it ends with it.</summary>
    private void CancelClosing(InstrumentId instrument, UnixNanos now)
    {
        for (int i = 0; i < _orderCount; i++)
        {
            if (_orders[i].Instrument == instrument && !_orders[i].Opens && _orders[i].Remaining.Lots > 0)
                _orders[i].CancelTime = now;
        }
    }

    private bool End(int i, OrderState state)
    {
        _orders[i].State = state;
        Report(VenueReportKind.Ended, _orders[i]);
        _orderCount--;
        _orders.AsSpan(i + 1, _orderCount - i).CopyTo(_orders.AsSpan(i));
        return true;
    }

    private Order Add(in Order order)
    {
        if (_orderCount == _orders.Length)
            Array.Resize(ref _orders, _orderCount * 2);
        _orders[_orderCount++] = order;
        return order;
    }

    private ref VenueReport Report(VenueReportKind kind, in Order order)
    {
        if (_reportCount == _reports.Length)
            Array.Resize(ref _reports, _reportCount * 2);
        ref VenueReport report = ref _reports[_reportCount++];
        report = default;
        report.Kind = kind;
        report.Order = order;
        return ref report;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private PaperMarket? AddMarket(InstrumentId id)
    {
        if (id.Value <= 0 || id.Value > instruments.All.Count)
            return null;
        if (id.Value >= _markets.Length)
            Array.Resize(ref _markets, Math.Max(16, id.Value + 1));
        Instrument instrument = instruments[id];
        return _markets[id.Value] = new PaperMarket(new InstrumentTerms(instrument, limits.ContractOf(instrument.Symbol)));
    }
}
