using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation.Numerics;

namespace Crpbot.Simulation;

/// <summary>Order flow of one Instrument: turns its hidden minutes into quotes, trades and heartbeats.</summary>
/// <remarks>
/// One action at a time, the earliest of: a minute's start (with a snapshot at midnight), the rebalancing of the book to the new
/// minute's pressure, a random arrival (quote, trade or refill), a quote after a level was taken, the minute's settling at its fair price, its
/// closing trade, a heartbeat. An action is one or more venue messages of one ExchangeTime, kept in <see cref="_pending"/> until
/// asked for. Nothing an action does depends on a later minute, so nothing shown tells more about the future than pressure does.
/// </remarks>
internal sealed class InstrumentSimulator
{
    private const int SizeQuantiles = 4096;
    private const int RebalancedLevels = 10;
    private const long Never = long.MaxValue;

    private static readonly double[] SizeFactors = LognormalFactors();

    private readonly PressureProcess _process;
    private readonly SimulatedTruth _truth;
    private readonly int _slot;
    private readonly SimulatedInstrument _simulated;
    private readonly InstrumentId _id;
    private readonly double _tick;
    private readonly double _lot;
    private readonly double _eventRate;
    private readonly BookSide _bids = new(Side.Buy);
    private readonly BookSide _asks = new(Side.Sell);
    private readonly MarketEventBuffer _pending = new(256);
    private Xoshiro256 _random;
    private int _pendingNext;

    // The minute in progress.
    private long _minuteStart;
    private long _arrival;
    private long _rebalance = Never;
    private long _requote = Never;
    private long _settle = Never;
    private long _closingTrade = Never;
    private long _heartbeat;
    private bool _settled;
    private bool _started;
    private double _imbalance;
    private double _gapNanos;
    private Activity _activity = Activity.Normal;

    // The price's way through the minute: a Brownian bridge from the last fair price to this minute's.
    private double _path;
    private long _pathTime;
    private double _pathDeviation;
    private long _spread = 1;
    private long _tradeId;

    public InstrumentSimulator(SimulationOptions options, PressureModel model, SimulatedTruth truth, int slot, Instrument instrument)
    {
        _simulated = options.Instruments[slot];
        _truth = truth;
        _slot = slot;
        _id = instrument.Id;
        _tick = instrument.Tick.ToDouble(1);
        _lot = instrument.Lot.ToDouble(1);
        _eventRate = options.EventRate;
        _process = new PressureProcess(model, options.Seed, _simulated, _simulated.Price / _tick, options.Start);
        _random = new Xoshiro256(options.Seed, PressureProcess.StreamOf(_simulated.Symbol, "events"));
        _path = _process.FairTicks;
        _tradeId = 1_000_000L * (slot + 1);
        _minuteStart = options.Start.Value;
        _heartbeat = _minuteStart + (137 + 211 * slot) % 1000 * UnixNanos.PerMillisecond;
        StartMinute();
        Schedule();
    }

    /// <summary>How lively the minute is; says nothing about direction.</summary>
    private enum Activity
    {
        Quiet,
        Normal,
        Burst,
    }

    public InstrumentId Instrument => _id;

    /// <summary>ExchangeTime of the next message.</summary>
    public long NextTime { get; private set; }

    /// <summary>Messages given out so far.</summary>
    public long Sequence { get; private set; }

    public (long Ticks, long Lots) BestBid => _bids.Best;

    public (long Ticks, long Lots) BestAsk => _asks.Best;

    /// <summary>Moves the next message into <paramref name="output"/>.</summary>
    public void Take(MarketEventBuffer output, UnixNanos receiveTime)
    {
        if (_pendingNext == _pending.Count)
        {
            _pending.Clear();
            _pendingNext = 0;
            Act(NextTime);
        }

        ReadOnlySpan<MarketEvent> events = _pending.Events;
        bool last;
        do
        {
            ref MarketEvent added = ref output.Add();
            added = events[_pendingNext++];
            added.ReceiveTime = receiveTime;
            last = added.IsLastInMessage;
        }
        while (!last);
        Sequence++;
        Schedule();
    }

    /// <summary>Appends the whole book as it stands, one message.</summary>
    public void WriteSnapshot(MarketEventBuffer output, UnixNanos exchangeTime, UnixNanos receiveTime)
    {
        int first = output.Count;
        ref MarketEvent clear = ref output.Add();
        clear.Kind = MarketEventKind.BookClear;
        clear.Channel = Channel.Book;
        clear.Flags = MarketEventFlags.NoSequence;
        _bids.WriteAll(output);
        _asks.WriteAll(output);
        foreach (ref MarketEvent written in output.Writable[first..])
        {
            written.Flags |= MarketEventFlags.Snapshot;
            written.ReceiveTime = receiveTime;
        }

        Close(output, first, exchangeTime.Value);
    }

    /// <summary>Finds the next message's time, without yet doing what leads to it: the book stays as published.</summary>
    private void Schedule()
    {
        while (_pendingNext == _pending.Count)
        {
            long soonest = Math.Min(Math.Min(Math.Min(_arrival, _heartbeat), Math.Min(_rebalance, _requote)), Math.Min(_settle, _closingTrade));
            if (soonest < _minuteStart + UnixNanos.PerMinute)
            {
                NextTime = soonest;
                return;
            }

            _truth.Add(_slot, _process.ProbabilityUp, _process.EndMidDoubled);
            _minuteStart += UnixNanos.PerMinute;
            _pending.Clear();
            _pendingNext = 0;
            StartMinute();
        }

        NextTime = _pending.Events[_pendingNext].ExchangeTime.Value;
    }

    /// <summary>Does what is due; every action writes at least one message.</summary>
    private void Act(long time)
    {
        if (time == _rebalance)
        {
            _rebalance = Never;
            Rebalance(time);
        }
        else if (time == _heartbeat)
        {
            _heartbeat += UnixNanos.PerSecond;
            Heartbeat(time);
        }
        else if (time == _settle)
        {
            _settle = Never;
            Settle(time);
        }
        else if (time == _closingTrade)
        {
            _closingTrade = Never;
            Trade(time);
        }
        else if (time == _requote)
        {
            _requote = Never;
            Quote(time);
        }
        else
        {
            Arrive(time);
            _arrival = time + Micros(_gapNanos * _random.NextExponential());
        }
    }

    private void StartMinute()
    {
        _process.Step();
        _settled = false;
        _activity = NextActivity();
        (double rate, double roughness, double depth) = _activity switch
        {
            Activity.Quiet => (0.5, 0.7, 1.15),
            Activity.Burst => (4.0, 1.8, 0.6),
            _ => (1.0, 1.0, 1.0),
        };

        // 1.2 arrivals a second in a normal minute come to about five events a second; the heartbeat is the sixth.
        _gapNanos = UnixNanos.PerSecond / (1.2 * rate * _eventRate);
        double x = _process.Pressure;
        _imbalance = 0.9 * x / Math.Sqrt(x * x + 4);
        double touchLots = depth * _simulated.DepthNotional / (_process.FairTicks * _tick * _lot);
        _bids.TouchTarget = touchLots * (1 + _imbalance);
        _asks.TouchTarget = touchLots * (1 - _imbalance);
        _bids.GridTarget = 1.5 * _bids.TouchTarget;
        _asks.GridTarget = 1.5 * _asks.TouchTarget;
        _pathTime = _minuteStart;
        _pathDeviation = roughness * _process.MoveTicks;
        if (_process.FairTicks < 1_000)
            throw new InvalidOperationException($"{_simulated.Symbol} fell below 1,000 ticks at {new UnixNanos(_minuteStart)}: simulate fewer days or start higher");

        _rebalance = _minuteStart + Micros(UnixNanos.PerMillisecond * (20 + 280 * _random.NextDouble()));
        _settle = _minuteStart + Micros(UnixNanos.PerSecond * (58.9 + 0.5 * _random.NextDouble()));
        _closingTrade = _minuteStart + Micros(UnixNanos.PerSecond * (59.5 + 0.4 * _random.NextDouble()));
        if (!_started || _minuteStart % UnixNanos.PerDay == 0)
            Open();
        if (!_started)
        {
            _started = true;
            _arrival = _minuteStart + Micros(_gapNanos * _random.NextExponential());
        }
    }

    private Activity NextActivity()
    {
        double u = _random.NextDouble();
        return _activity switch
        {
            Activity.Quiet => u < 0.06 ? Activity.Normal : Activity.Quiet,
            Activity.Burst => u < 0.5 ? Activity.Normal : Activity.Burst,
            _ => u < 0.02 ? Activity.Quiet : u < 0.035 ? Activity.Burst : Activity.Normal,
        };
    }

    /// <summary>Lays the book anew on a grid that fits the price and publishes it whole, as a recorder that subscribes at midnight gets it.</summary>
    private void Open()
    {
        long step = Math.Max(1, (long)(_path / 7_500));
        (long bid, long ask) = TouchPrices();
        _bids.Reset(bid, step, ref _random);
        _asks.Reset(ask, step, ref _random);
        WriteSnapshot(_pending, new UnixNanos(_minuteStart), UnixNanos.None);
    }

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

    private void Close(MarketEventBuffer message, int first, long time)
    {
        Span<MarketEvent> events = message.Writable[first..];
        foreach (ref MarketEvent written in events)
        {
            written.ExchangeTime = new UnixNanos(time);
            written.Instrument = _id;
        }

        events[^1].Flags |= MarketEventFlags.LastInMessage;
    }

    private static long Micros(double nanos) => (long)(nanos / UnixNanos.PerMicrosecond) * UnixNanos.PerMicrosecond;

    private static double[] LognormalFactors()
    {
        double[] factors = new double[SizeQuantiles];
        for (int i = 0; i < factors.Length; i++)
            factors[i] = PortableMath.Exp(1.5 * PortableMath.NormalQuantile((i + 0.5) / SizeQuantiles));
        return factors;
    }
}
