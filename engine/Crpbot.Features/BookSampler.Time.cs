using System.Runtime.CompilerServices;
using Crpbot.Features.Kernels;
using Crpbot.Messages;

namespace Crpbot.Features;

// The passing of ExchangeTime: validity, grid instants, borders of buckets, ends of minutes.
internal sealed partial class BookSampler
{
    private const long GridNanos = UnixNanos.PerSecond;
    private const long BorderNanos = 5 * UnixNanos.PerSecond;

    /// <summary>A longer jump without a Timer does not walk through its minutes: whatever was valid has expired.</summary>
    private const long LongestWalk = 2 * UnixNanos.PerHour;
    private const int MaxRevivals = 64;

    /// <summary>Times at which heartbeats alone make the channel alive again, ahead of its own time.</summary>
    private readonly (long Start, long End)[] _revivals = new (long, long)[MaxRevivals];
    private int _revivalCount;
    private bool _isAlive;
    private long _aliveUntil = long.MinValue;
    private long _nextGrid = Never;
    private long _nextBorder = Never;

    /// <summary>Takes a heartbeat: the channel is alive from its time for the quiet limit.</summary>
    public void ApplyHeartbeat(in MarketEvent e)
    {
        if (Leads(e))
            return;
        long time = e.ExchangeTime.Value;
        if (_clock != long.MinValue && time <= _clock)
        {
            ExtendValidity(time);
            UpdateValidity(_clock);
            return;
        }

        long end = AddSaturated(time, _quietLimit);
        if (_isAlive && time <= _aliveUntil)
        {
            ExtendTo(end);
            return;
        }

        if (_revivalCount > 0 && time <= _revivals[_revivalCount - 1].End)
        {
            ref long last = ref _revivals[_revivalCount - 1].End;
            last = Math.Max(last, end);
        }
        else if (_revivalCount < MaxRevivals)
        {
            _revivals[_revivalCount++] = (time, end);
            _nextStop = Math.Min(_nextStop, time);
        }
    }

    /// <summary>Changes how long a quiet channel is healthy; what was promised under the old limit is shortened.</summary>
    public void SetQuietLimit(long nanos)
    {
        _quietLimit = nanos;
        if (_clock != long.MinValue)
            _aliveUntil = Math.Min(_aliveUntil, AddSaturated(_clock, nanos));
        _nextStop = Math.Min(_nextStop, _isAlive ? _aliveUntil : Never);
    }

    /// <summary>Twice the mid in ticks now; 0 when the book is not valid.</summary>
    private long CurrentMid => _isValid ? _mid : 0;

    /// <summary>Begins with the minute of the first message.</summary>
    private void Start(long time)
    {
        _clock = time = Math.Max(0, time);
        OpenMinute(new UnixNanos(time).Floor(UnixNanos.PerMinute).Value, 0);
        _since = _spreadSince = time;
        // Instants before the first message have no state.
        long into = time - _minute.OpenTime;
        if (into > 0)
        {
            SetNextGrid((int)((into + GridNanos - 1) / GridNanos));
            _nextBorder = _minute.OpenTime + (into + BorderNanos - 1) / BorderNanos * BorderNanos;
        }

        SetNextStop();
    }

    private void MoveTo(long time)
    {
        if (_clock == long.MinValue)
            Start(time);
        if (time >= _nextStop)
            Advance(time);
        _clock = time;
    }

    /// <summary>Walks through everything that happens up to a time, in order, before what arrives at that time is applied.</summary>
    /// <remarks>At one instant: first borders and ends (the state strictly before), then validity, last grid instants (not after).</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Advance(long time)
    {
        if (time - _minute.OpenTime > LongestWalk)
        {
            Jump(time);
            return;
        }

        while (true)
        {
            long edge = NextEdge();
            if (_nextBorder <= edge && _nextBorder <= _nextGrid)
            {
                if (_nextBorder > time)
                    break;
                PassBorder();
            }
            else if (edge <= _nextGrid)
            {
                if (edge > time)
                    break;
                PassEdge(edge);
            }
            else
            {
                if (_nextGrid >= time)
                    break;
                int instant = (int)((_nextGrid - _minute.OpenTime) / GridNanos);
                SampleGrid(instant);
                SetNextGrid(instant + 1);
            }
        }

        SetNextStop();
    }

    private void SetNextStop() => _nextStop = Math.Min(Math.Min(_nextBorder, NextEdge()), _nextGrid == Never ? Never : _nextGrid + 1);

    private void SetNextGrid(int instant) =>
        _nextGrid = instant < BookMinute.GridPoints - 1 ? _minute.OpenTime + instant * GridNanos : Never;

    private void PassBorder()
    {
        long border = (_nextBorder - _minute.OpenTime) / BorderNanos;
        _minute.BorderMids[border] = CurrentMid;
        if (border < BookMinute.Borders - 1)
        {
            _nextBorder += BorderNanos;
            return;
        }

        CompleteMinute();
        OpenMinute(_minute.OpenTime + UnixNanos.PerMinute, CurrentMid);
    }

    private void CompleteMinute()
    {
        long end = _minute.OpenTime + UnixNanos.PerMinute;
        Integrate(end);
        IntegrateSpread(end);
        SampleGrid(BookMinute.GridPoints - 1);
        if (_isValid)
            (_minute.EndBid, _minute.EndAsk) = (new(_bidTicks[Best]), new(_askTicks[Best]));
        if (_mid != 0)
            _minute.MicropriceDeviation = 1e4 * (_askTicks[Best] - _bidTicks[Best]) / _mid * _touchImbalance;
    }

    private void OpenMinute(long open, long midBefore)
    {
        _minute = _minutes[SlotOf(open)];
        _minute.Clear(open);
        _minute.GridMids[0] = _minute.BorderMids[0] = midBefore;
        _nextGrid = open + GridNanos;
        _nextBorder = open + BorderNanos;
    }

    private void Jump(long time)
    {
        // The minute in progress is finished properly; nothing can be valid hours later, and the minutes between get no Timer.
        Advance(_minute.OpenTime + UnixNanos.PerMinute);
        _minute.Clear(long.MinValue);
        if (_isValid)
            Mids.Set(_aliveUntil, 0);
        _isAlive = _isValid = false;
        _revivalCount = 0;
        Start(time);
    }

    private long NextEdge() => _isAlive ? _aliveUntil : _revivalCount > 0 ? _revivals[0].Start : Never;

    private void PassEdge(long edge)
    {
        if (_isAlive)
        {
            _isAlive = false;
        }
        else
        {
            _isAlive = true;
            ExtendTo(_revivals[0].End);
        }

        UpdateValidity(edge);
    }

    /// <summary>A message stamped at or before the channel's time keeps the channel alive for the quiet limit.</summary>
    private void ExtendValidity(long time)
    {
        ExtendTo(AddSaturated(time, _quietLimit));
        _isAlive = _aliveUntil > _clock;
        _nextStop = Math.Min(_nextStop, _aliveUntil);
    }

    /// <summary>Moves the end of validity and swallows revivals that begin before it.</summary>
    private void ExtendTo(long end)
    {
        _aliveUntil = Math.Max(_aliveUntil, end);
        while (_revivalCount > 0 && _revivals[0].Start <= _aliveUntil)
        {
            _aliveUntil = Math.Max(_aliveUntil, _revivals[0].End);
            _revivalCount--;
            Array.Copy(_revivals, 1, _revivals, 0, _revivalCount);
        }
    }

    private void UpdateValidity(long time)
    {
        bool isValid = _isReadable && _isAlive;
        if (isValid == _isValid)
            return;
        Integrate(time);
        IntegrateSpread(time);
        _isValid = isValid;
        Mids.Set(time, CurrentMid);
    }

    private void Integrate(long time)
    {
        double nanos = time - _since;
        _since = time;
        if (!_isValid || nanos == 0)
            return;
        _minute.Coverage += nanos;
        _minute.TouchImbalance += _touchImbalance * nanos;
        _minute.TouchLots += _touchLots * nanos;
        _minute.DepthLots += _depthLots * nanos;
    }

    private void IntegrateSpread(long time)
    {
        double nanos = time - _spreadSince;
        _spreadSince = time;
        if (_isValid && nanos != 0)
            _minute.AddSpread(_spreadBps, nanos);
    }

    /// <summary>Reads the book at a grid instant: imbalance of five levels, notional within ten basis points.</summary>
    private void SampleGrid(int instant)
    {
        _minute.GridMids[instant] = CurrentMid;
        if (!_isValid)
            return;
        _minute.GridValid++;
        double bidLots = LotSum.Of(_bidLots.AsSpan(Slots - 5));
        double askLots = LotSum.Of(_askLots.AsSpan(Slots - 5));
        _minute.ImbalanceFive += (bidLots - askLots) / (bidLots + askLots);

        // 2000·b ≥ 999·(a1 + b1) and 2000·a ≤ 1001·(a1 + b1), solved for whole ticks; prices are below 2^52, so nothing wraps.
        long lowest = (999 * _mid + 1999) / 2000;
        long highest = 1001 * _mid / 2000;
        ReadOnlySpan<long> bids = _book.BidTicks;
        ReadOnlySpan<long> asks = _book.AskTicks;
        double bidNotional = BandNotional.Bids(bids, _book.BidLots, lowest);
        double askNotional = BandNotional.Asks(asks, _book.AskLots, highest);
        if (bids[0] >= lowest || asks[0] <= highest)
            _minute.GridTruncated++;
        double both = bidNotional + askNotional;
        _minute.BandTickLots += both;
        if (both > 0)
        {
            _minute.GridInBand++;
            _minute.ImbalanceBand += (bidNotional - askNotional) / both;
        }
    }

    private static int SlotOf(long open) => (int)(open / UnixNanos.PerMinute) & (KeptMinutes - 1);

    private static long AddSaturated(long time, long nanos) => time > long.MaxValue - nanos ? long.MaxValue : time + nanos;
}
