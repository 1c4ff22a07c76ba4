using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>Order-flow toxicity on a volume clock that starts afresh at every 00:00 UTC.</summary>
/// <remarks>
/// Volume is counted exactly: with V* = (volume of n days) / (50·n), everything is multiplied by 50·n, so a border cuts a Trade at a
/// whole number. Source: Easley, López de Prado, O'Hara (2012); features-33, M11.
/// </remarks>
internal sealed class Vpin
{
    private const int Buckets = 50;
    private const int BucketsPerDay = 50;
    private const int Days = 7;
    private const int DaysNeeded = 2;
    private const int BarsOfAFullDay = 1380;

    private readonly double[] _imbalances = new double[Buckets];
    private readonly long[] _dayOf = [.. Enumerable.Repeat(long.MinValue, Days)];
    private readonly Int128[] _dayLots = new Int128[Days];
    private readonly int[] _dayBars = new int[Days];
    private long _day = long.MinValue;
    private long _firstDay;
    private Int128 _lotsToday;
    private int _barsToday;
    private int _next;
    private int _count;

    /// <summary>Volume of the days behind V*, and 50 × their number; the bucket's size in lots × <see cref="_scale"/>.</summary>
    private Int128 _bucket;
    private long _scale;
    private Int128 _buys;
    private Int128 _sells;
    private Int128 _filled;

    /// <summary>There is a bucket size for today.</summary>
    public bool HasBucketSize => _bucket > 0;

    /// <summary>Completed buckets behind the value, at most 50.</summary>
    public int BucketsKnown => _count;

    /// <summary>Days behind today's bucket size.</summary>
    public int DaysKnown { get; private set; }

    /// <summary>Mean of the last 50 buckets' imbalance; NaN before.</summary>
    public double Value
    {
        get
        {
            if (_count < Buckets)
                return double.NaN;
            double sum = 0;
            foreach (double imbalance in _imbalances)
                sum += imbalance;
            return sum / Buckets;
        }
    }

    /// <summary>When the value will be there at the usual pace, if no more Bars go missing; <paramref name="now"/> where it is.</summary>
    /// <param name="now">End of the last closed minute.</param>
    public long WarmAt(long now)
    {
        if (HasBucketSize)
            return now + (Buckets - _count) * (UnixNanos.PerDay / BucketsPerDay);
        // A day of buckets after the midnight that ends the second full day; today counts if it can still be full.
        long minutesToday = now / UnixNanos.PerMinute - _day * 1440;
        bool todayCounts = _day >= _firstDay && minutesToday - _barsToday <= 1440 - BarsOfAFullDay;
        return (_day + DaysNeeded - DaysKnown + (todayCounts ? 0 : 1) + 1) * UnixNanos.PerDay;
    }

    /// <summary>Moves to the day of a closing minute, present or missing.</summary>
    public void MoveTo(long openTime)
    {
        long day = openTime / UnixNanos.PerDay;
        if (day == _day)
            return;
        if (_day == long.MinValue)
        {
            // Volume before the first midnight seen is not used.
            _firstDay = openTime % UnixNanos.PerDay == 0 ? day : day + 1;
        }
        else if (_day >= _firstDay)
        {
            int slot = (int)(_day % Days);
            (_dayOf[slot], _dayLots[slot], _dayBars[slot]) = (_day, _lotsToday, _barsToday);
        }

        (_day, _lotsToday, _barsToday) = (day, 0, 0);
        (_buys, _sells, _filled) = (0, 0, 0);
        SetBucket();
    }

    /// <summary>Takes the Trades of a present Bar, sides resolved.</summary>
    public void Add(ReadOnlySpan<BarTrade> trades)
    {
        _barsToday++;
        foreach (ref readonly BarTrade trade in trades)
        {
            _lotsToday += trade.Quantity.Lots;
            if (_bucket > 0)
                Fill((Int128)trade.Quantity.Lots * _scale, trade.Side);
        }
    }

    public void Save(BinaryWriter writer)
    {
        foreach (double imbalance in _imbalances)
            writer.Write(imbalance);
        for (int i = 0; i < Days; i++)
        {
            writer.Write(_dayOf[i]);
            Write(writer, _dayLots[i]);
            writer.Write(_dayBars[i]);
        }

        foreach (long value in (ReadOnlySpan<long>)[_day, _firstDay, _barsToday, _next, _count])
            writer.Write(value);
        foreach (Int128 value in (ReadOnlySpan<Int128>)[_lotsToday, _buys, _sells, _filled])
            Write(writer, value);
    }

    public void Load(BinaryReader reader)
    {
        for (int i = 0; i < Buckets; i++)
            _imbalances[i] = reader.ReadDouble();
        for (int i = 0; i < Days; i++)
            (_dayOf[i], _dayLots[i], _dayBars[i]) = (reader.ReadInt64(), Read(reader), reader.ReadInt32());
        (_day, _firstDay, _barsToday) = (reader.ReadInt64(), reader.ReadInt64(), (int)reader.ReadInt64());
        (_next, _count) = ((int)reader.ReadInt64(), (int)reader.ReadInt64());
        if (_next is < 0 or >= Buckets || _count is < 0 or > Buckets)
            throw new InvalidDataException("feature checkpoint holds impossible vpin buckets; rebuild it from history");
        (_lotsToday, _buys, _sells, _filled) = (Read(reader), Read(reader), Read(reader), Read(reader));
        SetBucket();
    }

    private static void Write(BinaryWriter writer, Int128 value)
    {
        writer.Write((ulong)(value >>> 64));
        writer.Write((ulong)value);
    }

    private static Int128 Read(BinaryReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    private void SetBucket()
    {
        Int128 lots = 0;
        DaysKnown = 0;
        for (int slot = 0; slot < Days; slot++)
        {
            if (_dayOf[slot] < _day - Days || _dayOf[slot] >= _day || _dayBars[slot] < BarsOfAFullDay)
                continue;
            lots += _dayLots[slot];
            DaysKnown++;
        }

        (_bucket, _scale) = DaysKnown < DaysNeeded ? ((Int128)0, 0) : (lots, (long)BucketsPerDay * DaysKnown);
    }

    private void Fill(Int128 lots, Side side)
    {
        while (lots > 0)
        {
            Int128 room = _bucket - _filled;
            Int128 part = lots < room ? lots : room;
            if (_filled == 0 && lots >= (Buckets + 1) * _bucket)
            {
                // One Trade worth more than the whole memory: all its buckets are alike.
                Int128 whole = lots / _bucket - Buckets;
                lots -= whole * _bucket;
                continue;
            }

            lots -= part;
            _filled += part;
            if (side == Side.Buy)
                _buys += part;
            else if (side == Side.Sell)
                _sells += part;
            if (_filled < _bucket)
                return;
            _imbalances[_next] = (double)Int128.Abs(_buys - _sells) / (double)_bucket;
            _next = _next + 1 == Buckets ? 0 : _next + 1;
            _count = Math.Min(_count + 1, Buckets);
            (_buys, _sells, _filled) = (0, 0, 0);
        }
    }
}
