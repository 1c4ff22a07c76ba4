using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Backtest.Scoring;

/// <summary>Turns the rows of a feature dataset into tapes in ticks.</summary>
public static class TapeReader
{
    /// <summary>Of symbols without a venue, as candle files have them.</summary>
    public const string UnknownVenue = "unknown";

    /// <summary>Of two decimals that are meant to be equal.</summary>
    private const double Tolerance = 1e-6;

    /// <summary>For each Instrument, in order of first appearance, its rows.</summary>
    public static IReadOnlyList<(string Symbol, int[] Rows)> RowsOf(FeatureDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var rows = new Dictionary<string, List<int>>();
        for (int i = 0; i < dataset.Count; i++)
        {
            if (!rows.TryGetValue(dataset.Symbols[i], out List<int>? own))
                rows.Add(dataset.Symbols[i], own = []);
            own.Add(i);
        }

        return [.. rows.Select(pair => (pair.Key, pair.Value.ToArray()))];
    }

    /// <param name="dataset">Prices in quote units.</param>
    /// <param name="symbol"><c>venue:SYMBOL</c>, or a symbol without its venue, whose tick and lot are then assumed.</param>
    /// <param name="rows">Of that symbol, in order of time.</param>
    /// <param name="probabilityUp">For each of these rows; NaN where nothing was said.</param>
    /// <param name="from">Rows before it are left out.</param>
    /// <param name="to">Exclusive.</param>
    /// <param name="instruments">Knows tick and lot.</param>
    /// <param name="skipped">Rows that are no possible Bar: prices missing, or outside their own range.</param>
    /// <exception cref="InvalidDataException">A price is no whole number of ticks.</exception>
    public static BarTape Read(FeatureDataset dataset, string symbol, int[] rows, double[] probabilityUp, UnixNanos from, UnixNanos to, InstrumentTable instruments, out int skipped)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(instruments);
        int colon = symbol.IndexOf(':', StringComparison.Ordinal);
        Instrument instrument = colon > 0 && colon < symbol.Length - 1
            ? instruments.GetOrAdd(symbol[..colon], symbol[(colon + 1)..])
            : instruments.GetOrAdd(UnknownVenue, symbol);
        int[] wanted = [.. Enumerable.Range(0, rows.Length).Where(r => dataset.Times[rows[r]] >= from && dataset.Times[rows[r]] < to)];
        int[] kept = [.. wanted.Where(r => IsPossible(dataset, rows[r]))];
        skipped = wanted.Length - kept.Length;
        return new BarTape
        {
            Instrument = instrument,
            OpenTimes = [.. kept.Select(r => dataset.Times[rows[r]])],
            Open = Prices(FeatureIndex.Open),
            High = Prices(FeatureIndex.High),
            Low = Prices(FeatureIndex.Low),
            Close = Prices(FeatureIndex.Close),
            EndBid = Column("end_bid", dataset.EndBid),
            EndAsk = Column("end_ask", dataset.EndAsk),
            Atr = [.. kept.Select(r => dataset.Values[FeatureIndex.Atr][rows[r]])],
            ProbabilityUp = [.. kept.Select(r => probabilityUp[r])],
        };

        long[] Prices(int feature) => Column(FeatureSchema.Names[feature], dataset.Values[feature]);

        long[] Column(string name, double[] values) => [.. kept.Select(r => TicksOf(dataset, instrument, rows[r], name, values[rows[r]]))];
    }

    private static bool IsPossible(FeatureDataset dataset, int row)
    {
        double open = dataset.Values[FeatureIndex.Open][row], high = dataset.Values[FeatureIndex.High][row];
        double low = dataset.Values[FeatureIndex.Low][row], close = dataset.Values[FeatureIndex.Close][row];
        return low > 0 && low <= Math.Min(open, close) && high >= Math.Max(open, close) && double.IsFinite(high);
    }

    private static long TicksOf(FeatureDataset dataset, Instrument instrument, int row, string column, double price)
    {
        if (double.IsNaN(price))
            return 0;
        double tick = instrument.Tick.ToDouble(1);
        double ticks = Math.Round(price / tick);
        if (!(ticks is >= 0 and < 1e15) || Math.Abs(ticks * tick - price) > Tolerance * tick + 1e-12 * price)
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"{dataset.Source}: {instrument} at {dataset.Times[row]}: {column} {price} is no whole number of ticks of {instrument.Tick}; say another with --instruments"));
        }

        return (long)ticks;
    }
}
