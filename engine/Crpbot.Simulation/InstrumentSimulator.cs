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
internal sealed partial class InstrumentSimulator
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
