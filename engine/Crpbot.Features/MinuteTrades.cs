using Crpbot.Codecs.Instruments;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>Reads one minute's Trades once its book is complete: sides, mids, parents, flows.</summary>
/// <remarks>
/// The venue's unknown sides are resolved by Lee and Ready (1991): against the mid before the Trade, at the mid or without one by the
/// last different price. Consecutive Trades of one time and side are one parent. Source: features-33, section 1.
/// </remarks>
internal sealed class MinuteTrades
{
    private const long ImpactNanos = 5 * UnixNanos.PerSecond;
    private const long BucketNanos = 5 * UnixNanos.PerSecond;

    /// <summary>Quote units of one tick × one lot.</summary>
    private readonly double _unitAbove;
    private readonly double _unitBelow;

    // Trades of the last five seconds wait for the next minute to be scored.
    private BarTrade[] _waiting;
    private int _waitingCount;
    private long _lastTicks;
    private long _differentTicks;

    public MinuteTrades(Instrument instrument, int waitingCapacity)
    {
        _waiting = new BarTrade[waitingCapacity];
        _unitAbove = (double)instrument.Tick.Mantissa * instrument.Lot.Mantissa;
        _unitBelow = Math.Pow(10, instrument.Tick.Scale + instrument.Lot.Scale);
    }

    public int WaitingCapacity => _waiting.Length;

    /// <summary>Lots by side; the rest is of unknown side.</summary>
    public long BuyLots { get; private set; }

    public long SellLots { get; private set; }

    /// <summary>Parents, their notional, and the signed notional of the large ones, in quote units.</summary>
    public int Parents { get; private set; }

    public double Notional { get; private set; }

    public double SignedLargeNotional { get; private set; }

    /// <summary>Σ w·2d·(p − m⁻)/m⁻ and Σ w over Trades of known side with a mid before them, in ticks × lots.</summary>
    public double EffectiveCost { get; private set; }

    public double EffectiveWeight { get; private set; }

    /// <summary>The same for the move of the mid in five seconds.</summary>
    public double ImpactCost { get; private set; }

    public double ImpactWeight { get; private set; }

    /// <summary>Trades whose side came from the venue and that had a mid before them, and those on the right side of it.</summary>
    public int SidesAsked { get; private set; }

    public int SidesRight { get; private set; }

    /// <summary>Σ d·sqrt(w / 1e6) of the parents of each 5-second bucket.</summary>
    public double[] Flows { get; } = new double[KyleLambda.BucketsPerMinute];

    /// <summary>Quote units of an exact Σ ticks × lots.</summary>
    public double NotionalOf(Int128 tickLots) => (double)tickLots * _unitAbove / _unitBelow;

    /// <summary>Reads the minute. Mids and sides are written into the Trades.</summary>
    /// <param name="trades">In the order of the channel.</param>
    /// <param name="open">Open time of the minute.</param>
    /// <param name="mids">Complete up to the end of the minute.</param>
    /// <param name="isPresent">The minute has a Bar. Otherwise only the tick rule learns from it.</param>
    /// <param name="threshold">Notional of a large parent; NaN counts none.</param>
    /// <param name="histogram">Receives every parent of a present minute.</param>
    public void Read(Span<BarTrade> trades, long open, MidHistory mids, bool isPresent, double threshold, LargeTrades histogram)
    {
        (BuyLots, SellLots, Parents, Notional, SignedLargeNotional) = (0, 0, 0, 0, 0);
        (EffectiveCost, EffectiveWeight, ImpactCost, ImpactWeight) = (0, 0, 0, 0);
        (SidesAsked, SidesRight) = (0, 0);
        Flows.AsSpan().Clear();
        ResolveSides(trades, mids);
        if (!isPresent)
        {
            _waitingCount = 0;
            return;
        }

        ReadTrades(trades);
        ReadParents(trades, open, threshold, histogram);
        ReadImpact(trades, open + UnixNanos.PerMinute, mids);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_lastTicks);
        writer.Write(_differentTicks);
        writer.Write(_waitingCount);
        foreach (BarTrade trade in _waiting.AsSpan(0, _waitingCount))
            BarAggregator.Write(writer, trade);
    }

    public void Load(BinaryReader reader)
    {
        (_lastTicks, _differentTicks) = (reader.ReadInt64(), reader.ReadInt64());
        _waitingCount = Checkpoint.ReadCount(reader, 1 << 24);
        _waiting = new BarTrade[Math.Max(_waiting.Length, _waitingCount)];
        for (int i = 0; i < _waitingCount; i++)
            _waiting[i] = BarAggregator.ReadTrade(reader);
    }

    private static int Sign(Side side) => side == Side.Buy ? 1 : side == Side.Sell ? -1 : 0;

    private static double Weight(in BarTrade trade) => (double)trade.Price.Ticks * trade.Quantity.Lots;

    private void ResolveSides(Span<BarTrade> trades, MidHistory mids)
    {
        int cursor = 0;
        foreach (ref BarTrade trade in trades)
        {
            trade.MidTicksTwice = mids.Before(trade.Time.Value, ref cursor);
            long ticks = trade.Price.Ticks;
            if (ticks != _lastTicks)
                (_differentTicks, _lastTicks) = (_lastTicks, ticks);
            long above = trade.MidTicksTwice == 0 ? 0 : 2 * ticks - trade.MidTicksTwice;
            if (trade.Side is Side.Buy or Side.Sell)
            {
                if (trade.MidTicksTwice == 0)
                    continue;
                SidesAsked++;
                if (trade.Side == Side.Buy ? above >= 0 : above <= 0)
                    SidesRight++;
                continue;
            }

            if (above == 0 && _differentTicks != 0)
                above = ticks - _differentTicks;
            trade.Side = above > 0 ? Side.Buy : above < 0 ? Side.Sell : Side.Unknown;
        }
    }

    private void ReadTrades(ReadOnlySpan<BarTrade> trades)
    {
        foreach (ref readonly BarTrade trade in trades)
        {
            int sign = Sign(trade.Side);
            if (sign == 0)
                continue;
            if (sign > 0)
                BuyLots += trade.Quantity.Lots;
            else
                SellLots += trade.Quantity.Lots;
            if (trade.MidTicksTwice == 0)
                continue;
            double weight = Weight(trade);
            EffectiveWeight += weight;
            EffectiveCost += weight * (2 * sign) * (2 * trade.Price.Ticks - trade.MidTicksTwice) / trade.MidTicksTwice;
        }
    }

    private void ReadParents(ReadOnlySpan<BarTrade> trades, long open, double threshold, LargeTrades histogram)
    {
        for (int i = 0; i < trades.Length;)
        {
            ref readonly BarTrade first = ref trades[i];
            Int128 tickLots = 0;
            for (; i < trades.Length && trades[i].Time == first.Time && trades[i].Side == first.Side; i++)
                tickLots += BarAggregator.Multiply(trades[i].Price.Ticks, trades[i].Quantity.Lots);
            double notional = NotionalOf(tickLots);
            int sign = Sign(first.Side);
            Parents++;
            Notional += notional;
            if (notional >= threshold)
                SignedLargeNotional += sign * notional;
            histogram.Add(notional);
            Flows[(int)((first.Time.Value - open) / BucketNanos)] += sign * Math.Sqrt(notional / 1e6);
        }
    }

    private void ReadImpact(ReadOnlySpan<BarTrade> trades, long end, MidHistory mids)
    {
        int cursor = 0;
        for (int i = 0; i < _waitingCount; i++)
            Score(_waiting[i], mids, ref cursor);
        _waitingCount = 0;
        foreach (ref readonly BarTrade trade in trades)
        {
            if (trade.Time.Value + ImpactNanos < end)
                Score(trade, mids, ref cursor);
            else if (trade.Side != Side.Unknown && trade.MidTicksTwice != 0)
                Wait(trade);
        }
    }

    private void Score(in BarTrade trade, MidHistory mids, ref int cursor)
    {
        int sign = Sign(trade.Side);
        if (sign == 0 || trade.MidTicksTwice == 0)
            return;
        long later = mids.At(trade.Time.Value + ImpactNanos, ref cursor);
        if (later == 0)
            return;
        double weight = Weight(trade);
        ImpactWeight += weight;
        ImpactCost += weight * (2 * sign) * (later - trade.MidTicksTwice) / trade.MidTicksTwice;
    }

    private void Wait(in BarTrade trade)
    {
        if (_waitingCount == _waiting.Length)
            Array.Resize(ref _waiting, _waiting.Length * 2);
        _waiting[_waitingCount++] = trade;
    }
}
