using Crpbot.Codecs.Instruments;
using Crpbot.Features.Kernels;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>The 20 microstructure features of one Instrument, from what a minute's book and Trades left behind.</summary>
/// <remarks>
/// Everything is computed when the Bar closes; while it is open, <see cref="BookSampler"/> keeps integrals and
/// <see cref="BarAggregator"/> the Trades. A minute without a Bar leaves a hole in every window. Source: features-33, sections 5 and 6.
/// </remarks>
internal sealed partial class MicrostructureFeatures
{
    private const double StateCoverage = 30e9;
    private const double FlowCoverage = 54e9;
    private const int UsualMinutes = 60;
    private const int UsualNeeded = 30;
    private const int TruncatedAllowed = 6;
    private const int VwapMinutes = 30;
    private const int VwapNeeded = 20;
    private const int AmihudMinutes = 15;
    private const int AmihudNeeded = 10;
    private const int StepsNeeded = 45;
    private const double LogRatioLimit = 5;

    private readonly double? _fixedThreshold;
    private readonly MinuteTrades _trades;
    private readonly LargeTrades _large = new();
    private readonly Vpin _vpin = new();
    private readonly KyleLambda _kyle = new();
    private readonly MinuteWindow _slopes = new(UsualMinutes);
    private readonly MinuteWindow _parents = new(UsualMinutes);
    private readonly MinuteWindow _returns = new(AmihudMinutes);
    private readonly MinuteWindow _notionals = new(AmihudMinutes);
    private readonly Int128[] _vwapTickLots = new Int128[VwapMinutes];
    private readonly long[] _vwapLots = new long[VwapMinutes];
    private readonly long[] _vwapMinutes = [.. Enumerable.Repeat(long.MinValue, VwapMinutes)];
    private CarriedValue _carriedVpin;
    private CarriedValue _carriedVwap;
    private CarriedValue _carriedSpread;
    private CarriedValue _carriedImpact;
    private CarriedValue _carriedKyle;
    private CarriedValue _carriedAmihud;
    private long _lastMinute = long.MinValue;
    private long _previousClose;

    public MicrostructureFeatures(Instrument instrument, FeatureOptions options)
    {
        _trades = new MinuteTrades(instrument, options.WaitingCapacity);
        _fixedThreshold = options.LargeNotional;
        SideCheck = new SideCheck(options.SideCheckTrades);
    }

    public SideCheck SideCheck { get; }

    public MinuteTrades Trades => _trades;

    /// <summary>When a feature has enough history, at the usual pace; <paramref name="now"/> where it has, or needs less than the 360 Bars.</summary>
    public long WarmAt(int feature, long now) => feature switch
    {
        FeatureIndex.LargeTakerImb when _fixedThreshold is null => _large.WarmAt(now),
        FeatureIndex.Vpin => _vpin.WarmAt(now),
        _ => now,
    };

    /// <summary>Begins a minute's close: hours and days change, sides are resolved and checked.</summary>
    /// <returns>False when the data are refused since the last hour ended: the minute has no Bar.</returns>
    public bool Begin(Span<BarTrade> trades, long open, MidHistory mids, bool isWhole)
    {
        long hour = open / UnixNanos.PerHour;
        SideCheck.MoveTo(hour);
        _large.MoveTo(hour);
        _vpin.MoveTo(open);
        bool isPresent = isWhole && SideCheck.Verdict != SideCheckVerdict.Refused;
        _trades.Read(trades, open, mids, isPresent, _fixedThreshold ?? _large.Threshold, _large);
        if (isWhole)
            SideCheck.Add(_trades.SidesRight, _trades.SidesAsked);
        return isPresent;
    }

    /// <summary>Leaves a hole for the minute, and for those before it that had no Timer.</summary>
    public void Miss(long open)
    {
        long minute = open / UnixNanos.PerMinute;
        Skip(_lastMinute == long.MinValue ? 1 : minute - _lastMinute);
        _lastMinute = minute;
    }

    /// <summary>Computes the features of a present minute, after <see cref="Begin"/>.</summary>
    /// <param name="bar">The Bar, complete.</param>
    /// <param name="trades">Its Trades, sides resolved.</param>
    /// <param name="book">What its book left.</param>
    /// <param name="values">53 places; the last 20 are written.</param>
    /// <param name="reasons">Parallel.</param>
    public void Close(in Bar bar, ReadOnlySpan<BarTrade> trades, BookMinute book, Span<double> values, Span<MissingReason> reasons)
    {
        long minute = bar.OpenTime.Value / UnixNanos.PerMinute;
        if (_lastMinute != long.MinValue)
            Skip(minute - _lastMinute - 1);
        _lastMinute = minute;
        WriteStates(book, values, reasons);
        WriteFlows(bar, book, values, reasons);
        WriteEstimates(bar, trades, book, minute, values, reasons);
        _previousClose = bar.Close.Ticks;
    }

    private static void Set(int feature, double value, MissingReason reason, Span<double> values, Span<MissingReason> reasons)
    {
        values[feature] = reason == MissingReason.Present ? value : double.NaN;
        reasons[feature] = reason;
    }

    private static double LogRatio(double now, double usual) =>
        now == 0 ? -LogRatioLimit : usual == 0 ? LogRatioLimit : Math.Clamp(Math.Log(now / usual), -LogRatioLimit, LogRatioLimit);

    private void Skip(long minutes)
    {
        if (minutes <= 0)
            return;
        _slopes.Skip(minutes);
        _parents.Skip(minutes);
        _returns.Skip(minutes);
        _notionals.Skip(minutes);
        _kyle.Skip(minutes);
    }

    /// <summary>Class S: M1 to M5, M14, M15, M20.</summary>
    private void WriteStates(BookMinute book, Span<double> values, Span<MissingReason> reasons)
    {
        double coverage = book.Coverage;
        MissingReason state = coverage < StateCoverage ? MissingReason.NoBook : MissingReason.Present;
        Set(FeatureIndex.ObiL1, book.TouchImbalance / coverage, state, values, reasons);
        Set(FeatureIndex.MicropriceDevBps, book.MicropriceDeviation, state, values, reasons);
        Set(FeatureIndex.QspreadBps, book.SpreadMean, state, values, reasons);
        Set(FeatureIndex.QspreadStdBps, Math.Sqrt(book.SpreadSquares / book.SpreadWeight), state, values, reasons);

        MissingReason grid = book.GridValid == 0 ? MissingReason.NoBook : state;
        Set(FeatureIndex.ObiL5, book.ImbalanceFive / book.GridValid, grid, values, reasons);
        MissingReason band = grid == MissingReason.Present && book.GridTruncated > TruncatedAllowed ? MissingReason.Truncated : grid;
        MissingReason inBand = band == MissingReason.Present && book.GridInBand == 0 ? MissingReason.NoBook : band;
        Set(FeatureIndex.Obi10Bps, book.ImbalanceBand / book.GridInBand, inBand, values, reasons);

        double slope = band == MissingReason.Present ? book.BandTickLots / book.GridValid : double.NaN;
        Span<double> usual = _slopes.Present();
        MissingReason relative = band == MissingReason.Present && usual.Length < UsualNeeded ? MissingReason.Warmup : band;
        double ratio = relative == MissingReason.Present ? LogRatio(slope, Percentile.Median(usual)) : double.NaN;
        Set(FeatureIndex.BookSlopeRel, ratio, relative, values, reasons);
        _slopes.Append(slope);

        double squares = 0;
        int steps = 0;
        for (int i = 1; i < BookMinute.GridPoints; i++)
        {
            long before = book.GridMids[i - 1], after = book.GridMids[i];
            if (before == 0 || after == 0)
                continue;
            steps++;
            if (before == after)
                continue;
            double step = 1e4 * Math.Log((double)after / before);
            squares += step * step;
        }

        MissingReason walk = state == MissingReason.Present && steps < StepsNeeded ? MissingReason.NoBook : state;
        Set(FeatureIndex.Rv1mBps, Math.Sqrt(squares * 60 / steps), walk, values, reasons);
    }

    /// <summary>Class F: M6 to M10, M12.</summary>
    private void WriteFlows(in Bar bar, BookMinute book, Span<double> values, Span<MissingReason> reasons)
    {
        double coverage = book.Coverage;
        MissingReason flow = coverage < FlowCoverage ? MissingReason.FeedDown : MissingReason.Present;
        Set(FeatureIndex.OfiL1, 2 * book.FlowTouch / (book.TouchLots / coverage), flow, values, reasons);
        Set(FeatureIndex.OfiL10, 2 * book.FlowDepth / (book.DepthLots / coverage), flow, values, reasons);

        double known = (double)_trades.BuyLots + _trades.SellLots;
        Set(FeatureIndex.TakerImb, known == 0 ? 0 : ((double)_trades.BuyLots - _trades.SellLots) / known, flow, values, reasons);

        double threshold = _fixedThreshold ?? _large.Threshold;
        MissingReason large = flow == MissingReason.Present && double.IsNaN(threshold) ? MissingReason.Warmup : flow;
        double largeImbalance = _trades.Notional == 0 ? 0 : Math.Clamp(_trades.SignedLargeNotional / _trades.Notional, -1, 1);
        Set(FeatureIndex.LargeTakerImb, largeImbalance, large, values, reasons);

        Span<double> usual = _parents.Present();
        MissingReason intensity = flow == MissingReason.Present && usual.Length < UsualNeeded ? MissingReason.Warmup : flow;
        double ratio = intensity == MissingReason.Present ? LogRatio(1 + _trades.Parents, 1 + Percentile.Median(usual)) : double.NaN;
        Set(FeatureIndex.TradeIntensity, ratio, intensity, values, reasons);
        _parents.Append(_trades.Parents);

        double vwap = 0;
        if (bar.Trades > 0)
        {
            Int128 fromFirst = bar.TickLots - BarAggregator.Multiply(bar.Open.Ticks, bar.Volume.Lots);
            vwap = 1e4 * Math.Log(bar.Close.Ticks / (bar.Open.Ticks + (double)fromFirst / bar.Volume.Lots));
        }

        Set(FeatureIndex.VwapDev1mBps, vwap, flow, values, reasons);
    }

    /// <summary>Class E: M11, M13, M16 to M19.</summary>
    private void WriteEstimates(
        in Bar bar, ReadOnlySpan<BarTrade> trades, BookMinute book, long minute, Span<double> values, Span<MissingReason> reasons)
    {
        _vpin.Add(trades);
        if (_vpin.HasBucketSize && !double.IsNaN(_vpin.Value))
            _carriedVpin.Set(_vpin.Value, minute);
        Write(FeatureIndex.Vpin, _carriedVpin, MissingReason.Warmup, values, reasons);

        if (TryVwap(bar, minute, out double vwap))
            _carriedVwap.Set(vwap, minute);
        Write(FeatureIndex.VwapDev30mBps, _carriedVwap, MissingReason.Warmup, values, reasons);

        if (_trades.EffectiveWeight > 0)
            _carriedSpread.Set(1e4 * _trades.EffectiveCost / _trades.EffectiveWeight, minute);
        Write(FeatureIndex.EffSpreadBps, _carriedSpread, MissingReason.NoTrades, values, reasons);

        if (_trades.ImpactWeight > 0)
            _carriedImpact.Set(1e4 * _trades.ImpactCost / _trades.ImpactWeight, minute);
        Write(FeatureIndex.Impact5sBps, _carriedImpact, MissingReason.NoTrades, values, reasons);

        if (_kyle.Add(book.BorderMids, _trades.Flows, out double lambda))
            _carriedKyle.Set(lambda, minute);
        Write(FeatureIndex.KyleLambda, _carriedKyle, MissingReason.Warmup, values, reasons);

        if (TryAmihud(bar, out double amihud))
            _carriedAmihud.Set(amihud, minute);
        Write(FeatureIndex.AmihudIlliq, _carriedAmihud, MissingReason.Warmup, values, reasons);

        void Write(int feature, in CarriedValue carried, MissingReason never, Span<double> values, Span<MissingReason> reasons) =>
            Set(feature, carried.At(minute, never, out MissingReason reason), reason, values, reasons);
    }

    private bool TryVwap(in Bar bar, long minute, out double deviation)
    {
        int slot = (int)(minute % VwapMinutes);
        (_vwapTickLots[slot], _vwapLots[slot], _vwapMinutes[slot]) = (bar.TickLots, bar.Volume.Lots, minute);
        Int128 tickLots = 0;
        Int128 lots = 0;
        int present = 0;
        for (int i = 0; i < VwapMinutes; i++)
        {
            if (_vwapMinutes[i] <= minute - VwapMinutes)
                continue;
            present++;
            tickLots += _vwapTickLots[i];
            lots += _vwapLots[i];
        }

        bool isKnown = present >= VwapNeeded && lots > 0;
        deviation = isKnown ? 1e4 * Math.Log(bar.Close.Ticks / ((double)tickLots / (double)lots)) : double.NaN;
        return isKnown;
    }

    private bool TryAmihud(in Bar bar, out double ratio)
    {
        bool hasReturn = _previousClose != 0;
        _returns.Append(hasReturn ? Math.Abs(1e4 * Math.Log((double)bar.Close.Ticks / _previousClose)) : double.NaN);
        _notionals.Append(hasReturn ? _trades.NotionalOf(bar.TickLots) / 1e6 : double.NaN);
        Span<double> returns = _returns.Present();
        double notional = WindowSum.Of(_notionals.Present());
        bool isKnown = returns.Length >= AmihudNeeded && notional > 0;
        ratio = isKnown ? WindowSum.Of(returns) / notional : double.NaN;
        return isKnown;
    }
}
