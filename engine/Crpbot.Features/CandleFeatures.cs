using System.Runtime.CompilerServices;
using Crpbot.Features.Kernels;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>The 33 baseline features of one Instrument, Bar by Bar.</summary>
/// <remarks>
/// Windows are summed afresh for every Bar, the one of a day is a compensated running sum, and only EMA and Wilder remember more
/// than they see. Streaming and batch are this one class, so they agree to the last bit. No allocation after construction. The plain
/// version is in the tests. Source: features-33, sections 2 to 4.
/// </remarks>
public sealed partial class CandleFeatures
{
    /// <summary>Bars in V̄, and how many it needs.</summary>
    private const int MeanVolumeBars = 1440;
    private const int MeanVolumeBarsNeeded = 240;
    private const int LongestClose = 50;
    private const int AtrBars = 14;
    private const int RegimeBars = 20;
    private const int BandBars = 20;

    /// <summary>Values beyond this are no market data, and their squares would not be finite.</summary>
    private const double Largest = 1e100;

    private readonly SlidingBuffer _closes = new(LongestClose);
    private readonly SlidingBuffer _volumes = new(MeanVolumeBars + 1);
    private readonly SlidingBuffer _trueRanges = new(AtrBars);
    private readonly SlidingBuffer _atrs = new(RegimeBars + 1);
    private readonly double[] _sortedAtrs = new double[RegimeBars];
    private readonly double[] _logs = new double[LogSlot.Count];
    private readonly double[] _smas = new double[4];
    private CompensatedSum _volumeSum;
    private int _volumesAboveZero;
    private double _rsiUp;
    private double _rsiDown;
    private double _ema12;
    private double _ema26;
    private double _signal;
    private double _previousClose;
    private long _lastOpenTime = long.MinValue;

    /// <summary>Present Bars since the start or the last restart.</summary>
    public long BarsPresent { get; private set; }

    /// <summary>Times the state started afresh because more than five Bars were missing.</summary>
    public long Restarts { get; private set; }

    /// <summary>Bars with impossible values or a time that does not follow; each counts as missing.</summary>
    public long Refused { get; private set; }

    /// <summary>Flags of the last Bar applied.</summary>
    public FeatureRowFlags Flags { get; private set; } = FeatureRowFlags.Warmup;

    public VolatilityRegime VolatilityRegime { get; private set; }

    public Session Session { get; private set; }

    /// <summary>Close of the last present Bar since the start or the last restart; NaN before the first.</summary>
    public double PreviousClose => BarsPresent == 0 ? double.NaN : _previousClose;

    /// <summary>Takes the next Bar and writes its 33 features.</summary>
    /// <param name="openTime">On a whole minute, later than the Bar before; minutes left out count as missing.</param>
    /// <param name="values">At least 33 places; NaN where the reason is not Present.</param>
    /// <param name="inputs">At least 33 places; NaN where the input is not defined.</param>
    /// <param name="reasons">At least 33 places.</param>
    /// <returns>False, and nothing is changed or written, when the Bar is impossible.</returns>
    public bool Apply(
        double open, double high, double low, double close, double volume, UnixNanos openTime,
        Span<double> values, Span<double> inputs, Span<MissingReason> reasons)
    {
        if (!IsPossible(open, high, low, close, volume, openTime))
        {
            Refused++;
            return false;
        }

        // Cut once, so that the compiler sees every constant index inside.
        values = values[..FeatureSchema.CandleCount];
        inputs = inputs[..FeatureSchema.CandleCount];
        reasons = reasons[..FeatureSchema.CandleCount];

        FeatureRowFlags flags = TakeTime(openTime);
        bool hasPrevious = BarsPresent > 0;
        double previous = hasPrevious ? _previousClose : close;
        double range = high - low;

        _closes.Append(close);
        AppendVolume(volume);
        if (hasPrevious)
            _trueRanges.Append(Math.Max(range, Math.Max(Math.Abs(high - previous), Math.Abs(low - previous))));
        UpdateRecursions(close, previous, hasPrevious);
        long n = BarsPresent++;
        _previousClose = close;

        _logs.AsSpan().Fill(1);
        WritePrices(open, high, low, close, previous, range, values, inputs);
        double atr = WriteRange(close, range, values);
        WriteVolumes(volume, values, inputs);
        WriteAverages(close, values);
        WriteIndicators(close, n, values, inputs);
        WriteBands(close, values, inputs);
        WriteSession(openTime, values, inputs);
        NaturalLog.InPlace(_logs);
        WriteLogInputs(n, hasPrevious, values, inputs);
        WriteReasons(n, reasons);

        VolatilityRegime = RegimeOf(atr);
        if (BarsPresent < FeatureSchema.WarmupBars)
            flags |= FeatureRowFlags.Warmup;
        Flags = flags;
        return true;
    }

    /// <summary>Forgets everything, counters included.</summary>
    public void Reset()
    {
        Restart();
        (_lastOpenTime, Restarts, Refused) = (long.MinValue, 0, 0);
        (Flags, Session) = (FeatureRowFlags.Warmup, Session.Tokyo);
    }

    private bool IsPossible(double open, double high, double low, double close, double volume, UnixNanos openTime) =>
        open > 0 && close > 0 && low > 0 && high >= low && volume >= 0 &&
        open < Largest && close < Largest && high < Largest && volume < Largest &&
        openTime.Value > _lastOpenTime && openTime.Floor(UnixNanos.PerMinute) == openTime;

    private FeatureRowFlags TakeTime(UnixNanos openTime)
    {
        FeatureRowFlags flags = FeatureRowFlags.None;
        if (_lastOpenTime != long.MinValue)
        {
            UInt128 distance = (UInt128)((Int128)openTime.Value - _lastOpenTime) / UnixNanos.PerMinute;
            if (distance > FeatureSchema.MissingBarsKept + 1)
            {
                Restart();
                Restarts++;
                flags = FeatureRowFlags.Restarted;
            }
            else if (distance > 1)
            {
                flags = FeatureRowFlags.AfterGap;
            }
        }

        _lastOpenTime = openTime.Value;
        return flags;
    }

    private void Restart()
    {
        _closes.Clear();
        _volumes.Clear();
        _trueRanges.Clear();
        _atrs.Clear();
        _volumeSum = default;
        (_volumesAboveZero, BarsPresent) = (0, 0);
        VolatilityRegime = VolatilityRegime.None;
    }

    private void AppendVolume(double volume)
    {
        _volumes.Append(volume);
        _volumeSum.Add(volume);
        if (volume > 0)
            _volumesAboveZero++;
        if (_volumes.Count <= MeanVolumeBars)
            return;
        double leaving = _volumes.Last(MeanVolumeBars + 1)[0];
        _volumeSum.Add(-leaving);
        if (leaving > 0 && --_volumesAboveZero == 0)
            _volumeSum = default;
    }

    private void UpdateRecursions(double close, double previous, bool hasPrevious)
    {
        if (!hasPrevious)
        {
            (_rsiUp, _rsiDown, _ema12, _ema26, _signal) = (0, 0, close, close, 0);
            return;
        }

        double change = close - previous;
        _rsiUp += (Math.Max(change, 0) - _rsiUp) / 14;
        _rsiDown += (Math.Max(-change, 0) - _rsiDown) / 14;
        _ema12 += (close - _ema12) * (2.0 / 13);
        _ema26 += (close - _ema26) * (2.0 / 27);
        _signal += (_ema12 - _ema26 - _signal) * (2.0 / 10);
    }

    private void WritePrices(
        double open, double high, double low, double close, double previous, double range, Span<double> values, Span<double> inputs)
    {
        values[FeatureIndex.Open] = open;
        values[FeatureIndex.High] = high;
        values[FeatureIndex.Low] = low;
        values[FeatureIndex.Close] = close;
        values[FeatureIndex.Spread] = range;
        values[FeatureIndex.SpreadPct] = 100 * range / close;
        inputs[FeatureIndex.SpreadPct] = 100 * values[FeatureIndex.SpreadPct];
        _logs[LogSlot.Open] = open / previous;
        _logs[LogSlot.High] = high / close;
        _logs[LogSlot.Low] = low / close;
        _logs[LogSlot.Close] = close / previous;
        _logs[LogSlot.Spread] = 1 + 1e4 * range / close;
    }

    /// <summary>Returns atr, NaN while there is none.</summary>
    private double WriteRange(double close, double range, Span<double> values)
    {
        if (_trueRanges.Count < AtrBars)
        {
            values[FeatureIndex.Atr] = values[FeatureIndex.SpreadAtrRatio] = double.NaN;
            return double.NaN;
        }

        double atr = WindowSum.Of(_trueRanges.Last(AtrBars)) / AtrBars;
        values[FeatureIndex.Atr] = atr;
        values[FeatureIndex.SpreadAtrRatio] = atr == 0 ? 0 : range / atr;
        _logs[LogSlot.Atr] = 1 + 1e4 * atr / close;
        return atr;
    }

    private void WriteVolumes(double volume, Span<double> values, Span<double> inputs)
    {
        values[FeatureIndex.Volume] = volume;
        bool hasWindow = _volumes.Count >= Slope.Length;
        double average = double.NaN, ratio = double.NaN, trend = double.NaN, trendInput = double.NaN;
        if (hasWindow)
        {
            ReadOnlySpan<double> window = _volumes.Last(Slope.Length);
            average = WindowSum.Of(window) / Slope.Length;
            ratio = average == 0 ? 1 : volume / average;
            trend = Slope.Of(window);
            trendInput = average == 0 ? 0 : trend / average;
            _logs[LogSlot.VolumeRatio] = ratio + 0.01;
        }

        values[FeatureIndex.VolumeMa] = average;
        values[FeatureIndex.VolumeRatio] = ratio;
        values[FeatureIndex.VolumeTrend] = trend;
        inputs[FeatureIndex.VolumeTrend] = trendInput;

        double mean = MeanVolume();
        if (mean > 0)
        {
            double offset = 0.001 * mean;
            _logs[LogSlot.Volume] = (volume + offset) / (mean + offset);
            if (hasWindow)
                _logs[LogSlot.VolumeMa] = (average + offset) / (mean + offset);
        }
    }

    /// <summary>V̄; NaN before 240 Bars.</summary>
    private double MeanVolume()
    {
        int count = Math.Min(_volumes.Count, MeanVolumeBars);
        return count < MeanVolumeBarsNeeded ? double.NaN : _volumesAboveZero == 0 ? 0 : _volumeSum.Value / count;
    }

    private void WriteAverages(double close, Span<double> values)
    {
        WriteAverage(0, 7, close, values);
        WriteAverage(1, 14, close, values);
        WriteAverage(2, 21, close, values);
        WriteAverage(3, 50, close, values);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteAverage(int which, int length, double close, Span<double> values)
    {
        double sma = double.NaN, ratio = double.NaN;
        if (_closes.Count >= length)
        {
            sma = WindowSum.Of(_closes.Last(length)) / length;
            ratio = close / sma;
            // The first average has no predecessor: its slope is not defined, WriteLogInputs knows.
            _logs[LogSlot.SmaSlope + which] = BarsPresent > length ? sma / _smas[which] : 1;
            _logs[LogSlot.SmaRatio + which] = ratio;
            _smas[which] = sma;
        }

        values[FeatureIndex.Sma7 + 2 * which] = sma;
        values[FeatureIndex.PriceSma7Ratio + 2 * which] = ratio;
    }

    private void WriteIndicators(double close, long n, Span<double> values, Span<double> inputs)
    {
        double total = _rsiUp + _rsiDown;
        double rsi = n < 13 ? double.NaN : total == 0 ? 50 : 100 * _rsiUp / total;
        double macd = n < 25 ? double.NaN : _ema12 - _ema26;
        double signal = n < 33 ? double.NaN : _signal;
        values[FeatureIndex.Rsi] = rsi;
        values[FeatureIndex.Macd] = macd;
        values[FeatureIndex.MacdSignal] = signal;
        values[FeatureIndex.MacdDiff] = macd - signal;
        inputs[FeatureIndex.Rsi] = (rsi - 50) / 50;
        inputs[FeatureIndex.Macd] = 1e4 * macd / close;
        inputs[FeatureIndex.MacdSignal] = 1e4 * signal / close;
        inputs[FeatureIndex.MacdDiff] = 1e4 * (macd - signal) / close;
    }

    private void WriteBands(double close, Span<double> values, Span<double> inputs)
    {
        double high = double.NaN, low = double.NaN, width = double.NaN, position = double.NaN;
        if (_closes.Count >= BandBars)
        {
            ReadOnlySpan<double> window = _closes.Last(BandBars);
            double mean = window[0] + Deviation.ShiftedMean(window, out double deviation);
            high = mean + 2 * deviation;
            low = mean - 2 * deviation;
            width = (high - low) / close;
            position = high == low ? 0.5 : (close - low) / (high - low);
            _logs[LogSlot.BbHigh] = high / close;
            _logs[LogSlot.BbLow] = Math.Max(low, close / 100) / close;
            _logs[LogSlot.BbWidth] = 1 + 1e4 * width;
        }

        values[FeatureIndex.BbHigh] = high;
        values[FeatureIndex.BbLow] = low;
        values[FeatureIndex.BbWidth] = width;
        values[FeatureIndex.BbPosition] = position;
        inputs[FeatureIndex.BbPosition] = Math.Clamp(position - 0.5, -2, 2);
    }

    private void WriteSession(UnixNanos openTime, Span<double> values, Span<double> inputs)
    {
        long days = openTime.Floor(UnixNanos.PerDay).Value / UnixNanos.PerDay;
        int third = (int)((openTime.Value - days * UnixNanos.PerDay) / (8 * UnixNanos.PerHour));
        // 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday.
        int day = (int)(((days + 3) % 7 + 7) % 7);
        Session = (Session)third;
        for (int i = 0; i < 3; i++)
            values[FeatureIndex.SessionTokyo + i] = inputs[FeatureIndex.SessionTokyo + i] = i == third ? 1 : 0;
        values[FeatureIndex.DayOfWeek] = day;
        inputs[FeatureIndex.DayOfWeek] = (day - 3) / 3.0;
        values[FeatureIndex.IsWeekend] = inputs[FeatureIndex.IsWeekend] = day >= 5 ? 1 : 0;
    }

    private void WriteLogInputs(long n, bool hasPrevious, Span<double> values, Span<double> inputs)
    {
        bool hasMeanVolume = _volumes.Count >= MeanVolumeBarsNeeded;
        inputs[FeatureIndex.Open] = hasPrevious ? 1e4 * _logs[LogSlot.Open] : double.NaN;
        inputs[FeatureIndex.High] = 1e4 * _logs[LogSlot.High];
        inputs[FeatureIndex.Low] = 1e4 * _logs[LogSlot.Low];
        inputs[FeatureIndex.Close] = hasPrevious ? 1e4 * _logs[LogSlot.Close] : double.NaN;
        inputs[FeatureIndex.Volume] = hasMeanVolume ? _logs[LogSlot.Volume] : double.NaN;
        inputs[FeatureIndex.Spread] = _logs[LogSlot.Spread];
        inputs[FeatureIndex.Atr] = n >= AtrBars ? _logs[LogSlot.Atr] : double.NaN;
        inputs[FeatureIndex.SpreadAtrRatio] = values[FeatureIndex.SpreadAtrRatio];
        inputs[FeatureIndex.VolumeMa] = hasMeanVolume ? _logs[LogSlot.VolumeMa] : double.NaN;
        inputs[FeatureIndex.VolumeRatio] = n >= Slope.Length - 1 ? _logs[LogSlot.VolumeRatio] : double.NaN;
        for (int i = 0; i < 4; i++)
        {
            int length = SmaLength(i);
            inputs[FeatureIndex.Sma7 + 2 * i] = n >= length ? 1e4 * _logs[LogSlot.SmaSlope + i] : double.NaN;
            inputs[FeatureIndex.PriceSma7Ratio + 2 * i] = n >= length - 1 ? 1e4 * _logs[LogSlot.SmaRatio + i] : double.NaN;
        }

        bool hasBands = n >= BandBars - 1;
        inputs[FeatureIndex.BbHigh] = hasBands ? 1e4 * _logs[LogSlot.BbHigh] : double.NaN;
        inputs[FeatureIndex.BbLow] = hasBands ? 1e4 * _logs[LogSlot.BbLow] : double.NaN;
        inputs[FeatureIndex.BbWidth] = hasBands ? _logs[LogSlot.BbWidth] : double.NaN;
    }

    private static int SmaLength(int which) => which switch { 0 => 7, 1 => 14, 2 => 21, _ => 50 };

    private static void WriteReasons(long n, Span<MissingReason> reasons)
    {
        reasons.Clear();
        if (n >= LongestClose - 1)
            return;
        for (int i = 0; i < FeatureSchema.CandleCount; i++)
        {
            if (n < FirstBar(i))
                reasons[i] = MissingReason.Warmup;
        }
    }

    /// <summary>Index of the first Bar whose value is defined: the column “First n”.</summary>
    internal static int FirstBar(int feature) => feature switch
    {
        FeatureIndex.Atr or FeatureIndex.SpreadAtrRatio => AtrBars,
        FeatureIndex.VolumeMa or FeatureIndex.VolumeRatio or FeatureIndex.VolumeTrend => Slope.Length - 1,
        FeatureIndex.Sma7 or FeatureIndex.PriceSma7Ratio => 6,
        FeatureIndex.Sma14 or FeatureIndex.PriceSma14Ratio => 13,
        FeatureIndex.Sma21 or FeatureIndex.PriceSma21Ratio => 20,
        FeatureIndex.Sma50 or FeatureIndex.PriceSma50Ratio => LongestClose - 1,
        FeatureIndex.Rsi => 13,
        FeatureIndex.Macd => 25,
        FeatureIndex.MacdSignal or FeatureIndex.MacdDiff => 33,
        FeatureIndex.BbHigh or FeatureIndex.BbLow or FeatureIndex.BbWidth or FeatureIndex.BbPosition => BandBars - 1,
        _ => 0,
    };

    /// <summary>Ranks atr among its last 20 values, kept in order by one removal and one insertion a Bar.</summary>
    private VolatilityRegime RegimeOf(double atr)
    {
        if (double.IsNaN(atr))
            return VolatilityRegime.None;
        int count = Math.Min(_atrs.Count, RegimeBars);
        _atrs.Append(atr);
        Span<double> sorted = _sortedAtrs;
        if (count == RegimeBars)
        {
            int leaving = sorted.IndexOf(_atrs.Last(RegimeBars + 1)[0]);
            sorted[(leaving + 1)..].CopyTo(sorted[leaving..]);
            count--;
        }

        int at = count;
        for (; at > 0 && sorted[at - 1] > atr; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = atr;
        if (count + 1 < RegimeBars)
            return VolatilityRegime.None;
        double low = Percentile.OfSorted(sorted, 0.33);
        double high = Percentile.OfSorted(sorted, 0.67);
        return low == high ? VolatilityRegime.Medium
            : atr < low ? VolatilityRegime.Low
            : atr >= high ? VolatilityRegime.High
            : VolatilityRegime.Medium;
    }

    /// <summary>Places of the arguments in the block of logarithms that is taken at once.</summary>
    private static class LogSlot
    {
        public const int Open = 0;
        public const int High = 1;
        public const int Low = 2;
        public const int Close = 3;
        public const int Volume = 4;
        public const int Spread = 5;
        public const int Atr = 6;
        public const int VolumeMa = 7;
        public const int VolumeRatio = 8;
        public const int SmaSlope = 9;
        public const int SmaRatio = 13;
        public const int BbHigh = 17;
        public const int BbLow = 18;
        public const int BbWidth = 19;
        public const int Count = 24;
    }
}
