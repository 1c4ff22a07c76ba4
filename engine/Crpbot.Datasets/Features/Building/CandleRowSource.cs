using Crpbot.Features;

namespace Crpbot.Datasets;

/// <summary>The rows of one Instrument's candles: 33 features, the 20 of Trades and book missing.</summary>
/// <param name="candles">Oldest first, on whole minutes; minutes left out stay missing.</param>
/// <param name="range">Which Bars are wanted; the candles before them warm up.</param>
public sealed class CandleRowSource(CandleSeries candles, BarRange range) : FeatureRowSource(range)
{
    private readonly CandleFeatures _features = new();
    private int _next;

    public override string Symbol => candles.Symbol;

    public override FeatureRow Row { get; } = new();

    public override double EndBid => double.NaN;

    public override double EndAsk => double.NaN;

    public override long EventsRead => _next;

    public override bool Read()
    {
        while (_next < candles.Count && candles.Times[_next] < Range.To)
        {
            int i = _next++;
            if (!_features.Apply(
                candles.Open[i], candles.High[i], candles.Low[i], candles.Close[i], candles.Volume[i], candles.Times[i], Row.Values, Row.Inputs, Row.Reasons))
            {
                continue;
            }

            Row.Bar.OpenTime = candles.Times[i];
            Row.Flags = _features.Flags | (candles.Volume[i] == 0 ? FeatureRowFlags.NoTrades : FeatureRowFlags.None);
            (Row.VolatilityRegime, Row.Session) = (_features.VolatilityRegime, _features.Session);
            Row.MissMicrostructure();
            if (Range.Contains(Row.Bar.OpenTime))
                return true;
        }

        return false;
    }

    public override void Describe(FeatureBuildReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Candles += _next;
        report.Of(Symbol).Refused += _features.Refused;
    }

    protected override void Dispose(bool disposing)
    {
    }
}
