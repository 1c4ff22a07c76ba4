using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Analysis;

/// <summary>What the analysis looks at: the inputs of every row that a Prediction may read, and the return over each horizon.</summary>
/// <remarks>Rows in order of time, then symbol. Feature by feature, as float32: what a model sees.</remarks>
internal sealed class AnalysisTable
{
    private AnalysisTable(string[] names, int rows, int symbols)
    {
        (Names, Symbols) = (names, symbols);
        Inputs = [.. names.Select(_ => new float[rows])];
        Minutes = new int[rows];
        SymbolOf = new byte[rows];
    }

    /// <summary>Features that the data hold, in the order of the schema.</summary>
    public string[] Names { get; }

    public int Symbols { get; }

    /// <summary>[feature][row]; NaN is missing.</summary>
    public float[][] Inputs { get; }

    /// <summary>Minutes since 1970 of the Bar's open.</summary>
    public int[] Minutes { get; }

    public byte[] SymbolOf { get; }

    public int Rows => Minutes.Length;

    /// <summary>The label is the move of the mid; else of the last trade.</summary>
    public bool UsesMid { get; private init; }

    /// <summary>Features left out, and why.</summary>
    public required IReadOnlyList<string> Absent { get; init; }

    /// <summary>[horizon][row]: 1e4·ln(price h Bars later / price), NaN where there is no label.</summary>
    public required float[][] Returns { get; init; }

    /// <param name="symbols">Inputs of each Instrument.</param>
    /// <param name="options">Horizons and features.</param>
    /// <exception cref="InvalidDataException">No row can be used.</exception>
    public static AnalysisTable From(IReadOnlyList<InputRows> symbols, AnalysisOptions options)
    {
        if (symbols.Count > byte.MaxValue)
            throw new InvalidDataException($"{symbols.Count} symbols are more than an analysis takes; choose up to {byte.MaxValue}");
        var order = new List<(int Minute, byte Symbol, int Row)>();
        for (int s = 0; s < symbols.Count; s++)
        {
            for (int row = 0; row < symbols[s].Count; row++)
            {
                if ((symbols[s].Flags[row] & FeatureRowFlags.Warmup) == 0)
                    order.Add(((int)(symbols[s].Times[row].Value / UnixNanos.PerMinute), (byte)s, row));
            }
        }

        if (order.Count == 0)
            throw new InvalidDataException($"no row can be used: {symbols.Sum(s => (long)s.Count)} rows, all within the first {FeatureSchema.WarmupBars} bars");
        order.Sort();
        long known = symbols.Sum(s => s.Mid.LongCount(double.IsFinite));
        bool usesMid = 2 * known > symbols.Sum(s => (long)s.Count);
        var absent = new List<string>();
        int[] columns = [.. Enumerable.Range(0, options.CandleOnly ? FeatureSchema.CandleCount : FeatureSchema.Count).Where(IsPresent)];
        var table = new AnalysisTable([.. columns.Select(i => FeatureSchema.Names[i])], order.Count, symbols.Count)
        {
            UsesMid = usesMid,
            Absent = absent,
            Returns = [.. options.Horizons.Select(_ => new float[order.Count])],
        };
        for (int i = 0; i < order.Count; i++)
        {
            (int minute, byte symbol, int row) = order[i];
            (table.Minutes[i], table.SymbolOf[i]) = (minute, symbol);
            ReadOnlySpan<double> inputs = symbols[symbol].Inputs.AsSpan(row * FeatureSchema.Count, FeatureSchema.Count);
            for (int f = 0; f < columns.Length; f++)
                table.Inputs[f][i] = (float)inputs[columns[f]];
            for (int h = 0; h < options.Horizons.Count; h++)
                table.Returns[h][i] = (float)ReturnOf(symbols[symbol], usesMid, row, options.Horizons[h]);
        }

        return table;

        bool IsPresent(int column)
        {
            foreach ((_, byte symbol, int row) in order)
            {
                if (!double.IsNaN(symbols[symbol].Inputs[row * FeatureSchema.Count + column]))
                    return true;
            }

            absent.Add(FeatureSchema.Names[column]);
            return false;
        }
    }

    /// <summary>The move over a horizon; NaN where a Bar of the window is missing, where a price is, and where there was no move.</summary>
    internal static double ReturnOf(InputRows rows, bool usesMid, int row, int horizonBars)
    {
        int later = row + horizonBars;
        if (later >= rows.Count || rows.Times[later] - rows.Times[row] != horizonBars * UnixNanos.PerMinute)
            return double.NaN;
        double[] prices = usesMid ? rows.Mid : rows.Close;
        double move = 1e4 * Math.Log(prices[later] / prices[row]);
        return move == 0 ? double.NaN : move;
    }
}

/// <summary>The rows of a table that have a label over one horizon.</summary>
internal sealed class Target
{
    public Target(AnalysisTable table, int horizonIndex, int horizonBars)
    {
        HorizonBars = horizonBars;
        float[] returns = table.Returns[horizonIndex];
        Rows = [.. Enumerable.Range(0, table.Rows).Where(row => !float.IsNaN(returns[row]))];
        Moves = [.. Rows.Select(row => returns[row])];
        Minutes = [.. Rows.Select(row => table.Minutes[row])];
        SymbolOf = [.. Rows.Select(row => table.SymbolOf[row])];
    }

    public int HorizonBars { get; }

    /// <summary>Rows of the table, ascending.</summary>
    public int[] Rows { get; }

    /// <summary>In basis points, never 0.</summary>
    public float[] Moves { get; }

    public int[] Minutes { get; }

    public byte[] SymbolOf { get; }

    public int Count => Rows.Length;

    public double ShareUp => Moves.Count(move => move > 0) / (double)Count;

    public double MeanMove => Moves.Average(move => (double)Math.Abs(move));

    /// <summary>Samples that remain when those that overlap an earlier label of the same symbol are left out.</summary>
    public int CountDisjoint()
    {
        var free = new Dictionary<byte, int>();
        int count = 0;
        for (int i = 0; i < Count; i++)
        {
            if (free.TryGetValue(SymbolOf[i], out int from) && Minutes[i] < from)
                continue;
            free[SymbolOf[i]] = Minutes[i] + HorizonBars;
            count++;
        }

        return count;
    }
}
