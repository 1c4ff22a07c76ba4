using Crpbot.Messages;

namespace Crpbot.Datasets.Comparison;

/// <summary>How one field of the matched candles differs.</summary>
/// <param name="Name">open, high, low, close or volume.</param>
/// <param name="Differing">Candles whose relative difference is above the tolerance.</param>
/// <param name="MaxRelative">The largest |a − b| / max(|a|, |b|).</param>
/// <param name="MedianRelative">Of all matched candles.</param>
/// <param name="FirstTime">A's time of the first that differs; None without one.</param>
internal sealed record FieldDifference(string Name, long Differing, double MaxRelative, double MedianRelative, UnixNanos FirstTime);

/// <summary>How trades with ids differ.</summary>
internal sealed record TradeDifference(long Matched, long MissingInA, long MissingInB, long Differing, string? Example);

/// <summary>One source beside the other in figures: how many times better.</summary>
/// <param name="A">Of A.</param>
/// <param name="B">Of B.</param>
/// <param name="Times">B's by A's where less is better, else A's by B's; null where that divides by zero.</param>
internal sealed record Advantage(double A, double B, double? Times);

/// <summary>Two sources, candle by candle.</summary>
internal sealed record SourceComparison
{
    private static readonly string[] FieldNames = ["open", "high", "low", "close", "volume"];

    public required ComparedSource A { get; init; }

    public required ComparedSource B { get; init; }

    /// <summary>Length of the compared candles.</summary>
    public required long Interval { get; init; }

    /// <summary>Relative difference up to which values are equal.</summary>
    public required double Tolerance { get; init; }

    public required ClockOffset Offset { get; init; }

    /// <summary>What both cover, by A's clock.</summary>
    public required UnixNanos From { get; init; }

    public required UnixNanos To { get; init; }

    public required long MissingInA { get; init; }

    public required long MissingInB { get; init; }

    public required IReadOnlyList<FieldDifference> Fields { get; init; }

    /// <summary>Matched candles with any field that differs.</summary>
    public required long Differing { get; init; }

    /// <summary>Begins of the matched candles by A's clock, with both closes and volumes.</summary>
    public required IReadOnlyList<(long Time, double CloseA, double CloseB, double VolumeA, double VolumeB)> Matches { get; init; }

    public TradeDifference? Trades { get; init; }

    /// <summary>Median of B's close by A's: the basis between venues.</summary>
    public double PriceRatio { get; init; }

    /// <summary>B's volume by A's over the matched candles; NaN where A has none.</summary>
    public double VolumeRatio { get; init; }

    public required Advantage Missing { get; init; }

    public required Advantage Defects { get; init; }

    public required Advantage Detail { get; init; }

    /// <summary>Same clock, same candles, same values; and the same trades where both have them.</summary>
    public bool AreEqual => Offset.OffsetNanos is null or 0 && MissingInA == 0 && MissingInB == 0 && Differing == 0 && Matches.Count > 0
        && (Trades is null || (Trades.MissingInA == 0 && Trades.MissingInB == 0 && Trades.Differing == 0));

    /// <summary>Compares two sources over what both cover.</summary>
    /// <param name="interval">Length to compare at; null: the shortest that both can be put together to.</param>
    /// <exception cref="InvalidDataException">They cannot be brought to one interval, or have no time in common at any offset.</exception>
    public static SourceComparison Of(ComparedSource a, ComparedSource b, long? interval, double tolerance)
    {
        long common = interval ?? LeastCommon(a.Candles.Interval, b.Candles.Interval);
        foreach (ComparedSource source in (ComparedSource[])[a, b])
        {
            if (common % source.Candles.Interval != 0)
                throw new InvalidDataException($"{source.Name}: candles of {CandleInterval.Format(source.Candles.Interval)} cannot be put together to {CandleInterval.Format(common)}");
        }

        CandleTable tableA = a.Candles.Resample(common), tableB = b.Candles.Resample(common);
        if (tableA.Count == 0 || tableB.Count == 0)
            throw new InvalidDataException($"{(tableA.Count == 0 ? a : b).Name}: no whole candle of {CandleInterval.Format(common)}");
        ClockOffset offset = OffsetSearch.Find(tableA, tableB);
        long shift = offset.OffsetNanos ?? 0;
        long from = Math.Max(tableA.From.Value, tableB.From.Value - shift), to = Math.Min(tableA.To.Value, tableB.To.Value - shift);
        if (from >= to)
            throw new InvalidDataException($"{a.Name} covers {tableA.From} to {tableA.To} and {b.Name} {tableB.From} to {tableB.To}: they have no time in common");
        List<(int A, int B)> pairs = Match(tableA, tableB, shift, from, to, out long missingInA, out long missingInB);
        FieldDifference[] fields = [.. FieldNames.Select((name, field) => Difference(name, field, tableA, tableB, pairs, tolerance))];
        double rowsA = RowsPerMinute(a), rowsB = RowsPerMinute(b);
        double volumeA = pairs.Sum(pair => tableA.Volume[pair.A]), volumeB = pairs.Sum(pair => tableB.Volume[pair.B]);
        double[] ratios = [.. pairs.Select(pair => tableB.Close[pair.B] / tableA.Close[pair.A]).Order()];
        double lacksA = MissingMinutes(a.Candles, from, to), lacksB = MissingMinutes(b.Candles, from + shift, to + shift);
        return new SourceComparison
        {
            A = a,
            B = b,
            Interval = common,
            Tolerance = tolerance,
            Offset = offset,
            From = new(from),
            To = new(to),
            MissingInA = missingInA,
            MissingInB = missingInB,
            Fields = fields,
            Differing = pairs.LongCount(pair => Enumerable.Range(0, FieldNames.Length).Any(field => Relative(tableA, tableB, pair, field) > tolerance)),
            Matches = [.. pairs.Select(pair => (tableA.Times[pair.A], tableA.Close[pair.A], tableB.Close[pair.B], tableA.Volume[pair.A], tableB.Volume[pair.B]))],
            Trades = a.Trades is not null && b.Trades is not null ? TradeMatch.Compare(a.Trades, b.Trades, shift, tolerance) : null,
            PriceRatio = ratios.Length == 0 ? double.NaN : ratios[ratios.Length / 2],
            VolumeRatio = volumeA > 0 ? volumeB / volumeA : double.NaN,
            Missing = new Advantage(lacksA, lacksB, Times(lacksB, lacksA)),
            Defects = new Advantage(a.Defects, b.Defects, Times(b.Defects, a.Defects)),
            Detail = new Advantage(rowsA, rowsB, Times(rowsA, rowsB)),
        };
    }

    private static double? Times(double more, double less) => less > 0 ? more / less : null;

    private static double RowsPerMinute(ComparedSource source) =>
        (double)source.Rows / Math.Max(1, (source.Candles.To - source.Candles.From) / UnixNanos.PerMinute);

    /// <summary>In the source's own candles, not in those it was put together to.</summary>
    private static double MissingMinutes(CandleTable table, long from, long to) =>
        (double)Math.Max(0, (to - from) / table.Interval - (table.IndexOf(to) - table.IndexOf(from))) * table.Interval / UnixNanos.PerMinute;

    private static long LeastCommon(long a, long b)
    {
        long divisor = a, rest = b;
        while (rest != 0)
            (divisor, rest) = (rest, divisor % rest);
        return a / divisor * b;
    }

    private static List<(int A, int B)> Match(CandleTable a, CandleTable b, long shift, long from, long to, out long missingInA, out long missingInB)
    {
        var pairs = new List<(int A, int B)>();
        (missingInA, missingInB) = (0, 0);
        int atA = a.IndexOf(from), atB = b.IndexOf(from + shift), endA = a.IndexOf(to), endB = b.IndexOf(to + shift);
        while (atA < endA || atB < endB)
        {
            long timeA = atA < endA ? a.Times[atA] : long.MaxValue, timeB = atB < endB ? b.Times[atB] - shift : long.MaxValue;
            if (timeA == timeB)
                pairs.Add((atA, atB));
            missingInA += timeB < timeA ? 1 : 0;
            missingInB += timeA < timeB ? 1 : 0;
            atA += timeA <= timeB ? 1 : 0;
            atB += timeB <= timeA ? 1 : 0;
        }

        return pairs;
    }

    private static FieldDifference Difference(string name, int field, CandleTable a, CandleTable b, List<(int A, int B)> pairs, double tolerance)
    {
        double[] relative = [.. pairs.Select(pair => Relative(a, b, pair, field))];
        int first = Array.FindIndex(relative, value => value > tolerance);
        long differing = relative.LongCount(value => value > tolerance);
        UnixNanos firstTime = first < 0 ? UnixNanos.None : new(a.Times[pairs[first].A]);
        Array.Sort(relative);
        return new FieldDifference(name, differing, relative.Length == 0 ? 0 : relative[^1], relative.Length == 0 ? 0 : relative[relative.Length / 2], firstTime);
    }

    private static double Relative(CandleTable a, CandleTable b, (int A, int B) pair, int field)
    {
        (double x, double y) = field switch
        {
            0 => (a.Open[pair.A], b.Open[pair.B]),
            1 => (a.High[pair.A], b.High[pair.B]),
            2 => (a.Low[pair.A], b.Low[pair.B]),
            3 => (a.Close[pair.A], b.Close[pair.B]),
            _ => (a.Volume[pair.A], b.Volume[pair.B]),
        };
        return TradeMatch.Relative(x, y);
    }
}
