using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Builds one Instrument's minutes from its trades and compares them with the venue's own candles.</summary>
/// <remarks>
/// Minutes are of ExchangeTime. Compared are those that lie wholly inside both, without the first and the last, and that no silence touched: open, high, low and close to half
/// a tick, volume to a millionth. 64 bytes a minute.
/// </remarks>
internal sealed class CandleComparison(Instrument instrument, CandleSeries candles)
{
    private const double VolumeTolerance = 1e-6;
    private readonly Dictionary<int, Candle> _minutes = [];

    public void Add(in MarketEvent trade)
    {
        int minute = (int)(trade.ExchangeTime.Floor(UnixNanos.PerMinute).Value / UnixNanos.PerMinute);
        long ticks = trade.Price.Ticks;
        ref Candle candle = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_minutes, minute, out bool exists);
        if (!exists)
            candle = new Candle { Open = ticks, High = ticks, Low = ticks };
        (candle.High, candle.Low, candle.Close) = (Math.Max(candle.High, ticks), Math.Min(candle.Low, ticks), ticks);
        candle.Lots += trade.Quantity.Lots;
    }

    /// <summary>Reports each minute that differs.</summary>
    public void Complete(FindingLog log, FeedWatch feed)
    {
        if (_minutes.Count == 0 || candles.Count == 0)
            return;
        int first = Math.Max(_minutes.Keys.Min(), MinuteOf(candles.Times[0])) + 1, last = Math.Min(_minutes.Keys.Max(), MinuteOf(candles.Times[^1])) - 1;
        var indexes = new Dictionary<int, int>();
        for (int i = 0; i < candles.Count; i++)
            indexes[MinuteOf(candles.Times[i])] = i;
        for (int minute = first; minute <= last; minute++)
        {
            if (feed.WasDown(minute))
                continue;
            string? difference = Difference(minute, indexes);
            if (difference is not null)
                log.Add(FindingCode.CandleMismatch, new UnixNanos(minute * UnixNanos.PerMinute), 0, $"{instrument.Name}: {difference}");
        }
    }

    private string? Difference(int minute, Dictionary<int, int> indexes)
    {
        bool traded = _minutes.TryGetValue(minute, out Candle own);
        if (!indexes.TryGetValue(minute, out int i))
            return traded ? "the trades make a candle, the venue has none" : null;
        if (!traded)
            return candles.Volume[i] > 0 ? "the venue has a candle, the trades make none" : null;
        double half = instrument.PriceOf(new Price(1)) * 0.500001;
        (string Name, long Ticks, double Theirs)[] prices =
            [("open", own.Open, candles.Open[i]), ("high", own.High, candles.High[i]), ("low", own.Low, candles.Low[i]), ("close", own.Close, candles.Close[i])];
        foreach ((string name, long ticks, double theirs) in prices)
        {
            if (Math.Abs(instrument.PriceOf(new Price(ticks)) - theirs) > half)
                return FormattableString.Invariant($"{name} {instrument.Format(new Price(ticks))} from trades, {theirs} in the candle");
        }

        double volume = instrument.QuantityOf(new Quantity(own.Lots));
        return Math.Abs(volume - candles.Volume[i]) > VolumeTolerance * Math.Max(volume, candles.Volume[i])
            ? FormattableString.Invariant($"volume {volume} from trades, {candles.Volume[i]} in the candle")
            : null;
    }

    private static int MinuteOf(UnixNanos time) => (int)(time.Floor(UnixNanos.PerMinute).Value / UnixNanos.PerMinute);

    private struct Candle
    {
        public long Open, High, Low, Close, Lots;
    }
}
