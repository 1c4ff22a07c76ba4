using Crpbot.Messages;

namespace Crpbot.Simulation;

/// <content>What can be due: each action writes at least one message of one ExchangeTime.</content>
internal sealed partial class InstrumentSimulator
{
    /// <summary>Quote, trade or refill, at random.</summary>
    private void Arrive(long time)
    {
        double u = _random.NextDouble();
        if (u < 0.4)
            Quote(time);
        else if (u < 0.72)
            Trade(time);
        else
            Refill(time);
    }

    /// <summary>Moves the best bid and ask along the path, or after settling refills their quantities.</summary>
    private void Quote(long time)
    {
        (long bid, long ask) = (_bids.TouchTicks, _asks.TouchTicks);
        if (!_settled)
        {
            Walk(time);
            (bid, ask) = TouchPrices();
        }

        int first = _pending.Count;
        MoveTouch(bid, ask);
        Close(_pending, first, time);
    }

    /// <summary>Puts the mid on the minute's fair price, where it stays until the minute is over.</summary>
    private void Settle(long time)
    {
        _settled = true;
        _requote = Never;
        _path = _process.FairTicks;
        (long bid, long ask) = TouchPrices();
        int first = _pending.Count;
        MoveTouch(bid, ask);
        Close(_pending, first, time);
    }

    /// <summary>Soon after a minute begins, the near book shows the new pressure.</summary>
    private void Rebalance(long time)
    {
        Walk(time);
        (long bid, long ask) = TouchPrices();
        int first = _pending.Count;
        MoveTouch(bid, ask);
        for (int depth = 0; depth < RebalancedLevels; depth++)
        {
            _bids.RefillAt(depth, ref _random, _pending);
            _asks.RefillAt(depth, ref _random, _pending);
        }

        Close(_pending, first, time);
    }

    private void Walk(long time)
    {
        double left = _settle - _pathTime;
        double step = time - _pathTime;
        double deviation = _pathDeviation * Math.Sqrt(step / UnixNanos.PerMinute * ((left - step) / left));
        _path += (_process.FairTicks - _path) * (step / left) + deviation * _random.NextNormal();
        _pathTime = time;
    }

    /// <summary>The side that gives way moves first, so that the book is not crossed even inside the message.</summary>
    private void MoveTouch(long bid, long ask)
    {
        if (ask >= _asks.TouchTicks)
        {
            _asks.Quote(ask, ref _random, _pending);
            _bids.Quote(bid, ref _random, _pending);
        }
        else
        {
            _bids.Quote(bid, ref _random, _pending);
            _asks.Quote(ask, ref _random, _pending);
        }
    }

    /// <summary>Best bid and ask around the path: their mean is its nearest half-tick.</summary>
    private (long Bid, long Ask) TouchPrices()
    {
        if (_random.NextDouble() < 0.3)
        {
            double usual = _simulated.SpreadBps * 1e-4 * _path * (_activity == Activity.Burst ? 2 : 1);
            _spread = Math.Max(1, (long)(usual * (0.4 + 1.2 * _random.NextDouble())));
        }

        long doubled = (long)Math.Floor(2 * _path + 0.5);
        long spread = _spread + ((doubled ^ _spread) & 1);
        long bid = (doubled - spread) / 2;
        return (bid, bid + spread);
    }

    /// <summary>A market order: leans with pressure, and with the way the minute's price still has to go.</summary>
    private void Trade(long time)
    {
        double pull = Math.Clamp((_process.FairTicks - _path) / _process.MoveTicks, -1, 1);
        bool buys = _random.NextDouble() < 0.5 + 0.25 * _imbalance + 0.15 * pull;
        BookSide book = buys ? _asks : _bids;
        long lots = Math.Max(1_000, (long)(_simulated.TradeNotional / (_path * _tick * _lot) * SizeFactors[_random.NextBelow(SizeQuantiles)]));
        if (_settled)
            lots = Math.Min(lots, book.TouchLots / 3);
        if (lots == 0)
        {
            Quote(time);
            return;
        }

        Span<long> taken = stackalloc long[BookSide.DeepestTrade];
        int levels = 0;
        while (lots > 0 && levels < taken.Length)
        {
            (long ticks, long filled) = book.Take(lots);
            lots -= filled;
            taken[levels++] = ticks;
            int first = _pending.Count;
            ref MarketEvent trade = ref _pending.Add();
            trade.Kind = MarketEventKind.Trade;
            trade.Channel = Channel.Trades;
            trade.Side = buys ? Side.Buy : Side.Sell;
            trade.Price = new Price(ticks);
            trade.Quantity = new Quantity(filled);
            trade.Sequence = ++_tradeId;
            Close(_pending, first, time);
        }

        int firstLevel = _pending.Count;
        foreach (long ticks in taken[..levels])
            book.WriteLevel(ticks, _pending);
        Close(_pending, firstLevel, time);
        if (book.TouchLots == 0)
            _requote = Math.Min(_requote, time + Micros(UnixNanos.PerMillisecond * (30 + 120 * _random.NextDouble())));
    }

    /// <summary>One or two levels of each side are redrawn, near ones more often.</summary>
    private void Refill(long time)
    {
        int first = _pending.Count;
        int pairs = 1 + _random.NextBelow(2);
        int last = -1;
        for (int i = 0; i < pairs; i++)
        {
            double u = _random.NextDouble();
            int depth = (int)(BookSide.GridLevels * u * u);
            if (depth == last)
                continue;
            _bids.RefillAt(depth, ref _random, _pending);
            _asks.RefillAt(depth, ref _random, _pending);
            last = depth;
        }

        Close(_pending, first, time);
    }

    private void Heartbeat(long time)
    {
        int first = _pending.Count;
        ref MarketEvent beat = ref _pending.Add();
        beat.Kind = MarketEventKind.Heartbeat;
        beat.Sequence = Sequence + 1;
        beat.Aux = _tradeId;
        Close(_pending, first, time);
    }
}
