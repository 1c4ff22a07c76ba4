using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Features;

/// <summary>Sections 1, 2, 5 and 6 of the definition, straight from the page: lists of everything that happened, asked when a Bar closes.</summary>
/// <remarks>Slow on purpose. Shares no code with the engine; <see cref="NaiveCandleFeatures"/> does section 4.</remarks>
internal sealed class NaiveFeatures(Instrument instrument, long quietLimit, double? fixedThreshold = null, int candlesEvery = 1)
{
    private const long Minute = 60_000_000_000;
    private const long Second = 1_000_000_000;

    private sealed record State(long Time, (long P, long Q)[] Bids, (long P, long Q)[] Asks, bool Readable);

    private sealed record NaiveTrade(long Time, long P, long Q, Side Side)
    {
        public Side Resolved { get; set; } = Side;

        public State? Before { get; set; }

        public decimal Mid => Before is null ? 0 : MidOf(Before);
    }

    private sealed record Parent(long Time, int D, double W);

    private sealed class MinuteRecord
    {
        public bool Present;
        public int Parents;
        public double Slope = double.NaN, Sxx = double.NaN, Return = double.NaN, Notional = double.NaN;
        public decimal PriceVolume, Volume;
        public double[] Flows = [];
        public decimal[] BorderMids = [];
    }

    private readonly SortedDictionary<long, long> _bids = [];
    private readonly SortedDictionary<long, long> _asks = [];
    private readonly List<State> _states = [];
    private readonly List<(long From, long To)> _alive = [];
    private readonly List<(long Minute, double Touch, double Depth)> _flows = [];
    private readonly List<NaiveTrade> _trades = [];
    private readonly List<(long From, long To)> _holes = [];
    private readonly Dictionary<long, MinuteRecord> _minutes = [];
    private readonly Dictionary<long, List<double>> _hours = [];
    private readonly Dictionary<long, (int Bars, decimal Volume)> _days = [];
    private readonly List<double> _buckets = [];
    private readonly Dictionary<string, (double Value, long Minute)> _carried = [];
    private readonly List<Candle> _candles = [];
    private readonly Dictionary<long, (int Asked, int Right)> _sides = [];
    private long _clock = -1, _channelMinute = -1, _closedEnd = -1, _lastAlive = -1, _lastTradeTime = -1, _lastTradeMinute = -1;
    private bool _hasSnapshot, _filling, _inMessage, _messageLate, _isDown, _noFlow = true;
    private long _messageTime, _messageOwn;
    private bool _messageLeads;
    private State? _lastReadable;
    private long _lastPrice, _differentPrice, _lastClose, _lastBar = -1, _firstMinute = -1;
    private decimal _bucketBuy, _bucketSell, _bucketFilled;
    private long _bucketDay = -1;

    public long Late { get; private set; }

    public long Refused { get; private set; }

    public void Apply(MarketEvent e)
    {
        long time = e.ExchangeTime.Value;
        bool leads = time > e.ReceiveTime.Value + Minute;
        switch (e.Kind)
        {
            case MarketEventKind.Trade:
                Alive(time, leads);
                if (e.Price.Ticks <= 0 || e.Quantity.Lots <= 0 || leads)
                    Refused++;
                else if (time < _closedEnd)
                    Late++;
                else if (time / Minute < _lastTradeMinute)
                    Refused++;
                else
                {
                    _lastTradeMinute = time / Minute;
                    _lastTradeTime = Math.Max(time, _lastTradeTime);
                    _trades.Add(new NaiveTrade(_lastTradeTime, e.Price.Ticks, e.Quantity.Lots, e.Side));
                }

                EndsMessage(e);
                break;
            case MarketEventKind.Heartbeat:
                Alive(time, leads);
                if (!leads)
                    _alive.Add((Math.Max(time, _clock), time + quietLimit));
                break;
            case MarketEventKind.Quote:
                Alive(time, leads);
                EndsMessage(e);
                break;
            case MarketEventKind.BookClear:
            case MarketEventKind.BookDelta:
                Alive(time, leads);
                ApplyLevel(e, time, leads);
                break;
            case MarketEventKind.Gap:
                if (e.Channel is Channel.Book or Channel.All)
                    EndsMessage(new MarketEvent { Flags = MarketEventFlags.LastInMessage });
                if (e.Channel is Channel.Book or Channel.All)
                    VoidAt(time == 0 || leads ? e.ReceiveTime.Value : time);
                if (e.Channel is Channel.Trades or Channel.All)
                    _holes.Add((_lastTradeTime < 0 ? time : Math.Min(time, _lastTradeTime), time + 1));
                break;
            case MarketEventKind.Disconnect:
                EndsMessage(new MarketEvent { Flags = MarketEventFlags.LastInMessage });
                VoidAt(e.ExchangeTime.Value);
                if (_lastAlive < 0)
                    _lastAlive = e.ExchangeTime.Value;
                _isDown = true;
                break;
        }
    }

    private void Alive(long time, bool leads)
    {
        if (leads || time <= _lastAlive)
            return;
        if (_lastAlive < 0)
            _holes.Add((long.MinValue, time));
        else if (_isDown)
            _holes.Add((_lastAlive, time));
        else if (time - _lastAlive > quietLimit)
            _holes.Add((_lastAlive + quietLimit, time));
        (_lastAlive, _isDown) = (time, false);
    }

    private void ApplyLevel(MarketEvent e, long time, bool leads)
    {
        if (!_inMessage)
        {
            if (_clock < 0)
                (_clock, _channelMinute) = (time, time / Minute * Minute);
            (_messageLate, _messageOwn, _messageLeads) = (leads || time < _channelMinute, time, leads);
            MoveTo(_messageLate ? _clock : Math.Max(time, _clock));
            _messageTime = _clock;
            _inMessage = true;
        }

        if (e.Kind == MarketEventKind.BookClear)
        {
            _bids.Clear();
            _asks.Clear();
            (_hasSnapshot, _filling, _noFlow) = (false, true, true);
        }
        else
        {
            if (_messageLate && !e.IsSnapshot)
                Late++;
            if (e.Price.Ticks <= 0 || e.Quantity.Lots < 0 || e.Side == Side.Unknown)
            {
                Refused++;
                if (!_messageLeads)
                    _alive.Add((_messageTime, _messageOwn + quietLimit));
                VoidAt(_clock);
                return;
            }

            if (_hasSnapshot || _filling)
            {
                SortedDictionary<long, long> side = e.Side == Side.Buy ? _bids : _asks;
                if (e.Quantity.Lots == 0)
                    side.Remove(e.Price.Ticks);
                else
                    side[e.Price.Ticks] = e.Quantity.Lots;
            }
        }

        EndsMessage(e);
    }

    private void EndsMessage(MarketEvent e)
    {
        if (!_inMessage || !e.IsLastInMessage)
            return;
        _inMessage = false;
        if (_filling)
            (_hasSnapshot, _filling) = (true, false);
        if (!_messageLeads)
            _alive.Add((_messageTime, _messageOwn + quietLimit));
        bool readable = _hasSnapshot && _bids.Count > 0 && _asks.Count > 0 && _bids.Keys.Max() < _asks.Keys.Min();
        var state = new State(
            _messageTime, [.. _bids.Reverse().Select(l => (l.Key, l.Value))], [.. _asks.Select(l => (l.Key, l.Value))], readable);
        _states.Add(state);
        if (!readable)
            return;
        if (!_noFlow && !_messageLate)
            _flows.Add((_channelMinute, Flow(_lastReadable!, state, 1), Flow(_lastReadable!, state, 10)));
        _noFlow = false;
        _lastReadable = state;
    }

    private void VoidAt(long time)
    {
        if (_clock < 0)
            (_clock, _channelMinute) = (time, time / Minute * Minute);
        MoveTo(Math.Max(time, _clock));
        _bids.Clear();
        _asks.Clear();
        (_hasSnapshot, _filling, _inMessage, _noFlow) = (false, false, false, true);
        _states.Add(new State(_clock, [], [], false));
    }

    private void MoveTo(long time) => (_clock, _channelMinute) = (time, Math.Max(_channelMinute, time / Minute * Minute));

    private static double Flow(State before, State now, int levels)
    {
        double sum = 0;
        for (int i = 0; i < levels; i++)
        {
            (double b, double bq) = Level(now.Bids, i, double.NegativeInfinity);
            (double b0, double bq0) = Level(before.Bids, i, double.NegativeInfinity);
            (double a, double aq) = Level(now.Asks, i, double.PositiveInfinity);
            (double a0, double aq0) = Level(before.Asks, i, double.PositiveInfinity);
            sum += (b >= b0 ? bq : 0) - (b <= b0 ? bq0 : 0) - (a <= a0 ? aq : 0) + (a >= a0 ? aq0 : 0);
        }

        return sum;
    }

    private static (double P, double Q) Level((long P, long Q)[] side, int i, double worst) => i < side.Length ? (side[i].P, side[i].Q) : (worst, 0);

    private static decimal MidOf(State state) => (state.Bids[0].P + state.Asks[0].P) / 2m;

    /// <summary>The valid state at an instant, changes at it included; null when there is none.</summary>
    private State? At(long time) =>
        _states.LastOrDefault(s => s.Time <= time) is { Readable: true } state && _alive.Any(a => a.From <= time && time < a.To) ? state : null;

    /// <summary>The valid state just before an instant.</summary>
    private State? Before(long time) =>
        _states.LastOrDefault(s => s.Time < time) is { Readable: true } state && _alive.Any(a => a.From < time && time <= a.To) ? state : null;

    /// <summary>Closes a minute; null when it has no Bar, otherwise 53 values, 53 inputs and reasons.</summary>
    public (double[] Values, double[] Inputs, MissingReason[] Reasons, string Regime)? Close(MarketEvent timer)
    {
        long end = timer.ExchangeTime.Value, open = end - Minute, minute = open / Minute;
        if (_inMessage)
            EndsMessage(new MarketEvent { Flags = MarketEventFlags.LastInMessage });
        if (_clock < 0)
            (_clock, _channelMinute) = (end, end);
        if (_channelMinute < end)
            MoveTo(end);
        if (_firstMinute < 0)
            _firstMinute = minute;

        List<NaiveTrade> trades = _trades.Where(t => t.Time >= open && t.Time < end).ToList();
        bool down = _lastAlive < 0 || (_lastAlive < end && (_isDown || _lastAlive + quietLimit < end)) || _holes.Any(h => h.From < end && h.To > open);
        _closedEnd = end;
        ResolveSides(trades);
        bool whole = !down && (trades.Count > 0 || (_lastBar >= 0 && minute - _lastBar - 1 <= 5));
        if (whole)
        {
            _lastBar = minute;
            if (trades.Count > 0)
                _lastClose = trades[^1].P;
        }

        bool refused = _sides.TryGetValue(open / (60 * Minute) - 1, out (int Asked, int Right) sides) && sides.Asked >= 20 && (double)sides.Right / sides.Asked < 0.6;
        if (whole)
        {
            List<NaiveTrade> asked = trades.Where(t => t.Side != Side.Unknown && t.Before is not null).ToList();
            (int before, int right) = _sides.GetValueOrDefault(open / (60 * Minute));
            _sides[open / (60 * Minute)] = (before + asked.Count, right + asked.Count(t => t.Side == Side.Buy ? t.P >= t.Mid : t.P <= t.Mid));
        }

        var record = new MinuteRecord { Present = whole && !refused };
        _minutes[minute] = record;
        (double[], double[], MissingReason[], string)? result = null;
        if (record.Present)
            result = Features(open, trades, record);
        _states.RemoveRange(0, Math.Max(0, _states.FindLastIndex(s => s.Time < open) - 1));
        _alive.RemoveAll(a => a.To < open);
        _flows.RemoveAll(f => f.Minute <= open);
        _trades.RemoveAll(t => t.Time < open);
        _holes.RemoveAll(h => h.To <= open);
        return result;
    }

    private void ResolveSides(List<NaiveTrade> trades)
    {
        foreach (NaiveTrade trade in trades)
        {
            trade.Before = Before(trade.Time);
            if (trade.P != _lastPrice)
                (_differentPrice, _lastPrice) = (_lastPrice, trade.P);
            if (trade.Side != Side.Unknown)
                continue;
            int sign = trade.Before is null ? 0 : Math.Sign(trade.P - trade.Mid);
            if (sign == 0 && _differentPrice != 0)
                sign = Math.Sign(trade.P - _differentPrice);
            trade.Resolved = sign > 0 ? Side.Buy : sign < 0 ? Side.Sell : Side.Unknown;
        }
    }

    private static int D(NaiveTrade t) => t.Resolved == Side.Buy ? 1 : t.Resolved == Side.Sell ? -1 : 0;

    private double Notional(decimal tickLots) => (double)(tickLots * (decimal)instrument.Tick.ToDouble(1) * (decimal)instrument.Lot.ToDouble(1));

    private (double[], double[], MissingReason[], string) Features(long open, List<NaiveTrade> trades, MinuteRecord record)
    {
        long end = open + Minute, minute = open / Minute;
        double[] values = new double[53], inputs = new double[53];
        var reasons = new MissingReason[53];
        void Set(string name, double value, MissingReason reason)
        {
            int i = FeatureSchema.IndexOf(name);
            (values[i], reasons[i]) = (reason == MissingReason.Present ? value : double.NaN, reason);
        }

        void Carry(string name, double? value, MissingReason never)
        {
            if (value is not null)
                _carried[name] = (value.Value, minute);
            bool known = _carried.TryGetValue(name, out (double Value, long Minute) last);
            bool stands = known && minute - last.Minute <= 5;
            Set(name, last.Value, stands ? MissingReason.Present : known ? MissingReason.NoTrades : never);
        }

        double[] Previous(int count, Func<MinuteRecord, double> pick) => [.. Enumerable.Range(1, count)
            .Select(back => _minutes.GetValueOrDefault(minute - back)).Where(r => r is { Present: true }).Select(r => pick(r!)).Where(double.IsFinite)];
        MinuteRecord[] LastMinutes(int count) => [.. Enumerable.Range(0, count)
            .Select(back => _minutes.GetValueOrDefault(minute - back)).Where(r => r is { Present: true }).Select(r => r!)];

        // Section 4.
        double Price(long ticks) => instrument.PriceOf(new Price(ticks));
        decimal volume = trades.Sum(t => (decimal)t.Q);
        record.Volume = volume;
        record.PriceVolume = trades.Sum(t => (decimal)t.P * t.Q);
        long close = _lastClose;
        var at = new UnixNanos(open).ToDateTime();
        _candles.Add(trades.Count == 0
            ? new Candle(at, Price(close), Price(close), Price(close), Price(close), 0)
            : new Candle(
                at, Price(trades[0].P), Price(trades.Max(t => t.P)), Price(trades.Min(t => t.P)), Price(close), instrument.QuantityOf(new Quantity((long)volume))));
        string regime = "";
        if (_candles.Count % candlesEvery == 0)
            NaiveCandleFeatures.Compute(_candles, values, inputs, out regime);
        for (int i = 0; i < 33; i++)
            reasons[i] = double.IsNaN(values[i]) ? MissingReason.Warmup : MissingReason.Present;

        // Section 5: pieces of constant state.
        long[] breaks = [.. _states.Select(s => s.Time).Concat(_alive.SelectMany(a => new[] { a.From, a.To })).Append(open).Append(end)
            .Where(t => t >= open && t <= end).Distinct().Order()];
        List<(double Seconds, State State)> pieces = [];
        for (int i = 0; i + 1 < breaks.Length; i++)
        {
            if (At(breaks[i]) is { } state)
                pieces.Add(((breaks[i + 1] - breaks[i]) / 1e9, state));
        }

        double coverage = pieces.Sum(p => p.Seconds);
        double Twa(Func<State, double> of) => pieces.Sum(p => p.Seconds * of(p.State)) / coverage;
        MissingReason state30 = coverage < 30 - 1e-9 ? MissingReason.NoBook : MissingReason.Present;
        MissingReason flow54 = coverage < 54 - 1e-9 ? MissingReason.FeedDown : MissingReason.Present;

        Set("obi_l1", Twa(s => (double)(s.Bids[0].Q - s.Asks[0].Q) / (s.Bids[0].Q + s.Asks[0].Q)), state30);
        double SpreadOf(State s) => 1e4 * (s.Asks[0].P - s.Bids[0].P) / (double)MidOf(s);
        double spread = Twa(SpreadOf);
        Set("qspread_bps", spread, state30);
        Set("qspread_std_bps", Math.Sqrt(Twa(s => (SpreadOf(s) - spread) * (SpreadOf(s) - spread))), state30);
        State? last = _states.LastOrDefault(s => s.Time < end && s.Readable);
        double micro = double.NaN;
        if (last is not null)
        {
            decimal mu = (last.Asks[0].P * (decimal)last.Bids[0].Q + last.Bids[0].P * (decimal)last.Asks[0].Q) / (last.Bids[0].Q + last.Asks[0].Q);
            micro = (double)(10000m * (mu - MidOf(last)) / MidOf(last));
        }

        Set("microprice_dev_bps", micro, state30);

        // The grid.
        State?[] grid = [Before(open), .. Enumerable.Range(1, 59).Select(s => At(open + s * Second)), Before(end)];
        State[] instants = [.. grid.Skip(1).Where(s => s is not null).Select(s => s!)];
        MissingReason gridReason = instants.Length == 0 ? MissingReason.NoBook : state30;
        static double Ratio(decimal b, decimal a) => (double)((b - a) / (b + a));
        Set("obi_l5", Mean(instants.Select(s => Ratio(s.Bids.Take(5).Sum(l => (decimal)l.Q), s.Asks.Take(5).Sum(l => (decimal)l.Q)))), gridReason);
        (decimal Bid, decimal Ask, bool Truncated) Band(State s)
        {
            decimal mid = MidOf(s);
            bool In((long P, long Q) l) => Math.Abs(l.P - mid) <= mid * 0.001m;
            return (s.Bids.Where(In).Sum(l => (decimal)l.P * l.Q), s.Asks.Where(In).Sum(l => (decimal)l.P * l.Q), In(s.Bids[^1]) || In(s.Asks[^1]));
        }

        (decimal Bid, decimal Ask, bool Truncated)[] bands = [.. instants.Select(Band)];
        MissingReason bandReason = gridReason == MissingReason.Present && bands.Count(b => b.Truncated) > 6 ? MissingReason.Truncated : gridReason;
        double[] ratios = [.. bands.Where(b => b.Bid + b.Ask > 0).Select(b => Ratio(b.Bid, b.Ask))];
        Set("obi_10bps", Mean(ratios), bandReason == MissingReason.Present && ratios.Length == 0 ? MissingReason.NoBook : bandReason);
        if (bandReason == MissingReason.Present)
            record.Slope = Mean(bands.Select(b => Notional(b.Bid + b.Ask) / 20));
        double[] slopes = Previous(60, r => r.Slope);
        Set("book_slope_rel", slopes.Length < 30 ? 0 : LogRatio(record.Slope, Median(slopes)),
            bandReason == MissingReason.Present && slopes.Length < 30 ? MissingReason.Warmup : bandReason);
        double[] steps = [.. Enumerable.Range(1, 60).Where(i => grid[i] is not null && grid[i - 1] is not null)
            .Select(i => 1e4 * Math.Log((double)(MidOf(grid[i]!) / MidOf(grid[i - 1]!))))];
        Set("rv_1m_bps", Math.Sqrt(steps.Sum(r => r * r) * 60 / steps.Length), state30 == MissingReason.Present && steps.Length < 45 ? MissingReason.NoBook : state30);

        // Flows.
        Set("ofi_l1", 2 * _flows.Where(f => f.Minute == open).Sum(f => f.Touch) / Twa(s => s.Bids[0].Q + s.Asks[0].Q), flow54);
        Set("ofi_l10", 2 * _flows.Where(f => f.Minute == open).Sum(f => f.Depth) /
            Twa(s => s.Bids.Take(10).Sum(l => (double)l.Q) + s.Asks.Take(10).Sum(l => (double)l.Q)), flow54);
        double buys = trades.Where(t => D(t) > 0).Sum(t => (double)t.Q), sells = trades.Where(t => D(t) < 0).Sum(t => (double)t.Q);
        Set("taker_imb", buys + sells == 0 ? 0 : (buys - sells) / (buys + sells), flow54);

        List<Parent> parents = [];
        for (int i = 0; i < trades.Count;)
        {
            List<NaiveTrade> group = trades.Skip(i).TakeWhile(t => t.Time == trades[i].Time && t.Resolved == trades[i].Resolved).ToList();
            parents.Add(new Parent(trades[i].Time, D(trades[i]), Notional(group.Sum(t => (decimal)t.P * t.Q))));
            i += group.Count;
        }

        double theta = fixedThreshold ?? Threshold(open / (60 * Minute));
        double all = parents.Sum(p => p.W);
        Set("large_taker_imb", all == 0 ? 0 : parents.Where(p => p.W >= theta).Sum(p => p.D * p.W) / all,
            flow54 == MissingReason.Present && double.IsNaN(theta) ? MissingReason.Warmup : flow54);
        long hour = open / (60 * Minute);
        if (!_hours.TryGetValue(hour, out List<double>? list))
            _hours[hour] = list = [];
        list.AddRange(parents.Select(p => p.W));
        record.Parents = parents.Count;
        double[] counts = Previous(60, r => r.Parents);
        Set("trade_intensity", counts.Length < 30 ? 0 : Math.Clamp(Math.Log((1 + parents.Count) / (1 + Median(counts))), -5, 5),
            flow54 == MissingReason.Present && counts.Length < 30 ? MissingReason.Warmup : flow54);
        double vwap = volume == 0 ? 1 : (double)(trades[0].P + trades.Sum(t => (decimal)(t.P - trades[0].P) * t.Q) / volume);
        Set("vwap_dev_1m_bps", volume == 0 ? 0 : 1e4 * Math.Log(close / vwap), flow54);

        // Estimates.
        Carry("vpin", Vpin(open, trades), MissingReason.Warmup);
        MinuteRecord[] half = LastMinutes(30);
        decimal pv = half.Sum(r => r.PriceVolume), v = half.Sum(r => r.Volume);
        Carry("vwap_dev_30m_bps", half.Length >= 20 && v > 0 ? 1e4 * Math.Log(close / (double)(pv / v)) : null, MissingReason.Warmup);

        double W(NaiveTrade t) => (double)t.P * t.Q;
        NaiveTrade[] costed = [.. trades.Where(t => D(t) != 0 && t.Before is not null)];
        Carry("eff_spread_bps", costed.Length == 0 ? null
            : costed.Sum(t => W(t) * (double)(2 * D(t) * (t.P - t.Mid) * 10000 / t.Mid)) / costed.Sum(W), MissingReason.NoTrades);
        bool previousPresent = _minutes.GetValueOrDefault(minute - 1) is { Present: true };
        NaiveTrade[] scored = [.. _trades.Where(t => t.Time + 5 * Second >= open && t.Time + 5 * Second < end && (t.Time >= open || previousPresent))
            .Where(t => D(t) != 0 && t.Before is not null && At(t.Time + 5 * Second) is not null)];
        Carry("impact_5s_bps", scored.Length == 0 ? null
            : scored.Sum(t => W(t) * (double)(2 * D(t) * (MidOf(At(t.Time + 5 * Second)!) - t.Mid) * 10000 / t.Mid)) / scored.Sum(W), MissingReason.NoTrades);

        record.BorderMids = [.. Enumerable.Range(0, 13).Select(i => Before(open + i * 5 * Second) is { } s ? MidOf(s) : 0)];
        record.Flows = [.. Enumerable.Range(0, 12).Select(i => parents
            .Where(p => (p.Time - open) / (5 * Second) == i).Sum(p => p.D * Math.Sqrt(p.W / 1e6)))];
        Carry("kyle_lambda", Kyle(minute, record, Previous(60, r => r.Sxx)), MissingReason.Warmup);

        Candle? beforeClose = _candles.Count > 1 ? _candles[^2] : null;
        if (beforeClose is not null)
            (record.Return, record.Notional) = (Math.Abs(1e4 * Math.Log(_candles[^1].C / beforeClose.C)), Notional(record.PriceVolume) / 1e6);
        MinuteRecord[] quarter = [.. LastMinutes(15).Where(r => !double.IsNaN(r.Return))];
        Carry("amihud_illiq", quarter.Length >= 10 && quarter.Sum(r => r.Notional) > 0 ? quarter.Sum(r => r.Return) / quarter.Sum(r => r.Notional) : null,
            MissingReason.Warmup);
        Inputs(values, inputs);
        return (values, inputs, reasons, regime);
    }

    private static double Mean(IEnumerable<double> values) => values.Any() ? values.Average() : double.NaN;

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double LogRatio(double now, double usual) => now == 0 ? -5 : usual == 0 ? 5 : Math.Clamp(Math.Log(now / usual), -5, 5);

    private double Threshold(long hour)
    {
        double[][] hours = [.. Enumerable.Range(1, 24).Select(back => _hours.GetValueOrDefault(hour - back)).Where(h => h is { Count: > 0 }).Select(h => h!.ToArray())];
        if (hours.Length < 6)
            return double.NaN;
        List<IGrouping<int, double>> bins = hours.SelectMany(h => h).GroupBy(w => Math.Clamp((int)Math.Floor(20 * Math.Log10(w)), -40, 159)).OrderBy(b => b.Key).ToList();
        double wanted = 0.95 * bins.Sum(b => b.Count());
        double below = 0;
        foreach (IGrouping<int, double> bin in bins)
        {
            if (below + bin.Count() >= wanted)
            {
                double low = bin.Key / 20.0 * Math.Log(10), high = (bin.Key + 1) / 20.0 * Math.Log(10);
                return Math.Exp(low + (wanted - below) / bin.Count() * (high - low));
            }

            below += bin.Count();
        }

        return double.NaN;
    }

    private double? Vpin(long open, List<NaiveTrade> trades)
    {
        long day = open / (1440 * Minute);
        if (day != _bucketDay)
            (_bucketDay, _bucketBuy, _bucketSell, _bucketFilled) = (day, 0, 0, 0);
        bool counted = _firstMinute % 1440 == 0 || day > _firstMinute / 1440;
        (int bars, decimal lots) = _days.GetValueOrDefault(day);
        if (counted)
            _days[day] = (bars + 1, lots + trades.Sum(t => (decimal)t.Q));
        decimal[] full = [.. Enumerable.Range(1, 7).Select(back => _days.GetValueOrDefault(day - back)).Where(d => d.Bars >= 1380).Select(d => d.Volume)];
        if (full.Length < 2)
            return null;
        decimal size = full.Average() / 50;
        foreach (NaiveTrade trade in trades)
        {
            decimal left = trade.Q;
            while (left > 0)
            {
                decimal part = Math.Min(left, size - _bucketFilled);
                left -= part;
                _bucketFilled += part;
                _bucketBuy += D(trade) > 0 ? part : 0;
                _bucketSell += D(trade) < 0 ? part : 0;
                if (_bucketFilled < size)
                    break;
                _buckets.Add((double)(Math.Abs(_bucketBuy - _bucketSell) / size));
                (_bucketBuy, _bucketSell, _bucketFilled) = (0, 0, 0);
            }
        }

        return _buckets.Count < 50 ? null : _buckets.TakeLast(50).Average();
    }

    private double? Kyle(long minute, MinuteRecord now, double[] usual)
    {
        List<(double X, double Y)> points = [];
        for (int back = 4; back >= 0; back--)
        {
            if (back > 0 && _minutes.GetValueOrDefault(minute - back) is not { Present: true })
                continue;
            MinuteRecord r = back == 0 ? now : _minutes[minute - back];
            for (int i = 0; i < 12; i++)
            {
                if (r.BorderMids[i] != 0 && r.BorderMids[i + 1] != 0)
                    points.Add((r.Flows[i], 1e4 * Math.Log((double)(r.BorderMids[i + 1] / r.BorderMids[i]))));
            }
        }

        if (points.Count < 40)
            return null;
        double x = points.Average(p => p.X), y = points.Average(p => p.Y);
        now.Sxx = points.Sum(p => (p.X - x) * (p.X - x));
        double below = now.Sxx + (usual.Length < 30 ? 0 : 0.1 * Median(usual));
        return below > 0 ? points.Sum(p => (p.X - x) * (p.Y - y)) / below : null;
    }

    private static void Inputs(double[] values, double[] inputs)
    {
        void Set(string name, Func<double, double> of) => inputs[FeatureSchema.IndexOf(name)] = of(values[FeatureSchema.IndexOf(name)]);
        foreach (string name in (string[])["obi_l1", "obi_l5", "obi_10bps", "book_slope_rel", "taker_imb", "large_taker_imb", "trade_intensity"])
            Set(name, x => x);
        foreach (string name in (string[])["ofi_l1", "ofi_l10", "vwap_dev_1m_bps", "eff_spread_bps", "impact_5s_bps", "kyle_lambda"])
            Set(name, Math.Asinh);
        Set("microprice_dev_bps", x => Math.Asinh(10 * x));
        Set("vpin", x => 2 * x - 1);
        Set("vwap_dev_30m_bps", x => Math.Asinh(x / 10));
        Set("qspread_bps", x => Math.Log(x + 0.001));
        Set("qspread_std_bps", x => Math.Log(x + 0.001));
        Set("amihud_illiq", x => Math.Log(1 + x));
        Set("rv_1m_bps", x => Math.Log(x + 0.01));
    }
}
