using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Engine.Tests.Execution;

/// <summary>The paper venue's rules written plainly: dictionaries, sorting at every look, no state but what a rule names.</summary>
internal sealed class NaivePaperVenue(long latencyNanos)
{
    public readonly List<string> Log = [];
    private readonly Dictionary<int, Market> _markets = [];
    private readonly List<Order> _orders = [];
    private long _lastId;

    public long Held(InstrumentId instrument) => Of(instrument).Held;

    public void Submit(OrderRequest request, UnixNanos now) => _orders.Add(new Order
    {
        Id = ++_lastId,
        ActiveTime = now + latencyNanos,
        CancelTime = Order.NeverCancelled,
        Stop = request.Stop,
        Target = request.Target,
        Quantity = request.Quantity,
        Instrument = request.Instrument,
        Side = request.Side,
        Purpose = request.Purpose,
    });

    public void CancelAll(UnixNanos now, bool openingOnly)
    {
        for (int i = 0; i < _orders.Count; i++)
        {
            Order order = _orders[i];
            if (order.Purpose is OrderPurpose.Stop or OrderPurpose.Target || (openingOnly && !order.Opens) || order.CancelTime != Order.NeverCancelled)
                continue;
            order.CancelTime = now + latencyNanos;
            _orders[i] = order;
        }

        Expire(now);
    }

    public void OnEvent(MarketEvent e)
    {
        foreach (Market market in e.Instrument == InstrumentId.All ? [.. _markets.Values] : new[] { Of(e.Instrument) })
            market.Apply(e);
        if (!e.IsLastInMessage || e.Kind is not (MarketEventKind.Trade or MarketEventKind.BookDelta or MarketEventKind.BookClear))
            return;
        Expire(e.ReceiveTime);
        Market own = Of(e.Instrument);
        if (own.Touched && own.Held != 0 && own.Readable)
            Trigger(own, e.Instrument, e.ReceiveTime);
        own.Touched = false;
        foreach (long id in _orders.Where(o => o.ActiveTime <= e.ReceiveTime).Select(o => o.Id).ToList())
            Match(id, e.ReceiveTime);
    }

    private void Expire(UnixNanos now)
    {
        foreach (Order order in _orders.Where(o => o.CancelTime <= now).ToList())
            End(order, "cancelled");
    }

    private void Trigger(Market market, InstrumentId instrument, UnixNanos now)
    {
        bool isLong = market.Held > 0;
        long touch = isLong ? market.Bids.Keys.Max() : market.Asks.Keys.Min();
        int sign = isLong ? 1 : -1;
        bool stop = sign * touch <= sign * market.Stop.Ticks;
        bool target = sign * touch >= sign * market.Target.Ticks;
        OrderPurpose purpose = stop && !market.StopUsed ? OrderPurpose.Stop : target && !market.TargetUsed ? OrderPurpose.Target : OrderPurpose.Open;
        if (purpose == OrderPurpose.Open)
            return;
        if (purpose == OrderPurpose.Stop)
            market.StopUsed = true;
        else
            market.TargetUsed = true;
        _orders.Add(new Order
        {
            Id = ++_lastId,
            ActiveTime = now,
            CancelTime = Order.NeverCancelled,
            Limit = purpose == OrderPurpose.Target ? market.Target : default,
            Quantity = new Quantity(Math.Abs(market.Held)),
            Instrument = instrument,
            Side = isLong ? Side.Sell : Side.Buy,
            Purpose = purpose,
        });
        Log.Add($"{_lastId} {purpose} triggered");
    }

    private void Match(long id, UnixNanos now)
    {
        Order order = _orders.Single(o => o.Id == id);
        Market market = Of(order.Instrument);
        bool buy = order.Side == Side.Buy;
        if (!order.Opens && Math.Sign(market.Held) != (buy ? -1 : 1))
        {
            End(order, "cancelled");
            return;
        }

        if (!market.Readable)
        {
            if (order.Opens)
                End(order, "cancelled");
            return;
        }

        var levels = buy ? market.Asks.OrderBy(l => l.Key).ToList() : [.. market.Bids.OrderByDescending(l => l.Key)];
        foreach ((long price, long shown) in levels)
        {
            if (order.Limit.Ticks != 0 && (buy ? price > order.Limit.Ticks : price < order.Limit.Ticks))
                continue;
            (Side, long) level = (buy ? Side.Sell : Side.Buy, price);
            long taken = market.Taken.TryGetValue(level, out (long Shown, long Taken) before) ? before.Taken : 0;
            long wanted = order.Opens ? order.Remaining.Lots : Math.Min(order.Remaining.Lots, Math.Abs(market.Held));
            long lots = Math.Min(shown - taken, wanted);
            if (lots <= 0)
                continue;
            market.Taken[level] = (shown, taken + lots);
            bool wasFlat = market.Held == 0;
            market.Held += buy ? lots : -lots;
            order.Filled += new Quantity(lots);
            Log.Add($"{id} {(buy ? "bought" : "sold")} {lots} at {price}");
            if (wasFlat)
                (market.Stop, market.Target) = (order.Stop, order.Target);
            if (market.Held != 0)
                continue;
            market.StopUsed = market.TargetUsed = false;
            for (int i = 0; i < _orders.Count; i++)
            {
                if (_orders[i].Id != id && _orders[i].Instrument == order.Instrument && !_orders[i].Opens)
                    _orders[i] = _orders[i] with { CancelTime = now };
            }
        }

        _orders[_orders.FindIndex(o => o.Id == id)] = order;
        if (order.Remaining.Lots == 0)
            End(order, "filled");
        else if (order.Opens || market.Held == 0)
            End(order, "cancelled");
    }

    private void End(Order order, string how)
    {
        _orders.RemoveAll(o => o.Id == order.Id);
        Log.Add($"{order.Id} {how} after {order.Filled.Lots}");
    }

    private Market Of(InstrumentId instrument) =>
        _markets.TryGetValue(instrument.Value, out Market? market) ? market : _markets[instrument.Value] = new Market();

    private sealed class Market
    {
        public readonly Dictionary<long, long> Bids = [];
        public readonly Dictionary<long, long> Asks = [];
        public readonly Dictionary<(Side, long), (long Shown, long Taken)> Taken = [];
        public bool Touched;
        public long Held;
        public Price Stop;
        public Price Target;
        public bool StopUsed;
        public bool TargetUsed;
        private bool _snapshot;
        private bool _filling;
        private bool _inMessage;

        public bool Readable => _snapshot && !_inMessage && Bids.Count > 0 && Asks.Count > 0 && Bids.Keys.Max() < Asks.Keys.Min();

        public void Apply(MarketEvent e)
        {
            switch (e.Kind)
            {
                case MarketEventKind.BookClear:
                    Bids.Clear();
                    Asks.Clear();
                    (_snapshot, _filling, Touched) = (false, true, true);
                    break;
                case MarketEventKind.BookDelta:
                    Touched = true;
                    if (!_snapshot && !_filling)
                        return;
                    Dictionary<long, long> side = e.Side == Side.Buy ? Bids : Asks;
                    side.Remove(e.Price.Ticks);
                    if (e.Quantity.Lots > 0)
                        side[e.Price.Ticks] = e.Quantity.Lots;
                    break;
                case MarketEventKind.Gap or MarketEventKind.Disconnect:
                    Bids.Clear();
                    Asks.Clear();
                    _snapshot = _filling = _inMessage = false;
                    Taken.Clear();
                    return;
                default:
                    return;
            }

            _inMessage = !e.IsLastInMessage;
            if (!_inMessage)
                (_snapshot, _filling) = (_snapshot || _filling, false);
            // A level that shows another quantity than when it was taken from shows something new; a book being replaced is compared when whole.
            foreach ((Side, long) level in Taken.Keys.Where(l => !_filling && Shown(l) != Taken[l].Shown).ToList())
                Taken.Remove(level);
            if (_filling && e.Kind == MarketEventKind.BookDelta && Taken.TryGetValue((e.Side, e.Price.Ticks), out (long Shown, long Taken) t) && t.Shown != e.Quantity.Lots)
                Taken.Remove((e.Side, e.Price.Ticks));
        }

        private long Shown((Side Side, long Price) level) => (level.Side == Side.Buy ? Bids : Asks).GetValueOrDefault(level.Price);
    }
}
